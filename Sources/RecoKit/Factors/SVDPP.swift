/// SVD++: which items a user has rated, whatever the rating, says something too (Koren 2008,
/// doi:10.1145/1401890.1401944).
///
/// r ≈ mean + b + c + q·(p + |N|^-½ Σ y) with the sum over the items N that the user has rated. We solve it by
/// alternating least squares instead of stochastic gradients: with t = p + |N|^-½ Σ y the ridge λ |p|² is one that
/// holds t to a prior of the user's own, so users and items are solved as in `rating-mf`; and with t given, Y is a
/// ridge regression of t on who has rated what, λ √n |t - |N|^-½ Σ y|² + λy |y|², improved by conjugate gradient steps.
/// The users' offsets have an implicit part as well. The same bits whatever the number of threads.
/// O(iterations ratings rank steps).
struct SVDPP: RatingModel {
    static let name = "svdpp"
    static let summary = "SVD++: explicit ratings, and what having rated an item at all says"
    static let code = SourceCode.svdpp
    static let hasImplicit = true

    static let hyperparameters =
        ratingHyperparameters + [
            Hyperparameter(
                "implicit-regularization", .number(1e-6...1e9), default: "50",
                "how strongly the part of having rated at all is held to nothing")
        ]

    let taste: RatingTaste

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> SVDPP {
        let ratings = try data.log.ratings(threads: run.threads)
        let factors = FactorTable.rank(settings, ratings.byUser)
        guard ratings.spread > 0 else {
            return SVDPP(
                taste: try RatingTaste(knowingOnly: ratings, form: .offsets, factors: factors, hasImplicit: true))
        }
        let model = try RatingFactorization(
            ratings, form: .offsets, factors: factors, regularization: settings.number("regularization"), run: run)
        let implicit = try ImplicitRegression(
            ratings.byUser, stiffness: { RatingFactorization.stiffness(model.regularization, count: $0) },
            regularization: Float(settings.number("implicit-regularization")), rank: model.rank, threads: run.threads)
        let base = try DenseMatrix(rowCount: 1, columnCount: model.rank)
        base.base[1] = 1
        var priors = base
        let iterations = settings.integer("iterations")
        for iteration in 0..<iterations {
            try run.progress(name, iteration, iterations)
            try model.solveUsers(priors: priors)
            try model.solveItems(priors: model.meanItem())
            try implicit.improve(towards: model.users, base: base, steps: Self.steps)
            priors = try implicit.predictions(base: base)
        }
        try model.solveUsers(priors: priors, sweeps: RatingFactorization.finalSweeps)
        try run.progress(name, iterations, iterations)
        return SVDPP(
            taste: try model.finish(userPrior: base, itemPrior: model.meanItem(), implicit: implicit.weights))
    }

    /// Conjugate gradient steps for each iteration, from where the last one ended.
    private static let steps = 3
}
