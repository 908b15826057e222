extension ItemLists {
    /// A table whose rows are these lists' columns: where place j's list has place i with a weight, row `items[i]` has
    /// `items[j]`. The weights of the largest magnitude come first, and a row holds no more of them than are read.
    ///
    /// O(entries log entries of a row); memory 8 bytes x entries.
    mutating func transposed(items: [UInt32], itemCount: Int, threads: Int) throws -> ItemSimilarityTable {
        var starts = [Int](repeating: 0, count: itemCount + 1)
        var rows: [UInt32] = []
        var values: [Float] = []
        try fill { lists in
            for place in items.indices {
                for entry in lists.list(place) { starts[Int(items[Int(entry.row)]) + 1] += 1 }
            }
            for item in 0..<itemCount { starts[item + 1] += starts[item] }
            rows = [UInt32](repeating: 0, count: starts[itemCount])
            values = [Float](repeating: 0, count: starts[itemCount])
            var next = starts
            for place in items.indices {
                for entry in lists.list(place) {
                    let item = Int(items[Int(entry.row)])
                    rows[next[item]] = items[place]
                    values[next[item]] = entry.score
                    next[item] += 1
                }
            }
        }
        try Self.sortRows(starts, &rows, &values, threads: threads)
        var offsets: [UInt64] = [0]
        offsets.reserveCapacity(itemCount + 1)
        var end = 0
        for item in 0..<itemCount {
            for entry in (starts[item]..<starts[item + 1]).prefix(ItemSimilarityTable.maximumNeighbors) {
                rows[end] = rows[entry]
                values[end] = values[entry]
                end += 1
            }
            offsets.append(UInt64(end))
        }
        rows.removeSubrange(end...)
        values.removeSubrange(end...)
        return ItemSimilarityTable(
            offsets: RaggedOffsets(offsets: Column(offsets)), neighbors: Column(rows), similarities: Column(values))
    }

    private static func sortRows(
        _ starts: [Int], _ rows: inout [UInt32], _ values: inout [Float], threads: Int
    ) throws {
        try rows.withUnsafeMutableBufferPointer { rows in
            try values.withUnsafeMutableBufferPointer { values in
                nonisolated(unsafe) let (rows, values) = (rows, values)
                try parallelFor(starts.count - 1, chunk: 64, threads: threads) { items, _ in
                    var list: [Candidate] = []
                    for item in items {
                        let start = starts[item]
                        list.removeAll(keepingCapacity: true)
                        for entry in start..<starts[item + 1] {
                            list.append(Candidate(row: rows[entry], score: values[entry]))
                        }
                        list.sort {
                            let (a, b) = ($0.score.magnitude, $1.score.magnitude)
                            return a != b ? a > b : $0.row < $1.row
                        }
                        for (i, entry) in list.enumerated() {
                            rows[start + i] = entry.row
                            values[start + i] = entry.score
                        }
                    }
                }
            }
        }
    }
}
