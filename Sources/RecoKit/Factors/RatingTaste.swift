/// What models of ratings answer from: vectors whose dot product is the predicted rating.
///
/// Scores are predicted ratings as they come out, which may be a little more than the best rating there is: so the
/// best items keep their order. `predictedRating` stays within what was seen.
///
/// What a session holds are events and no ratings. An event that is worth something is taken as a rating one standard
/// deviation above what an average user would give the item, a dislike as one below, with the event's magnitude as
/// confidence. The user's taste moves towards that from where it was (the stored vector, or an average user), held
/// there the more the more events the profile has; offsets stay, for nobody's mean rating shows in clicks.
struct RatingTaste: Sendable {
    let form: RatingFactorization.Form
    let table: FactorTable
    /// An average user, and an average item: for those without ratings.
    let userPrior: Column<Float>  // (rank)
    let itemPrior: Column<Float>  // (rank)
    /// What having rated an item, however, says about a user; only svdpp has it.
    let implicit: Column<Float>?  // (items, rank)
    /// Mean, standard deviation, lowest and highest rating; λ in the unit of the ratings.
    let scale: Column<Float>  // (5)

    private var spread: Float { scale[1] }
    private var stiffness: Float { scale[4] }

    init(
        form: RatingFactorization.Form, ratings: Ratings, users: DenseMatrix, items: DenseMatrix,
        userPrior: DenseMatrix, itemPrior: DenseMatrix, implicit: DenseMatrix?, stiffness: Float
    ) throws {
        self.form = form
        let rank = users.columnCount
        // Offsets say how good an item is thought to be, not what it is like.
        let metric = form == .offsets ? [0, 0] + [Float](repeating: 1, count: rank - 2) : nil
        table = try FactorTable(rank: rank, users: users, items: items, metric: metric)
        self.userPrior = Column(Array(userPrior.elements))
        self.itemPrior = Column(Array(itemPrior.elements))
        self.implicit = implicit.map { Column(base: $0.base, count: $0.elements.count, owner: $0) }
        scale = Column([ratings.mean, ratings.spread, ratings.lowest, ratings.highest, stiffness])
        for column in [self.userPrior, self.itemPrior, scale] + (self.implicit.map { [$0] } ?? []) {
            guard column.elements.allSatisfy(\.isFinite) else {
                throw RecoError(.badData, "training gave numbers that are not finite: the ratings are too large")
            }
        }
    }

    /// Where all ratings are equal they teach no taste: a model that proposes nothing, so that others are asked, and
    /// predicts that one rating.
    init(knowingOnly ratings: Ratings, form: RatingFactorization.Form, factors: Int, hasImplicit: Bool) throws {
        let rank = factors + form.extra
        func zeros(_ rows: Int) throws -> DenseMatrix { try DenseMatrix(rowCount: rows, columnCount: rank) }
        try self.init(
            form: form, ratings: ratings, users: zeros(ratings.byUser.rowCount), items: zeros(ratings.byItem.rowCount),
            userPrior: zeros(1), itemPrior: zeros(1),
            implicit: hasImplicit ? zeros(ratings.byItem.rowCount) : nil, stiffness: 0)
    }

    /// The rating that a user would give an item; an average user and an average item stand in for unknown ones.
    func predictedRating(user: Int?, item: Int?) -> Float? {
        let itemVector = item.flatMap { row -> UnsafePointer<Float>? in
            guard let base = table.items.row(row, width: table.rank)?.baseAddress, table.says(base) else { return nil }
            return base
        }
        guard let w = table.userVector(user) ?? userPrior.base, let h = itemVector ?? itemPrior.base else { return nil }
        let rating = Kernels.best.dot(w, h, table.rank)
        return max(scale[2], min(scale[3], rating.isNaN ? scale[0] : rating))
    }

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

    private func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        profile.isStoredUser ? table.userVector(profile.user) : foldIn(profile, using: scratch)
    }

    /// Of more news than this only the latest count: the memory of a query stays small whatever a file holds.
    private static let mostNews = 1024

    /// The vector of a user whose session training did not see; nil if nothing in it says anything.
    /// O(sweeps events rank).
    func foldIn(_ profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        let rank = table.rank
        let stored = table.userVector(profile.user)
        let news = UnsafeBufferPointer(
            rebasing: profile.events.dropFirst(stored == nil ? 0 : profile.sessionStart).suffix(Self.mostNews))
        guard userPrior.count == rank, let average = userPrior.base, let x = scratch.floats(.vector, rank),
            let work = scratch.floats(.matrix, RatingSystem.workCount(rank: rank, capacity: news.count) &+ rank)
        else { return nil }
        let prior = work + RatingSystem.workCount(rank: rank, capacity: news.count)
        prior.update(from: stored ?? average, count: rank)
        if let implicit {
            let share = 1 / Float(max(1, profile.events.count)).squareRoot()
            for event in news where event.weight != 0 {
                guard let row = implicit.row(Int(event.item), width: rank)?.baseAddress else { continue }
                Kernels.best.addScaled(share, row, to: prior, rank)
            }
        }
        var system = RatingSystem(
            rank: rank, fixed: 0..<form.extra, nonNegative: form == .nonNegative, floats: work, capacity: news.count)
        for event in news where event.weight != 0 && event.weight.isFinite {
            guard table.inverseNorms[Int(event.item)] > 0,
                let row = table.items.row(Int(event.item), width: rank)?.baseAddress
            else { continue }
            let usual = Kernels.best.dot(average, row, rank)
            system.observe(row, event.weight > 0 ? usual + spread : usual - spread, confidence: event.weight.magnitude)
        }
        if system.count == 0 { return stored }
        x.update(from: prior, count: rank)
        system.solve(
            x, prior: prior,
            stiffness: RatingFactorization.stiffness(stiffness, count: profile.events.count),
            sweeps: RatingSystem.exactSweeps)
        return table.says(x) ? UnsafePointer(x) : nil
    }
}

extension RatingTaste {
    func write(to writer: ModelWriter, name: String) throws {
        try table.write(to: writer, name: name)
        try writer.add("\(name)/user-prior", userPrior.elements)
        try writer.add("\(name)/item-prior", itemPrior.elements)
        try writer.add("\(name)/scale", scale.elements)
        if let implicit { try writer.add("\(name)/implicit-factors", implicit.elements) }
    }

    /// Reads what `write` wrote; nil if the file has no such model.
    init?(
        _ file: ModelFile, name: String, form: RatingFactorization.Form, hasImplicit: Bool, userCount: Int,
        itemCount: Int
    ) throws {
        guard let table = try FactorTable(file, name: name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard table.rank >= form.extra,
            let userPrior = file.column("\(name)/user-prior", as: Float.self), userPrior.count == table.rank,
            let itemPrior = file.column("\(name)/item-prior", as: Float.self), itemPrior.count == table.rank,
            let scale = file.column("\(name)/scale", as: Float.self), scale.count == 5
        else { throw RecoError(.damaged, "the model's \(name) sections do not fit each other") }
        var implicit: Column<Float>?
        if hasImplicit {
            guard let column = file.column("\(name)/implicit-factors", as: Float.self),
                column.count == table.items.count
            else { throw RecoError(.damaged, "the model's \(name) implicit factors do not fit its items") }
            implicit = column
        }
        self.form = form
        self.table = table
        self.userPrior = userPrior
        self.itemPrior = itemPrior
        self.implicit = implicit
        self.scale = scale
    }
}
