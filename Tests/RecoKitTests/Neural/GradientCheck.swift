import Testing

@testable import RecoKit

/// Compares derivatives with differences of the loss, for every number of `values`: a derivative lies between the
/// differences to either side, also beside a rectifier's corner. The loss is computed in float32, so that differences are
/// good to about 1e-3 of the largest.
func expectGradient(
    _ gradient: [Float], of values: UnsafeMutablePointer<Float>, step: Float = 2e-3, loss: () -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let largest = gradient.map(\.magnitude).max() ?? 0
    #expect(largest > 0, sourceLocation: sourceLocation)
    let here = loss()
    for i in gradient.indices {
        let value = values[i]
        values[i] = value + step
        let above = Float((loss() - here) / Double(step))
        values[i] = value - step
        let below = Float((here - loss()) / Double(step))
        values[i] = value
        let slack = 0.005 * largest
        #expect(
            gradient[i] >= min(above, below) - slack && gradient[i] <= max(above, below) + slack,
            "number \(i): \(gradient[i]), by differences \(below) and \(above)", sourceLocation: sourceLocation)
    }
}

/// A matrix of numbers between -1 and 1.
func uniformMatrix(_ rows: Int, _ columns: Int, seed: UInt64) throws -> DenseMatrix {
    var generator = SeededGenerator(seed: seed)
    let matrix = try DenseMatrix(rowCount: rows, columnCount: columns)
    for i in 0..<rows * columns { matrix.base[i] = 2 * generator.nextFloat() - 1 }
    return matrix
}

/// Σ target · out, a loss whose derivative by the outputs is `target`.
func weightedSum(_ out: MatrixRows, _ target: DenseMatrix) -> Double {
    var sum = 0.0
    for row in 0..<target.rowCount {
        for k in 0..<target.columnCount { sum += Double(out.row(row)[k]) * Double(target.row(row)[k]) }
    }
    return sum
}
