/// A small perceptron over features: a ranker, classifier or regressor that learns from a table, usable wherever boosted
/// trees are.
///
/// Features are brought onto one scale; batch normalisation, where it is asked for, is a part of the dense layers in the
/// file. What neural rankers need to come near trees: Qin et al. 2021, "Are neural rankers still outperformed by gradient
/// boosted decision trees?", openreview.net/forum?id=Ut1vF_q_vC.
public struct MLPRanker: RowModel {
    public static let name = PerceptronScorer.name
    public static let summary =
        "a small perceptron over features, for ranking (LambdaRank, softmax), classification and regression"

    public let categories: [[String]?]
    public let objective: RowObjective
    let scorer: PerceptronScorer
    public private(set) var validation: [Double] = []
    private var epochs = 0

    public static let hyperparameters = [
        Hyperparameter(
            "objective", .choice(["auto"] + RowObjective.allCases.map(\.rawValue)), default: "auto",
            "what to minimise; auto: lambdarank for groups, logistic for labels 0 and 1, else squared-error"),
        Hyperparameter("layers", .text("widths, such as 64,32"), default: "64,32", "the perceptron's layers"),
        Hyperparameter("epochs", .integer(1...100_000), default: "60", "how often every row is learned from at most"),
        Hyperparameter("batch", .integer(2...1 << 20), default: "512", "rows of a step, about: groups stay whole"),
        Hyperparameter("learning-rate", .number(1e-6...10), default: "0.003", "of Adam, falling to zero"),
        Hyperparameter("regularization", .number(0...100), default: "1e-4", "how strongly weights are kept small"),
        Hyperparameter("dropout", .number(0...0.9), default: "0.3", "share of the numbers left out in a step"),
        Hyperparameter("normalization", .flag, default: "no", "batch normalisation of each layer"),
        Hyperparameter(
            "truncation", .integer(1...1_000_000), default: "30", "lambdarank: pairs with one of the first so many rows"
        ),
        Hyperparameter(
            "early-stopping", .integer(0...100_000), default: "15",
            "stop after so many epochs that did not help, keep the best; 0: never"),
        Hyperparameter(
            "held-out", .number(0...0.5), default: "0.1",
            "share of the groups or rows that tell when to stop, where there is no validation set"),
        Hyperparameter("cutoff", .integer(1...10_000), default: "10", "ranking: the k of the validation's NDCG@k"),
        Hyperparameter(
            "precision", .choice(ServingPerceptron.Precision.allCases.map(\.rawValue)), default: "float32",
            "of the weights in the file"),
    ]

    public var featureNames: [String] { scorer.featureNames }
    public var objectiveName: String { objective.rawValue }
    public var measure: RowMeasure { objective.measure }
    public var steps: (name: String, kept: Int) { ("epochs", epochs) }

    init(
        _ scorer: PerceptronScorer, objective: RowObjective, categories: [[String]?], validation: [Double], epochs: Int
    ) {
        (self.scorer, self.objective, self.categories) = (scorer, objective, categories)
        (self.validation, self.epochs) = (validation, epochs)
    }

    public func rawScores(_ table: RankingTable, threads: Int) -> [Double] {
        table.scores(features: scorer.featureCount, scratchBytes: scorer.scratchBytes, threads: threads) {
            scorer.score($0, count: $1, into: $2, scratch: $3)
        }
    }

    public func value(ofRaw raw: Double) -> Double {
        objective == .logistic ? 1 / (1 + exponential(-raw)) : raw
    }

    public func write(to writer: ModelWriter, settings: Settings, seed: UInt64) throws {
        try addDescription(to: writer, settings: settings, seed: seed, steps: ("epochs", epochs))
        let (scaling, categories) = scorer.scaling.compact(categories)
        try scorer.write(to: writer, scaling: scaling)
        try CategoryTexts.write(categories, to: writer, name: Self.name)
    }

    public init?(_ file: ModelFile) throws {
        let description = ModelDescription(file)
        guard description["holds"] == Self.name, let scorer = try PerceptronScorer(file) else { return nil }
        self.init(
            scorer, objective: description["objective"].flatMap(RowObjective.init) ?? .squaredError,
            categories: CategoryTexts.categories(
                file.text("\(Self.name)/categories"), features: scorer.featureNames.count),
            validation: [], epochs: description["epochs"].flatMap { Int($0) } ?? 0)
    }
}

extension RankingTable {
    /// Scores all rows, a block at a time: `body` gets rows (count, features), where to write, and scratch memory.
    func scores(
        features: Int, scratchBytes: Int, threads: Int,
        _ body: (UnsafePointer<Float>, Int, UnsafeMutablePointer<Double>, UnsafeMutableRawPointer) -> Void
    ) -> [Double] {
        let block = 512
        let crew = WorkCrew(threads: threads)
        return [Double](unsafeUninitializedCapacity: rowCount) { scores, initialized in
            nonisolated(unsafe) let scores = scores
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let body = body
                crew.run(rowCount, chunk: block) { range, _ in
                    let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: 64)
                    let rows = UnsafeMutablePointer<Float>.allocate(capacity: block * max(1, features))
                    self.copyRows(range, features: features, into: rows)
                    body(rows, range.count, scores.baseAddress! + range.lowerBound, scratch)
                    rows.deallocate()
                    scratch.deallocate()
                }
            }
            initialized = rowCount
        }
    }
}
