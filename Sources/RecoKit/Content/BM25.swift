/// BM25F over the products' text: search, and products that read alike.
///
/// A question scores a product by
///
///     sum over its terms of  idf  w / (k1 + w)         idf = ln(1 + (n - df + 0.5) / (df + 0.5))
///
/// with w as in `BM25Weighting`: Robertson and Zaragoza (2009, doi:10.1561/1500000019). Training O(bytes of text);
/// answering O(postings of the terms) at worst, see `TopDocuments`.
struct BM25: ContentModel {
    let text: ContentText
    let index: InvertedIndex
    let synonyms: Synonyms
    let weighting: BM25Weighting

    static let scalesQuestions = false

    func questionWeight(_ frequency: Float, documentFrequency: Int) -> Float { frequency }

    /// As much as the term would count in a document of average length.
    func itemWeight(_ frequency: Float, documentFrequency: Int) -> Float { frequency / (weighting.k1 + frequency) }

    func termWeight(documentFrequency: Int) -> Float {
        let df = Double(documentFrequency)
        return Float(naturalLog(1 + max(0, Double(index.rowCount) - df + 0.5) / (df + 0.5)))
    }

    func part(of field: Int, frequency: Int, in row: Int) -> Float {
        weighting.part(of: field, frequency: frequency, in: row)
    }
}

extension BM25: TrainableModel {
    static let name = "bm25"
    static let code = SourceCode.bm25
    static let summary = "BM25F over titles, brands, descriptions ...: search, and products that read alike"

    static let hyperparameters =
        [
            Hyperparameter(
                "k1", .number(0.01...100), default: "1.2", "how soon a word said again stops counting"
            ).tuned(.log(0.3...10)),
            Hyperparameter(
                "b", .number(0...1), default: "0.75",
                "how much a word in a long text counts less, unless fields says so"
            ).tuned(.linear(0...1)),
        ] + ContentText.hyperparameters

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BM25 {
        let (text, terms) = try ContentText.collect(data, settings: settings, b: settings.number("b"), run: run)
        let (norms, offsets) = BM25Weighting.norms(text.fields.fields, terms.lengths)
        let weighting = BM25Weighting(
            frequencies: Column(terms.frequencies),
            lengths: DocumentLengths(terms.lengths, rowCount: terms.rowCount), norms: Column(norms),
            normOffsets: Column(offsets), k1: Float(settings.number("k1")))
        let index = try InvertedIndex(terms, weighting: weighting, run: run)
        return BM25(
            text: text, index: index, synonyms: text.synonyms(data, terms, index.vocabulary), weighting: weighting)
    }

    func write(to writer: ModelWriter) throws {
        try text.write(to: writer, name: Self.name)
        try index.write(to: writer, name: Self.name)
        try synonyms.write(to: writer, prefix: Self.name)
        try writer.add("bm25/length-widths", weighting.lengths.widths.elements)
        try writer.add("bm25/lengths", weighting.lengths.bytes.elements)
        try writer.add("bm25/norms", weighting.norms.elements)
        try writer.add("bm25/norm-offsets", weighting.normOffsets.elements)
        try writer.add("bm25/k1", [weighting.k1])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let index = try InvertedIndex(file, name: Self.name, rowCount: itemCount) else { return nil }
        let text = try ContentText(file, name: Self.name)
        guard let widths: Column<UInt8> = file.column("bm25/length-widths"),
            let bytes: Column<UInt8> = file.column("bm25/lengths"),
            let lengths = DocumentLengths(widths: widths, bytes: bytes, rowCount: itemCount),
            let norms: Column<Float> = file.column("bm25/norms"),
            let offsets: Column<UInt32> = file.column("bm25/norm-offsets"),
            let k1: Column<Float> = file.column("bm25/k1"), k1.count == 1, k1[0] > 0, k1[0].isFinite,
            lengths.fieldCount == text.fields.fields.count, offsets.count == lengths.fieldCount + 1
        else { throw RecoError(.damaged, "the model's bm25 sections do not fit its items") }
        self.init(
            text: text, index: index, synonyms: try Synonyms(file, prefix: Self.name),
            weighting: BM25Weighting(
                frequencies: index.frequencies, lengths: lengths, norms: norms, normOffsets: offsets, k1: k1[0]))
    }
}
