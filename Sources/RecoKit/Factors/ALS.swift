/// Implicit feedback factorised by alternating least squares (Hu, Koren and Volinsky 2008, doi:10.1109/ICDM.2008.22).
///
/// Minimises Σ c (p - x·y)² + λ (Σ |x|² + Σ |y|²) over all pairs of user and item, where p is 1 for pairs with a
/// positive value v and 0 for all others. As in the `implicit` library the confidence c is α v for a positive value
/// and 1 where nothing is known; a negative value (dislike) is a pair with p = 0 and c = |α v|. Each side is solved by
/// a few conjugate gradient steps from where it was (`ConfidenceSystem`).
///
/// What we add: at the end users are solved to the last digit against the final items, so that what is stored for a
/// user is what folding in the same events gives. O(iterations (events rank steps + (users + items) rank² steps)).
struct ALS: TrainableModel {
    static let name = "als"
    static let summary = "implicit alternating least squares: taste from purchases and clicks, as factors"
    static let code = SourceCode.als

    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank), default: "64",
            "length of the vectors; by default at most an eighth of the users and of the items"
        ).tuned(.log(16...256), cost: 1.2),
        Hyperparameter(
            "regularization", .number(1e-6...1e6), default: "0.01", "how strongly vectors are kept short"
        ).tuned(
            .log(0.001...100)),
        Hyperparameter("alpha", .number(1e-6...1e6), default: "1", "multiplies the events' values into confidences")
            .tuned(
                .log(0.1...50)),
        Hyperparameter("iterations", .integer(1...1000), default: "15", "how often both sides are solved"),
        Hyperparameter("cg-steps", .integer(1...100), default: "3", "conjugate gradient steps per vector, each time"),
    ]

    let table: FactorTable
    /// Yᵀ Y + λ of the items, and its inverse, for users that are folded in.
    let gram: Column<Float>  // (rank, rank)
    let gramInverse: Column<Float>  // (rank, rank)
    let alpha: Float

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> ALS {
        let rank = FactorTable.rank(settings, data.interactions.byUser)
        let regularization = settings.number("regularization")
        let alpha = Float(settings.number("alpha"))
        let iterations = settings.integer("iterations")
        let steps = settings.integer("cg-steps")
        let (byUser, byItem) = feedback(data.interactions)
        guard data.interactions.byUser.entryCount > 0 else {
            throw RecoError(.badData, "als has nothing to learn from: no user has a positive event")
        }

        let users = try DenseMatrix(rowCount: byUser.rowCount, columnCount: rank)
        let items = try DenseMatrix(rowCount: byItem.rowCount, columnCount: rank)
        var generator = SeededGenerator(seed: run.seed)
        for i in 0..<users.elements.count { users.base[i] = generator.nextFloat() * 0.01 }
        for i in 0..<items.elements.count { items.base[i] = generator.nextFloat() * 0.01 }

        for iteration in 0..<iterations {
            try run.progress(name, iteration, iterations)
            for (side, fixed, feedback) in [(users, items, byUser), (items, users, byItem)] {
                let gram = try regularizedGram(fixed, regularization, threads: run.threads)
                try solve(
                    side, fixed: fixed, gram: Column(gram.map { Float($0) }), preconditioner: nil, feedback: feedback,
                    alpha: alpha, steps: steps, threads: run.threads)
            }
        }
        let exactGram = try regularizedGram(items, regularization, threads: run.threads)
        let inverse = Column(try positiveDefiniteInverse(exactGram, size: rank).map { Float($0) })
        let gram = Column(exactGram.map { Float($0) })
        try solve(
            users, fixed: items, gram: gram, preconditioner: inverse, feedback: byUser, alpha: alpha,
            steps: ConfidenceSystem.exactSteps, threads: run.threads)
        try run.progress(name, iterations, iterations)

        let table = try FactorTable(rank: rank, users: users, items: items, metric: nil)
        return ALS(table: table, gram: gram, gramInverse: inverse, alpha: alpha)
    }

    /// Both views of the values that count: all that are not zero.
    private static func feedback(_ interactions: Interactions) -> (byUser: SparseRows, byItem: SparseRows) {
        let history = interactions.history
        guard history.values.contains(where: { $0 < 0 }) else { return (interactions.byUser, interactions.byItem) }
        return (history, history.transposed())
    }

    private static func regularizedGram(
        _ factors: DenseMatrix, _ regularization: Double, threads: Int
    ) throws -> [Double] {
        var gram = try factors.gram(threads: threads)
        for k in 0..<factors.columnCount { gram[k * factors.columnCount + k] += regularization }
        return gram
    }

    /// Solves every row of `side` against the other side's factors, in parallel; rows do not depend on each other.
    private static func solve(
        _ side: DenseMatrix, fixed: DenseMatrix, gram: Column<Float>, preconditioner: Column<Float>?,
        feedback: SparseRows,
        alpha: Float, steps: Int, threads: Int
    ) throws {
        let rank = side.columnCount
        let longest = (0..<feedback.rowCount).reduce(0) { max($0, feedback.range($1).count) }
        defer { withExtendedLifetime((fixed, gram, preconditioner)) {} }  // the systems see only their bytes
        try parallelFor(side.rowCount, chunk: 64, threads: threads) { rows, _ in
            withUnsafeTemporaryAllocation(
                of: Float.self, capacity: ConfidenceSystem.workCount(rank: rank, capacity: longest)
            ) { floats in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, longest)) { indices in
                    for row in rows {
                        let entries = feedback.range(row)
                        var system = ConfidenceSystem(
                            factors: fixed.base, rank: rank, gram: gram.base!, preconditioner: preconditioner?.base,
                            floats: floats.baseAddress!, rows: indices.baseAddress!, capacity: entries.count)
                        for entry in entries { system.observe(feedback.columns[entry], alpha * feedback.values[entry]) }
                        if system.hasPreference {
                            system.solve(side.row(row), steps: steps)
                        } else {
                            side.row(row).update(repeating: 0, count: rank)
                        }
                    }
                }
            }
        }
    }
}

extension ALS {
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let vector = vector(of: profile, using: scratch) else { return false }
        return table.propose(vector, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let vector = vector(of: profile, using: scratch) else { return false }
        return table.score(rows, vector, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        table.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    /// What training stored for the user, or the solution for the profile's events; nil if neither says anything.
    private func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        profile.isStoredUser ? table.userVector(profile.user) : foldIn(profile.events, using: scratch)
    }

    /// Solves the normal equations of a user that training did not see. O(events rank steps + rank² steps).
    ///
    /// The inverse of the Gram matrix is exact but for the events themselves, so that conjugate gradients need at most
    /// one step more than there are events with a confidence other than 1.
    func foldIn(_ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch) -> UnsafePointer<Float>? {
        let rank = table.rank
        let capacity = min(events.count, table.itemCount, scratch.itemCount)
        guard let factors = table.items.base, let gram = gram.base, let inverse = gramInverse.base,
            let x = scratch.floats(.vector, rank),
            let work = scratch.floats(.matrix, ConfidenceSystem.workCount(rank: rank, capacity: capacity))
        else { return nil }
        var system = ConfidenceSystem(
            factors: factors, rank: rank, gram: gram, preconditioner: inverse, floats: work, rows: scratch.touched,
            capacity: capacity)
        for event in events.prefix(capacity) where Int(event.item) < table.itemCount {
            system.observe(event.item, alpha * event.weight)
        }
        guard system.hasPreference else { return nil }
        x.update(repeating: 0, count: rank)
        system.solve(x, steps: ConfidenceSystem.exactSteps)
        return table.says(x) ? UnsafePointer(x) : nil
    }
}
