/// The descent of `NMF` over all pairs of user and item: W Hᵀ ≈ V with W, H >= 0.
final class NonNegativeFactorization {
    let users: DenseMatrix  // (users, rank): W
    let items: DenseMatrix  // (items, rank): H
    /// Hᵀ H of the final items.
    private(set) var gram: [Float] = []  // (rank, rank)
    private let byUser: SparseRows
    private let byItem: SparseRows
    private let threads: Int

    /// Sweeps over a row for each pass over its data.
    private static let sweeps = 2
    /// Rows whose violations are summed together; does not depend on the number of threads, so neither does the sum.
    private static let chunk = 64

    /// Starts from chance, at the scale of the data: |normal| √(mean value / rank), as scikit-learn's `random`.
    init(_ byUser: SparseRows, _ byItem: SparseRows, rank: Int, run: TrainingRun) throws {
        self.byUser = byUser
        self.byItem = byItem
        threads = run.threads
        users = try DenseMatrix(rowCount: byUser.rowCount, columnCount: rank)
        items = try DenseMatrix(rowCount: byItem.rowCount, columnCount: rank)
        let sum = byUser.values.reduce(0.0) { $0 + Double($1) }
        let mean = sum / Double(byUser.rowCount) / Double(byItem.rowCount)
        let size = Float((mean / Double(rank)).squareRoot())
        var generator = SeededGenerator(seed: run.seed)
        for side in [users, items] {
            for i in 0..<side.elements.count { side.base[i] = size * generator.nextNormal().magnitude }
        }
    }

    /// Improves both sides in turns until the projected gradients have fallen to `tolerance` of what they were; then
    /// solves the users exactly, so that what is stored for a user is what folding in the same events gives.
    func descend(
        iterations: Int, tolerance: Double, progress: (_ done: Int, _ total: Int) throws -> Void
    ) throws {
        var first = 0.0
        for iteration in 0..<iterations {
            try progress(iteration, iterations)
            var violation = try improve(users, against: items, byUser, sweeps: Self.sweeps)
            violation += try improve(items, against: users, byItem, sweeps: Self.sweeps)
            if iteration == 0 { first = violation }
            if violation <= tolerance * first { break }
        }
        _ = try improve(users, against: items, byUser, sweeps: Self.exactSweeps)
        gram = try items.gram(threads: threads).map { Float($0) }
        try progress(iterations, iterations)
    }

    /// Improves every row of `side`; rows do not depend on each other. Returns the sum of their violations.
    private func improve(
        _ side: DenseMatrix, against fixed: DenseMatrix, _ rows: SparseRows, sweeps: Int
    ) throws -> Double {
        let rank = side.columnCount
        let gram = try fixed.gram(threads: threads).map { Float($0) }
        var sums = [Double](repeating: 0, count: (side.rowCount + Self.chunk - 1) / Self.chunk)
        try sums.withUnsafeMutableBufferPointer { sums in
            nonisolated(unsafe) let sums = sums
            try gram.withUnsafeBufferPointer { gram in
                try rows.columns.withUnsafeBufferPointer { columns in
                    try rows.values.withUnsafeBufferPointer { values in
                        guard let gram = gram.baseAddress, let columns = columns.baseAddress,
                            let values = values.baseAddress
                        else { return }
                        try parallelFor(side.rowCount, chunk: Self.chunk, threads: threads) { range, _ in
                            withUnsafeTemporaryAllocation(of: Float.self, capacity: rank) { target in
                                let target = target.baseAddress!
                                for row in range {
                                    let entries = rows.range(row)
                                    guard !entries.isEmpty else {
                                        side.row(row).update(repeating: 0, count: rank)
                                        continue
                                    }
                                    target.update(repeating: 0, count: rank)
                                    Kernels.best.addWeightedRows(
                                        of: fixed.base, rank: rank, rows: columns + entries.lowerBound,
                                        weights: values + entries.lowerBound, count: entries.count, to: target)
                                    sums[range.lowerBound / Self.chunk] += Double(
                                        Self.solve(
                                            side.row(row), gram: gram, target: target, rank: rank, sweeps: sweeps))
                                }
                            }
                        }
                    }
                }
            }
        }
        return sums.reduce(0, +)
    }

    /// Sweeps after which nothing moves any more in practice.
    private static let exactSweeps = 200

    /// Minimises ½ x·G x - target·x over x >= 0 by coordinate descent, from where `x` is. Returns the violation that the
    /// first sweep met: Σ |projected gradient|. O(sweeps rank²).
    @discardableResult
    static func solve(
        _ x: UnsafeMutablePointer<Float>, gram: UnsafePointer<Float>, target: UnsafePointer<Float>, rank: Int,
        sweeps: Int = exactSweeps
    ) -> Float {
        var first: Float = 0
        for sweep in 0..<sweeps {
            var violation: Float = 0
            for k in 0..<rank {
                let row = gram + k &* rank
                let curvature = row[k]
                guard curvature > 0 else { continue }
                let slope = Kernels.best.dot(row, x, rank) - target[k]
                guard x[k] > 0 || slope < 0 else { continue }
                violation += slope.magnitude
                let value = max(0, x[k] - slope / curvature)
                if value.isFinite { x[k] = value }
            }
            if sweep == 0 { first = violation }
            if violation <= 1e-6 * first { break }
        }
        return first
    }
}
