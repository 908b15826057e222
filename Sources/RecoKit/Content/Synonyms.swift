/// Words that people use for items whose text does not have them, and the words that it has instead.
///
/// Learned from what was chosen after a search. Who searches "sofa" and clicks a "couch" says that the two go together;
/// who clicks a "sofa bed" says nothing new. So a choice counts for the words of the search that the item lacks. With
/// n(q) the people whose search had the word q, and m(q, t) those of them who chose an item without q but with t, where
/// t was not searched for itself, the weight of t for q is
///
///     m(q, t) / (n(q) + 2)
///
/// and t is taken if two people or more speak for it, the weight is at least a tenth, and t is at least three times as
/// frequent among those choices as in the catalogue, so that words which everything has stay out. At most four terms a
/// word, the heaviest first. The idea of bridging the vocabulary of queries and documents by clicks: Gao, He and Nie
/// 2010, doi:10.1145/1871437.1871593.
struct Synonyms: Sendable {
    private let words: Column<UInt8>
    private let wordOffsets: RaggedOffsets  // (words + 1), sorted by bytes
    private let offsets: RaggedOffsets  // (words + 1), into terms
    private let terms: Column<UInt32>
    private let weights: Column<Float>

    static let mostTerms = 4
    static let fewestPeople = 2
    static let leastWeight: Float = 0.1
    static let leastLift: Float = 3

    /// Whether a word stands for others as well. O(log words).
    func has(_ word: UnsafeBufferPointer<UInt8>) -> Bool { place(of: word) != nil }

    private func place(of word: UnsafeBufferPointer<UInt8>) -> Int? {
        let place = firstPlace(wordOffsets.rowCount) { compareBytes(bytes($0), word) < 0 }
        return place < wordOffsets.rowCount && sameBytes(bytes(place), word) ? place : nil
    }

    /// What a word stands for as well: at most `mostTerms` terms with weights in 0 ..< 1. O(log words).
    func forEach(of word: UnsafeBufferPointer<UInt8>, _ body: (_ term: UInt32, _ weight: Float) -> Void) {
        guard let place = place(of: word) else { return }
        let range = offsets.range(place, limit: min(terms.count, weights.count))
        for place in range.prefix(Self.mostTerms) {
            let weight = weights[place]
            if weight > 0, weight < 1 { body(terms[place], weight) }
        }
    }

    var isEmpty: Bool { wordOffsets.rowCount == 0 }

    private func bytes(_ word: Int) -> UnsafeBufferPointer<UInt8> {
        let range = wordOffsets.range(word, limit: words.count)
        return words.slice(range.lowerBound, range.upperBound)
    }
}

extension Synonyms {
    static let none = Synonyms([])

    private init(_ entries: [(word: [UInt8], terms: [(term: UInt32, weight: Float)])]) {
        var (bytes, wordOffsets, offsets): ([UInt8], [UInt64], [UInt64]) = ([], [0], [0])
        var (terms, weights): ([UInt32], [Float]) = ([], [])
        for entry in entries {
            bytes += entry.word
            wordOffsets.append(UInt64(bytes.count))
            terms += entry.terms.map(\.term)
            weights += entry.terms.map(\.weight)
            offsets.append(UInt64(terms.count))
        }
        self.init(
            words: Column(bytes), wordOffsets: RaggedOffsets(offsets: Column(wordOffsets)),
            offsets: RaggedOffsets(offsets: Column(offsets)), terms: Column(terms), weights: Column(weights))
    }

    /// Learns from choices.
    ///
    /// - Parameters:
    ///   - words: the words of a text, by its number, as a search reads them.
    ///   - term: the term of a word, if the catalogue has it.
    ///   - termsOfItem: the different terms of an item's text.
    ///   - share: the share of the items that have a term.
    static func learn(
        _ choices: [SearchLog.Choice], words: (Int) -> [[UInt8]], term: ([UInt8]) -> UInt32?,
        termsOfItem: (UInt32) -> [UInt32], share: (UInt32) -> Float
    ) -> Synonyms {
        var searchers: [[UInt8]: Int] = [:]
        var found: [[UInt8]: [UInt32: Int]] = [:]
        var missed: [[UInt8]: Int] = [:]
        for choice in choices {
            let searched = Set(words(choice.text))
            let known = Set(searched.compactMap(term))
            let has = Set(termsOfItem(choice.item))
            for word in searched {
                searchers[word, default: 0] += choice.people
                if let own = term(word), has.contains(own) { continue }
                missed[word, default: 0] += choice.people
                for other in has where !known.contains(other) {
                    found[word, default: [:]][other, default: 0] += choice.people
                }
            }
        }
        var entries: [(word: [UInt8], terms: [(term: UInt32, weight: Float)])] = []
        for word in found.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let all = Float(missed[word] ?? 0)
            let people = Float(searchers[word] ?? 0)
            let best = (found[word] ?? [:]).compactMap { term, count -> (term: UInt32, weight: Float)? in
                let weight = Float(count) / (people + 2)
                guard count >= fewestPeople, weight >= leastWeight, Float(count) / all >= leastLift * share(term)
                else { return nil }
                return (term, weight)
            }.sorted { ($1.weight, $0.term) < ($0.weight, $1.term) }.prefix(mostTerms)
            if !best.isEmpty { entries.append((word, Array(best))) }
        }
        return Synonyms(entries)
    }

    func write(to writer: ModelWriter, prefix: String) throws {
        try writer.add("\(prefix)/synonym-words", words.elements)
        try writer.add("\(prefix)/synonym-word-offsets", wordOffsets.offsets.elements)
        try writer.add("\(prefix)/synonym-offsets", offsets.offsets.elements)
        try writer.add("\(prefix)/synonym-terms", terms.elements)
        try writer.add("\(prefix)/synonym-weights", weights.elements)
    }

    /// Reads what `write` wrote; throws `damaged` where parts of it are missing.
    init(_ file: ModelFile, prefix: String) throws {
        guard let words: Column<UInt8> = file.column("\(prefix)/synonym-words"),
            let wordOffsets: Column<UInt64> = file.column("\(prefix)/synonym-word-offsets"),
            let offsets: Column<UInt64> = file.column("\(prefix)/synonym-offsets"),
            let terms: Column<UInt32> = file.column("\(prefix)/synonym-terms"),
            let weights: Column<Float> = file.column("\(prefix)/synonym-weights"),
            offsets.count == wordOffsets.count, terms.count == weights.count
        else { throw RecoError(.damaged, "the model's synonyms are damaged") }
        self.init(
            words: words, wordOffsets: RaggedOffsets(offsets: wordOffsets), offsets: RaggedOffsets(offsets: offsets),
            terms: terms, weights: weights)
    }
}
