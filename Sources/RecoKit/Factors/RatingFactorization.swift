/// Ratings factorised by alternating least squares: how `rating-mf`, `svdpp` and `nmf` with `observed = only` learn.
///
/// Ratings are measured in standard deviations, so that settings do not depend on the scale, and r ≈ w·h, with
///
///     offsets        w = (b, 1, p),  h = (1, c, q): r - mean ≈ b + c + p·q
///     non-negative   w, h >= 0:      r ≈ w·h
///
/// Minimises Σ (r - w·h)² over the ratings there are, + Σ λ √n |w - prior|² + Σ λ √n |h - prior|², where n is the number
/// of ratings of the user or item and the prior is the mean of all users or items: who has rated little is taken for
/// an average one. λ √n lies between the λ of maximum a posteriori (Koren, Bell and Volinsky 2009,
/// doi:10.1109/MC.2009.263) and the λ n of ALS-WR (Zhou and others 2008, doi:10.1007/978-3-540-68880-8_32); on held-out
/// ratings it was a little better than a constant λ. Each row is one sweep of `RatingSystem`.
/// O(iterations ratings rank).
final class RatingFactorization {
    enum Form {
        case offsets
        case nonNegative

        /// Elements of a vector besides its factors.
        var extra: Int { self == .offsets ? 2 : 0 }
    }

    let ratings: Ratings
    let form: Form
    let rank: Int  // factors and offsets
    let regularization: Float
    let users: DenseMatrix  // (users, rank)
    let items: DenseMatrix  // (items, rank)
    private let threads: Int
    private let centre: Float

    /// Starts from chance. Ratings are not all equal.
    init(_ ratings: Ratings, form: Form, factors: Int, regularization: Double, run: TrainingRun) throws {
        self.ratings = ratings
        self.form = form
        rank = factors + form.extra
        self.regularization = Float(regularization)
        threads = run.threads
        centre = form == .offsets ? ratings.mean : 0
        users = try DenseMatrix(rowCount: ratings.byUser.rowCount, columnCount: rank)
        items = try DenseMatrix(rowCount: ratings.byItem.rowCount, columnCount: rank)
        var generator = SeededGenerator(seed: run.seed)
        // Products start around 0, or around the mean where they cannot be negative.
        let size = form == .offsets ? 0.5 : (ratings.mean / ratings.spread / Float(factors)).squareRoot()
        for side in [users, items] {
            for i in 0..<side.elements.count {
                side.base[i] =
                    form == .offsets ? size * (2 * generator.nextFloat() - 1) : size * 2 * generator.nextFloat()
            }
        }
        if form == .offsets {
            for u in 0..<users.rowCount { (users.row(u)[0], users.row(u)[1]) = (0, 1) }
            for i in 0..<items.rowCount { (items.row(i)[0], items.row(i)[1]) = (1, 0) }
        }
    }

    /// How strongly a row with `count` ratings is held to its prior.
    static func stiffness(_ regularization: Float, count: Int) -> Float { regularization * Float(count).squareRoot() }

    /// Solves all users against the items. `priors` has one row for all, or one for each.
    func solveUsers(priors: DenseMatrix, sweeps: Int = 1) throws {
        try solve(
            users, fixed: items, ratings.byUser, priors, frozen: form == .offsets ? 1..<2 : 0..<0, sweeps: sweeps)
    }

    func solveItems(priors: DenseMatrix) throws {
        try solve(items, fixed: users, ratings.byItem, priors, frozen: form == .offsets ? 0..<1 : 0..<0, sweeps: 1)
    }

    /// The mean of the users that have ratings: (1, rank).
    func meanUser() throws -> DenseMatrix { try mean(users, ratings.byUser) }
    func meanItem() throws -> DenseMatrix { try mean(items, ratings.byItem) }

    private func mean(_ side: DenseMatrix, _ rows: SparseRows) throws -> DenseMatrix {
        let mean = try DenseMatrix(rowCount: 1, columnCount: rank)
        var sums = [Double](repeating: 0, count: rank)
        var known = 0
        for row in 0..<side.rowCount where !rows.range(row).isEmpty {
            known += 1
            for k in 0..<rank { sums[k] += Double(side.row(row)[k]) }
        }
        for k in 0..<rank { mean.base[k] = Float(sums[k] / Double(max(1, known))) }
        return mean
    }

    private func solve(
        _ side: DenseMatrix, fixed: DenseMatrix, _ rows: SparseRows, _ priors: DenseMatrix, frozen: Range<Int>,
        sweeps: Int
    ) throws {
        let longest = (0..<rows.rowCount).reduce(1) { max($0, rows.range($1).count) }
        let unit = 1 / ratings.spread
        try parallelFor(side.rowCount, chunk: 64, threads: threads) { range, _ in
            withUnsafeTemporaryAllocation(
                of: Float.self, capacity: RatingSystem.workCount(rank: self.rank, capacity: longest)
            ) { floats in
                for row in range {
                    let entries = rows.range(row)
                    var system = RatingSystem(
                        rank: self.rank, fixed: frozen, nonNegative: self.form == .nonNegative,
                        floats: floats.baseAddress!, capacity: entries.count)
                    for entry in entries {
                        system.observe(
                            fixed.row(Int(rows.columns[entry])), (rows.values[entry] - self.centre) * unit)
                    }
                    system.solve(
                        side.row(row), prior: priors.row(priors.rowCount == 1 ? 0 : row),
                        stiffness: Self.stiffness(self.regularization, count: entries.count), sweeps: sweeps)
                }
            }
        }
    }

    // MARK: Back to the scale of the ratings

    /// Takes a user's or an item's vector back to the scale of the ratings, so that w·h is a rating.
    func rescale(_ vector: UnsafeMutablePointer<Float>, isUser: Bool) {
        let root = ratings.spread.squareRoot()
        switch form {
        case .nonNegative: for k in 0..<rank { vector[k] *= root }
        case .offsets:
            if isUser { vector[0] = ratings.mean + ratings.spread * vector[0] } else { vector[1] *= ratings.spread }
            for k in 2..<max(2, rank) { vector[k] *= root }
        }
    }

    /// All vectors, rescaled; rows without a rating are zero. The factorisation is of no use afterwards.
    func finish(userPrior: DenseMatrix, itemPrior: DenseMatrix, implicit: DenseMatrix? = nil) throws -> RatingTaste {
        rescale(userPrior.base, isUser: true)
        rescale(itemPrior.base, isUser: false)
        for (side, rows, isUser) in [(users, ratings.byUser, true), (items, ratings.byItem, false)] {
            for row in 0..<side.rowCount {
                if rows.range(row).isEmpty {
                    side.row(row).update(repeating: 0, count: rank)
                } else {
                    rescale(side.row(row), isUser: isUser)
                }
            }
        }
        if let implicit {
            for row in 0..<implicit.rowCount {
                implicit.row(row)[0] *= ratings.spread
                for k in 2..<max(2, rank) { implicit.row(row)[k] *= ratings.spread.squareRoot() }
            }
        }
        return try RatingTaste(
            form: form, ratings: ratings, users: users, items: items, userPrior: userPrior, itemPrior: itemPrior,
            implicit: implicit, stiffness: regularization * ratings.spread)
    }
}
