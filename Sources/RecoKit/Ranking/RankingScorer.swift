/// What orders the candidates of a hybrid: boosted trees, a small perceptron, or Wide & Deep, over the same rows of features.
enum RankingScorer: Sendable {
    case trees(TreeScorer)
    case perceptron(PerceptronScorer)
    case wideAndDeep(WideAndDeepScorer)

    /// What hits say of where they come from.
    var code: SourceCode {
        switch self {
        case .trees: .boostedTrees
        case .perceptron: .mlpRanker
        case .wideAndDeep: .wideDeep
        }
    }

    var featureNames: [String] {
        switch self {
        case .trees(let trees): trees.layout.featureNames
        case .perceptron(let perceptron): perceptron.featureNames
        case .wideAndDeep(let both): both.featureNames
        }
    }

    var featureCount: Int {
        switch self {
        case .trees(let trees): trees.featureCount
        case .perceptron(let perceptron): perceptron.featureCount
        case .wideAndDeep(let both): both.featureCount
        }
    }

    /// Bytes of memory that a call needs, however many rows it scores.
    var scratchBytes: Int {
        switch self {
        case .trees(let trees): trees.scratchBytes
        case .perceptron(let perceptron): perceptron.scratchBytes
        case .wideAndDeep(let both): both.scratchBytes
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
        case .wideAndDeep(let both): both.score(rows, count: count, into: scores, scratch: scratch)
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
        let trained: any RowModel
        switch name {
        case MLPRanker.name:
            let ranker = try MLPRanker.train(table, validation: validation, settings: settings, run: run)
            (self, trained) = (.perceptron(ranker.scorer), ranker)
        case WideAndDeep.name:
            // It learns of each candidate whether it was right, not lists.
            table.removeGroups()
            validation.removeGroups()
            let both = try WideAndDeep.train(table, validation: validation, settings: settings, run: run)
            (self, trained) = (.wideAndDeep(both.scorer), both)
        default:
            let trees = try BoostedTrees.train(table, validation: validation, settings: settings, run: run)
            (self, trained) = (.trees(TreeScorer(try TreeLayout(trees.ensemble))), trees)
        }
        let isRanking = if case .ranking = trained.measure { true } else { false }
        run.learned(
            LearningCurve(
                model: name, measure: isRanking ? "NDCG@\(settings.integer("cutoff"))" : "loss",
                unit: trained.steps.name, values: trained.validation, kept: trained.steps.kept))
    }

    func write(to writer: ModelWriter) throws {
        switch self {
        case .trees(let trees): try trees.layout.write(to: writer)
        case .perceptron(let perceptron): try perceptron.write(to: writer)
        case .wideAndDeep(let both): try both.write(to: writer)
        }
    }

    /// Nil if the file holds none.
    init?(_ file: ModelFile) throws {
        if let layout = try TreeLayout(file) {
            self = .trees(TreeScorer(layout))
        } else if let perceptron = try PerceptronScorer(file) {
            self = .perceptron(perceptron)
        } else if let both = try WideAndDeepScorer(file) {
            self = .wideAndDeep(both)
        } else {
            return nil
        }
    }
}
