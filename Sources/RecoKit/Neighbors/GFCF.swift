/// Graph filtering in closed form: a linear filter of the graph of users and items, plus its ideal low-pass filter.
///
/// Shen, Wu, Zhang, Shan, Zhang, Letaief and Li 2021, "How powerful is graph convolution for recommendation?",
/// doi:10.1145/3459637.3482264. With R̃ = Du^-½ R Di^-½ and Ū the leading right singular vectors of R̃, a profile r
/// scores r (R̃ᵀR̃ + w Di^-½ Ū Ūᵀ Di^½).
///
/// What differs: of the linear filter R̃ᵀR̃ each item keeps its largest entries, and none for itself, so that an item
/// of the profile scores by its fellow items; degrees are sums of values. A question costs O(events x (neighbours +
/// factors) + items x factors).
struct GFCF: TrainableModel {
    static let name = "gf-cf"
    static let code = SourceCode.gfCF
    static let isLinear = true
    static let summary = "graph filters in closed form, neighbours and global patterns together: strong on sparse data"

    static let hyperparameters = [
        Hyperparameter(
            "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "500",
            "entries of the linear filter kept for each item"),
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank), default: "256",
            "singular vectors of the low-pass filter; by default at most an eighth of the users and of the items"
        ).tuned(.log(32...512), cost: 1),
        Hyperparameter("weight", .number(0...1000), default: "0.3", "how much the low-pass filter counts").tuned(
            .log(0.05...2)),
        Hyperparameter(
            "tolerance", .number(1e-6...1), default: "0.001", "relative error allowed in the singular values"),
    ]

    /// R̃ᵀR̃ without its diagonal.
    let filter: ItemSimilarityTable
    let rank: Int
    /// Di^½ Ū: the dot product with a profile's vector is the low-pass part of the score.
    let factors: Column<Float>  // (items, rank)
    /// w / Di: what an item's factors count in a profile's vector; 0 for an item without events.
    let pulls: Column<Float>  // (items)

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> GFCF {
        let interactions = data.interactions
        guard interactions.byUser.entryCount > 0 else {
            throw RecoError(.badData, "gf-cf has nothing to learn from: no user has a positive event")
        }
        let graph = NormalizedGraph(interactions)
        let comparison = try ItemComparison(interactions, graph, threads: run.threads)
        let filter = try comparison.table(neighbors: settings.integer("neighbors"), run: run)

        let (byUser, byItem) = (graph.normalized(interactions.byUser), graph.normalizedByItem(interactions.byItem))
        let decomposition = try RandomizedSVD(
            byUser, transposed: byItem, rank: FactorTable.rank(settings, byUser),
            tolerance: settings.number("tolerance"), seed: run.seed, threads: run.threads,
            progress: { try run.progress("decomposing", $0, $1) })
        let rank = decomposition.rank
        guard rank > 0 else {
            throw RecoError(
                .badData, "gf-cf has nothing to learn from: the events' values are too small to tell from 0")
        }
        let weight = Float(settings.number("weight"))
        var pulls = [Float](repeating: 0, count: interactions.itemCount)
        for item in 0..<pulls.count where graph.itemDegrees[item] > 0 {
            let degree = Float(graph.itemDegrees[item])
            pulls[item] = weight / degree
            for k in 0..<rank { decomposition.rightVectors.row(item)[k] *= degree.squareRoot() }
        }
        let factors = decomposition.rightVectors
        guard factors.elements.allSatisfy(\.isFinite), pulls.allSatisfy(\.isFinite) else {
            throw RecoError(
                .badData, "training gave factors that are not finite numbers: the events' weights are too large")
        }
        return GFCF(
            filter: filter, rank: rank,
            factors: Column(base: UnsafePointer(factors.base), count: factors.elements.count, owner: factors),
            pulls: Column(pulls))
    }
}

/// R̃: every value divided by the square roots of its user's and its item's sums, which are in units of the mean value.
private struct NormalizedGraph: PairWeighting {
    let itemDegrees: [Double]  // (items)
    private let userDegrees: [Double]  // (users)
    private let unit: Double

    init(_ interactions: Interactions) {
        let sums = interactions.byItem.rowSums()
        let mean = sums.reduce(0, +) / Double(max(1, interactions.byItem.entryCount))
        let unit = 1 / max(mean, .leastNormalMagnitude)
        self.unit = unit
        itemDegrees = sums.map { $0 * unit }
        userDegrees = interactions.byUser.rowSums().map { $0 * unit }
    }

    @inline(__always)
    func weight(_ value: Float, item: Int, user: Int) -> Float {
        Self.bounded(Float(Double(value) * unit / (itemDegrees[item] * userDegrees[user]).squareRoot()))
    }

    @inline(__always)
    func weightBack(_ value: Float, item: Int, user: Int) -> Float { weight(value, item: item, user: user) }

    @inline(__always)
    func similarity(_ sum: Float, of item: Int, to other: Int) -> Float { sum }

    func normalized(_ byUser: SparseRows) -> SparseRows {
        mapped(byUser) { weight($0, item: $2, user: $1) }
    }

    func normalizedByItem(_ byItem: SparseRows) -> SparseRows {
        mapped(byItem) { weight($0, item: $1, user: $2) }
    }

    private func mapped(_ matrix: SparseRows, _ weight: (Float, _ row: Int, _ column: Int) -> Float) -> SparseRows {
        var result = matrix
        for row in 0..<matrix.rowCount {
            for entry in matrix.range(row) {
                result.values[entry] = weight(matrix.values[entry], row, Int(matrix.columns[entry]))
            }
        }
        return result
    }
}
