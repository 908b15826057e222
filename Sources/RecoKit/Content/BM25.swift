/// Items by the words that they share with a text, over weighted fields: BM25F.
///
///     score = sum over the text's terms of  idf  w / (k1 + w),   idf = ln(1 + (N - n + 0.5) / (n + 0.5))
///
/// with w as in `BM25Weighting`, N the items and n those that have the term in any field. Robertson and Zaragoza 2009,
/// doi:10.1561/1500000019. Training O(bytes of text); a search O(postings of its terms) at worst.
struct BM25: WordModel {
    static let name = "bm25"
    static let code = SourceCode.bm25
    static let summary = "search by words over weighted fields (BM25F); items with like text"

    static let hyperparameters =
        WordTraining.hyperparameters(fields: ContentFields.usual, b: true) + [
            Hyperparameter(
                "k1", .number(0.01...100), default: "1.2", "how much more a word counts that is there several times"),
            Hyperparameter("b", .number(0...1), default: "0.75", "how much less a word counts in a long field"),
        ]

    let words: WordIndex
    let weighting: BM25Weighting

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BM25 {
        let training = try WordTraining(data, settings: settings, b: settings.number("b"), run: run)
        let collected = training.collected
        let (norms, offsets) = BM25Weighting.norms(training.fields.fields, collected.lengths)
        let weighting = BM25Weighting(
            frequencies: Column(collected.frequencies),
            lengths: DocumentLengths(collected.lengths, rowCount: collected.rowCount),
            norms: Column(norms), normOffsets: Column(offsets), k1: Float(settings.number("k1")))
        let index = try InvertedIndex(collected, weighting: weighting, run: run)
        return BM25(
            words: WordIndex(
                analysis: training.analysis, fields: training.fields, index: index, lengths: weighting.lengths,
                synonyms: training.synonyms(data, index)),
            weighting: weighting)
    }

    func weigh(_ terms: UnsafeMutableBufferPointer<QueryTerm>, isItem: Bool) {
        let count = Double(words.index.rowCount)
        for i in terms.indices {
            let n = Double(terms[i].documentFrequency)
            let idf = n < count ? naturalLog(1 + (count - n + 0.5) / (n + 0.5)) : naturalLog(1 + 0.5 / (n + 0.5))
            // A word that a visitor says twice is no better a word; one that an item says often tells what it is.
            let said = terms[i].weight
            let times = isItem ? said / (weighting.k1 + said) : min(said, 1)
            terms[i].weight = times * terms[i].factor.bounded * Float(idf)
        }
    }

    func write(to writer: ModelWriter) throws {
        try words.write(to: writer, name: Self.name)
        try writer.add("bm25/norms", weighting.norms.elements)
        try writer.add("bm25/norm-offsets", weighting.normOffsets.elements)
        try writer.add("bm25/k1", [weighting.k1])
    }

    init(words: WordIndex, weighting: BM25Weighting) { (self.words, self.weighting) = (words, weighting) }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let words = try WordIndex(file, name: Self.name, itemCount: itemCount) else { return nil }
        guard let norms = file.column("bm25/norms", as: Float.self),
            let offsets = file.column("bm25/norm-offsets", as: UInt32.self),
            offsets.count == words.fields.fields.count + 1,
            let k1 = file.column("bm25/k1", as: Float.self)?[0], k1 > 0, k1 < .infinity
        else { throw RecoError(.damaged, "the model's bm25 sections do not fit each other") }
        self.words = words
        weighting = BM25Weighting(
            frequencies: words.index.frequencies, lengths: words.lengths, norms: norms, normOffsets: offsets, k1: k1)
    }
}

extension Float {
    /// A factor within 0 and 1.
    fileprivate var bounded: Float { self > 0 ? min(self, 1) : 0 }
}
