/// How much a pair of user and item counts on the way from an item to its users and from those to their items.
protocol PairWeighting: Sendable {
    /// On the way from the item to the user; positive.
    func weight(_ value: Float, item: Int, user: Int) -> Float
    /// On the way back, from the user to the item; positive.
    func weightBack(_ value: Float, item: Int, user: Int) -> Float
    /// What the sum over the ways from one item to another says about the other; at most 0: nothing.
    func similarity(_ sum: Float, of item: Int, to other: Int) -> Float
}

extension PairWeighting {
    /// Weights stay between these: products of two neither vanish nor overflow, and an item that a user has in common
    /// with another always counts something.
    static func bounded(_ weight: Float) -> Float { min(max(weight, 0x1p-63), 0x1p53) }
}

/// Compares every item with all that share a user with it: the product of two sparse matrices, of which each item
/// keeps its best row entries.
///
/// O(sum over users of (items of the user)^2 + items x neighbours) on top of the selection; memory for the weights of
/// both ways, the answer, and two vectors over items per thread. The sums do not depend on the number of threads.
struct ItemComparison<Weighting: PairWeighting> {
    private let byItem: SparseRows  // (items, users)
    private let byUser: SparseRows  // (users, items)
    private let weighting: Weighting
    private let out: [Float]  // (entries of byItem)
    private let back: [Float]  // (entries of byUser)

    init(_ interactions: Interactions, _ weighting: Weighting, threads: Int) throws {
        try self.init(interactions.byItem, interactions.byUser, weighting, threads: threads)
    }

    /// Compares the rows of `byItem`, of which `byUser` is the transpose; users may be anything that holds items.
    init(_ byItem: SparseRows, _ byUser: SparseRows, _ weighting: Weighting, threads: Int) throws {
        self.byItem = byItem
        self.byUser = byUser
        self.weighting = weighting
        out = try Self.weights(byItem, threads: threads) { value, item, user in
            weighting.weight(value, item: item, user: user)
        }
        back = try Self.weights(byUser, threads: threads) { value, user, item in
            weighting.weightBack(value, item: item, user: user)
        }
    }

    private static func weights(
        _ matrix: SparseRows, threads: Int, _ weight: (_ value: Float, _ row: Int, _ column: Int) -> Float
    ) throws -> [Float] {
        var weights = [Float](repeating: 0, count: matrix.entryCount)
        try weights.withUnsafeMutableBufferPointer { weights in
            nonisolated(unsafe) let weights = weights
            try parallelFor(matrix.rowCount, chunk: 256, threads: threads) { rows, _ in
                for row in rows {
                    for entry in matrix.range(row) {
                        weights[entry] = weight(matrix.values[entry], row, Int(matrix.columns[entry]))
                    }
                }
            }
        }
        return weights
    }

    /// Every item's `limit` most similar others; equally similar ones in order of row.
    ///
    /// Others with fewer than `support` users in common are left out. `normalized` divides each item's similarities by
    /// their sum, so that every item has the same say.
    func table(
        neighbors limit: Int, support: Int = 1, normalized: Bool = false, run: TrainingRun
    ) throws -> ItemSimilarityTable {
        let itemCount = byItem.rowCount
        let limit = min(limit, max(itemCount - 1, 1))
        var lists = ItemLists(itemCount: itemCount, limit: limit)
        try lists.fill { lists in
            try forEachItem(limit: limit, support: support, run: run) { item, row, _ in
                let best = row.takeBest(item, weighting)
                if normalized { Self.normalize(best) }
                lists.set(item, UnsafeBufferPointer(best))
            }
        }
        return lists.table()
    }

    /// Adds up every item's row of the product, and has `body` take it. `limit` bounds what `takeBest` will give.
    func forEachItem(
        limit: Int, support: Int = 1, run: TrainingRun,
        _ body: (_ item: Int, _ row: ItemRow, _ worker: Int) throws -> Void
    ) throws {
        let itemCount = byItem.rowCount
        let workers = (0..<run.threads).map { _ in
            ItemRow(itemCount: itemCount, limit: limit, support: UInt32(support))
        }
        try parallelFor(itemCount, chunk: 16, threads: run.threads) { items, worker in
            // Worker 0 is the caller's own thread: the only one that may talk to it.
            if worker == 0 { try run.progress("comparing items", items.lowerBound, itemCount) }
            for item in items {
                workers[worker].add(item, byItem, byUser, out: out, back: back)
                try body(item, workers[worker], worker)
            }
        }
        try run.progress("comparing items", itemCount, itemCount)
    }

    private static func normalize(_ list: UnsafeMutableBufferPointer<Candidate>) {
        let sum = list.reduce(0.0) { $0 + Double($1.score) }
        guard sum > 0 else { return }
        for i in list.indices { list[i].score = Float(Double(list[i].score) / sum) }
    }
}

