/// Repeat purchase: what a customer buys again, habits that are kept before those given up, and a few new things that
/// customers with the same habits buy.
///
///     score(u, i) = count(u, i) x rate(i) x patience(u, i)  +  new-weight x mean over u's neighbours v of count(v, i)
///     count(u, i) = sum over the orders of u with i of 2^(-age / half-life)
///
/// `RepeatPattern` says what rate and patience are; both are learned from the log's own times, and without times the
/// score is the customer's own number of orders. Neighbours are the customers with the most similar counts (cosine),
/// the mean is weighted by similarity; see `BuyerNeighbors`.
///
/// Hu, He, Gao, Zhang 2020, "Modeling personalized item frequency information for next-basket recommendation"
/// (TIFU-kNN), doi:10.1145/3397271.3401066, has the decayed frequency and the neighbours. What differs: counts fade
/// with time and not with groups of orders, because orders come at very different paces; the item's repurchase rate
/// and the customer's interval are new.
///
/// For customers of the training data the list is stored: a question costs O(its length). A stranger is folded in from
/// the session's events and their ages, which costs O(items of the session x buyers + neighbors x their items).
struct BuyAgain: Sendable {
    static let code = SourceCode.buyAgain

    /// No user's list is longer; what a file holds beyond that is not read.
    static let longestList = 8192

    let pattern: RepeatPattern
    let neighbors: BuyerNeighbors
    let listOffsets: RaggedOffsets  // (users + 1)
    let listItems: Column<UInt32>  // (entries), best first
    let listScores: Column<Float>  // (entries)
}

extension BuyAgain: TrainableModel {
    static let name = "buy-again"
    static let summary = "what a customer buys again: own fading counts, repurchase rates, intervals, neighbours"

    /// The defaults are a compromise between two shops, each with its last weeks held out and repeats counted: a
    /// wholesaler of gifts and a grocer. NDCG@10 was .297 and .327 by the number of orders, .322 and .345 with these.
    /// The rate gained .009 at the wholesaler, whose assortment changes, and lost .005 at the grocer; patience gained
    /// .002 at the grocer and nothing at the wholesaler; neighbours gained .001 on both. A half-life of 365 days would
    /// have gained .002 at the wholesaler, one of 90 days .004 at the grocer.
    static let hyperparameters = [
        Hyperparameter(
            "gap", .number(0...1_000_000), default: "30",
            "minutes without an event after which another purchase of the same item counts"),
        Hyperparameter(
            "half-life", .number(0...36_500), default: "180",
            "days after which a purchase counts half; 0: never fades"
        ).tuned(.log(30...1000)),
        Hyperparameter(
            "rate-power", .number(0...4), default: "0.35", "how much the item's own repurchase rate counts"
        ).tuned(.linear(0...1)),
        Hyperparameter(
            "window", .number(0.01...36_500), default: "30",
            "days at the end of the log in which repurchases are looked for to learn the rate"),
        Hyperparameter(
            "patience", .number(0...1_000_000), default: "4",
            "intervals after which a habit counts as given up; 0: never"
        ).tuned(.log(1...16)),
        Hyperparameter("neighbors", .integer(1...BuyerNeighbors.mostNeighbors), default: "100", "similar customers"),
        Hyperparameter(
            "buyers", .integer(1...BuyerNeighbors.mostBuyers), default: "1000",
            "customers kept for each item to find similar ones, the latest"),
        Hyperparameter(
            "new-weight", .number(0...1000), default: "0.2", "how much similar customers' counts are worth"
        ).tuned(.log(0.02...2)),
        Hyperparameter(
            "new-items", .integer(0...4096), default: "50", "items beside the customer's own that are kept"),
    ]

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BuyAgain {
        var purchases = try PurchaseTable(data, gapMinutes: settings.number("gap"), threads: run.threads)
        let pattern = RepeatPattern(purchases, settings: settings)
        purchases.count(pattern.fading)
        let neighbors = BuyerNeighbors(purchases, settings: settings)
        let lists = try lists(purchases, pattern, neighbors, settings: settings, run: run)
        guard pattern.isFinite, neighbors.isFinite, lists.scores.allSatisfy(\.isFinite) else {
            throw RecoError(.badData, "the counts of purchases are not finite")
        }
        return BuyAgain(
            pattern: pattern, neighbors: neighbors, listOffsets: RaggedOffsets(offsets: Column(lists.offsets)),
            listItems: Column(lists.items), listScores: Column(lists.scores))
    }

    /// Every customer's list: as many items as they have bought and `new-items` more, the best of own and new together.
    private static func lists(
        _ purchases: PurchaseTable, _ pattern: RepeatPattern, _ neighbors: BuyerNeighbors, settings: Settings,
        run: TrainingRun
    ) throws -> (offsets: [UInt64], items: [UInt32], scores: [Float]) {
        let newItems = settings.integer("new-items")
        let scratches = try (0..<run.threads).map { _ in
            guard let scratch = Scratch(itemCount: purchases.itemCount) else {
                throw RecoError(.outOfMemory, "no memory for the customers' lists")
            }
            return scratch
        }
        var lists = [[Candidate]](repeating: [], count: purchases.userCount)
        try lists.withUnsafeMutableBufferPointer { lists in
            nonisolated(unsafe) let lists = lists
            try parallelFor(lists.count, chunk: 64, threads: run.threads) { users, worker in
                let scratch = scratches[worker]
                for user in users where !purchases.range(user).isEmpty {
                    var sum = ItemSum(scratch)
                    neighbors.add(user: user, to: &sum, using: scratch)
                    for entry in purchases.range(user) {
                        let habit = purchases.habits[entry]
                        sum.add(habit.item, pattern.worth(of: habit))
                    }
                    let limit = min(longestList, purchases.range(user).count + newItems)
                    guard var best = scratch.selection(limit) else {
                        throw RecoError(.outOfMemory, "no memory for the customers' lists")
                    }
                    _ = sum.offer(to: &best)
                    lists[user] = Array(best.finish())
                }
            }
        }
        var (offsets, items, scores) = ([UInt64(0)], [UInt32](), [Float]())
        for list in lists {
            items += list.map(\.row)
            scores += list.map(\.score)
            offsets.append(UInt64(items.count))
        }
        return (offsets, items, scores)
    }
}
