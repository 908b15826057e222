import RecoKit

/// UBJSON (draft 12) from front to back: JSON with a letter and a length before each value, numbers in big-endian bytes.
final class UBJSONReader: DocumentReader {
    private let bytes: UnsafeRawBufferPointer
    private let name: String
    private var at = 0
    private var depth = 0
    private static let deepest = 64
    /// The kind of the value that comes, where an array or object has said it for all of its values.
    private var sharedKind: UInt8?

    /// - Parameter name: what messages call the file.
    init(_ bytes: UnsafeRawBufferPointer, name: String) {
        self.bytes = bytes
        self.name = name
    }

    func wrong(_ what: String) -> RecoError {
        RecoError(.badData, "\(name) is no usable model: \(what), at byte \(at)")
    }

    private static func letter(_ character: Unicode.Scalar) -> UInt8 { UInt8(ascii: character) }

    private func byte() throws -> UInt8 {
        guard at < bytes.count else { throw wrong("it ends too early") }
        defer { at += 1 }
        return bytes[at]
    }

    /// The kind of the next value; "no operation" is passed over.
    private func kind() throws -> UInt8 {
        if let kind = sharedKind {
            sharedKind = nil
            return kind
        }
        var kind = try byte()
        while kind == Self.letter("N") { kind = try byte() }
        return kind
    }

    private func peek() -> UInt8 { at < bytes.count ? bytes[at] : 0 }

    private func bits(_ count: Int) throws -> UInt64 {
        guard bytes.count - at >= count else { throw wrong("it ends too early") }
        var value: UInt64 = 0
        for index in at..<at + count { value = value << 8 | UInt64(bytes[index]) }
        at += count
        return value
    }

    /// Bytes of a number; nil for what is none.
    private static func size(_ kind: UInt8) -> Int? {
        switch kind {
        case letter("i"), letter("U"): 1
        case letter("I"): 2
        case letter("l"), letter("d"): 4
        case letter("L"), letter("D"): 8
        default: nil
        }
    }

    private func value(_ kind: UInt8) throws -> Double {
        switch kind {
        case Self.letter("i"): Double(Int8(truncatingIfNeeded: try bits(1)))
        case Self.letter("U"): Double(try bits(1))
        case Self.letter("I"): Double(Int16(truncatingIfNeeded: try bits(2)))
        case Self.letter("l"): Double(Int32(truncatingIfNeeded: try bits(4)))
        case Self.letter("L"): Double(Int64(bitPattern: try bits(8)))
        case Self.letter("d"): Double(Float(bitPattern: UInt32(try bits(4))))
        case Self.letter("D"): Double(bitPattern: try bits(8))
        case Self.letter("T"): 1
        case Self.letter("F"): 0
        case Self.letter("S"), Self.letter("H"): try number(in: string())
        default: throw wrong("there is no number")
        }
    }

    private func number(in text: String) throws -> Double {
        var text = text
        guard let (value, end) = text.withUTF8({ DecimalNumber.parse(.init($0), from: 0) }), end == text.utf8.count
        else { throw wrong("a text is no number") }
        return value
    }

    /// A length: at most as many bytes as there are left.
    private func length() throws -> Int {
        let kind = try byte()
        guard Self.size(kind) != nil, kind != Self.letter("d"), kind != Self.letter("D"),
            let length = Int(exactly: try value(kind)), length >= 0, length <= bytes.count - at
        else { throw wrong("a length makes no sense") }
        return length
    }

    private func string() throws -> String {
        let length = try length()
        defer { at += length }
        return String(decoding: bytes[at..<at + length], as: UTF8.self)
    }

    /// What follows [ or {: the kind of all values and their number, where they are said.
    private func header() throws -> (kind: UInt8?, count: Int?) {
        var kind: UInt8?
        if peek() == Self.letter("$") {
            at += 1
            kind = try byte()
            // Values without bytes of their own could be any number.
            guard let kind, Self.size(kind) != nil || "SH[{".utf8.contains(kind) else {
                throw wrong("values of one kind are of none")
            }
            guard peek() == Self.letter("#") else { throw wrong("values of one kind have no number") }
        }
        guard peek() == Self.letter("#") else { return (kind, nil) }
        at += 1
        return (kind, try length())
    }

    private func enter() throws {
        depth += 1
        guard depth <= Self.deepest else { throw wrong("it is nested too deeply") }
    }

    /// Calls `body` for what stands between a header and its end.
    private func values(until end: Unicode.Scalar, _ body: () throws -> Void) throws {
        try enter()
        defer { depth -= 1 }
        let (kind, count) = try header()
        if let count {
            for _ in 0..<count {
                kindOfValues = kind
                try body()
            }
            return
        }
        while true {
            while peek() == Self.letter("N") { at += 1 }
            if peek() == UInt8(ascii: end) { break }
            kindOfValues = nil
            try body()
        }
        at += 1
    }

    /// What `sharedKind` becomes before a value is read: after a member's name, which has no kind.
    private var kindOfValues: UInt8?

    func members(_ body: (String) throws -> Void) throws {
        guard try kind() == Self.letter("{") else { throw wrong("there is no object") }
        try values(until: "}") {
            let kind = kindOfValues
            let name = try string()
            sharedKind = kind
            try body(name)
            sharedKind = nil
        }
    }

    func elements(_ body: () throws -> Void) throws {
        guard try kind() == Self.letter("[") else { throw wrong("there is no array") }
        try values(until: "]") {
            sharedKind = kindOfValues
            try body()
            sharedKind = nil
        }
    }

    func number() throws -> Double { try value(kind()) }

    func text() throws -> String {
        let kind = try kind()
        guard kind == Self.letter("S") || kind == Self.letter("H") else { throw wrong("there is no text") }
        return try string()
    }

    func skip() throws {
        let kind = try kind()
        switch kind {
        case Self.letter("{"), Self.letter("["):
            sharedKind = kind
            if kind == Self.letter("{") { try members { _ in try skip() } } else { try elements { try skip() } }
        case Self.letter("Z"): return
        case Self.letter("S"), Self.letter("H"): _ = try string()
        case Self.letter("C"): _ = try byte()
        default: _ = try value(kind)
        }
    }
}
