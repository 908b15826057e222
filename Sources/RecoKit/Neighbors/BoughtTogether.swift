/// What is bought together: of the baskets with an item, how many have another one as well.
///
/// With n(i) the number of baskets that hold item i, n(i,j) that of those that hold both, N that of all, and p(j) =
/// n(j) / N, item i says about j
///
///     (n(i,j) + s p(j)) / (n(i) + s)  x  p(j)^-d
///
/// The fraction is the confidence of the rule "who buys i buys j" (Agrawal, Imielinski and Swami 1993,
/// doi:10.1145/170035.170072), drawn to what it would be by chance as if `shrinkage` s more baskets had been seen; a
/// `lift-discount` d of 1 would make it the lift, which rare items lead by accident, and 0 leaves bestsellers in front.
/// It is asymmetric: a printer says ink, ink says paper. Pairs with fewer than `support` baskets, or with no more than
/// there would be by chance, are left out. The scores of several items add up.
///
/// Baskets are the orders, invoices or sessions that the events name, or what `EventLog.baskets` cuts the rest into. If
/// there are events of kinds that mean the user has the item (purchases, or events that name no kind), only those
/// count; else all do. O(sum over baskets of items²).
struct BoughtTogether: ItemSimilarityModel {
    static let name = "bought-together"
    static let code = SourceCode.boughtTogether
    static let summary = "what else is in the baskets that an item is in: a question of its own"

    /// Chosen on baskets of Online Retail's month before the test period: given one item, and given two or three, which
    /// others are in the basket. The discount gained 10 % of NDCG@10 for several items; shrinkage and support little,
    /// but a pair of a single basket is left to the models behind.
    static let hyperparameters = [
        Hyperparameter(
            "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "50",
            "items kept that go with each item"),
        Hyperparameter(
            "gap", .number(0...1_000_000), default: "30",
            "minutes without an event after which a new basket starts, where events name none"),
        Hyperparameter("support", .integer(1...1_000_000), default: "2", "baskets that two items share at least"),
        Hyperparameter(
            "shrinkage", .number(0...1_000_000), default: "5",
            "distrusts items with few baskets, as if so many more had been seen that say nothing"),
        Hyperparameter(
            "lift-discount", .number(0...1), default: "0.2", "holds popular items back; 0: confidence, 1: lift"),
    ]

    let table: ItemSimilarityTable

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BoughtTogether {
        let baskets = try data.log.baskets(
            gap: settings.number("gap") * 60, kinds: kinds(of: data.log), scale: data.interactions.scale,
            threads: run.threads)
        let byBasket = baskets.rows(itemCount: data.interactions.itemCount)
        let byItem = try byBasket.transposed()
        let rule = Rule(
            byItem, basketCount: baskets.count, shrinkage: settings.number("shrinkage"),
            discount: settings.number("lift-discount"))
        let comparison = try ItemComparison(byItem, byBasket, rule, threads: run.threads)
        return BoughtTogether(
            table: try comparison.table(
                neighbors: settings.integer("neighbors"), support: settings.integer("support"), run: run
            ).checked())
    }

    /// The kinds that make an item the user's own, if there are such events; else all.
    private static func kinds(of log: EventLog) -> UInt8 {
        var buying: UInt8 = 0
        for (code, kind) in log.kinds.kinds.enumerated() where kind.hides && kind.weight > 0 { buying |= 1 << code }
        let bought = log.kindCodes.elements.contains { buying & (1 << $0) != 0 }
        return bought ? buying : .max
    }
}

/// The formula of the model, from the number of baskets that two items share.
private struct Rule: PairWeighting {
    private let counts: [Float]  // (items): n
    private let chances: [Float]  // (items): p
    private let discounts: [Float]  // (items): p^-d
    private let shrinkage: Float

    init(_ byItem: SparseRows, basketCount: Int, shrinkage: Double, discount: Double) {
        let counts = (0..<byItem.rowCount).map { Double(byItem.range($0).count) }
        let chances = counts.map { $0 / Double(max(basketCount, 1)) }
        self.counts = counts.map { Float($0) }
        self.chances = chances.map { Float($0) }
        discounts = chances.map { $0 > 0 ? Float(power($0, -discount)) : 0 }
        self.shrinkage = Float(shrinkage)
    }

    func weight(_ value: Float, item: Int, user basket: Int) -> Float { 1 }
    func weightBack(_ value: Float, item: Int, user basket: Int) -> Float { 1 }

    @inline(__always)
    func similarity(_ shared: Float, of item: Int, to other: Int) -> Float {
        guard shared > counts[item] * chances[other] else { return 0 }
        return (shared + shrinkage * chances[other]) / (counts[item] + shrinkage) * discounts[other]
    }
}

extension Baskets {
    /// Which basket holds which items, as a matrix of ones.
    func rows(itemCount: Int) -> SparseRows {
        var columns = items
        for basket in 0..<count { columns[range(basket)].sort() }
        return SparseRows(
            offsets: offsets, columns: columns, values: [Float](repeating: 1, count: columns.count),
            columnCount: itemCount)
    }
}
