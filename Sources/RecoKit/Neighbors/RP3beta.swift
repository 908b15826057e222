/// Random walks of three steps over the graph of users and items, with a discount for popular items: from a profile's
/// items to other users who have them, and on to what those have.
///
/// Paudel, Christoffel, Newell and Bernstein 2016, "Updatable, accurate, diverse, and scalable recommendations for
/// interactive applications", doi:10.1145/2955101. With v the value of a pair, the walk goes from item i to user u with
/// (v / sum of i's values)^alpha and on to item j with (v / sum of u's values)^alpha; the sum over all users is divided
/// by (j's sum / mean of all items' sums)^beta. Each item keeps the items that it leads to most.
///
/// What differs: the first step, from the user to its items, weighs an item by what its events are worth, untouched by
/// alpha, so that scores are linear in the events; where all values are 1, the ranking is the same.
struct RP3beta: ItemSimilarityModel {
    static let name = "rp3beta"
    static let code = SourceCode.rp3beta
    static let summary = "random walks over who has what, popular items held back: strong on sparse data"

    static let hyperparameters = [
        Hyperparameter(
            "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "200",
            "items kept that each item leads to"
        ).tuned(.log(50...1000), cost: 0.2),
        Hyperparameter("alpha", .number(0...4), default: "0.8", "below 1 the walk spreads more evenly").tuned(
            .linear(0.3...1.4)),
        Hyperparameter("beta", .number(0...4), default: "0.3", "how much popular items are held back").tuned(
            .linear(0...0.9)),
    ]

    let table: ItemSimilarityTable

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> RP3beta {
        let walk = Walk(
            data.interactions, alpha: Float(settings.number("alpha")), beta: Float(settings.number("beta")))
        let comparison = try ItemComparison(data.interactions, walk, threads: run.threads)
        return RP3beta(table: try comparison.table(neighbors: settings.integer("neighbors"), run: run))
    }
}

/// The weights of the walk's steps.
private struct Walk: PairWeighting {
    private let alpha: Float
    private let itemSums: [Float]  // (items)
    private let userSums: [Float]  // (users)
    private let discounts: [Float]  // (items)

    init(_ interactions: Interactions, alpha: Float, beta: Float) {
        self.alpha = alpha
        let itemSums = interactions.byItem.rowSums()
        let known = max(1, itemSums.count { $0 > 0 })
        let mean = max(itemSums.reduce(0, +) / Double(known), .leastNormalMagnitude)
        discounts = itemSums.map { $0 > 0 ? power(Float($0 / mean), -beta) : 0 }
        self.itemSums = itemSums.map { Float($0) }
        userSums = interactions.byUser.rowSums().map { Float($0) }
    }

    @inline(__always)
    func weight(_ value: Float, item: Int, user: Int) -> Float { Self.bounded(power(value / itemSums[item], alpha)) }

    @inline(__always)
    func weightBack(_ value: Float, item: Int, user: Int) -> Float {
        Self.bounded(power(value / userSums[user], alpha))
    }

    @inline(__always)
    func similarity(_ sum: Float, of item: Int, to other: Int) -> Float {
        min(sum * discounts[other], .greatestFiniteMagnitude)
    }
}

extension SparseRows {
    /// The sum of each row's values, in double precision.
    func rowSums() -> [Double] {
        (0..<rowCount).map { row in values[range(row)].reduce(0.0) { $0 + Double($1) } }
    }
}
