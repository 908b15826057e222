/// Which spellings search takes for one: case, accents, ligatures, full-width forms, "ß" and "ss".
enum SearchFolding {
    /// Hands `body` the scalars that a scalar of the text stands for before it is classified: full-width forms become
    /// ASCII, ligatures their letters, raised digits digits.
    @inline(__always)
    static func spelledOut(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar < 0xB2 { return body(scalar) }
        switch scalar {
        case 0xB2, 0xB3: body(scalar &- 0xB2 &+ 0x32)
        case 0xB9: body(0x31)
        case 0xFF01...0xFF5E: body(scalar &- 0xFEE0)
        case 0x3000: body(0x20)
        case 0xFB00...0xFB06:
            let letters: (UInt32, UInt32, UInt32) =
                switch scalar {
                case 0xFB00: (0x66, 0x66, 0)
                case 0xFB01: (0x66, 0x69, 0)
                case 0xFB02: (0x66, 0x6C, 0)
                case 0xFB03: (0x66, 0x66, 0x69)
                case 0xFB04: (0x66, 0x66, 0x6C)
                default: (0x73, 0x74, 0)
                }
            body(letters.0)
            body(letters.1)
            if letters.2 != 0 { body(letters.2) }
        default: body(scalar)
        }
    }

    /// Hands `body` a letter in lower case, without accents. With `keepingAccents`, those of `accented` stay.
    @inline(__always)
    static func letter(_ scalar: UInt32, keepingAccents: Bool, _ body: (UInt32) -> Void) {
        if scalar < 0x80 { return body(scalar | 0x20) }
        let small = scalar &- 0xC0 < 0x1F && scalar != 0xD7 ? scalar &+ 0x20 : scalar
        switch small {
        case 0xDF, 0x1E9E:
            body(0x73)
            body(0x73)
        case 0xE6:
            body(0x61)
            body(0x65)
        case 0xF8: body(0x6F)
        case 0xF0, 0x110, 0x111: body(0x64)
        case 0xFE:
            body(0x74)
            body(0x68)
        case 0x131: body(0x69)
        case 0x132, 0x133:
            body(0x69)
            body(0x6A)
        case 0x141, 0x142: body(0x6C)
        case 0x152, 0x153:
            body(0x6F)
            body(0x65)
        case 0x3C2: body(0x3C3)  // sigma at the end of a word
        default:
            if keepingAccents, isAccented(small) { return body(small) }
            CharacterFolding.lowercasedWithoutMarks(small, body)
        }
    }

    /// The letters whose accents matter to the stemmers: those of French, Spanish, German, Italian, Portuguese, Dutch.
    private static func isAccented(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xE0...0xE4, 0xE7...0xEF, 0xF1...0xF6, 0xF9...0xFC: true
        default: false
        }
    }

    /// A letter and the accent behind it as one of those letters; nil if there is none.
    static func composed(_ letter: UInt8, _ mark: UInt32) -> UInt32? {
        let place: Int
        switch mark {
        case 0x300: place = 0
        case 0x301: place = 1
        case 0x302: place = 2
        case 0x303: place = 3
        case 0x308: place = 4
        case 0x327: return letter == UInt8(ascii: "c") ? 0xE7 : nil
        default: return nil
        }
        // Grave, acute, circumflex, tilde, diaeresis: in this order from the first letter on, but for two without tilde.
        switch letter {
        case UInt8(ascii: "a"): return 0xE0 &+ UInt32(place)
        case UInt8(ascii: "o"): return 0xF2 &+ UInt32(place)
        case UInt8(ascii: "n"): return place == 3 ? 0xF1 : nil
        case UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "u"):
            if place == 3 { return nil }
            let first: UInt32 = letter == UInt8(ascii: "e") ? 0xE8 : letter == UInt8(ascii: "i") ? 0xEC : 0xF9
            return first &+ UInt32(place == 4 ? 3 : place)
        default: return nil
        }
    }

    /// Takes the accents off a word that has no others than `letter` keeps: writes it and returns its length.
    static func withoutAccents(_ word: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>, room: Int)
        -> Int
    {
        var count = 0
        var i = 0
        while i < word.count, count < room {
            let byte = word[i]
            i &+= 1
            guard byte == 0xC3, i < word.count else {
                out[count] = byte
                count &+= 1
                continue
            }
            out[count] =
                switch word[i] {
                case 0xA0...0xA5: UInt8(ascii: "a")
                case 0xA7: UInt8(ascii: "c")
                case 0xA8...0xAB: UInt8(ascii: "e")
                case 0xAC...0xAF: UInt8(ascii: "i")
                case 0xB1: UInt8(ascii: "n")
                case 0xB2...0xB6: UInt8(ascii: "o")
                case 0xB9...0xBC: UInt8(ascii: "u")
                default: UInt8(ascii: "y")
                }
            count &+= 1
            i &+= 1
        }
        return count
    }
}
