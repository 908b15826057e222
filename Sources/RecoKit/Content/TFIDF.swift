/// TF-IDF with cosine over the products' text, by scikit-learn's formulas: products that read alike, and search.
///
/// The score is the cosine of the question's and the product's vectors, see `TFIDFWeighting`; Salton and Buckley,
/// "Term-weighting approaches in automatic text retrieval" (1988, doi:10.1016/0306-4573(88)90021-0). Training O(bytes
/// of text); answering as `BM25`.
struct TFIDF: ContentModel {
    let text: ContentText
    let index: InvertedIndex
    let synonyms: Synonyms
    let weighting: TFIDFWeighting
    let sublinear: Bool

    static let scalesQuestions = true

    func questionWeight(_ frequency: Float, documentFrequency: Int) -> Float {
        Float(TFIDFWeighting.termWeight(Double(frequency), sublinear: sublinear))
            * termWeight(documentFrequency: documentFrequency)
    }

    func itemWeight(_ frequency: Float, documentFrequency: Int) -> Float {
        questionWeight(frequency, documentFrequency: documentFrequency)
    }

    func termWeight(documentFrequency: Int) -> Float {
        Float(TFIDFWeighting.idf(documentFrequency, of: index.rowCount))
    }
}

extension TFIDF: TrainableModel {
    static let name = "tfidf"
    static let code = SourceCode.tfidf
    static let summary = "TF-IDF and cosine over titles, brands, descriptions ...: products that read alike, and search"

    static let hyperparameters =
        [
            Hyperparameter(
                "sublinear", .flag, default: "yes", "a word said n times counts 1 + ln n, rather than n")
        ] + ContentText.hyperparameters

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> TFIDF {
        let (text, terms) = try ContentText.collect(data, settings: settings, b: 0, run: run)
        let sublinear = settings.flag("sublinear")
        let weights = terms.frequencies.map { frequencies in
            let frequency = text.fields.fields.enumerated().reduce(0.0) { sum, field in
                sum + field.element.weight * Double(frequencies >> UInt64(8 * field.offset) & 0xFF)
            }
            return TFIDFWeighting.termWeight(frequency, sublinear: sublinear)
        }
        var squares = [Double](repeating: 0, count: terms.rowCount)
        for term in terms.terms.indices {
            let entries = terms.starts[term]..<terms.starts[term + 1]
            let idf = TFIDFWeighting.idf(entries.count, of: terms.rowCount)
            for entry in entries {
                let weight = weights[Int(terms.entries[entry].code)] * idf
                squares[Int(terms.entries[entry].document)] += weight * weight
            }
        }
        let weighting = TFIDFWeighting(
            termWeights: Column(weights.map { Float($0) }),
            norms: Column(squares.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 }))
        let index = try InvertedIndex(terms, weighting: weighting, run: run)
        return TFIDF(
            text: text, index: index, synonyms: text.synonyms(data, terms, index.vocabulary), weighting: weighting,
            sublinear: sublinear)
    }

    func write(to writer: ModelWriter) throws {
        try text.write(to: writer, name: Self.name)
        try index.write(to: writer, name: Self.name)
        try synonyms.write(to: writer, prefix: Self.name)
        try writer.add("tfidf/term-weights", weighting.termWeights.elements)
        try writer.add("tfidf/norms", weighting.norms.elements)
        try writer.add("tfidf/sublinear", [sublinear ? 1 : 0] as [UInt8])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let index = try InvertedIndex(file, name: Self.name, rowCount: itemCount) else { return nil }
        guard let termWeights: Column<Float> = file.column("tfidf/term-weights"),
            let norms: Column<Float> = file.column("tfidf/norms"),
            let sublinear: Column<UInt8> = file.column("tfidf/sublinear"), sublinear.count == 1,
            termWeights.count == index.frequencies.count, norms.count == itemCount
        else { throw RecoError(.damaged, "the model's tfidf sections do not fit its items") }
        self.init(
            text: try ContentText(file, name: Self.name), index: index,
            synonyms: try Synonyms(file, prefix: Self.name),
            weighting: TFIDFWeighting(termWeights: termWeights, norms: norms), sublinear: sublinear[0] != 0)
    }
}
