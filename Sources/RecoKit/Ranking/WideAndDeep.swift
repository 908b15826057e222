/// Wide & Deep: a linear model over features and crosses of two, which remembers, and a perceptron over numbers and
/// embeddings of categories, which generalises, trained together with the logistic loss. Cheng et al. 2016,
/// arXiv:1606.07792.
///
/// The wide side sees numbers by buckets, and learns with FTRL-proximal; the deep side with Adam.
/// O(crosses + weights) a row.
public struct WideAndDeep: RowModel {
    public static let name = "wide-deep"
    public static let summary = "Wide & Deep: crossed features beside embeddings and a perceptron, for labels 0 and 1"

    public let featureNames: [String]
    public let categories: [[String]?]
    public private(set) var validation: [Double] = []
    private var epochs = 0

    let levels: FeatureLevels
    let scaling: FeatureScaling
    let columns: WideColumns
    let wide: Column<Float>  // of one column after the other
    let embedding: Int  // width
    let embeddings: Column<Float>  // (levels of one categorical feature after the other, width)
    let perceptron: ServingPerceptron
    let output: Column<Float>  // (last layer), and the bias behind it
    /// Weights of a cross at most.
    let hashed: Int
    /// Features with embeddings, and where theirs begin.
    private let embedded: [(feature: Int, start: Int)]

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

    public var objectiveName: String { RowObjective.logistic.rawValue }
    public var measure: RowMeasure { .classification }
    public var steps: (name: String, kept: Int) { ("epochs", epochs) }
    public func value(ofRaw raw: Double) -> Double { 1 / (1 + exponential(-raw)) }

    init(
        names: [String], categories: [[String]?], levels: FeatureLevels, scaling: FeatureScaling, columns: WideColumns,
        wide: Column<Float>, embedding: Int, embeddings: Column<Float>, perceptron: ServingPerceptron,
        output: Column<Float>, hashed: Int, validation: [Double], epochs: Int
    ) {
        (featureNames, self.categories, self.levels, self.scaling) = (names, categories, levels, scaling)
        (self.columns, self.wide, self.embedding, self.embeddings) = (columns, wide, embedding, embeddings)
        (self.perceptron, self.output, self.hashed) = (perceptron, output, hashed)
        (self.validation, self.epochs) = (validation, epochs)
        embedded = Self.embedded(levels).features
    }

    /// Categorical features, where the embeddings of each begin, and how many there are.
    static func embedded(_ levels: FeatureLevels) -> (features: [(feature: Int, start: Int)], rows: Int) {
        var (features, rows): ([(feature: Int, start: Int)], Int) = ([], 0)
        for feature in 0..<levels.featureCount where levels.isCategory(feature) {
            features.append((feature, rows))
            rows &+= levels.count(feature)
        }
        return (features, rows)
    }

    // MARK: serving

    /// Bytes of memory that `score` needs, however many rows it scores.
    var scratchBytes: Int {
        let page = ServingPerceptron.page
        return (page &* perceptron.inputs &+ perceptron.memory &+ page &* levels.featureCount)
            &* MemoryLayout<Float>.stride &+ Self.alignment
    }

    private static let alignment = 64

    /// Raw scores of `count` rows: (count, features). No call allocates.
    func score(
        _ rows: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutableRawPointer
    ) {
        guard let last = output.base else { return }
        let page = ServingPerceptron.page
        let features = levels.featureCount
        let x = MatrixRows(
            start: scratch.alignedUp(toMultipleOf: Self.alignment).assumingMemoryBound(to: Float.self),
            stride: perceptron.inputs)
        let memory = x.row(page)
        let found = UnsafeMutableRawPointer(memory + perceptron.memory).assumingMemoryBound(to: UInt32.self)
        var done = 0
        while done < count {
            let part = min(page, count &- done)
            let from = rows + done &* features
            scaling.apply(from, part, into: x)
            for row in 0..<part {
                let own = found + row &* features
                for feature in 0..<features {
                    own[feature] = UInt32(
                        truncatingIfNeeded: levels.level(feature, from[row &* features &+ feature]))
                }
                var to = x.row(row) + scaling.inputs
                for (feature, start) in embedded {
                    if let vector = embeddings.row(start &+ Int(own[feature]), width: embedding) {
                        to.update(from: vector.baseAddress!, count: embedding)
                    }
                    to += embedding
                }
            }
            let hidden = perceptron.forward(x, part, memory: memory)
            for row in 0..<part {
                let own = UnsafePointer(found + row &* features)
                var sum: Float = 0
                for column in 0..<columns.count { sum += wide[columns.index(column, own)] }
                let deep = Kernels.best.dot(hidden.row(row), last, perceptron.outputs) + last[perceptron.outputs]
                scores[done &+ row] = Double(deep + sum)
            }
            done &+= part
        }
    }

    public func rawScores(_ table: RankingTable, threads: Int) -> [Double] {
        table.scores(features: levels.featureCount, scratchBytes: scratchBytes, threads: threads) {
            score($0, count: $1, into: $2, scratch: $3)
        }
    }
}
