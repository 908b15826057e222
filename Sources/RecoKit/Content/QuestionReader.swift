import Glibc

/// Turns what somebody typed into terms of an index: stems and stop words as in the documents, typing mistakes set
/// right, the last word completed if it is unfinished.
///
/// - A word that the vocabulary has is that term. One that it lacks becomes the nearest terms, at most 4, of those within
///   `SpellingCorrection`'s distance: nearer ones first, then those that more documents have. Unless one mistake explains
///   it, two terms written as one come first ("firestick").
/// - A word that searches have taught to stand for others adds those, each counting as much as it was chosen, and needs
///   no correction (`Synonyms`).
/// - A word of pieces ("xr-500") needs no correction if one of its pieces or the whole is known.
/// - An unfinished word becomes the term that it is, if it is one, and the 24 terms most documents have that begin with
///   it, fewer where these have 20,000 postings, each counting 0.6 times as much. A word typed past its stem
///   ("batterie" for "batteri") becomes the stem.
/// - A single Chinese, Japanese or Korean character is completed likewise, for documents have pairs of them.
/// - Of the terms that stand for one word, a document gets the best. They count as if they were in as many documents as
///   they are together, so that a rare one among them is not what decides.
///
/// O(bytes + words log vocabulary); O(vocabulary) for each word that has to be corrected, of which there are at most 8.
struct QuestionReader: ~Copyable {
    let vocabulary: Vocabulary
    let synonyms: Synonyms
    let analyzer: TextAnalyzer
    let scratch: Scratch
    let rowCount: Int

    private static let corrections = 4
    /// The shortest part of two words written as one, and how many documents each part needs.
    private static let shortestPart = 3
    private static let fewestOfAPart: UInt32 = 5
    private static let completions = 24
    private static let completionFactor: Float = 0.6
    private static let completionPostings = 20_000
    /// Where the vocabulary holds more words that begin alike, only those looked at count.
    private static let maximumLookedAt = 50_000

    /// Adds the terms of a question to `terms`.
    func read(_ text: TextQuery, into terms: inout QueryTerms) {
        let bytes = text.bytes
        guard let kept = scratch.memory(.words, KeptWords.size) else { return }
        var words = KeptWords(kept)
        // Whether the word ends where the text does shows only at its end.
        var characters = 0
        let isUnfinished = text.isPrefix && !(bytes.last.map { $0 <= 0x20 } ?? true)
        analyzer.words(bytes) { word in
            // Of a word that may be unfinished, only the last matters, which is not known yet.
            if isUnfinished { words.keepLast(analyzer.folded(word), word) }
            guard let term = analyzer.term(of: word) else { return }
            if let entry = vocabulary.find(term) {
                words.found(word)
                terms.add(QueryTerm(entry: entry, weight: 1, documentFrequency: Int(entry.documentFrequency)))
            } else if synonyms.has(term) {
                words.found(word)  // people say it, if not the catalogue
            } else {
                words.keepUnknown(term, word)
            }
            addSynonyms(of: term, to: &terms)
            if characters < Self.corrections, Self.isHalfAPair(word) {
                characters &+= 1
                if complete(term, into: &terms) { words.found(word) }
            }
        }
        if isUnfinished, let last = words.last, complete(last, into: &terms) { words.foundLast() }
        for i in 0..<words.unknownCount { correct(words.unknown(i), letters: words.unknownLetters(i), into: &terms) }
    }

    // MARK: Synonyms

