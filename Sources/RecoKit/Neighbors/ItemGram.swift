import Glibc

/// XᵀX over the items that have events, as a sparse matrix of bounded size, with each item's support: the items that
/// tell most about it one by one.
///
/// X holds the values of users and items in units of their root mean square, a user's row times the root of what the
/// user counts. Alone, with a penalty λ_i, item i explains G_ij² / (G_ii + λ_i) of item j's squares; an item's support
/// are those that explain most of it (sure independence screening: Fan and Lv 2008,
/// doi:10.1111/j.1467-9868.2008.00674.x).
///
/// Items are named by place, the most popular first, and a pair of items is held once, in the row of the less popular
/// one: the rows of popular items are short because little is more popular, those of the others because they have few
/// events. A row that is longer than the budget allows keeps the entries that explain most; what it drops counts as 0.
/// O(sum over users of items²) operations and 8 bytes for each entry kept.
final class ItemGram: @unchecked Sendable {
    let items: [UInt32]  // (known): item rows in order of place
    let diagonal: [Float]  // (known)
    private let rows: UnsafeMutableBufferPointer<Row>  // (known)
    private let blocks: [EntryBlocks]

    /// Entries with more popular items: their places, and their values. Nil where there are none.
    struct Row {
        var places: UnsafeMutablePointer<UInt32>?
        var values: UnsafeMutablePointer<Float>?
        var count = 0
    }

    /// Builds the matrix, and with it each place's support: the places in it and the entries of the matrix for them.
    static func build(
        _ interactions: Interactions, _ weights: RegressionWeights, budget: Budget, run: TrainingRun
    ) throws -> (gram: ItemGram, supports: ItemLists) {
        let weighting = GramWeighting(interactions, weights)
        let gram = ItemGram(interactions.byItem, budget.order, weighting, threads: run.threads)
        var supports = ItemLists(itemCount: budget.order.count, limit: budget.support)
        let comparison = try ItemComparison(interactions, weighting, threads: run.threads)
        try supports.fill { supports in
            try gram.fill(interactions.itemCount, comparison, weights, supports, budget, run: run)
        }
        return (gram, supports)
    }

    private init(_ byItem: SparseRows, _ order: [UInt32], _ weighting: GramWeighting, threads: Int) {
        items = order
        diagonal = order.map { item in
            Float(
                byItem.range(Int(item)).reduce(0.0) { sum, entry in
                    sum + weighting.square(byItem.values[entry], item: Int(item), user: Int(byItem.columns[entry]))
                })
        }
        rows = .allocate(capacity: order.count)
        rows.initialize(repeating: Row())
        blocks = (0..<threads).map { _ in EntryBlocks() }
    }

    deinit { rows.deallocate() }

    private func fill(
        _ itemCount: Int, _ comparison: ItemComparison<GramWeighting>, _ weights: RegressionWeights,
        _ supports: ItemLists.Places, _ budget: Budget, run: TrainingRun
    ) throws {
        let count = items.count
        var places = [UInt32](repeating: .max, count: itemCount)
        for (place, item) in items.enumerated() { places[Int(item)] = UInt32(place) }
        let inverses = diagonal.map { 1 / ($0 + weights.penalty($0)) }
        let rankings = (0..<run.threads).map { _ in
            RowRanking(count: count, limit: max(budget.support, budget.rowEntries), inverses)
        }
        try comparison.forEachItem(limit: 0, run: run) { item, sums, worker in
            let place = Int(places[item])
            guard place < count else { return }
            let ranking = rankings[worker]
            ranking.take(sums, except: item, places: places)
            supports.set(place, ranking.best(budget.support, before: count))
            rows[place] = try blocks[worker].row(ranking.best(budget.rowEntries, before: place))
        }
    }

    /// Copies the entries of `place`'s row into `out[positions[other]]`. What has a position of 0 ends up in `out[0]`.
    @inline(__always)
    func scatter(_ place: Int, _ positions: UnsafePointer<UInt16>, into out: UnsafeMutablePointer<Float>) {
        let row = rows[place]
        guard let places = row.places, let values = row.values else { return }
        for i in 0..<row.count { out[Int(positions[Int(places[i])])] = values[i] }
    }
}

/// What the user counts on the way to the user, and plain values in their unit on both ways.
struct GramWeighting: PairWeighting {
    private let unit: Float
    private let users: [Float]

