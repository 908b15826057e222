/// How many terms each field of each document has, in one byte a document where that is enough, else in two.
struct DocumentLengths: Sendable {
    static let maximum = 0xFFFF

    /// For each field its width in bytes.
    let widths: Column<UInt8>  // (fields)
    /// The lengths of the first field, then those of the second ..., little-endian.
    let bytes: Column<UInt8>  // (rows x widths)
    private let starts: [Int]  // (fields), in `bytes`
    let rowCount: Int

    /// Nil if the sizes do not fit.
    init?(widths: Column<UInt8>, bytes: Column<UInt8>, rowCount: Int) {
        self.widths = widths
        self.bytes = bytes
        self.rowCount = rowCount
        var starts: [Int] = []
        var end = 0
        for width in widths.elements {
            guard width == 1 || width == 2 else { return nil }
            starts.append(end)
            end += Int(width) * rowCount
        }
        guard end == bytes.count, starts.count <= InvertedIndex.maximumFields else { return nil }
        self.starts = starts
    }

    init(_ lengths: [[UInt32]], rowCount: Int) {
        var widths: [UInt8] = []
        var bytes: [UInt8] = []
        for field in lengths {
            let isWide = (field.max() ?? 0) > 0xFF
            widths.append(isWide ? 2 : 1)
            for length in field {
                bytes.append(UInt8(truncatingIfNeeded: length))
                if isWide { bytes.append(UInt8(truncatingIfNeeded: length >> 8)) }
            }
        }
        self.init(widths: Column(widths), bytes: Column(bytes), rowCount: rowCount)!
    }

    var fieldCount: Int { starts.count }

    /// The length of a field of a document; 0 outside.
    @inline(__always)
    func length(field: Int, row: Int) -> Int {
        guard field < starts.count, row >= 0, row < rowCount else { return 0 }
        if widths[field] == 1 { return Int(bytes[starts[field] &+ row]) }
        let at = starts[field] &+ 2 &* row
        return Int(bytes[at]) | Int(bytes[at &+ 1]) &<< 8
    }

    /// Where a field's lengths lie, and how wide they are: for hot loops.
    func field(_ field: Int) -> (base: UnsafePointer<UInt8>, isWide: Bool)? {
        guard field < starts.count, let base = bytes.base else { return nil }
        return (base + starts[field], widths[field] == 2)
    }
}