    private func addSynonyms(of word: UnsafeBufferPointer<UInt8>, to terms: inout QueryTerms) {
        guard !synonyms.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Vocabulary.Reader.bufferSize) { buffer in
            var reader = Vocabulary.Reader(vocabulary, buffer)
            synonyms.forEach(of: word) { term, weight in
                guard let entry = reader.entry(of: term), !terms.contains(term) else { return }
                terms.add(
                    QueryTerm(
                        entry: entry, weight: 1, documentFrequency: Int(entry.documentFrequency), factor: weight))
            }
        }
    }

    // MARK: Typing mistakes

    private func correct(_ word: UnsafeBufferPointer<UInt8>, letters: Int, into terms: inout QueryTerms) {
        withUnsafeTemporaryAllocation(of: Found.self, capacity: Self.corrections) { memory in
            var best = BestFound(memory)
            SpellingCorrection.candidates(for: word, letters: letters, in: vocabulary) { entry, distance in
                best.offer(Found(entry: entry, distance: UInt32(distance)))
            }
            // Where one mistake explains the word, two need not, and a missing space is likelier than two.
            let nearest = best.elements.first?.distance ?? 0
            if nearest != 1, let (left, right) = parts(of: word) {
                for part in [left, right] where !terms.contains(part.term) {
                    terms.add(QueryTerm(entry: part, weight: 1, documentFrequency: Int(part.documentFrequency)))
                }
                return
            }
            add(best.elements.prefix { $0.distance == nearest }, into: &terms) {
                SpellingCorrection.factor(Int($0.distance))
            }
        }
    }

    /// Two terms that make the word together, both of some documents, so that the rarer one is as frequent as can be.
    private func parts(of word: UnsafeBufferPointer<UInt8>) -> (Vocabulary.Entry, Vocabulary.Entry)? {
        guard word.count >= 2 &* Self.shortestPart else { return nil }
        var best: (Vocabulary.Entry, Vocabulary.Entry)?
        var rarest = Self.fewestOfAPart &- 1
        for cut in Self.shortestPart...word.count &- Self.shortestPart {
            guard let left = vocabulary.find(UnsafeBufferPointer(rebasing: word[..<cut])),
                let right = vocabulary.find(UnsafeBufferPointer(rebasing: word[cut...]))
            else { continue }
            let rarer = min(left.documentFrequency, right.documentFrequency)
            if rarer > rarest { (best, rarest) = ((left, right), rarer) }
        }
        return best
    }

    // MARK: Unfinished words

    /// Whether a word is one character of a writing in which documents give pairs of them.
    private static func isHalfAPair(_ word: Word) -> Bool {
        guard !word.isASCII, word.bytes.count <= 4 else { return false }
        var scalars = UTF8Scalars(word.bytes)
        guard let scalar = scalars.next(), CharacterClass(scalar) == .ideograph else { return false }
        return scalars.next() == nil
    }

    /// Adds the terms that begin with a word, and says whether there are any.
    private func complete(_ word: UnsafeBufferPointer<UInt8>, into terms: inout QueryTerms) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Vocabulary.Reader.bufferSize) { buffer in
            withUnsafeTemporaryAllocation(of: Found.self, capacity: Self.completions) { memory in
                var best = BestFound(memory)
                var reader = Vocabulary.Reader(vocabulary, buffer)
                var isThere = reader.seek(to: word)
                var looked = 0
                let whole = isThere && reader.compare(word) == 0 ? reader.entry.term : nil
                while isThere, looked < Self.maximumLookedAt, reader.term.starts(with: word) {
                    best.offer(Found(entry: reader.entry, distance: 0))
                    looked &+= 1
                    isThere = reader.next(moreFrequentThan: best.needed)
                }
                if best.count == 0 { stem(of: word).map { best.offer(Found(entry: $0, distance: 0)) } }
                var postings = 0
                let taken = best.elements.prefix { found in
                    defer { postings &+= Int(found.entry.documentFrequency) }
                    return postings < Self.completionPostings
                }
                let group = add(taken, into: &terms) { _ in Self.completionFactor }
                // What has been typed may be all of it.
                if let whole { terms.join(whole, group: group) }
                return best.count > 0
            }
        }
    }

    /// The term that a word goes on from, if it is three letters longer at most: stems are shorter than words.
    private func stem(of word: UnsafeBufferPointer<UInt8>) -> Vocabulary.Entry? {
        for length in stride(from: word.count &- 1, through: max(3, word.count &- 3), by: -1) {
            if let entry = vocabulary.find(UnsafeBufferPointer(rebasing: word.prefix(length))) { return entry }
        }
        return nil
    }

    /// Adds terms that stand for one word, and returns their group.
    @discardableResult
    private func add(
        _ found: Slice<UnsafeMutableBufferPointer<Found>>, into terms: inout QueryTerms, factor: (Found) -> Float
    ) -> Int {
        let group = found.count > 1 ? terms.newGroup() : 0
        let together = min(rowCount, found.reduce(0) { $0 &+ Int($1.entry.documentFrequency) })
        for one in found where !terms.contains(one.entry.term) {
            terms.add(
                QueryTerm(
                    entry: one.entry, weight: 1, documentFrequency: together, factor: factor(one), group: group))
        }
        return group
    }
}

