/// Neural collaborative filtering: He, Liao, Zhang, Nie, Hu and Chua 2017, arXiv:1708.05031; what it takes to tune it:
/// Rendle, Krichene, Zhang and Anderson 2020, arXiv:2005.09683.
///
/// A logistic loss on what users have, against items they lack, drawn anew for each epoch. In the file, all that depends on
/// a user or an item alone has been computed: the score of an item is a dot product of factors, plus what the perceptron
/// makes of max(0, user's half + item's half) of its first layer. A visitor's vector is the mean of vectors that the items
/// have for that, fitted to the users of the training. O(items weights) for a recommendation, O(weights) for a candidate.
struct NCF: TrainableModel, VectorSource {
    static let name = "ncf"
    static let summary = "neural collaborative filtering: factors, a perceptron on learned vectors, or both (NeuMF)"
    static let code = SourceCode.ncf

    static let hyperparameters = [
        Hyperparameter(
            "network", .choice(["gmf", "mlp", "neumf"]), default: "neumf",
            "factors multiplied (gmf), a perceptron (mlp), or both"),
        Hyperparameter(
            "factors", .integer(1...widest), default: "64",
            "length of the vectors that are multiplied; by default at most an eighth of the users and of the items"
        ).tuned(.log(8...128), cost: 0.5),
        Hyperparameter(
            "layers", .text("widths, such as 64,32,16"), default: "64,32,16",
            "the perceptron's layers; its vectors are half as long as the first"),
        Hyperparameter(
            "pretraining", .flag, default: "no", "whether neumf starts from a gmf and an mlp that were trained alone"),
        Hyperparameter("epochs", .integer(1...10_000), default: "20", "how often every pair is learned from at most"),
        Hyperparameter(
            "patience", .integer(0...10_000), default: "5",
            "epochs without a better one before training stops; 0: holds no pairs out and never stops"),
        Hyperparameter("negatives", .integer(1...256), default: "4", "items drawn for each pair that the user lacks")
            .tuned(.log(2...16), cost: 0.8),
        Hyperparameter(
            "batch", .integer(2...1 << 20), default: "4096",
            "rows of a step, pairs and drawn items; by default fewer where there are few pairs"),
        Hyperparameter("learning-rate", .number(1e-6...10), default: "0.005", "of Adam, falling to zero")
            .tuned(.log(0.0005...0.02)),
        Hyperparameter("regularization", .number(0...100), default: "0", "how strongly numbers are kept small")
            .tuned(.log(1e-4...0.02)),
        Hyperparameter(
            "dropout", .number(0...0.9), default: "0", "share of the perceptron's numbers left out in a step"),
    ]

    /// The most factors, and the widest first layer.
    static let widest = FactorTable.maximumRank / 2

    /// Of users and items: factors, the users' times their weights; behind them their half of the first layer, the users'
    /// with the biases.
    let table: FactorTable
    /// How many factors there are.
    let factors: Int
    let perceptron: ServingPerceptron
    let output: Column<Float>  // (last layer), and the bias behind it
    /// What a visitor's vector comes to: `visitorStart` plus the mean of the items' rows.
    let visitorStart: Column<Float>  // (table's rank)
    let visitorRows: Column<Float>  // (items, table's rank)
}
