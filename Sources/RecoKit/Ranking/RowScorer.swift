/// Scores rows of numbers with whatever a file has to score rows: trees, trained here or imported, a perceptron, or Wide &
/// Deep; alone in the file or as the ranker of a hybrid.
///
///     let scorer = try RowScorer(ModelFile(path: "ranker.reco"))
///     let scores = scorer?.scores([0.5, 3, .nan, 1])  // two rows of two features
///
/// The scores are those that the file's answers are made of, bit for bit. No call allocates where the caller brings the
/// memory.
public struct RowScorer: Sendable {
    /// The texts of each categorical feature, by the number that stands for each; nil for one of numbers, and where the file
    /// has no texts.
    public let categories: [[String]?]
    private let scorer: RankingScorer
    /// What a network was trained as; nil for the ranker of a hybrid, and for trees, which know it themselves.
    private let model: (any RowModel)?

    /// Nil if the file has nothing that scores rows. Throws `damaged` where that cannot be right.
    public init?(_ file: ModelFile) throws {
        guard let scorer = try RankingScorer(file) else { return nil }
        self.scorer = scorer
        if case .trees = scorer {
            model = nil
            categories = CategoryTexts.categories(
                file.text("\(BoostedTrees.name)/categories"), features: scorer.featureCount)
        } else {
            model = try RowModels.open(file)
            categories = model?.categories ?? [[String]?](repeating: nil, count: scorer.featureCount)
        }
    }

    public var featureCount: Int { scorer.featureCount }
    /// Bytes of memory that a call needs, however many rows it scores.
    public var scratchBytes: Int { scorer.scratchBytes }

    /// Scores `count` rows.
    ///
    /// - Parameters:
    ///   - rows: (count, features)
    ///   - scores: (count)
    ///   - scratch: `scratchBytes`
    ///   - raw: what ranks, without what makes an answer of it, such as a probability.
    public func score(
        _ rows: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutableRawPointer, raw: Bool = false
    ) {
        if case .trees(let trees) = scorer {
            return trees.score(rows, count: count, into: scores, scratch: scratch, raw: raw)
        }
        scorer.score(rows, count: count, into: scores, scratch: scratch)
        guard !raw, let model else { return }
        for row in 0..<count { scores[row] = model.value(ofRaw: scores[row]) }
    }

    /// Scores rows one after the other in an array: (rows, features). For where memory is no matter.
    public func scores(_ rows: [Float], raw: Bool = false) -> [Double] {
        if case .trees(let trees) = scorer { return trees.scores(rows, raw: raw) }
        let scores = scorer.scores(rows)
        return raw ? scores : scores.map { model?.value(ofRaw: $0) ?? $0 }
    }
}
