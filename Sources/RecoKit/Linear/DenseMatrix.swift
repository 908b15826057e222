import CBLAS
import Glibc

/// A matrix of float32 in memory of its own, row after row; for training.
///
/// A class, so that the threads of a `parallelFor` can fill rows of one matrix side by side.
final class DenseMatrix: @unchecked Sendable {
    let rowCount: Int
    let columnCount: Int
    let base: UnsafeMutablePointer<Float>  // (rows, columns)

    /// How many rows are worked on together: enough to be worth a call, few enough to stay in cache. The partition
    /// does not depend on the number of threads, so neither do sums.
    static let blockRows = 256

    /// A matrix of zeros. Throws if there is no memory for it.
    init(rowCount: Int, columnCount: Int) throws {
        self.rowCount = rowCount
        self.columnCount = columnCount
        let bytes = rowCount * columnCount * MemoryLayout<Float>.stride
        try WorkingMemory.claim(bytes, for: "a matrix of \(rowCount) x \(columnCount) numbers")
        guard let memory = calloc(max(1, rowCount * columnCount), MemoryLayout<Float>.stride) else {
            WorkingMemory.release(bytes)
            throw RecoError(.outOfMemory, "no memory for a matrix of \(rowCount) x \(columnCount) numbers")
        }
        base = memory.assumingMemoryBound(to: Float.self)
    }

    deinit {
        free(base)
        WorkingMemory.release(elements.count * MemoryLayout<Float>.stride)
    }

    var elements: UnsafeBufferPointer<Float> { .init(start: base, count: rowCount * columnCount) }

    @inline(__always)
    func row(_ row: Int) -> UnsafeMutablePointer<Float> { base + row * columnCount }

    /// Selfᵀ · self, (columns, columns). O(rows columns²).
    func gram(threads: Int) throws -> [Double] {
        let width = columnCount
        var total = try sumOverBlocks(count: width * width, threads: threads) { start, count, block in
            cblas_ssyrk(
                Int32(CblasRowMajor), Int32(CblasUpper), Int32(CblasTrans), Int32(width), Int32(count), 1,
                self.row(start), Int32(width), 0, block, Int32(width))
        }
        for i in 0..<width {
            for j in 0..<i { total[i * width + j] = total[j * width + i] }
        }
        return total
    }

    /// The first `count` columns transposed, times `right`: (count, right columns). O(rows count right columns).
    func leadingColumnsTransposed(_ count: Int, times right: DenseMatrix, threads: Int) throws -> [Double] {
        precondition(count <= columnCount && right.rowCount == rowCount)
        let width = right.columnCount
        return try sumOverBlocks(count: count * width, threads: threads) { start, rows, block in
            cblas_sgemm(
                Int32(CblasRowMajor), Int32(CblasTrans), Int32(CblasNoTrans), Int32(count), Int32(width),
                Int32(rows), 1, self.row(start), Int32(self.columnCount), right.row(start), Int32(width), 0, block,
                Int32(width))
        }
    }

