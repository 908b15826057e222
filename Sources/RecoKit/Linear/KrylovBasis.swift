/// An orthonormal basis Q that grows by blocks, and the matrix Qᵀ M Q of a symmetric operator M restricted to it.
///
/// Full orthogonalisation, twice, in float32: the leading vectors converge early, and without it they would come back.
final class KrylovBasis {
    private(set) var width = 0
    private let rowCount: Int
    private var storage: DenseMatrix?  // (rows, capacity), of which `width` columns are in use
    private let expected: Int
    /// Qᵀ M Q, column after column as blocks come; column j has its entries 0 ... j and those of its own block.
    private var columns: [[Double]] = []

    /// `expected` is the width that will probably be needed.
    init(rowCount: Int, expected: Int) {
        self.rowCount = rowCount
        self.expected = expected
    }

    /// Adds the columns of `block`, which are orthonormal and orthogonal to the basis.
    func append(_ block: DenseMatrix) throws {
        let needed = width + block.columnCount
        let old = storage
        if needed > (old?.columnCount ?? 0) {
            let grown = try DenseMatrix(rowCount: rowCount, columnCount: max(expected, needed + needed / 2))
            if let old {
                for row in 0..<rowCount { grown.row(row).update(from: old.row(row), count: width) }
            }
            storage = grown
        }
        guard let storage else { return }
        for row in 0..<rowCount { (storage.row(row) + width).update(from: block.row(row), count: block.columnCount) }
        width = needed
    }

    /// Takes `image` = M · (the block added last), and returns the part of it that is new, as an orthonormal block to
    /// be added next; nil if there is nothing new, so that the basis holds all there is to find.
    func extend(with image: DenseMatrix, threads: Int) throws -> DenseMatrix? {
        guard let storage else { return nil }
        let coefficients = try storage.leadingColumnsTransposed(width, times: image, threads: threads)
        for j in 0..<image.columnCount {
            columns.append((0..<width).map { coefficients[$0 * image.columnCount + j] })
        }
        guard width < rowCount else { return nil }
        try image.subtract(storage, leadingColumns: width, times: coefficients, threads: threads)
        // What is shorter than this beside the operator's own size is rounding error.
        let scale = columns.enumerated().map { $1[$0] }.max() ?? 0
        let rough = try image.orthonormalBasis(floor: 1e-12 * scale * scale, threads: threads)
        guard rough.columnCount > 0 else { return nil }
        let rest = try storage.leadingColumnsTransposed(width, times: rough, threads: threads)
        try rough.subtract(storage, leadingColumns: width, times: rest, threads: threads)
        let block = try rough.orthonormalBasis(floor: 0.25, threads: threads)
        return block.columnCount > 0 ? block : nil
    }

    /// The largest eigenvalues of the operator within the basis, at most `count`, without those that are zero.
    func ritzValues(_ count: Int) throws -> [Double] {
        let values = try symmetricEigenvalues(restriction(), size: width)
        return Array(values.prefix(count).prefix { $0 > 1e-10 * values[0] })
    }

    /// The eigenvectors that belong to the largest eigenvalues: (rows, at most `count`).
    func ritzVectors(_ count: Int, threads: Int) throws -> DenseMatrix {
        guard let storage else { return try DenseMatrix(rowCount: rowCount, columnCount: 0) }
        let (_, vectors) = try symmetricEigen(restriction(), size: width)
        let count = min(count, width)
        var mapping = [Float](repeating: 0, count: width * count)
        for j in 0..<count {
            for i in 0..<width { mapping[i * count + j] = Float(vectors[j * width + i]) }
        }
        return try storage.leadingColumns(width, times: mapping, width: count, threads: threads)
    }

    /// Qᵀ M Q, (width, width).
    private func restriction() -> [Double] {
        var matrix = [Double](repeating: 0, count: width * width)
        for j in 0..<width {
            for i in 0...j {
                matrix[i * width + j] = columns[j][i]
                matrix[j * width + i] = columns[j][i]
            }
        }
        return matrix
    }
}