/// One thread's sums: an item's row of the product.
final class ItemRow {
    private let itemCount: Int
    private let limit: Int
    private let sums: UnsafeMutablePointer<Float>  // (items): all zero between items
    private let touched: UnsafeMutablePointer<UInt32>  // (items + 1)
    private let heap: UnsafeMutablePointer<Candidate>  // (limit)
    private let unblocked: UnsafeMutablePointer<UInt64>  // a bit per item, none set
    private let support: UInt32
    /// How many users items have in common with the one that is compared; zero between items. Only if that matters.
    private let inCommon: UnsafeMutablePointer<UInt32>?  // (items)
    private var touchedCount = 0
    /// So many additions that most items are touched: look at all of them instead of listing which.
    private var isDense = false

    init(itemCount: Int, limit: Int, support: UInt32) {
        self.itemCount = itemCount
        self.limit = limit
        self.support = support
        inCommon = support > 1 ? .allocate(capacity: itemCount) : nil
        inCommon?.initialize(repeating: 0, count: itemCount)
        sums = .allocate(capacity: itemCount)
        sums.initialize(repeating: 0, count: itemCount)
        touched = .allocate(capacity: itemCount + 1)
        touched.initialize(repeating: 0, count: itemCount + 1)
        heap = .allocate(capacity: limit)
        unblocked = .allocate(capacity: itemCount / 64 + 1)
        unblocked.initialize(repeating: 0, count: itemCount / 64 + 1)
    }

    deinit {
        sums.deallocate()
        touched.deallocate()
        heap.deallocate()
        unblocked.deallocate()
        inCommon?.deallocate()
    }

    /// Adds up the products of the weights on all ways from `item` over its users to their items.
    fileprivate func add(_ item: Int, _ byItem: SparseRows, _ byUser: SparseRows, out: [Float], back: [Float]) {
        var additions = 0
        for entry in byItem.range(item) { additions += byUser.range(Int(byItem.columns[entry])).count }
        isDense = additions > itemCount
        touchedCount = 0
        byUser.columns.withUnsafeBufferPointer { columns in
            back.withUnsafeBufferPointer { back in
                for entry in byItem.range(item) {
                    let range = byUser.range(Int(byItem.columns[entry]))
                    let rows = UnsafeBufferPointer(rebasing: columns[range])
                    let others = UnsafeBufferPointer(rebasing: back[range])
                    if isDense {
                        addAll(rows, others, times: out[entry])
                    } else {
                        addListed(rows, others, times: out[entry])
                    }
                    if let inCommon { for row in rows { inCommon[Int(row)] += 1 } }
                }
            }
        }
    }

    @inline(__always)
    private func addAll(_ rows: UnsafeBufferPointer<UInt32>, _ weights: UnsafeBufferPointer<Float>, times weight: Float)
    {
        for i in 0..<rows.count { sums[Int(rows[i])] += weight * weights[i] }
    }

    /// As `addAll`, and lists rows at their first touch, without a branch: no weight is zero, so a sum of zero is
    /// untouched.
    @inline(__always)
    private func addListed(
        _ rows: UnsafeBufferPointer<UInt32>, _ weights: UnsafeBufferPointer<Float>, times weight: Float
    ) {
        var count = touchedCount
        for i in 0..<rows.count {
            let row = Int(rows[i])
            let old = sums[row]
            touched[count] = rows[i]
            count &+= old == 0 ? 1 : 0
            sums[row] = old + weight * weights[i]
        }
        touchedCount = count
    }

    /// Takes away the sums of items that too few users have in common.
    private func forgetRare(_ inCommon: UnsafeMutablePointer<UInt32>) {
        for i in 0..<(isDense ? itemCount : touchedCount) {
            let row = isDense ? i : Int(touched[i])
            if inCommon[row] < support { sums[row] = 0 }
            inCommon[row] = 0
        }
    }

    /// The best of all but `item` itself; the sums are zero afterwards.
    func takeBest(_ item: Int, _ weighting: some PairWeighting) -> UnsafeMutableBufferPointer<Candidate> {
        var selection = Selection(heap: heap, limit: limit, blocked: unblocked, itemCount: itemCount)
        sums[item] = 0
        take { row, sum in
            let similarity = weighting.similarity(sum, of: item, to: row)
            if similarity > 0 { selection.offer(UInt32(row), similarity) }
        }
        return UnsafeMutableBufferPointer(mutating: selection.finish())
    }

    /// Hands out what is not zero; the sums are zero afterwards. In an order of its own, always the same.
    @inline(__always)
    func take(_ body: (_ row: Int, _ sum: Float) -> Void) {
        if let inCommon { forgetRare(inCommon) }
        @inline(__always)
        func consider(_ row: Int) {
            let sum = sums[row]
            sums[row] = 0
            if sum > 0 { body(row, sum) }
        }
        if isDense {
            for row in 0..<itemCount { consider(row) }
        } else {
            for i in 0..<touchedCount { consider(Int(touched[i])) }
        }
    }
}
