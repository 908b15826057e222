/// The rows of an epoch in an order of their own, cut into mini-batches: the same ones for the same seed.
struct MiniBatches {
    private var order: [UInt32]  // (rows)
    let batchRows: Int

    init(rows: Int, batchRows: Int) { self.init(units: (0..<rows).map { UInt32($0) }, batchRows: batchRows) }

    /// Some rows only.
    init(units rows: [UInt32], batchRows: Int) {
        order = rows
        self.batchRows = batchRows
    }

    var count: Int { (order.count + batchRows - 1) / batchRows }

    /// A new order, for the next epoch. O(rows).
    mutating func shuffle(using generator: inout SeededGenerator) { order.shuffle(using: &generator) }

    subscript(batch: Int) -> ArraySlice<UInt32> {
        order[batch * batchRows..<min(order.count, (batch + 1) * batchRows)]
    }
}