    /// Sums what `body` computes for each block of rows.
    ///
    /// Blocks are computed in float32 and summed in float64: nearly as exact as float64 throughout, at the speed of
    /// float32.
    private func sumOverBlocks(
        count: Int, threads: Int, _ body: (_ start: Int, _ rows: Int, _ block: UnsafeMutablePointer<Float>) -> Void
    ) throws -> [Double] {
        guard count > 0 else { return [] }
        let pieceRows = Self.blockRows * 16
        var pieces = [[Double]](repeating: [], count: (rowCount + pieceRows - 1) / pieceRows)
        try pieces.withUnsafeMutableBufferPointer { pieces in
            let pieces = pieces
            try parallelFor(rowCount, chunk: pieceRows, threads: threads) { rows, _ in
                var sum = [Double](repeating: 0, count: count)
                var block = [Float](repeating: 0, count: count)
                for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
                    block.withUnsafeMutableBufferPointer { block in
                        body(start, min(Self.blockRows, rows.upperBound - start), block.baseAddress!)
                        for i in 0..<count { sum[i] += Double(block[i]) }
                    }
                }
                pieces[rows.lowerBound / pieceRows] = sum
            }
        }
        var total = [Double](repeating: 0, count: count)
        for piece in pieces {
            for i in 0..<count { total[i] += piece[i] }
        }
        return total
    }

    /// Self · `right`, where `right` is small: (columns, width). O(rows columns width).
    func times(_ right: [Float], width: Int, threads: Int) throws -> DenseMatrix {
        try leadingColumns(columnCount, times: right, width: width, threads: threads)
    }

    /// The first `count` columns times `right`: (count, width). O(rows count width).
    func leadingColumns(_ count: Int, times right: [Float], width: Int, threads: Int) throws -> DenseMatrix {
        precondition(count <= columnCount && right.count == count * width)
        let product = try DenseMatrix(rowCount: rowCount, columnCount: width)
        try product.add(1, self, leadingColumns: count, times: right, threads: threads)
        return product
    }

    /// self -= the first `count` columns of `left` times `right`: (count, columns).
    func subtract(_ left: DenseMatrix, leadingColumns count: Int, times right: [Double], threads: Int) throws {
        try add(-1, left, leadingColumns: count, times: right.map { Float($0) }, threads: threads)
    }

    private func add(
        _ scale: Float, _ left: DenseMatrix, leadingColumns count: Int, times right: [Float], threads: Int
    ) throws {
        precondition(left.rowCount == rowCount && count <= left.columnCount && right.count == count * columnCount)
        guard columnCount > 0, count > 0 else { return }
        try parallelFor(rowCount, chunk: Self.blockRows, threads: threads) { rows, _ in
            cblas_sgemm(
                Int32(CblasRowMajor), Int32(CblasNoTrans), Int32(CblasNoTrans), Int32(rows.count),
                Int32(self.columnCount), Int32(count), scale, left.row(rows.lowerBound), Int32(left.columnCount), right,
                Int32(self.columnCount), 1, self.row(rows.lowerBound), Int32(self.columnCount))
        }
    }

    /// Self becomes self · `right`, in place: (columns, columns). O(rows columns²).
    func replaceRows(byTimes right: [Float], threads: Int) throws {
        precondition(right.count == columnCount * columnCount)
        let width = Int32(columnCount)
        try parallelFor(rowCount, chunk: Self.blockRows, threads: threads) { rows, _ in
            let count = rows.count * self.columnCount
            withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { product in
                cblas_sgemm(
                    Int32(CblasRowMajor), Int32(CblasNoTrans), Int32(CblasNoTrans), Int32(rows.count), width, width, 1,
                    self.row(rows.lowerBound), width, right, width, 0, product.baseAddress!, width)
                self.row(rows.lowerBound).update(from: product.baseAddress!, count: count)
            }
        }
    }

    /// An orthonormal basis of the columns' span: (rows, at most columns), fewer where columns depend on each other.
    ///
    /// Through the eigenvectors of the Gram matrix, which costs two passes of matrix products instead of a
    /// Householder factorisation and does not mind a singular matrix. Orthonormal up to the square of the condition
    /// number times 1e-8; a second application makes it so up to rounding. Directions whose squared length is not
    /// above `floor` are left out.
    func orthonormalBasis(floor: Double = 0, threads: Int) throws -> DenseMatrix {
        let (values, vectors) = try symmetricEigen(gram(threads: threads), size: columnCount)
        // Below this, an eigenvalue is rounding error of the Gram matrix.
        let least = max(floor, 1e-7 * (values.first ?? 0))
        let kept = values.prefix { $0 > least }.count
        var mapping = [Float](repeating: 0, count: columnCount * kept)  // (columns, kept)
        for j in 0..<kept {
            let scale = 1 / values[j].squareRoot()
            for i in 0..<columnCount { mapping[i * kept + j] = Float(vectors[j * columnCount + i] * scale) }
        }
        return try times(mapping, width: kept, threads: threads)
    }
}
