/// Cuts text as scikit-learn's vectorizers do: lower case, and what their `(?u)\b\w\w+\b` matches: two or more letters,
/// digits or underscores in a row. For comparing with others; search is better served by `ProductTokenizer`.
struct PlainTokenizer: ~Copyable {
    /// What a word has beyond this is cut.
    static let maximumWord = 255  // bytes
    private let letters = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.maximumWord)

    deinit { letters.deallocate() }

    /// Hands `body` the words of `text` and returns how many pieces of it were not valid UTF-8. O(bytes).
    mutating func words(_ text: UnsafeBufferPointer<UInt8>, _ body: (Word) -> Void) -> Int {
        var scalars = UTF8Scalars(text)
        var length = 0
        var count = 0
        var place = 0
        var hasDigits = false
        var isASCII = true
        func finish() {
            if count > 1 {
                body(
                    Word(
                        bytes: UnsafeBufferPointer(start: letters, count: length), form: .whole, hasDigits: hasDigits,
                        isASCII: isASCII, place: place))
                place &+= 1
            }
            length = 0
            count = 0
            hasDigits = false
            isASCII = true
        }
        while let scalar = scalars.next() {
            let lower = CharacterFolding.lowercased(scalar)
            guard Self.isWordCharacter(lower) else {
                finish()
                continue
            }
            if lower < 0x80 { if lower &- 0x30 < 10 { hasDigits = true } } else { isASCII = false }
            count &+= 1
            length &+= encodeUTF8(lower, into: letters + length, room: Self.maximumWord &- length)
        }
        finish()
        return scalars.replacedCount
    }

    @inline(__always)
    private static func isWordCharacter(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return (scalar | 0x20) &- 0x61 < 26 || scalar &- 0x30 < 10 || scalar == 0x5F }
        return switch Unicode.Scalar(scalar)?.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
