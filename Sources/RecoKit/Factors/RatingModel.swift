/// A model that learns from ratings alone and answers from a `RatingTaste`.
protocol RatingModel: TrainableModel {
    var taste: RatingTaste { get }
    static var hasImplicit: Bool { get }
    init(taste: RatingTaste)
}

extension RatingModel {
    static var hasImplicit: Bool { false }

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        taste.propose(for: profile, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        taste.score(rows, for: profile, using: scratch, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        taste.table.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    func predictedRating(user: Int?, item: Int?) -> Float? { taste.predictedRating(user: user, item: item) }

    func write(to writer: ModelWriter) throws { try taste.write(to: writer, name: Self.name) }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard
            let taste = try RatingTaste(
                file, name: Self.name, form: .offsets, hasImplicit: Self.hasImplicit, userCount: userCount,
                itemCount: itemCount)
        else { return nil }
        self.init(taste: taste)
    }

    /// The settings that all of them have.
    static var ratingHyperparameters: [Hyperparameter] {
        [
            Hyperparameter(
                "factors", .integer(1...FactorTable.maximumRank - RatingFactorization.Form.offsets.extra),
                default: "32",
                "length of the vectors; by default at most an eighth of the users and of the items"),
            Hyperparameter(
                "regularization", .number(1e-6...1e6), default: "1.4",
                "how strongly users and items are held to the average, times the root of their number of ratings"),
            Hyperparameter("iterations", .integer(1...1000), default: "15", "how often both sides are solved"),
        ]
    }
}

/// Matrix factorisation of ratings with offsets of users and items (Koren, Bell and Volinsky 2009,
/// doi:10.1109/MC.2009.263), by alternating least squares: see `RatingFactorization`.
struct RatingMF: RatingModel {
    static let name = "rating-mf"
    static let summary = "explicit ratings: predicts the stars a user would give, from offsets and factors"
    static let code = SourceCode.ratingMF
    static let hyperparameters = ratingHyperparameters

    let taste: RatingTaste

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> RatingMF {
        let ratings = try data.log.ratings(threads: run.threads)
        let factors = FactorTable.rank(settings, ratings.byUser)
        guard ratings.spread > 0 else {
            return RatingMF(
                taste: try RatingTaste(knowingOnly: ratings, form: .offsets, factors: factors, hasImplicit: false))
        }
        let model = try RatingFactorization(
            ratings, form: .offsets, factors: factors, regularization: settings.number("regularization"), run: run)
        return RatingMF(taste: try model.alternate(name, iterations: settings.integer("iterations"), run: run))
    }
}

extension RatingFactorization {
    /// Users and items in turns, each side held to its mean; at the end the users once more, against the final items.
    func alternate(_ name: String, iterations: Int, run: TrainingRun) throws -> RatingTaste {
        for iteration in 0..<iterations {
            try run.progress(name, iteration, iterations)
            try solveUsers(priors: meanUser())
            try solveItems(priors: meanItem())
        }
        let userPrior = try meanUser()
        try solveUsers(priors: userPrior, sweeps: Self.finalSweeps)
        try run.progress(name, iterations, iterations)
        return try finish(userPrior: userPrior, itemPrior: meanItem())
    }

    /// Sweeps of the last pass over the users, whose vectors then fit the items that are stored.
    static let finalSweeps = 5
}
