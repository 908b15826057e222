/// A list for every item, filled by many threads at once and then packed into an `ItemSimilarityTable`.
///
/// Memory: 8 bytes x items x limit until it is packed.
struct ItemLists {
    private let itemCount: Int
    private let limit: Int
    private var rows: [UInt32]  // (items, limit)
    private var values: [Float]  // (items, limit)
    private var counts: [Int]  // (items)

    init(itemCount: Int, limit: Int) {
        self.itemCount = itemCount
        self.limit = limit
        rows = [UInt32](repeating: 0, count: itemCount * limit)
        values = [Float](repeating: 0, count: itemCount * limit)
        counts = [Int](repeating: 0, count: itemCount)
    }

    /// Where the threads put their lists: each item's is written once, by one of them.
    struct Places: @unchecked Sendable {
        fileprivate let limit: Int
        fileprivate let rows: UnsafeMutableBufferPointer<UInt32>
        fileprivate let values: UnsafeMutableBufferPointer<Float>
        fileprivate let counts: UnsafeMutableBufferPointer<Int>

        /// Sets an item's list, best first; no longer than the limit.
        func set(_ item: Int, _ list: UnsafeBufferPointer<Candidate>) {
            counts[item] = list.count
            for i in 0..<list.count {
                rows[item * limit + i] = list[i].row
                values[item * limit + i] = list[i].score
            }
        }

        func set(_ item: Int, _ list: [Candidate]) { list.withUnsafeBufferPointer { set(item, $0) } }

        func list(_ item: Int) -> some Sequence<Candidate> {
            (item * limit..<item * limit + counts[item]).lazy.map { Candidate(row: rows[$0], score: values[$0]) }
        }
    }

    mutating func fill(_ body: (Places) throws -> Void) throws {
        let limit = limit
        try rows.withUnsafeMutableBufferPointer { rows in
            try values.withUnsafeMutableBufferPointer { values in
                try counts.withUnsafeMutableBufferPointer { counts in
                    try body(Places(limit: limit, rows: rows, values: values, counts: counts))
                }
            }
        }
    }

    /// Closes the gaps of lists that are not full, in place. The lists are of no use afterwards.
    consuming func table() -> ItemSimilarityTable {
        var offsets: [UInt64] = [0]
        offsets.reserveCapacity(itemCount + 1)
        var end = 0
        for item in 0..<itemCount {
            for i in 0..<counts[item] {
                rows[end] = rows[item * limit + i]
                values[end] = values[item * limit + i]
                end += 1
            }
            offsets.append(UInt64(end))
        }
        rows.removeSubrange(end...)
        values.removeSubrange(end...)
        return ItemSimilarityTable(
            offsets: RaggedOffsets(offsets: Column(offsets)), neighbors: Column(rows), similarities: Column(values))
    }
}
