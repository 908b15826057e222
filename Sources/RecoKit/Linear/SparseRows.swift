/// A sparse matrix in compressed rows: row r holds `columns[offsets[r] ..< offsets[r + 1]]`, ascending, and `values`.
public struct SparseRows: Sendable {
    public var offsets: [Int]  // (rows + 1)
    public var columns: [UInt32]  // (entries)
    public var values: [Float]  // (entries)
    public let columnCount: Int

    public init(offsets: [Int], columns: [UInt32], values: [Float], columnCount: Int) {
        self.offsets = offsets
        self.columns = columns
        self.values = values
        self.columnCount = columnCount
    }

    public var rowCount: Int { offsets.count - 1 }
    public var entryCount: Int { columns.count }

    public func range(_ row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

    /// Rows become columns. O(entries + rows + columns).
    public func transposed() -> SparseRows {
        var starts = [Int](repeating: 0, count: columnCount + 1)
        for column in columns { starts[Int(column) + 1] += 1 }
        for c in 0..<columnCount { starts[c + 1] += starts[c] }
        var next = starts
        var outColumns = [UInt32](repeating: 0, count: columns.count)
        var outValues = [Float](repeating: 0, count: columns.count)
        for row in 0..<rowCount {
            for entry in range(row) {
                let c = Int(columns[entry])
                let to = next[c]
                outColumns[to] = UInt32(row)
                outValues[to] = values[entry]
                next[c] = to + 1
            }
        }
        return SparseRows(offsets: starts, columns: outColumns, values: outValues, columnCount: rowCount)
    }
}
