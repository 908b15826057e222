/// The truncated singular value decomposition of the matrix of users and items ("pure SVD": Cremonesi, Koren and
/// Turrin 2010, doi:10.1145/1864708.1864721), found by `RandomizedSVD`.
///
/// A user's vector is the sum of the items' vectors weighted by the user's values, which is U S up to the error of the
/// decomposition; users that training never saw are folded in by the same sum. Negative values are left out: the
/// matrix says 0 for what is unknown, and a dislike as a value below that would dominate it.
struct SVD: FoldInModel {
    static let name = "svd"
    static let summary = "truncated singular value decomposition: the strongest patterns of who has what"
    static let code = SourceCode.svd
    static let isLinear = true

    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank), default: "64",
            "how many singular values; by default at most an eighth of the users and of the items"
        ).tuned(.log(8...512), cost: 1),
        Hyperparameter(
            "tolerance", .number(1e-6...1), default: "0.001", "relative error allowed in the singular values"),
    ]

    let table: FactorTable
    let singularValues: Column<Float>  // (rank)

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> SVD {
        let byUser = data.interactions.byUser
        guard byUser.entryCount > 0 else {
            throw RecoError(.badData, "svd has nothing to learn from: no user has a positive event")
        }
        let decomposition = try RandomizedSVD(
            byUser, transposed: data.interactions.byItem, rank: FactorTable.rank(settings, byUser),
            tolerance: settings.number("tolerance"), seed: run.seed, threads: run.threads,
            progress: { try run.progress(name, $0, $1) })
        guard decomposition.rank > 0 else {
            throw RecoError(.badData, "svd has nothing to learn from: the events' values are too small to tell from 0")
        }
        let users = try byUser.times(decomposition.rightVectors, threads: run.threads)
        // Items are compared as the decomposition sees their columns: U S v, hence with S².
        let table = try FactorTable(
            rank: decomposition.rank, users: users, items: decomposition.rightVectors,
            metric: decomposition.singularValues.map { $0 * $0 })
        return SVD(table: table, singularValues: Column(decomposition.singularValues))
    }

    /// The sum of the items' vectors, weighted by the events; nil if nothing is positive. O(events rank).
    func foldIn(_ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch) -> UnsafePointer<Float>? {
        guard let vector = scratch.floats(.vector, table.rank) else { return nil }
        vector.update(repeating: 0, count: table.rank)
        for event in events where event.weight > 0 {
            guard let row = table.items.row(Int(event.item), width: table.rank)?.baseAddress else { continue }
            Kernels.best.addScaled(event.weight, row, to: vector, table.rank)
        }
        return table.says(vector) ? UnsafePointer(vector) : nil
    }
}
