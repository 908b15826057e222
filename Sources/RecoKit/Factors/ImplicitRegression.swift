/// Ridge regression of users' vectors on which items they have: minimises
/// Σ s |t - base - n^-½ Σ y|² + λ Σ |y|² over the items' vectors y, with the inner sum over a user's n items and s the
/// user's stiffness.
///
/// All columns are solved at once by conjugate gradients, each with step lengths of its own.
/// O(steps pairs rank); the same bits whatever the number of threads.
final class ImplicitRegression {
    /// y of each item.
    let weights: DenseMatrix  // (items, rank)
    private let byUser: SparseRows  // (users, items): √(s / n)
    private let byItem: SparseRows  // the same, transposed
    private let roots: [Float]  // (users): √s
    private let regularization: Float
    private let threads: Int

    init(
        _ pairs: SparseRows, stiffness: (_ count: Int) -> Float, regularization: Float, rank: Int, threads: Int
    ) throws {
        var byUser = pairs
        roots = (0..<pairs.rowCount).map { stiffness(pairs.range($0).count).squareRoot() }
        for user in 0..<pairs.rowCount {
            let entries = pairs.range(user)
            for entry in entries { byUser.values[entry] = roots[user] / Float(entries.count).squareRoot() }
        }
        self.byUser = byUser
        byItem = try byUser.transposed()
        self.regularization = regularization
        self.threads = threads
        weights = try DenseMatrix(rowCount: pairs.columnCount, columnCount: rank)
    }

    /// base + n^-½ Σ y for every user: (users, rank).
    func predictions(base: DenseMatrix) throws -> DenseMatrix {
        let sums = try byUser.times(weights, threads: threads)
        for user in 0..<sums.rowCount {
            let scale = roots[user] > 0 ? 1 / roots[user] : 0
            for k in 0..<sums.columnCount { sums.row(user)[k] = base.base[k] + scale * sums.row(user)[k] }
        }
        return sums
    }

    /// Improves the weights by `steps` steps.
    func improve(towards targets: DenseMatrix, base: DenseMatrix, steps: Int) throws {
        let rank = weights.columnCount
        // What the weights leave to explain, times √s; then the negative gradient.
        let missing = try byUser.times(weights, threads: threads)
        for user in 0..<missing.rowCount {
            for k in 0..<rank {
                missing.row(user)[k] = roots[user] * (targets.row(user)[k] - base.base[k]) - missing.row(user)[k]
            }
        }
        let residual = try byItem.times(missing, threads: threads)
        for i in 0..<residual.elements.count { residual.base[i] -= regularization * weights.base[i] }
        let direction = try DenseMatrix(rowCount: weights.rowCount, columnCount: rank)
        direction.base.update(from: residual.base, count: residual.elements.count)
        var errors = columnProducts(residual, residual)
        for _ in 0..<steps {
            let image = try byItem.times(byUser.times(direction, threads: threads), threads: threads)
            for i in 0..<image.elements.count { image.base[i] += regularization * direction.base[i] }
            let curvatures = columnProducts(direction, image)
            let lengths = zip(errors, curvatures).map { $1 > 0 ? Float($0 / $1) : 0 }
            for row in 0..<weights.rowCount {
                for k in 0..<rank {
                    weights.row(row)[k] += lengths[k] * direction.row(row)[k]
                    residual.row(row)[k] -= lengths[k] * image.row(row)[k]
                }
            }
            let next = columnProducts(residual, residual)
            let keep = zip(next, errors).map { $1 > 0 ? Float($0 / $1) : 0 }
            for row in 0..<weights.rowCount {
                for k in 0..<rank {
                    direction.row(row)[k] = residual.row(row)[k] + keep[k] * direction.row(row)[k]
                }
            }
            errors = next
        }
    }

    /// The dot product of each column of one with the same column of the other.
    private func columnProducts(_ a: DenseMatrix, _ b: DenseMatrix) -> [Double] {
        var sums = [Double](repeating: 0, count: a.columnCount)
        for row in 0..<a.rowCount {
            for k in 0..<a.columnCount { sums[k] += Double(a.row(row)[k]) * Double(b.row(row)[k]) }
        }
        return sums
    }
}
