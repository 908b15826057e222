/// A sparse matrix in compressed rows: row r holds `columns[offsets[r] ..< offsets[r + 1]]`, ascending, and `values`.
public struct SparseRows: Sendable {
    public var offsets: [Int]  // (rows + 1)
    public var columns: LargeArray<UInt32>  // (entries)
    public var values: LargeArray<Float>  // (entries)
    public let columnCount: Int

    public init(offsets: [Int], columns: LargeArray<UInt32>, values: LargeArray<Float>, columnCount: Int) {
        self.offsets = offsets
        self.columns = columns
        self.values = values
        self.columnCount = columnCount
    }

    public init(offsets: [Int], columns: [UInt32], values: [Float], columnCount: Int) {
        self.init(
            offsets: offsets, columns: LargeArray(columns), values: LargeArray(values), columnCount: columnCount)
    }

    public var rowCount: Int { offsets.count - 1 }
    public var entryCount: Int { columns.count }

    public func range(_ row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

    /// So many entries of the result are filled in one pass: what is written to at random stays in memory then, also
    /// where the arrays do not.
    private static let entriesPerPass = 1 << 26

    /// Rows become columns. O(entries + rows + columns) for each 67 million entries.
    public func transposed() throws -> SparseRows {
        var starts = [Int](repeating: 0, count: columnCount + 1)
        columns.withUnsafeBufferPointer { columns in
            for column in columns { starts[Int(column) + 1] += 1 }
        }
        for c in 0..<columnCount { starts[c + 1] += starts[c] }
        var next = starts
        var outColumns = try LargeArray<UInt32>(uninitialized: columns.count)
        var outValues = try LargeArray<Float>(uninitialized: columns.count)
        columns.withUnsafeBufferPointer { columns in
            values.withUnsafeBufferPointer { values in
                outColumns.withUnsafeMutableBufferPointer { outColumns in
                    outValues.withUnsafeMutableBufferPointer { outValues in
                        var first = 0
                        while first < columnCount {
                            var end = first + 1
                            while end < columnCount, starts[end + 1] - starts[first] <= Self.entriesPerPass { end += 1 }
                            for row in 0..<rowCount {
                                for entry in range(row) {
                                    let c = Int(columns[entry])
                                    guard c >= first, c < end else { continue }
                                    outColumns[next[c]] = UInt32(row)
                                    outValues[next[c]] = values[entry]
                                    next[c] += 1
                                }
                            }
                            first = end
                        }
                    }
                }
            }
        }
        return SparseRows(offsets: starts, columns: outColumns, values: outValues, columnCount: rowCount)
    }
}
