/// Finds the word that was meant where one is not in the vocabulary.
///
/// In this order: one edit away (a letter more, less or other, or two neighbours swapped: Damerau 1964,
/// doi:10.1145/363958.363994), the most frequent; two words written as one; two edits away, for words of eight letters or
/// more. Words with digits are names of models and sizes, where another digit is another product: they stay.
///
/// A bit for each letter of each term rules out nearly all of the vocabulary before letters are compared.
/// O(terms + candidates x length²).
struct Corrections {
    let vocabulary: Vocabulary
    /// A correction to a term of fewer documents is more likely a mistake of its own.
    let fewestDocuments: UInt32

    static let shortestWord = 4
    static let shortestWithTwoEdits = 8
    /// The shortest part of two words written as one, and how many documents each needs.
    private static let shortestPart = 3
    private static let fewestOfAPart: UInt32 = 5
    private static let longestWord = 31

    init(_ index: InvertedIndex) {
        vocabulary = index.vocabulary
        fewestDocuments = index.rowCount < 1000 ? 1 : 2
    }

    /// Hands over what a word that is no term stands for: one term, two, or none.
    func forEach(of word: UnsafeBufferPointer<UInt8>, _ body: (Vocabulary.Entry) -> Void) {
        guard word.count >= Self.shortestWord, word.count <= Self.longestWord,
            word.allSatisfy({ $0 >= 0x80 || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) })
        else { return }
        if let near = nearest(to: word, distance: 1) { return body(near) }
        if let (left, right) = parts(of: word) {
            body(left)
            body(right)
        } else if word.count >= Self.shortestWithTwoEdits, let near = nearest(to: word, distance: 2) {
            body(near)
        }
    }

    /// The most frequent term within so many edits; of equals the first.
    private func nearest(to word: UnsafeBufferPointer<UInt8>, distance: Int) -> Vocabulary.Entry? {
        let mask = TermMask.mask(word)
        let masks = vocabulary.masks.elements
        var best: Vocabulary.Entry?
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Vocabulary.Reader.bufferSize) { buffer in
            var reader = Vocabulary.Reader(vocabulary, buffer)
            var readTo = -1  // the term that the reader stands at
            for term in 0..<masks.count where TermMask.mayMatch(mask, masks[term], distance: distance) {
                if term <= readTo || term &- readTo > Vocabulary.blockSize || readTo < 0 {
                    reader.seek(block: term / Vocabulary.blockSize)
                    readTo = term / Vocabulary.blockSize &* Vocabulary.blockSize &- 1
                }
                var found = true
                while readTo < term, found {
                    found = reader.next()
                    readTo &+= 1
                }
                guard found else {
                    readTo = -1
                    continue
                }
                guard reader.entry.documentFrequency >= max(fewestDocuments, (best?.documentFrequency ?? 0) &+ 1),
                    EditDistance.isWithin(distance, word, reader.term)
                else { continue }
                best = reader.entry
            }
        }
        return best
    }

    /// Two terms that make the word together, so that the rarer one is as frequent as can be.
    private func parts(of word: UnsafeBufferPointer<UInt8>) -> (Vocabulary.Entry, Vocabulary.Entry)? {
        guard word.count >= 2 &* Self.shortestPart else { return nil }
        var best: (Vocabulary.Entry, Vocabulary.Entry)?
        for cut in Self.shortestPart...word.count &- Self.shortestPart {
            guard let left = vocabulary.find(UnsafeBufferPointer(rebasing: word[..<cut])),
                let right = vocabulary.find(UnsafeBufferPointer(rebasing: word[cut...]))
            else { continue }
            let rarer = min(left.documentFrequency, right.documentFrequency)
            let before = best.map { min($0.0.documentFrequency, $0.1.documentFrequency) } ?? Self.fewestOfAPart &- 1
            if rarer > before { best = (left, right) }
        }
        return best
    }
}

/// How many edits make one word of another: letters more, less or other, neighbours swapped.
enum EditDistance {
    /// Whether that is at most `limit`. O(length²), lengths of at most 63 bytes.
    static func isWithin(_ limit: Int, _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard a.count < 64, b.count < 64, (a.count &- b.count).magnitude <= limit else { return false }
        return withUnsafeTemporaryAllocation(of: Int8.self, capacity: 3 * 64) { rows in
            var (last, now, next) = (0, 64, 128)  // where the rows for i - 2, i - 1 and i begin
            for j in 0...b.count { rows[now &+ j] = Int8(truncatingIfNeeded: j) }
            for i in 0..<a.count {
                rows[next] = Int8(truncatingIfNeeded: i &+ 1)
                var least = rows[next]
                for j in 0..<b.count {
                    var best = rows[now &+ j] &+ (a[i] == b[j] ? 0 : 1)
                    best = min(best, rows[now &+ j &+ 1] &+ 1, rows[next &+ j] &+ 1)
                    if i > 0, j > 0, a[i] == b[j &- 1], a[i &- 1] == b[j] {
                        best = min(best, rows[last &+ j &- 1] &+ 1)
                    }
                    rows[next &+ j &+ 1] = best
                    least = min(least, best)
                }
                if Int(least) > limit { return false }
                (last, now, next) = (now, next, last)
            }
            return Int(rows[now &+ b.count]) <= limit
        }
    }
}
