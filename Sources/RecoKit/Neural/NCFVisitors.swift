/// The vectors of visitors that training did not see: a start plus the mean of a row for each item they have.
///
/// An item's row is a linear image of its vector, and the map is fitted by ridge regression of the trained users' vectors
/// on the means of their items'. On MovieLens 1M, users left out of the training are ranked for nearly as well with that
/// as those whose vectors were trained. O(pairs rank + users rank²).
struct NCFVisitors {
    let start: [Float]  // (rank)
    let rows: DenseMatrix  // (items, rank)

    /// The fit looks at no more users than that, evenly spread.
    private static let mostUsers = 1 << 16
    /// How strongly the map is kept small, beside the mean square of what it maps.
    private static let ridge = 0.01

    init(_ pairs: SparseRows, users: DenseMatrix, items: DenseMatrix, threads: Int) throws {
        let rank = users.columnCount
        let known = (0..<pairs.rowCount).filter { !pairs.range($0).isEmpty }
        let step = max(1, (known.count + Self.mostUsers - 1) / Self.mostUsers)
        let sample = stride(from: 0, to: known.count, by: step).map { known[$0] }
        let inputs = try DenseMatrix(rowCount: sample.count, columnCount: rank)
        let wanted = try DenseMatrix(rowCount: sample.count, columnCount: rank)
        try parallelFor(sample.count, chunk: 64, threads: threads) { range, _ in
            for place in range {
                wanted.row(place).update(from: users.row(sample[place]), count: rank)
                let entries = pairs.range(sample[place])
                for entry in entries {
                    Kernels.best.addScaled(
                        1 / Float(entries.count), items.row(Int(pairs.columns[entry])), to: inputs.row(place), rank)
                }
            }
        }
        let (inputMeans, wantedMeans) = (Self.center(inputs), Self.center(wanted))
        var gram = try inputs.gram(threads: threads)
        let mean = (0..<rank).reduce(0.0) { $0 + gram[$1 * rank + $1] } / Double(max(1, rank))
        // Of a single user nothing is left to fit; the smallest number there is keeps the matrix invertible then.
        for k in 0..<rank { gram[k * rank + k] += max(Self.ridge * mean, Double(Float.leastNormalMagnitude)) }
        let inverse = try DenseMatrix(rowCount: rank, columnCount: rank)
        for (place, value) in try positiveDefiniteInverse(gram, size: rank).enumerated() {
            inverse.base[place] = Float(value)
        }
        let products = try inputs.leadingColumnsTransposed(rank, times: wanted, threads: threads)
        let map = try inverse.times(products.map { Float($0) }, width: rank, threads: threads)
        rows = try items.times(Array(map.elements), width: rank, threads: threads)
        start = (0..<rank).map { column in
            wantedMeans[column] - (0..<rank).reduce(0) { $0 + inputMeans[$1] * map.row($1)[column] }
        }
    }

    /// Takes the means off the columns, and returns them.
    private static func center(_ matrix: DenseMatrix) -> [Float] {
        let (rows, columns) = (matrix.rowCount, matrix.columnCount)
        var sums = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            for k in 0..<columns { sums[k] += Double(matrix.row(row)[k]) }
        }
        let means = sums.map { Float($0 / Double(max(1, rows))) }
        for row in 0..<rows { Kernels.best.addScaled(-1, means, to: matrix.row(row), columns) }
        return means
    }
}
