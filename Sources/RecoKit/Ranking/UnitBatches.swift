/// The units of an epoch in an order of their own: chunks of whole units, some of them a mini-batch.
struct UnitBatches {
    private var units: [UInt32]
    private let table: RankingTable
    private let chunkRows: Int
    private let batchRows: Int
    /// Chunks of a mini-batch at most, and rows of a chunk.
    let mostChunks: Int
    let longestChunk: Int

    /// Rows of a chunk where units allow: enough to be worth a matrix product, few enough to stay in cache.
    private static let usualChunk = 256

    init(_ units: [UInt32], _ table: RankingTable, batchRows: Int) {
        (self.units, self.table, self.batchRows) = (units, table, batchRows)
        chunkRows = min(batchRows, Self.usualChunk)
        mostChunks = 2 * max(1, batchRows / chunkRows)
        longestChunk = units.reduce(chunkRows) { max($0, table.rows(ofUnit: $1).count) }
    }

    struct Batch {
        var chunks: [ArraySlice<UInt32>]
        var rows: Int
    }

    /// A new order, for the next epoch. O(units).
    mutating func shuffle(using generator: inout SeededGenerator) { units.shuffle(using: &generator) }

    /// All mini-batches in order.
    func forEach(_ body: (Batch) throws -> Void) rethrows {
        var batch = Batch(chunks: [], rows: 0)
        for (chunk, rows) in chunks() {
            batch.chunks.append(chunk)
            batch.rows += rows
            if batch.rows >= batchRows || batch.chunks.count == mostChunks {
                try body(batch)
                batch = Batch(chunks: [], rows: 0)
            }
        }
        if !batch.chunks.isEmpty { try body(batch) }
    }

    /// The units cut into chunks.
    func chunks() -> [(units: ArraySlice<UInt32>, rows: Int)] {
        var chunks: [(units: ArraySlice<UInt32>, rows: Int)] = []
        var (start, rows) = (0, 0)
        for (place, unit) in units.enumerated() {
            let more = table.rows(ofUnit: unit).count
            if rows + more > chunkRows, place > start {
                chunks.append((units[start..<place], rows))
                (start, rows) = (place, 0)
            }
            rows += more
        }
        if start < units.count { chunks.append((units[start...], rows)) }
        return chunks
    }
}
