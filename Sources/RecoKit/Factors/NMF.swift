/// Non-negative matrix factorisation: users and items as sums of a few themes, never differences.
///
/// With `observed = all` it minimises Σ (v - w·h)² over all pairs of user and item, v being 0 where there is no event,
/// as scikit-learn's NMF does on the sparse matrix: block coordinate descent over single elements (Cichocki and Phan
/// 2009, doi:10.1587/transfun.E92.A.708; Hsieh and Dhillon 2011, doi:10.1145/2020408.2020577). Pairs whose events sum
/// up to zero or less are learnt as 0. What we do otherwise: a user's row is finished before the next one begins, so
/// rows are solved side by side, and several sweeps use one pass over the data (Gillis and Glineur 2012,
/// doi:10.1162/NECO_a_00256). O(iterations (pairs factors + (users + items) factors²)).
///
/// With `observed = only` it fits the ratings there are (`RatingFactorization`) and scores are predicted ratings.
struct NMF: TrainableModel {
    static let name = "nmf"
    static let summary = "non-negative matrix factorisation: users and items as sums of themes"
    static let code = SourceCode.nmf

    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank), default: "32",
            "how many themes; by default at most an eighth of the users and of the items"
        ).tuned(.log(8...128), cost: 1),
        Hyperparameter(
            "observed", .choice(["all", "only"]), default: "all",
            "fit all pairs, unknown ones being 0, or only the ratings there are"),
        Hyperparameter(
            "iterations", .integer(1...10000), default: "200",
            "how often both sides are improved, at most; by default 30 with observed = only"),
        Hyperparameter(
            "tolerance", .number(0...1), default: "0.0001",
            "all: stop when gradients have fallen to this share of what they were"),
        Hyperparameter(
            "regularization", .number(1e-6...1e6), default: "1.4",
            "only: how strongly users and items are held to the average, times the root of their number of ratings"),
    ]

    private enum Source {
        /// Hᵀ H of the items, for users that are folded in.
        case everything(FactorTable, gram: Column<Float>)  // (rank, rank)
        case ratings(RatingTaste)
    }
    private let source: Source

    var table: FactorTable {
        switch source {
        case .everything(let table, _): table
        case .ratings(let taste): taste.table
        }
    }

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> NMF {
        if settings.text("observed") == "only" {
            return NMF(source: .ratings(try trainOnRatings(data, settings: settings, run: run)))
        }
        let (byUser, byItem) = (data.interactions.byUser, data.interactions.byItem)
        guard byUser.entryCount > 0 else {
            throw RecoError(.badData, "nmf has nothing to learn from: no user has a positive event")
        }
        let factorization = try NonNegativeFactorization(
            byUser, byItem, rank: FactorTable.rank(settings, byUser), run: run)
        try factorization.descend(
            iterations: settings.integer("iterations"), tolerance: settings.number("tolerance")
        ) { try run.progress(name, $0, $1) }
        let table = try FactorTable(
            rank: factorization.users.columnCount, users: factorization.users, items: factorization.items, metric: nil)
        return NMF(source: .everything(table, gram: Column(factorization.gram)))
    }

    private static func trainOnRatings(
        _ data: TrainingData, settings: Settings, run: TrainingRun
    ) throws -> RatingTaste {
        let ratings = try data.log.ratings(threads: run.threads)
        let factors = FactorTable.rank(settings, ratings.byUser)
        guard ratings.lowest >= 0 else {
            throw RecoError(
                .badData,
                "nmf with observed = only takes ratings of zero or more, and the lowest is \(ratings.lowest); "
                    + "rating-mf takes any")
        }
        guard ratings.spread > 0 else {
            return try RatingTaste(knowingOnly: ratings, form: .nonNegative, factors: factors, hasImplicit: false)
        }
        let model = try RatingFactorization(
            ratings, form: .nonNegative, factors: factors, regularization: settings.number("regularization"), run: run)
        // Few numbers are fitted, so that many iterations would only cost time.
        let iterations = settings.isSet("iterations") ? settings.integer("iterations") : 30
        return try model.alternate(name, iterations: iterations, run: run)
    }
}

extension NMF {
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        switch source {
        case .ratings(let taste): return taste.propose(for: profile, using: scratch, to: &selection)
        case .everything(let table, let gram):
            guard let vector = vector(of: profile, table, gram, using: scratch) else { return false }
            return table.propose(vector, using: scratch, to: &selection)
        }
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        switch source {
        case .ratings(let taste): return taste.score(rows, for: profile, using: scratch, into: scores)
        case .everything(let table, let gram):
            guard let vector = vector(of: profile, table, gram, using: scratch) else { return false }
            return table.score(rows, vector, into: scores)
        }
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        table.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    func predictedRating(user: Int?, item: Int?) -> Float? {
        guard case .ratings(let taste) = source else { return nil }
        return taste.predictedRating(user: user, item: item)
    }

    private func vector(
        of profile: Profile, _ table: FactorTable, _ gram: Column<Float>, using scratch: Scratch
    ) -> UnsafePointer<Float>? {
        profile.isStoredUser ? table.userVector(profile.user) : foldIn(profile.events, table, gram, using: scratch)
    }

    /// Non-negative least squares against the items' factors. O(events rank + sweeps rank²).
    private func foldIn(
        _ events: UnsafeBufferPointer<Profile.Event>, _ table: FactorTable, _ gram: Column<Float>,
        using scratch: Scratch
    ) -> UnsafePointer<Float>? {
        let rank = table.rank
        guard let gram = gram.base, let x = scratch.floats(.vector, rank), let target = scratch.floats(.matrix, rank)
        else { return nil }
        target.update(repeating: 0, count: rank)
        for event in events where event.weight > 0 {
            guard let row = table.items.row(Int(event.item), width: rank)?.baseAddress else { continue }
            Kernels.best.addScaled(event.weight, row, to: target, rank)
        }
        x.update(repeating: 0, count: rank)
        NonNegativeFactorization.solve(x, gram: gram, target: target, rank: rank)
        return table.says(x) ? UnsafePointer(x) : nil
    }
}

extension NMF {
    func write(to writer: ModelWriter) throws {
        switch source {
        case .everything(let table, let gram):
            try table.write(to: writer, name: Self.name)
            try writer.add("nmf/gram", gram.elements)
        case .ratings(let taste): try taste.write(to: writer, name: Self.name)
        }
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        if let gram = file.column("nmf/gram", as: Float.self) {
            guard gram.count == table.rank * table.rank else {
                throw RecoError(.damaged, "the model's nmf matrix does not fit its factors")
            }
            source = .everything(table, gram: gram)
            return
        }
        guard
            let taste = try RatingTaste(
                file, name: Self.name, form: .nonNegative, hasImplicit: false, userCount: userCount,
                itemCount: itemCount)
        else { return nil }
        source = .ratings(taste)
    }
}
