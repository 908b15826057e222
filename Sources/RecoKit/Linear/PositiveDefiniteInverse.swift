import CBLAS

extension DenseMatrix {
    /// Rows and columns of a tile: wide enough that BLAS runs at full speed, narrow enough that there are tiles to
    /// share out. The partition does not depend on the number of threads, so neither do the results.
    private static let tile = 384

    /// Replaces a symmetric positive definite matrix by its inverse, in place; only the lower triangle is read.
    ///
    /// Cholesky factor L, then its inverse W, then Wᵀ W, each by tiles: threads share the tiles of a step and BLAS runs
    /// on one thread in each, so that results have the same bits whatever the number of threads, which BLAS's own
    /// threads do not promise. O(size³) operations, as many as LAPACK's potrf and potri; memory beyond the matrix is
    /// one column of tiles. Throws `badData` if the matrix is not positive definite in float32.
    func invertPositiveDefinite(threads: Int, progress: (_ done: Int, _ total: Int) throws -> Void) throws {
        precondition(rowCount == columnCount)
        let tiles = (rowCount + Self.tile - 1) / Self.tile
        // The three phases cost about the same, and a step of one as much as a step of the other.
        let total = 3 * tiles
        for k in 0..<tiles {
            try progress(k, total)
            try factorTiles(k, tiles, threads: threads)
        }
        let column = try DenseMatrix(rowCount: rowCount, columnCount: Self.tile)
        let corner = try DenseMatrix(rowCount: Self.tile, columnCount: Self.tile)
        for k in (0..<tiles).reversed() {
            try progress(tiles + (tiles - 1 - k), total)
            try invertFactorTiles(k, tiles, column: column, corner: corner, threads: threads)
        }
        let buffers = try (0..<max(1, threads)).map { _ in
            try DenseMatrix(rowCount: Self.tile, columnCount: Self.tile)
        }
        for i in 0..<tiles {
            try progress(2 * tiles + i, total)
            try squareTiles(i, buffers: buffers, threads: threads)
        }
        try mirrorLowerTriangle(tiles, threads: threads)
        try progress(total, total)
    }

    private func range(_ tile: Int) -> Range<Int> { tile * Self.tile..<min(rowCount, (tile + 1) * Self.tile) }
    private func place(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> { self.row(row) + column }

    /// Column `k` of the tiles of L, from the columns before it.
    private func factorTiles(_ k: Int, _ tiles: Int, threads: Int) throws {
        let columns = range(k)
        let stride = Int32(columnCount)
        let width = Int32(columns.count)
        let (start, diagonal) = (columns.lowerBound, place(columns.lowerBound, columns.lowerBound))
        if start > 0 {
            try parallelFor(tiles - k, threads: threads) { index, _ in
                let rows = self.range(k + index)
                cblas_sgemm(
                    Int32(CblasRowMajor), Int32(CblasNoTrans), Int32(CblasTrans), Int32(rows.count), width,
                    Int32(start), -1, self.row(rows.lowerBound), stride, self.row(start), stride, 1,
                    self.place(rows.lowerBound, start), stride)
            }
        }
        // A lower triangle by rows is an upper one by columns.
        let status = LAPACKE_spotrf(Int32(CblasColMajor), CChar(UInt8(ascii: "U")), width, diagonal, stride)
        guard status == 0 else {
            throw RecoError(.badData, "a \(rowCount) x \(rowCount) matrix is not positive definite in single precision")
        }
        for row in columns {
            place(row, row + 1).update(repeating: 0, count: columns.upperBound - row - 1)
        }
        try parallelFor(tiles - k - 1, threads: threads) { index, _ in
            let rows = self.range(k + 1 + index)
            cblas_strsm(
                Int32(CblasRowMajor), Int32(CblasRight), Int32(CblasLower), Int32(CblasTrans), Int32(CblasNonUnit),
                Int32(rows.count), width, 1, diagonal, stride, self.place(rows.lowerBound, start), stride)
        }
    }

    /// Column `k` of the tiles of W = L⁻¹, where the columns behind it are done: the inverse of its corner, and below
    /// it -W · (column of L) · corner.
    private func invertFactorTiles(
        _ k: Int, _ tiles: Int, column: DenseMatrix, corner: DenseMatrix, threads: Int
    ) throws {
        let columns = range(k)
        let stride = Int32(columnCount)
        let width = Int32(columns.count)
        let tile = Int32(Self.tile)
        let start = columns.lowerBound
        corner.base.update(repeating: 0, count: Self.tile * Self.tile)
        for i in 0..<columns.count { corner.row(i)[i] = 1 }
        cblas_strsm(
            Int32(CblasRowMajor), Int32(CblasRight), Int32(CblasLower), Int32(CblasNoTrans), Int32(CblasNonUnit), width,
            width, 1, place(start, start), stride, corner.base, tile)
        let below = tiles - k - 1
        try parallelFor(below, threads: threads) { index, _ in
            let rows = self.range(k + 1 + index)
            cblas_sgemm(
                Int32(CblasRowMajor), Int32(CblasNoTrans), Int32(CblasNoTrans), Int32(rows.count), width, width, -1,
                self.place(rows.lowerBound, start), stride, corner.base, tile, 0, column.row(rows.lowerBound), tile)
        }
        let first = columns.upperBound
        // The longest first, so that no thread is left with it at the end.
        try parallelFor(below, threads: threads) { index, _ in
            let rows = self.range(tiles - 1 - index)
            cblas_sgemm(
                Int32(CblasRowMajor), Int32(CblasNoTrans), Int32(CblasNoTrans), Int32(rows.count), width,
                Int32(rows.upperBound - first), 1, self.place(rows.lowerBound, first), stride, column.row(first), tile,
                0, self.place(rows.lowerBound, start), stride)
        }
        for i in 0..<columns.count { place(start + i, start).update(from: corner.row(i), count: columns.count) }
    }

    /// Row `i` of the tiles of Wᵀ W. It reads the rows of W from `i` on and writes over row `i`, which no later one
    /// needs; the corner, which all tiles of the row read, comes last.
    private func squareTiles(_ i: Int, buffers: [DenseMatrix], threads: Int) throws {
        let rows = range(i)
        func square(_ j: Int, _ buffer: DenseMatrix) {
            let columns = range(j)
            cblas_sgemm(
                Int32(CblasRowMajor), Int32(CblasTrans), Int32(CblasNoTrans), Int32(rows.count), Int32(columns.count),
                Int32(rowCount - rows.lowerBound), 1, place(rows.lowerBound, rows.lowerBound), Int32(columnCount),
                place(rows.lowerBound, columns.lowerBound), Int32(columnCount), 0, buffer.base, Int32(Self.tile))
            for row in 0..<rows.count {
                place(rows.lowerBound + row, columns.lowerBound).update(from: buffer.row(row), count: columns.count)
            }
        }
        try parallelFor(i, threads: threads) { j, worker in square(j, buffers[worker]) }
        square(i, buffers[0])
    }

    private func mirrorLowerTriangle(_ tiles: Int, threads: Int) throws {
        try parallelFor(tiles, threads: threads) { index, _ in
            for other in 0...index {
                for row in self.range(index) {
                    let source = self.row(row)
                    for column in self.range(other) where column < row { self.row(column)[row] = source[column] }
                }
            }
        }
    }
}
