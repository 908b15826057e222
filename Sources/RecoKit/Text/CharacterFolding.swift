/// What a search does not care about: case and accents; and which characters are what.
///
/// Folding is canonical decomposition (NFD), without nonspacing marks, in lower case: "É" is "e", "ñ" is "n", "각" is its
/// three Jamo, "ß" stays. Classes follow the Unicode of Swift's standard library; ASCII and Latin take a table each.
/// Scalars are trusted no further than being numbers: what is none belongs to no class and folds to itself.
enum CharacterFolding {
    /// Hands `body` the scalars that `scalar` folds to: none for a mark, mostly one, at most three.
    @inline(__always)
    static func lowercasedWithoutMarks(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar < 0x80 { return body(scalar &- 0x41 < 26 ? scalar | 0x20 : scalar) }
        if scalar < directEnd {
            let folded = direct[Int(scalar &- 0x80)]
            if folded != 0 { body(UInt32(folded)) }
            return
        }
        withoutMarks(scalar) { body(lowercased($0)) }
    }

    /// The lower case of one scalar: of İ without its dot, otherwise what Unicode's full mapping gives.
    static func lowercased(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return scalar &- 0x41 < 26 ? scalar | 0x20 : scalar }
        if scalar == 0x130 { return 0x69 }
        // The last run that begins at or before the scalar.
        var low = 0
        var high = lowerRuns.count
        while low < high {
            let middle = (low &+ high) / 2
            if lowerRuns[middle] &>> 40 <= UInt64(scalar) { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0 else { return scalar }
        let run = lowerRuns[low &- 1]
        let distance = scalar &- UInt32(truncatingIfNeeded: run &>> 40)
        let count = UInt32(truncatingIfNeeded: run &>> 24 & 0xFFFF)
        let stride = UInt32(truncatingIfNeeded: run & 0xFF)
        // A stride is 1 or 2.
        guard distance & (stride &- 1) == 0, distance &>> (stride &- 1) < count else { return scalar }
        return lowerTargets[low &- 1] &+ distance
    }

    /// Hands `body` the canonical decomposition of a scalar without nonspacing marks.
    static func withoutMarks(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar < 0xC0 { return body(scalar) }
        let syllable = scalar &- 0xAC00
        if syllable < 11172 {
            body(0x1100 &+ syllable / 588)
            body(0x1161 &+ syllable % 588 / 28)
            if syllable % 28 != 0 { body(0x11A7 &+ syllable % 28) }
            return
        }
        if isMark(scalar) { return }
        var low = 0
        var high = bases.count
        while low < high {
            let middle = (low &+ high) / 2
            if bases[middle] &>> 32 < UInt64(scalar) { low = middle &+ 1 } else { high = middle }
        }
        if low < bases.count, bases[low] &>> 32 == UInt64(scalar) {
            return body(UInt32(truncatingIfNeeded: bases[low]))
        }
        if scalar > 0x900, scalar < 0x12000 {
            for entry in stride(from: 0, to: expansions.count, by: 4) where expansions[entry] == scalar {
                for part in 1...3 where expansions[entry &+ part] != 0 { body(expansions[entry &+ part]) }
                return
            }
        }
        body(scalar)
    }

    private static let directEnd: UInt32 = 0x530

    // MARK: Classes

    /// A nonspacing mark, such as a combining accent (Mn).
    static func isMark(_ scalar: UInt32) -> Bool {
        scalar >= 0x300 && category(scalar) == .nonspacingMark
    }

    /// Unicode's punctuation, and all of ASCII that is neither letter, digit, space nor control: "$", "+", "<" too.
    static func isPunctuation(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar > 0x20 && scalar < 0x7F && !isASCIILetter(scalar) && scalar &- 0x30 >= 10 }
        return switch category(scalar) {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }

    /// An ideograph that stands for a word without spaces around it: the blocks that BERT's tokenizer separates.
    static func isCJK(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x3400 else { return false }
        return switch scalar {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
            0x2B820...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    static func isLetter(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return isASCIILetter(scalar) }
        return switch category(scalar) {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// A decimal digit of any script.
    static func isDigit(_ scalar: UInt32) -> Bool {
        scalar < 0x80 ? scalar &- 0x30 < 10 : category(scalar) == .decimalNumber
    }

    /// A character without a shape of its own: controls, formats and private use, but not tab, line feed and return.
    static func isControl(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar < 0x20 ? scalar != 9 && scalar != 10 && scalar != 13 : scalar == 0x7F }
        return switch category(scalar) {
        case .control, .format, .privateUse: true
        default: false
        }
    }

    /// What separates words: Unicode's White_Space.
    static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x20, 0x09...0x0D, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    private static func isASCIILetter(_ scalar: UInt32) -> Bool { (scalar | 0x20) &- 0x61 < 26 }

    private static func category(_ scalar: UInt32) -> Unicode.GeneralCategory {
        Unicode.Scalar(scalar)?.properties.generalCategory ?? .unassigned
    }
}
