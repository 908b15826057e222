/// Wide & Deep: a linear model over features and crosses of two, which remembers, and a perceptron over numbers and
/// embeddings of categories, which generalises, trained together with the logistic loss. Cheng et al. 2016,
/// arXiv:1606.07792.
///
/// The wide side sees numbers by buckets, and learns with FTRL-proximal; the deep side with Adam.
/// O(crosses + weights) a row.
public struct WideAndDeep: RowModel {
    public static let name = WideAndDeepScorer.name
    public static let summary = "Wide & Deep: crossed features beside embeddings and a perceptron, for labels 0 and 1"

    public let categories: [[String]?]
    public private(set) var validation: [Double] = []
    private var epochs = 0

    let scorer: WideAndDeepScorer

    public static let hyperparameters = [
        Hyperparameter("layers", .text("widths, such as 64,32"), default: "64,32", "the perceptron's layers"),
        Hyperparameter("embedding", .integer(1...256), default: "8", "numbers of a category's embedding"),
        Hyperparameter(
            "crosses", .text("auto | none | A*B,..."), default: "auto",
            "pairs of features that the wide side sees; auto: all pairs where there are up to 24 features or categories"
        ),
        Hyperparameter("buckets", .integer(2...256), default: "16", "buckets of a number on the wide side"),
        Hyperparameter(
            "hashed", .integer(1...1 << 24), default: "65536", "weights of a cross at most; more pairs share by a hash"),
        Hyperparameter(
            "levels", .integer(1...1 << 20), default: "100000",
            "categories of a feature at most, the most frequent ones"),
        Hyperparameter("fewest", .integer(1...1_000_000), default: "2", "rows that a category needs to be told apart"),
        Hyperparameter("epochs", .integer(1...100_000), default: "20", "how often every row is learned from at most"),
        Hyperparameter("batch", .integer(2...1 << 20), default: "512", "rows of a step"),
        Hyperparameter(
            "learning-rate", .number(1e-6...10), default: "0.002", "of Adam, on the deep side, falling to zero"),
        Hyperparameter("regularization", .number(0...100), default: "1e-5", "how strongly deep weights are kept small"),
        Hyperparameter(
            "dropout", .number(0...0.9), default: "0.1", "share of the perceptron's numbers left out in a step"),
        Hyperparameter("normalization", .flag, default: "yes", "batch normalisation of each layer"),
        Hyperparameter("wide-rate", .number(1e-6...100), default: "0.01", "of FTRL, on the wide side"),
        Hyperparameter(
            "l1", .number(0...1e6), default: "1", "wide side: what a weight must be worth to be there at all"),
        Hyperparameter("l2", .number(0...1e6), default: "1", "wide side: how strongly weights are kept small"),
        Hyperparameter(
            "early-stopping", .integer(0...100_000), default: "4",
            "stop after so many epochs that did not help, keep the best; 0: never"),
        Hyperparameter(
            "held-out", .number(0...0.5), default: "0.1",
            "share of the rows that tell when to stop, where there is no validation set"),
        Hyperparameter(
            "precision", .choice(ServingPerceptron.Precision.allCases.map(\.rawValue)), default: "float32",
            "of the perceptron's weights in the file"),
    ]

    public var featureNames: [String] { scorer.featureNames }
    public var objectiveName: String { RowObjective.logistic.rawValue }
    public var measure: RowMeasure { .classification }
    public var steps: (name: String, kept: Int) { ("epochs", epochs) }
    public func value(ofRaw raw: Double) -> Double { 1 / (1 + exponential(-raw)) }

    init(_ scorer: WideAndDeepScorer, categories: [[String]?], validation: [Double], epochs: Int) {
        (self.scorer, self.categories, self.validation, self.epochs) = (scorer, categories, validation, epochs)
    }

    public func rawScores(_ table: RankingTable, threads: Int) -> [Double] {
        table.scores(features: scorer.featureCount, scratchBytes: scorer.scratchBytes, threads: threads) {
            scorer.score($0, count: $1, into: $2, scratch: $3)
        }
    }

    public func write(to writer: ModelWriter, settings: Settings, seed: UInt64) throws {
        try addDescription(to: writer, settings: settings, seed: seed, steps: ("epochs", epochs))
        let (levels, categories) = scorer.levels.compact(categories)
        try scorer.write(to: writer, levels: levels)
        try CategoryTexts.write(categories, to: writer, name: Self.name)
    }

    public init?(_ file: ModelFile) throws {
        let description = ModelDescription(file)
        guard description["holds"] == Self.name, let scorer = try WideAndDeepScorer(file) else { return nil }
        self.init(
            scorer,
            categories: CategoryTexts.categories(
                file.text("\(Self.name)/categories"), features: scorer.featureNames.count),
            validation: [], epochs: description["epochs"].flatMap { Int($0) } ?? 0)
    }
}
