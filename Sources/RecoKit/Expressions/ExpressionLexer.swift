/// Cuts an expression into its words.
///
/// Names are letters, digits and `_`, and everything that is not ASCII; others stand in backticks. Texts stand in single
/// or double quotes. A quote within quotes is written twice, as in SQL.
struct ExpressionLexer {
    enum Kind: UInt8 {
        case end
        case number, text, name, quotedName
        case and, or, not, `in`, yes, no
        case plus, minus, times, divided
        case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
        case open, close, comma
    }

    struct Token {
        var kind = Kind.end
        var start = 0
        var end = 0
        var number = 0.0
    }

    let source: UnsafeBufferPointer<UInt8>
    let label: StaticString
    private var at = 0

    init(_ source: UnsafeBufferPointer<UInt8>, label: StaticString) {
        self.source = source
        self.label = label
    }

    /// The next word; at the end of the text, `end` again and again.
    mutating func next() throws -> Token {
        while at < source.count, Self.isSpace(source[at]) { at &+= 1 }
        var token = Token(start: at, end: at)
        guard at < source.count else { return token }
        let byte = source[at]
        if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && at &+ 1 < source.count && Self.isDigit(source[at &+ 1]))
        {
            token.number = try number()
            token.kind = .number
        } else if Self.isLetter(byte) {
            while at < source.count, Self.isLetter(source[at]) || Self.isDigit(source[at]) { at &+= 1 }
            token.kind = keyword(token.start)
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
            try pass(quotesLike: byte)
            token.kind = byte == UInt8(ascii: "`") ? .quotedName : .text
        } else {
            token.kind = try sign(byte)
        }
        token.end = at
        return token
    }

    /// The error of something at a place of the source, counted in characters from 1.
    func problem(_ position: Int, _ what: String) -> RecoError {
        var characters = 1
        for byte in source.prefix(max(0, position)) where byte & 0xC0 != 0x80 { characters &+= 1 }
        return RecoError(.invalidArgument, "\(label), position \(characters): \(what)")
    }

    /// A word as an error shows it.
    func shown(_ token: Token) -> String {
        token.kind == .end ? "its end" : Self.shown(UnsafeBufferPointer(rebasing: source[token.start..<token.end]))
    }

    static func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(40), as: UTF8.self)
        return bytes.count > 40 ? text + "..." : text
    }

    // MARK: Words

    private mutating func number() throws -> Double {
        let start = at
        func pass(_ digits: inout Int) {
            while digits < source.count, Self.isDigit(source[digits]) { digits &+= 1 }
        }
        pass(&at)
        if at < source.count, source[at] == UInt8(ascii: ".") {
            at &+= 1
            pass(&at)
        }
        if at < source.count, source[at] | 0x20 == UInt8(ascii: "e") {
            var exponent = at &+ 1
            if exponent < source.count, source[exponent] == UInt8(ascii: "+") || source[exponent] == UInt8(ascii: "-") {
                exponent &+= 1
            }
            if exponent < source.count, Self.isDigit(source[exponent]) {
                at = exponent
                pass(&at)
            }
        }
        let digits = UnsafeBufferPointer(rebasing: source[start..<at])
        if at < source.count, Self.isLetter(source[at]) || source[at] == UInt8(ascii: ".") {
            throw problem(at, "the number \(Self.shown(digits)) goes on with something that is no digit")
        }
        guard digits.count <= 64, let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
            throw problem(start, "\(Self.shown(digits)) is too large or too long for a number")
        }
        return value
    }

    private mutating func pass(quotesLike quote: UInt8) throws {
        let start = at
        at &+= 1
        while at < source.count {
            if source[at] == quote {
                at &+= 1
                guard at < source.count, source[at] == quote else { return }
            }
            at &+= 1
        }
        throw problem(start, "the quote that starts here has no end")
    }

    private mutating func sign(_ byte: UInt8) throws -> Kind {
        let start = at
        at &+= 1
        func follows(_ other: UInt8) -> Bool { at < source.count && source[at] == other }
        switch byte {
        case UInt8(ascii: "+"): return .plus
        case UInt8(ascii: "-"): return .minus
        case UInt8(ascii: "*"): return .times
        case UInt8(ascii: "/"): return .divided
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: "="):
            if follows(UInt8(ascii: "=")) { at &+= 1 }
            return .equal
        case UInt8(ascii: "<"):
            if follows(UInt8(ascii: "=")) {
                at &+= 1
                return .lessOrEqual
            }
            if follows(UInt8(ascii: ">")) {
                at &+= 1
                return .notEqual
            }
            return .less
        case UInt8(ascii: ">"):
            guard follows(UInt8(ascii: "=")) else { return .greater }
            at &+= 1
            return .greaterOrEqual
        case UInt8(ascii: "!"):
            guard follows(UInt8(ascii: "=")) else {
                throw problem(start, "\"!\" has no meaning here; write not, or != for \"is not\"")
            }
            at &+= 1
            return .notEqual
        case UInt8(ascii: "&"), UInt8(ascii: "|"):
            throw problem(start, "conditions are joined by the words and, or")
        default:
            let sign = byte > 0x20 && byte < 0x7F ? "\"\(UnicodeScalar(byte))\"" : "byte \(byte)"
            throw problem(start, "\(sign) has no meaning in an expression")
        }
    }

    /// Words of the language, in upper or lower case.
    private func keyword(_ start: Int) -> Kind {
        let word = UnsafeBufferPointer(rebasing: source[start..<at])
        func spells(_ other: StaticString) -> Bool { Self.spells(word, other) }
        if spells("and") { return .and }
        if spells("or") { return .or }
        if spells("not") { return .not }
        if spells("in") { return .in }
        if spells("true") { return .yes }
        if spells("false") { return .no }
        return .name
    }

    /// Whether a word is another one, which is in lower case, whatever its own case.
    static func spells(_ word: UnsafeBufferPointer<UInt8>, _ other: StaticString) -> Bool {
        guard word.count == other.utf8CodeUnitCount else { return false }
        for i in 0..<word.count {
            let byte = word[i]
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            if lower != other.utf8Start[i] { return false }
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
