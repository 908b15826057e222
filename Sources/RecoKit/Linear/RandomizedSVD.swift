/// The largest singular values of a sparse matrix with their right singular vectors, by randomised block Krylov
/// iteration (Halko, Martinsson, Shkolnisky and Tygert 2011, doi:10.1137/100804139; Musco and Musco 2015,
/// arXiv:1504.05477).
///
/// The common randomised SVD (Halko, Martinsson and Tropp 2011, doi:10.1137/090771806) keeps only the last power of
/// the matrix applied to a wide random block, and needs tens of iterations before the small singular values of
/// shopping data are right. Keeping all powers of a narrow block, the same work gives values exact to 0.1 % and
/// usually far better. The work stops when what is still missing, extrapolated from the last two changes of the
/// singular values, is below the tolerance.
struct RandomizedSVD {
    /// Largest first.
    let singularValues: [Float]  // (rank)
    let rightVectors: DenseMatrix  // (columns, rank)

    var rank: Int { singularValues.count }

    /// Vectors per step: a row of them is a cache line.
    static let blockWidth = 16

    /// Finds at most `rank` singular values; fewer if the matrix has no more that differ from zero.
    ///
    /// `transposed` is `matrix` transposed; `progress` is called between the steps, which usually end long before the
    /// total. O(width entries + width² min(rows, columns)), where a width of four times the rank is usual.
    init(
        _ matrix: SparseRows, transposed: SparseRows, rank: Int, tolerance: Double, seed: UInt64, threads: Int,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        // Four times more than usual: a spectrum so flat has no values that are worth more work.
        let steps = rank + Self.blockWidth
        // The basis lives on the shorter side.
        let onRows = matrix.rowCount <= matrix.columnCount
        let (short, long) = onRows ? (matrix, transposed) : (transposed, matrix)

        let start = try DenseMatrix(
            rowCount: short.columnCount, columnCount: min(Self.blockWidth, short.rowCount, short.columnCount))
        var generator = SeededGenerator(seed: seed)
        for i in 0..<start.elements.count { start.base[i] = generator.nextNormal() }
        var block = try short.times(start, threads: threads).orthonormalBasis(threads: threads)

        let basis = KrylovBasis(rowCount: short.rowCount, expected: 4 * rank + 4 * Self.blockWidth)
        var last: [Double] = []
        var lastChange = Double.infinity
        for step in 0..<steps {
            try progress(step, steps)
            try basis.append(block)
            let image = try short.times(long.times(block, threads: threads), threads: threads)
            guard let next = try basis.extend(with: image, threads: threads) else { break }
            block = next
            if basis.width >= min(rank + Self.blockWidth, short.rowCount), step % 2 == 1 {
                let values = try basis.ritzValues(rank)
                let change = zip(values, last).map { abs($0 - $1) / (2 * $0) }.max() ?? .infinity
                if values.count == last.count, lastChange.isFinite, change * change / lastChange <= tolerance { break }
                (last, lastChange) = (values, change)
            }
        }
        try progress(steps, steps)

        // One more Rayleigh-Ritz step takes the rounding errors of the iteration out of values and vectors.
        let leading = try basis.ritzVectors(rank, threads: threads)  // (short side, rank)
        let image = try long.times(leading, threads: threads)  // (long side, rank)
        let (squares, vectors) = try symmetricEigen(image.gram(threads: threads), size: image.columnCount)
        let largest = squares.first ?? 0
        let kept = squares.prefix { $0 > 1e-10 * largest }.count
        singularValues = squares.prefix(kept).map { Float($0.squareRoot()) }
        var mapping = [Float](repeating: 0, count: image.columnCount * kept)
        for j in 0..<kept {
            // The image of a left vector is its right one times the singular value.
            let scale = onRows ? 1 / squares[j].squareRoot() : 1
            for i in 0..<image.columnCount {
                mapping[i * kept + j] = Float(vectors[j * image.columnCount + i] * scale)
            }
        }
        rightVectors = try (onRows ? image : leading).times(mapping, width: kept, threads: threads)
    }
}
