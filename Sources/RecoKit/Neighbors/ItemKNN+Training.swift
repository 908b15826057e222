extension ItemKNN {
    /// Compares every item with all that share a user with it and keeps the most similar ones; equally similar ones in
    /// order of row. O(sum over users of (items of the user)^2 + items x neighbours) on top of the selection; memory
    /// for the weights, the answer, and two vectors over items per thread.
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> ItemKNN {
        let interactions = data.interactions
        let itemCount = interactions.itemCount
        let limit = min(settings.integer("neighbors"), max(itemCount - 1, 1))
        let comparison = try Comparison(interactions, settings: settings, run: run)

        var neighbors = [UInt32](repeating: 0, count: itemCount * limit)
        var similarities = [Float](repeating: 0, count: itemCount * limit)
        var counts = [Int](repeating: 0, count: itemCount)
        try neighbors.withUnsafeMutableBufferPointer { neighbors in
            try similarities.withUnsafeMutableBufferPointer { similarities in
                try counts.withUnsafeMutableBufferPointer { counts in
                    nonisolated(unsafe) let (neighbors, similarities, counts) = (neighbors, similarities, counts)
                    try comparison.run(limit: limit, run: run) { item, found in
                        counts[item] = found.count
                        for i in 0..<found.count {
                            neighbors[item * limit + i] = found[i].row
                            similarities[item * limit + i] = found[i].score
                        }
                    }
                }
            }
        }

        // Lists that are not full leave gaps; close them in place.
        var offsets: [UInt64] = [0]
        offsets.reserveCapacity(itemCount + 1)
        var end = 0
        for item in 0..<itemCount {
            for i in 0..<counts[item] {
                neighbors[end] = neighbors[item * limit + i]
                similarities[end] = similarities[item * limit + i]
                end += 1
            }
            offsets.append(UInt64(end))
        }
        neighbors.removeSubrange(end...)
        similarities.removeSubrange(end...)
        return ItemKNN(
            offsets: RaggedOffsets(offsets: Column(offsets)), neighbors: Column(neighbors),
            similarities: Column(similarities))
    }
}

/// The comparison of all pairs of items.
private struct Comparison {
    let interactions: Interactions
    let weighting: ItemWeighting
    let weights: [Float]  // (entries of byUser)

    init(_ interactions: Interactions, settings: Settings, run: TrainingRun) throws {
        self.interactions = interactions
        let weighting = ItemWeighting(interactions, settings: settings)
        self.weighting = weighting
        let byUser = interactions.byUser
        var weights = [Float](repeating: 0, count: byUser.entryCount)
        try weights.withUnsafeMutableBufferPointer { weights in
            nonisolated(unsafe) let weights = weights
            try parallelFor(byUser.rowCount, chunk: 256, threads: run.threads) { users, _ in
                for user in users {
                    for entry in byUser.range(user) {
                        weights[entry] = weighting.weight(
                            byUser.values[entry], item: Int(byUser.columns[entry]), user: user)
                    }
                }
            }
        }
        self.weights = weights
    }

    /// Hands each item's `limit` best neighbours to `body`, best first, from any thread.
    func run(limit: Int, run: TrainingRun, _ body: (_ item: Int, _ found: UnsafeBufferPointer<Candidate>) -> Void)
        throws
    {
        let itemCount = interactions.itemCount
        let workers = (0..<run.threads).map { _ in Accumulator(itemCount: itemCount, limit: limit) }
        try interactions.byUser.columns.withUnsafeBufferPointer { columns in
            try weights.withUnsafeBufferPointer { weights in
                try parallelFor(itemCount, chunk: 16, threads: run.threads) { items, worker in
                    // Worker 0 is the caller's own thread: the only one that may talk to it.
                    if worker == 0 { try run.progress("comparing items", items.lowerBound, itemCount) }
                    for item in items {
                        workers[worker].add(item, interactions, weighting, columns, weights)
                        body(item, workers[worker].takeBest(item, norms: weighting.shrunkNorms))
                    }
                }
            }
        }
        try run.progress("comparing items", itemCount, itemCount)
    }
}

/// One thread's sums: an item's similarity to every other.
private final class Accumulator {
    private let itemCount: Int
    private let limit: Int
    private let sums: UnsafeMutablePointer<Float>  // (items): all zero between items
    private let touched: UnsafeMutablePointer<UInt32>  // (items + 1)
    private let heap: UnsafeMutablePointer<Candidate>  // (limit)
    private let unblocked: UnsafeMutablePointer<UInt64>  // a bit per item, none set
    private var touchedCount = 0
    /// So many additions that most items are touched: look at all of them instead of listing which.
    private var isDense = false

    init(itemCount: Int, limit: Int) {
        self.itemCount = itemCount
        self.limit = limit
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
    }

    /// Adds up the products of weights of `item` with all items of its users.
    func add(
        _ item: Int, _ interactions: Interactions, _ weighting: ItemWeighting, _ columns: UnsafeBufferPointer<UInt32>,
        _ weights: UnsafeBufferPointer<Float>
    ) {
        let byItem = interactions.byItem
        let byUser = interactions.byUser
        var additions = 0
        for entry in byItem.range(item) { additions += byUser.range(Int(byItem.columns[entry])).count }
        isDense = additions > itemCount
        touchedCount = 0
        for entry in byItem.range(item) {
            let user = Int(byItem.columns[entry])
            let weight = weighting.weight(byItem.values[entry], item: item, user: user)
            let range = byUser.range(user)
            let rows = UnsafeBufferPointer(rebasing: columns[range])
            let others = UnsafeBufferPointer(rebasing: weights[range])
            if isDense { addAll(rows, others, times: weight) } else { addListed(rows, others, times: weight) }
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

    /// The best of all but `item` itself; the sums are zero afterwards.
    func takeBest(_ item: Int, norms: [Float]) -> UnsafeBufferPointer<Candidate> {
        var selection = Selection(heap: heap, limit: limit, blocked: unblocked, itemCount: itemCount)
        sums[item] = 0
        let norm = norms.isEmpty ? 0 : norms[item]
        @inline(__always)
        func consider(_ row: Int) {
            var similarity = sums[row]
            sums[row] = 0
            guard similarity > 0 else { return }
            if !norms.isEmpty {
                let both = norm * norms[row]
                similarity *= both / (both + 1)
            }
            selection.offer(UInt32(row), similarity)
        }
        if isDense {
            for row in 0..<itemCount { consider(row) }
        } else {
            for i in 0..<touchedCount { consider(Int(touched[i])) }
        }
        return selection.finish()
    }
}
