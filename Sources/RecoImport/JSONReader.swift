import RecoKit

/// JSON (RFC 8259) from front to back.
final class JSONReader: DocumentReader {
    private let bytes: UnsafeRawBufferPointer
    private let name: String
    private var at = 0
    private var depth = 0
    private static let deepest = 64

    /// - Parameter name: what messages call the file.
    init(_ bytes: UnsafeRawBufferPointer, name: String) {
        self.bytes = bytes
        self.name = name
    }

    func wrong(_ what: String) -> RecoError {
        RecoError(.badData, "\(name) is no usable model: \(what), at byte \(at)")
    }

    /// The next byte that is no white space; 0 at the end.
    private func next() -> UInt8 {
        while at < bytes.count, bytes[at] == 32 || (bytes[at] >= 9 && bytes[at] <= 13) { at += 1 }
        return at < bytes.count ? bytes[at] : 0
    }

    private func take(_ character: Unicode.Scalar) -> Bool {
        guard next() == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private func expect(_ character: Unicode.Scalar) throws {
        guard take(character) else { throw wrong("there is no \(character)") }
    }

    private func enter(_ character: Unicode.Scalar) throws {
        try expect(character)
        depth += 1
        guard depth <= Self.deepest else { throw wrong("it is nested too deeply") }
    }

    func members(_ body: (String) throws -> Void) throws {
        try enter("{")
        defer { depth -= 1 }
        if take("}") { return }
        repeat {
            let name = try text()
            try expect(":")
            try body(name)
        } while take(",")
        try expect("}")
    }

    func elements(_ body: () throws -> Void) throws {
        try enter("[")
        defer { depth -= 1 }
        if take("]") { return }
        repeat { try body() } while take(",")
        try expect("]")
    }

    func number() throws -> Double {
        switch next() {
        case UInt8(ascii: "t") where word("true"): return 1
        case UInt8(ascii: "f") where word("false"): return 0
        // No JSON, but XGBoost writes them.
        case UInt8(ascii: "N") where word("NaN"): return .nan
        case UInt8(ascii: "I") where word("Infinity"): return .infinity
        case UInt8(ascii: "-") where word("-Infinity"): return -.infinity
        case UInt8(ascii: "\""):
            var text = try text()
            guard let (value, end) = text.withUTF8({ DecimalNumber.parse(.init($0), from: 0) }), end == text.utf8.count
            else { throw wrong("a text is no number") }
            return value
        default:
            guard let (value, end) = DecimalNumber.parse(bytes, from: at) else { throw wrong("there is no number") }
            at = end
            return value
        }
    }

    private func word(_ word: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes.count - at >= wanted.count, bytes[at..<at + wanted.count].elementsEqual(wanted) else {
            return false
        }
        at += wanted.count
        return true
    }

    func text() throws -> String {
        try expect("\"")
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard at < bytes.count else { throw wrong("a text does not end") }
        let raw = bytes[start..<at]
        at += 1
        return raw.contains(UInt8(ascii: "\\")) ? try unescaped(raw) : String(decoding: raw, as: UTF8.self)
    }

    private func unescaped(_ raw: Slice<UnsafeRawBufferPointer>) throws -> String {
        var units: [UInt16] = []
        var characters = String(decoding: raw, as: UTF8.self).utf16.makeIterator()
        let plain: [UInt16: UInt16] = [
            0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9, 0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F,
        ]
        while let unit = characters.next() {
            guard unit == 0x5C else {
                units.append(unit)
                continue
            }
            guard let kind = characters.next() else { throw wrong("a text ends in the middle of a character") }
            if kind == 0x75 {
                let digits = (0..<4).compactMap { _ in characters.next().flatMap { UnicodeScalar($0) } }
                guard digits.count == 4, let unit = UInt16(String(String.UnicodeScalarView(digits)), radix: 16) else {
                    throw wrong("a text holds no such character")
                }
                units.append(unit)
            } else if let unit = plain[kind] {
                units.append(unit)
            } else {
                throw wrong("a text holds no such character")
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    func skip() throws {
        switch next() {
        case UInt8(ascii: "{"): try members { _ in try skip() }
        case UInt8(ascii: "["): try elements { try skip() }
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "n") where word("null"): return
        default: _ = try number()
        }
    }
}