    init(_ interactions: Interactions, _ weights: RegressionWeights) {
        let values = interactions.byUser.values
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(values.count, 1))
        unit = Float(1 / max(square, Double(Float.leastNormalMagnitude)).squareRoot())
        users = weights.users
    }

    @inline(__always)
    func weight(_ value: Float, item: Int, user: Int) -> Float { Self.bounded(value * unit * users[user]) }

    @inline(__always)
    func weightBack(_ value: Float, item: Int, user: Int) -> Float { Self.bounded(value * unit) }

    @inline(__always)
    func similarity(_ sum: Float, of item: Int, to other: Int) -> Float { sum }

    func square(_ value: Float, item: Int, user: Int) -> Double {
        Double(weight(value, item: item, user: user)) * Double(weightBack(value, item: item, user: user))
    }
}

/// One thread's copy of a row of the matrix, of which it finds the entries that explain most.
private final class RowRanking {
    private let places: UnsafeMutablePointer<UInt32>  // (known + 1)
    private let values: UnsafeMutablePointer<Float>  // (known + 1)
    private let heap: UnsafeMutablePointer<Candidate>  // (limit)
    private let unblocked: UnsafeMutablePointer<UInt64>  // a bit per entry, none set
    private let inverses: [Float]  // (known): 1 / (G_ii + λ_i)
    private let capacity: Int
    private var count = 0

    init(count: Int, limit: Int, _ inverses: [Float]) {
        self.inverses = inverses
        capacity = count
        places = .allocate(capacity: count + 1)
        values = .allocate(capacity: count + 1)
        heap = .allocate(capacity: min(limit, count) + 1)
        unblocked = .allocate(capacity: count / 64 + 1)
        unblocked.initialize(repeating: 0, count: count / 64 + 1)
    }

    deinit {
        places.deallocate()
        values.deallocate()
        heap.deallocate()
        unblocked.deallocate()
    }

    func take(_ sums: ItemRow, except item: Int, places placeOf: [UInt32]) {
        count = 0
        sums.take { row, sum in
            places[count] = placeOf[row]
            values[count] = sum
            count &+= row == item ? 0 : 1
        }
    }

    /// Of the entries with places before `end` the `limit` that explain most, those first; all of them in no order.
    func best(_ limit: Int, before end: Int) -> UnsafeBufferPointer<Candidate> {
        var kept = 0
        if limit >= min(count, end) {
            for i in 0..<count where places[i] < end {
                heap[kept] = Candidate(row: places[i], score: values[i])
                kept += 1
            }
            return UnsafeBufferPointer(start: heap, count: kept)
        }
        var selection = Selection(heap: heap, limit: min(limit, capacity), blocked: unblocked, itemCount: capacity)
        for i in 0..<count where places[i] < end {
            selection.offer(UInt32(i), values[i] * values[i] * inverses[Int(places[i])])
        }
        kept = selection.finish().count
        for i in 0..<kept {
            let index = Int(heap[i].row)
            heap[i] = Candidate(row: places[index], score: values[index])
        }
        return UnsafeBufferPointer(start: heap, count: kept)
    }
}

/// One thread's memory for rows: in large blocks, which go back to the system as a whole when the matrix goes.
private final class EntryBlocks {
    private static let blockBytes = 4 << 20
    private var blocks: [UnsafeMutableRawPointer] = []
    private var used = 0
    private var size = 0

    deinit { for block in blocks { free(block) } }

    func row(_ entries: UnsafeBufferPointer<Candidate>) throws -> ItemGram.Row {
        guard !entries.isEmpty else { return ItemGram.Row() }
        let bytes = 8 * entries.count
        if used + bytes > size {
            size = max(Self.blockBytes, bytes)
            guard let block = malloc(size) else {
                throw RecoError(.outOfMemory, "no memory for a matrix of which items go together")
            }
            blocks.append(block)
            used = 0
        }
        let start = blocks[blocks.count - 1] + used
        used += bytes
        let places = start.bindMemory(to: UInt32.self, capacity: entries.count)
        let values = (start + 4 * entries.count).bindMemory(to: Float.self, capacity: entries.count)
        for (i, entry) in entries.enumerated() {
            places[i] = entry.row
            values[i] = entry.score
        }
        return ItemGram.Row(places: places, values: values, count: entries.count)
    }
}
