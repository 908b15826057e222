/// What a character is to the tokeniser of product text.
enum CharacterClass {
    case letter, digit
    /// Writing without spaces: Han, Kana, Hangul.
    case ideograph
    /// May hold two pieces of a word together: hyphens, "_", "&".
    case hyphen
    case apostrophe
    /// May stand inside a number.
    case point
    /// Inches, behind a number.
    case quote
    /// Belongs to the letter before, or is invisible.
    case mark
    case space
    /// Everything else, controls included.
    case separator

    @inline(__always)
    init(_ scalar: UInt32) {
        if scalar < 0x80 { self = Self.ascii(UInt8(truncatingIfNeeded: scalar)) } else { self = Self.other(scalar) }
    }

    @inline(__always)
    private static func ascii(_ byte: UInt8) -> CharacterClass {
        if (byte | 0x20) &- 0x61 < 26 { return .letter }
        if byte &- 0x30 < 10 { return .digit }
        return switch byte {
        case 0x20: .space
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "&"): .hyphen
        case UInt8(ascii: "'"): .apostrophe
        case UInt8(ascii: "."), UInt8(ascii: ","): .point
        case UInt8(ascii: "\""): .quote
        default: .separator
        }
    }

    private static func other(_ scalar: UInt32) -> CharacterClass {
        switch scalar {
        case 0xA0, 0x2007, 0x202F, 0x2009: return .space
        case 0xAD, 0x200C, 0x200D, 0x2060, 0xFEFF: return .mark
        case 0xAA, 0xBA: return .separator  // ordinal signs: letters by Unicode, but nobody types them
        case 0xC0...0x24F: return scalar == 0xD7 || scalar == 0xF7 ? .separator : .letter
        case 0x2010, 0x2011: return .hyphen
        case 0x2018, 0x2019, 0x2BC: return .apostrophe
        case 0x201D, 0x2033: return .quote
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0xAC00...0xD7A3, 0x3005: return .ideograph
        default: break
        }
        if CharacterFolding.isCJK(scalar) { return .ideograph }
        if CharacterFolding.isLetter(scalar) { return .letter }
        if CharacterFolding.isMark(scalar) { return .mark }
        if CharacterFolding.isDigit(scalar) { return .digit }
        return CharacterFolding.isSpace(scalar) ? .space : .separator
    }
}
