/// Words of the vocabulary that somebody may have meant: at most one typing mistake in words of four letters or more,
/// two from eight on; none in shorter ones and in those with digits, where every letter counts.
///
/// A mistake is a letter too many, too few, another one, or two neighbours swapped: the restricted edit distance of
/// Damerau (1964, doi:10.1145/363958.363994). Nearly all terms are ruled out by their masks, 4 bytes each; distances
/// are computed within a band around the diagonal. O(terms) for the masks.
enum SpellingCorrection {
    /// What a term counts that is one mistake, or two, away.
    static func factor(_ distance: Int) -> Float { distance == 1 ? 0.8 : 0.5 }

    static func mistakes(letters: Int) -> Int { letters >= 8 ? 2 : letters >= 4 ? 1 : 0 }

    /// Hands over the terms within the distance that `letters` letters allow and returns how many there were.
    static func candidates(
        for word: UnsafeBufferPointer<UInt8>, letters: Int, in vocabulary: Vocabulary,
        _ body: (_ entry: Vocabulary.Entry, _ distance: Int) -> Void
    ) {
        let most = mistakes(letters: letters)
        guard most > 0, word.count <= Distance.maximum else { return }
        let mask = TermMask.mask(word)
        let masks = vocabulary.masks.elements
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Vocabulary.Reader.bufferSize) { buffer in
            var reader = Vocabulary.Reader(vocabulary, buffer)
            var term = 0
            while term < masks.count {
                let end = min(term &+ Vocabulary.blockSize, masks.count)
                if TermMask.anyMatches(masks, term, end, mask, distance: most) {
                    reader.seek(block: term / Vocabulary.blockSize)
                    var last = end &- 1
                    while last > term, !TermMask.mayMatch(masks[last], mask, distance: most) { last &-= 1 }
                    for i in term...last {
                        guard reader.next() else { break }
                        guard TermMask.mayMatch(masks[i], mask, distance: most) else { continue }
                        if let distance = Distance.within(most, word, reader.term) { body(reader.entry, distance) }
                    }
                }
                term = end
            }
        }
    }
}

/// The number of typing mistakes between two words.
enum Distance {
    /// Longer words are not compared.
    static let maximum = 64  // bytes

    /// The distance of two words if it is at most `most`, which is 1 or 2. O(length x most).
    static func within(
        _ most: Int, _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        let difference = a.count &- b.count
        guard a.count <= maximum, b.count <= maximum, difference <= most, difference >= 0 &- most else { return nil }
        // What is equal at both ends has no part in it.
        var start = 0
        let shorter = min(a.count, b.count)
        while start < shorter, a[start] == b[start] { start &+= 1 }
        var endA = a.count
        var endB = b.count
        while endA > start, endB > start, a[endA &- 1] == b[endB &- 1] {
            endA &-= 1
            endB &-= 1
        }
        let rest = max(endA, endB) &- start
        if rest == 0 { return 0 }
        // One mistake leaves two swapped letters at most.
        if most == 1, rest > 2 { return nil }
        let (n, m) = (endA &- start, endB &- start)
        if n == 0 || m == 0 { return rest <= most ? rest : nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * (maximum + 1)) { memory -> Int? in
            var before = memory.baseAddress.unsafelyUnwrapped
            var last = before + (maximum + 1)
            var row = last + (maximum + 1)
            let far = UInt8(most &+ 1)
            for j in 0...m { last[j] = UInt8(min(j, most &+ 1)) }
            for i in 1...n {
                let from = max(1, i &- most)
                let to = min(m, i &+ most)
                row[0] = UInt8(min(i, most &+ 1))
                if from > 1 { row[from &- 1] = far }
                if from <= to {
                    for j in from...to {
                        let letter = a[start &+ i &- 1]
                        let other = b[start &+ j &- 1]
                        var cost = last[j &- 1] &+ (letter == other ? 0 : 1)
                        // Beside the band, everything is too far.
                        if j < i &+ most { cost = min(cost, last[j] &+ 1) }
                        if j > from || from == 1 { cost = min(cost, row[j &- 1] &+ 1) }
                        if i > 1, j > 1, letter == b[start &+ j &- 2], a[start &+ i &- 2] == other {
                            cost = min(cost, before[j &- 2] &+ 1)
                        }
                        row[j] = min(cost, far)
                    }
                }
                (before, last, row) = (last, row, before)
            }
            let distance = Int(last[m])
            return distance <= most ? distance : nil
        }
    }
}
