/// What orders the candidates of a hybrid: boosted trees or a small perceptron, over the same rows of features.
enum RankingScorer: Sendable {
    case trees(TreeScorer)
    case perceptron(PerceptronScorer)

    /// What hits say of where they come from.
    var code: SourceCode {
        switch self {
        case .trees: .boostedTrees
        case .perceptron: .mlpRanker
        }
    }

    var featureNames: [String] {
        switch self {
        case .trees(let trees): trees.layout.featureNames
        case .perceptron(let perceptron): perceptron.featureNames
        }
    }

    var featureCount: Int {
        switch self {
        case .trees(let trees): trees.featureCount
        case .perceptron(let perceptron): perceptron.featureCount
        }
    }

    /// Bytes of memory that a call needs, however many rows it scores.
    var scratchBytes: Int {
        switch self {
        case .trees(let trees): trees.scratchBytes
        case .perceptron(let perceptron): perceptron.scratchBytes
        }
    }

    /// Scores `count` rows: raw scores, by which they rank. No call allocates.
    func score(
        _ rows: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutableRawPointer
    ) {
        switch self {
        case .trees(let trees): trees.score(rows, count: count, into: scores, scratch: scratch, raw: true)
        case .perceptron(let perceptron): perceptron.score(rows, count: count, into: scores, scratch: scratch)
        }
    }

    /// Scores rows one after the other in an array: (rows, features). For where memory is no matter.
    func scores(_ rows: [Float]) -> [Double] {
        guard featureCount > 0 else { return [] }
        let count = rows.count / featureCount
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: 64)
        defer { scratch.deallocate() }
        return [Double](unsafeUninitializedCapacity: count) { out, initialized in
            rows.withUnsafeBufferPointer { rows in
                if let rows = rows.baseAddress, let out = out.baseAddress {
                    score(rows, count: count, into: out, scratch: scratch)
                }
            }
            initialized = count
        }
    }

    /// Trains the ranker of that name on lists of candidates.
    init(
        named name: String, _ table: RankingTable, validation: RankingTable, settings: Settings, run: TrainingRun
    ) throws {
        if name == MLPRanker.name {
            let ranker = try MLPRanker.train(table, validation: validation, settings: settings, run: run)
            self = .perceptron(ranker.scorer)
        } else {
            let trees = try BoostedTrees.train(table, validation: validation, settings: settings, run: run)
            self = .trees(TreeScorer(try TreeLayout(trees.ensemble)))
        }
    }

    func write(to writer: ModelWriter) throws {
        switch self {
        case .trees(let trees): try trees.layout.write(to: writer)
        case .perceptron(let perceptron): try perceptron.write(to: writer)
        }
    }

    /// Nil if the file holds none.
    init?(_ file: ModelFile) throws {
        if let layout = try TreeLayout(file) {
            self = .trees(TreeScorer(layout))
        } else if let perceptron = try PerceptronScorer(file) {
            self = .perceptron(perceptron)
        } else {
            return nil
        }
    }
}
