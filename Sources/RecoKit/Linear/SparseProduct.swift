extension SparseRows {
    /// Self · `dense`: (rows, dense columns). O(entries columns); the same bits whatever the number of threads, as
    /// each row is one sum in the order of its entries.
    func times(_ dense: DenseMatrix, threads: Int) throws -> DenseMatrix {
        precondition(columnCount == dense.rowCount)
        let product = try DenseMatrix(rowCount: rowCount, columnCount: dense.columnCount)
        guard dense.columnCount > 0 else { return product }
        try columns.withUnsafeBufferPointer { columns in
            try values.withUnsafeBufferPointer { values in
                guard let columns = columns.baseAddress, let values = values.baseAddress else { return }
                try parallelFor(rowCount, chunk: 64, threads: threads) { rows, _ in
                    for row in rows {
                        let entries = self.range(row)
                        Kernels.best.addWeightedRows(
                            of: dense.base, rank: dense.columnCount, rows: columns + entries.lowerBound,
                            weights: values + entries.lowerBound, count: entries.count, to: product.row(row))
                    }
                }
            }
        }
        return product
    }
}
