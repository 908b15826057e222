/// Items by the cosine of TF-IDF vectors, with scikit-learn's formulas.
///
///     weight of a term in a text = tf idf, set to length 1,   idf = ln((1 + N) / (1 + n)) + 1
///
/// tf is how often the term is there, each field times its weight; sublinear: 1 + ln tf. Salton and Buckley 1988,
/// doi:10.1016/0306-4573(88)90021-0; the formulas are those of `TfidfVectorizer` with `smooth_idf` and `norm="l2"`, and
/// with `fields=title=1` and `analysis=plain` so are the numbers. Training O(bytes of text); a search O(postings of its
/// terms) at worst.
struct TFIDF: WordModel {
    static let name = "tfidf"
    static let code = SourceCode.tfidf
    static let summary = "items and texts as TF-IDF vectors, compared by cosine"

    static let hyperparameters =
        WordTraining.hyperparameters(
            fields: "title=1,brand=1,category=1,color=1,tags=1,features=0.3,description=0.3", b: false) + [
            Hyperparameter("sublinear", .flag, default: "yes", "1 + ln tf in place of tf")
        ]

    let words: WordIndex
    let weighting: TFIDFWeighting
    private let isSublinear: Bool

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> TFIDF {
        let training = try WordTraining(data, settings: settings, b: 0, run: run)
        let collected = training.collected
        let isSublinear = settings.flag("sublinear")
        let termWeights = collected.frequencies.map { frequencies in
            var tf = 0.0
            for (field, own) in training.fields.fields.enumerated() {
                tf += own.weight * Double(frequencies >> UInt64(8 * field) & 0xFF)
            }
            return TFIDFWeighting.termWeight(tf, sublinear: isSublinear)
        }
        var squares = [Double](repeating: 0, count: collected.rowCount)
        for term in collected.terms.indices {
            let entries = collected.starts[term]..<collected.starts[term + 1]
            let idf = TFIDFWeighting.idf(entries.count, of: collected.rowCount)
            for entry in entries {
                let weight = termWeights[Int(collected.codes[entry])] * idf
                squares[Int(collected.documents[entry])] += weight * weight
            }
        }
        let weighting = TFIDFWeighting(
            termWeights: Column(termWeights.map { Float($0) }),
            norms: Column(squares.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 }))
        let index = try InvertedIndex(collected, weighting: weighting, run: run)
        return TFIDF(
            words: WordIndex(
                analysis: training.analysis, fields: training.fields, index: index,
                lengths: DocumentLengths(collected.lengths, rowCount: collected.rowCount),
                synonyms: training.synonyms(data, index)),
            weighting: weighting, isSublinear: isSublinear)
    }

    func weigh(_ terms: UnsafeMutableBufferPointer<QueryTerm>, isItem: Bool) {
        var square = 0.0
        for i in terms.indices {
            let idf = TFIDFWeighting.idf(terms[i].documentFrequency, of: words.index.rowCount)
            let weight =
                TFIDFWeighting.termWeight(Double(terms[i].weight), sublinear: isSublinear) * idf * Double(terms[i].factor)
            let usable = weight > 0 && weight.isFinite ? weight : 0
            square += usable * usable
            // Once more the idf: the other vector has it too, and its impacts do not.
            terms[i].weight = Float(usable * idf)
        }
        let inverse = square > 0 ? Float(1 / square.squareRoot()) : 0
        for i in terms.indices { terms[i].weight *= inverse }
    }

    /// The vector of an item, by term: what scikit-learn's `transform` gives.
    package func vector(of row: Int) -> [(term: String, weight: Float)] {
        guard let scratch = Scratch(itemCount: words.index.rowCount), var terms = QueryTerms(scratch, .question) else {
            return []
        }
        words.read(item: row, using: scratch, into: &terms)
        weigh(terms.elements, isItem: true)
        var buffer = [UInt8](repeating: 0, count: Vocabulary.Reader.bufferSize)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            var reader = Vocabulary.Reader(words.index.vocabulary, buffer)
            return terms.elements.compactMap { term in
                guard reader.entry(of: term.entry.term) != nil else { return nil }
                let idf = TFIDFWeighting.idf(term.documentFrequency, of: words.index.rowCount)
                return (String(decoding: reader.term, as: UTF8.self), term.weight / Float(idf))
            }
        }
    }

    func write(to writer: ModelWriter) throws {
        try words.write(to: writer, name: Self.name)
        try writer.add("tfidf/term-weights", weighting.termWeights.elements)
        try writer.add("tfidf/norms", weighting.norms.elements)
        try writer.add("tfidf/sublinear", [isSublinear ? 1 : 0] as [UInt8])
    }

    private init(words: WordIndex, weighting: TFIDFWeighting, isSublinear: Bool) {
        (self.words, self.weighting, self.isSublinear) = (words, weighting, isSublinear)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let words = try WordIndex(file, name: Self.name, itemCount: itemCount) else { return nil }
        guard let termWeights = file.column("tfidf/term-weights", as: Float.self),
            let norms = file.column("tfidf/norms", as: Float.self), norms.count == itemCount,
            let sublinear = file.column("tfidf/sublinear", as: UInt8.self)
        else { throw RecoError(.damaged, "the model's tfidf sections do not fit each other") }
        self.init(
            words: words, weighting: TFIDFWeighting(termWeights: termWeights, norms: norms),
            isSublinear: sublinear[0] != 0)
    }
}