/// A term that may stand for a word.
private struct Found: BitwiseCopyable {
    var entry: Vocabulary.Entry
    var distance: UInt32

    /// Nearer ones first, then those of more documents, then in the order of the vocabulary.
    static func isBetter(_ a: Found, _ b: Found) -> Bool {
        if a.distance != b.distance { return a.distance < b.distance }
        if a.entry.documentFrequency != b.entry.documentFrequency {
            return a.entry.documentFrequency > b.entry.documentFrequency
        }
        return a.entry.term < b.entry.term
    }
}

/// The best few of the terms offered, best first.
private struct BestFound {
    private let memory: UnsafeMutableBufferPointer<Found>
    private(set) var count = 0

    init(_ memory: UnsafeMutableBufferPointer<Found>) { self.memory = memory }

    var elements: UnsafeMutableBufferPointer<Found> { .init(rebasing: memory[..<count]) }

    /// Terms as near as the worst, and in no more documents, cannot get in: they come later in the vocabulary.
    var needed: UInt32 { count == memory.count ? memory[count &- 1].entry.documentFrequency : 0 }

    mutating func offer(_ found: Found) {
        if count == memory.count {
            guard Found.isBetter(found, memory[count &- 1]) else { return }
            count &-= 1
        }
        var at = count
        while at > 0, Found.isBetter(found, memory[at &- 1]) {
            memory[at] = memory[at &- 1]
            at &-= 1
        }
        memory[at] = found
        count &+= 1
    }
}

/// Words of a question that have to be looked at again, in memory of `Scratch`.
private struct KeptWords {
    private static let capacity = 8
    static let size = (capacity + 1) * TextAnalyzer.maximumTerm

    private let memory: UnsafeMutablePointer<UInt8>  // (capacity + 1, longest term), the last for `last`
    private var lengths = InlineArray<8, Int>(repeating: 0)
    private var letters = InlineArray<8, Int>(repeating: 0)
    private(set) var unknownCount = 0
    /// The written words that the kept ones come from.
    private var unknownPlaces = InlineArray<8, Int>(repeating: -1)
    private var foundPlace = -1
    private var lastLength = -1
    private var lastPlace = -1

    init(_ memory: UnsafeMutableRawPointer) { self.memory = memory.assumingMemoryBound(to: UInt8.self) }

    private func place(_ index: Int) -> UnsafeMutablePointer<UInt8> { memory + index &* TextAnalyzer.maximumTerm }

    /// A form of the word is known: its other forms need not be.
    mutating func found(_ word: Word) {
        foundPlace = word.place
        dropUnknown(of: word.place)
    }

    /// The last word has been completed.
    mutating func foundLast() { dropUnknown(of: lastPlace) }

    private mutating func dropUnknown(of place: Int) {
        while unknownCount > 0, unknownPlaces[unknownCount &- 1] == place { unknownCount &-= 1 }
    }

    mutating func keepUnknown(_ term: UnsafeBufferPointer<UInt8>, _ word: Word) {
        guard word.place != foundPlace, !word.hasDigits, unknownCount < Self.capacity,
            term.count <= TextAnalyzer.maximumTerm, let from = term.baseAddress
        else { return }
        memcpy(place(unknownCount), from, term.count)
        lengths[unknownCount] = term.count
        letters[unknownCount] = word.bytes.count
        unknownPlaces[unknownCount] = word.place
        unknownCount &+= 1
    }

    func unknown(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: place(index), count: lengths[index])
    }

    func unknownLetters(_ index: Int) -> Int { letters[index] }

    /// Keeps the last form of the last word: of "usb-c" the whole, which comes last.
    mutating func keepLast(_ word: UnsafeBufferPointer<UInt8>, _ written: Word) {
        guard word.count <= TextAnalyzer.maximumTerm, let from = word.baseAddress else { return }
        memcpy(place(Self.capacity), from, word.count)
        lastLength = word.count
        lastPlace = written.place
    }

    var last: UnsafeBufferPointer<UInt8>? {
        lastLength > 0 ? UnsafeBufferPointer(start: place(Self.capacity), count: lastLength) : nil
    }
}
