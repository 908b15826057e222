/// Bayesian personalised ranking of a matrix factorisation: Rendle, Freudenthaler, Gantner and Schmidt-Thieme 2009,
/// doi:10.48550/arXiv.1205.2618.
///
/// Maximises Σ ln σ(x·(yᵢ - yⱼ)) over users, items i they have and items j they do not have, less λ times the squared
/// vectors, by stochastic gradient steps over pairs drawn as `PairSchedule` deals them. A pair counts once, whatever its
/// value; a disliked item may be drawn as one that the user does not have. A user with news is folded in by the same
/// steps with the items held still, always the same ones. O(epochs pairs factors).
struct BPR: FoldInModel {
    static let name = "bpr"
    static let summary = "Bayesian personalised ranking: factors that put what a user has before what is left"
    static let code = SourceCode.bpr

    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank), default: "64",
            "length of the vectors; by default at most an eighth of the users and of the items"
        ).tuned(.log(16...256), cost: 1),
        Hyperparameter("epochs", .integer(1...10_000), default: "120", "how often every pair is learned from"),
        Hyperparameter("learning-rate", .number(1e-6...10), default: "0.15", "length of a step, falling to zero")
            .tuned(.log(0.03...0.3)),
        Hyperparameter("regularization", .number(0...100), default: "0.006", "how strongly vectors are kept short")
            .tuned(.log(0.001...0.05)),
    ]

    let table: FactorTable
    let learningRate: Float
    let regularization: Float
}
