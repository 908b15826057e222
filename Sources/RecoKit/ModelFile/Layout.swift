// The byte layout of a model file; docs/model-file-format.md draws it. Everything is little-endian.
//
//   0 ┌────────────────┐
//     │ header, 64 B   │ magic, version, length, where the table is, checksums of the table and of the header
//  64 ├────────────────┤
//     │ section        │ each starts at a multiple of 64
//     │ section …      │
//     ├────────────────┤
//     │ section table  │ 64 B an entry, sorted by name
//     └────────────────┘

/// Numbers and offsets that writer and reader share.
public enum ModelLayout {
    /// "reco", then bytes that a transfer in text mode would change.
    public static let magic: [UInt8] = [0x72, 0x65, 0x63, 0x6F, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Readers take this version and every older one.
    public static let version: UInt32 = 1
    public static let headerLength = 64
    public static let entryLength = 64
    public static let alignment = 64
    public static let nameLength = 32
    /// More sections than any model needs; a table that claims more is damaged.
    public static let maximumSections = 4096

    enum Header {
        static let version = 8  // UInt32
        static let headerLength = 12  // UInt32
        static let fileLength = 16  // UInt64
        static let tableOffset = 24  // UInt64
        static let sectionCount = 32  // UInt32, then 4 bytes of zero
        static let tableChecksum = 40  // UInt64, XXH64 of the table
        static let checksum = 56  // UInt64, XXH64 of bytes 0 ..< 56
    }

    enum Entry {
        static let name = 0  // 32 bytes, padded with zeros
        static let offset = 32  // UInt64, from the start of the file
        static let length = 40  // UInt64, in bytes
        static let checksum = 48  // UInt64, XXH64 of the section's bytes
        static let type = 56  // UInt32, an ElementType; then 4 bytes of zero
    }
}

/// What a section's bytes are.
public enum ElementType: UInt32, Sendable {
    case bytes = 0
    case uint8 = 1
    case uint16 = 2
    case uint32 = 3
    case uint64 = 4
    case int64 = 5
    case float32 = 6
    case float64 = 7
}

/// A number that can stand in a section.
public protocol ColumnElement: BitwiseCopyable, Sendable {
    static var elementType: ElementType { get }
    /// What a read outside a column gives.
    static var absent: Self { get }
}

extension UInt8: ColumnElement {
    public static var elementType: ElementType { .uint8 }
    public static var absent: UInt8 { 0 }
}
extension UInt16: ColumnElement {
    public static var elementType: ElementType { .uint16 }
    public static var absent: UInt16 { 0 }
}
extension UInt32: ColumnElement {
    public static var elementType: ElementType { .uint32 }
    public static var absent: UInt32 { 0 }
}
extension UInt64: ColumnElement {
    public static var elementType: ElementType { .uint64 }
    public static var absent: UInt64 { 0 }
}
extension Int64: ColumnElement {
    public static var elementType: ElementType { .int64 }
    public static var absent: Int64 { 0 }
}
extension Float: ColumnElement {
    public static var elementType: ElementType { .float32 }
    public static var absent: Float { 0 }
}
extension Double: ColumnElement {
    public static var elementType: ElementType { .float64 }
    public static var absent: Double { 0 }
}
