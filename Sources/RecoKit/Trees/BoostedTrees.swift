/// Gradient boosted trees: a ranker, classifier or regressor that learns from a table of features.
///
/// Each tree is a step of gradient descent on the objective (Friedman 2001, doi:10.1214/aos/1013203451), grown leaf by
/// leaf on histograms of binned features.
///
///     let trees = try BoostedTrees.train(table)
///     let scores = trees.ensemble.rawScores(other)
public struct BoostedTrees: Sendable {
    public static let name = "boosted-trees"
    public static let summary =
        "gradient boosted trees for ranking (LambdaMART, pairwise), classification and regression"

    public var ensemble: TreeEnsemble
    public var objective: BoostingObjective
    /// The texts of each categorical feature, by the number that stands for each; nil for a numerical one.
    public var categories: [[String]?]
    /// What the validation set said after each tree, the best round being `bestRound`; empty without one.
    public var validation: [Double] = []

    public static let hyperparameters = [
        Hyperparameter(
            "objective", .choice(["auto"] + BoostingObjective.allCases.map(\.rawValue)), default: "auto",
            "what to minimise; auto: lambdamart for groups, logistic for labels 0 and 1, else squared-error"),
        Hyperparameter("trees", .integer(1...100_000), default: "100", "how many trees at most"),
        Hyperparameter("leaves", .integer(2...65_536), default: "31", "leaves of a tree at most"),
        Hyperparameter("depth", .integer(0...1000), default: "0", "splits above each other at most; 0: any"),
        Hyperparameter("learning-rate", .number(1e-6...10), default: "0.1", "how much of each tree's step is taken"),
        Hyperparameter("min-data-in-leaf", .integer(1...1_000_000_000), default: "20", "rows in a leaf at least"),
        Hyperparameter(
            "min-hessian-in-leaf", .number(0...1e12), default: "1e-3", "sum of hessians in a leaf at least"),
        Hyperparameter("min-gain", .number(0...1e12), default: "0", "what a split must gain"),
        Hyperparameter("l1", .number(0...1e12), default: "0", "soft threshold of a leaf's gradient"),
        Hyperparameter("l2", .number(0...1e12), default: "0", "added to a leaf's hessian"),
        Hyperparameter("bins", .integer(2...255), default: "255", "bins of a feature at most"),
        Hyperparameter("min-data-in-bin", .integer(1...1_000_000), default: "3", "rows in a bin at least"),
        Hyperparameter("row-sampling", .number(0.001...1), default: "1", "share of the rows (or groups) for each tree"),
        Hyperparameter("feature-sampling", .number(0.001...1), default: "1", "share of the features for each tree"),
        Hyperparameter(
            "monotone", .text("NAME:rising|falling,..."), default: "",
            "features in which the score may only rise or fall: price:falling,rating:rising"),
        Hyperparameter(
            "category-l2", .number(0...1e12), default: "10", "added to l2 where many categories are split"),
        Hyperparameter(
            "category-smoothing", .number(0...1e12), default: "10", "added to a category's hessian when sorting them"),
        Hyperparameter(
            "truncation", .integer(1...1_000_000), default: "30", "lambdamart: pairs with one of the first so many rows"
        ),
        Hyperparameter("sigma", .number(1e-3...100), default: "1", "ranking: steepness of a pair's loss"),
        Hyperparameter(
            "normalize", .flag, default: "yes", "lambdamart: no group outweighs others by the size of its gradients"),
        Hyperparameter(
            "position-bias-l2", .number(0...1e12), default: "0", "ranking with positions: holds what a place adds back"),
        Hyperparameter(
            "early-stopping", .integer(0...100_000), default: "50",
            "with a validation set: stop after so many trees that did not help, keep the best; 0: never"),
        Hyperparameter("cutoff", .integer(1...10_000), default: "10", "ranking: the k of the validation set's NDCG@k"),
    ]
}
