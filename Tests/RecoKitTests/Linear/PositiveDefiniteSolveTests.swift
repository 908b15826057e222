import Testing

@testable import RecoKit

struct PositiveDefiniteSolveTests {
    @Test func theSolutionFulfilsTheEquationsWhateverStandsAboveTheDiagonal() {
        let (size, stride) = (5, 7)
        var generator = SeededGenerator(seed: 4)
        let root = (0..<size * size).map { _ in generator.nextNormal() }
        var matrix = [Float](repeating: .nan, count: size * stride)
        func entry(_ i: Int, _ j: Int) -> Float {
            (0..<size).reduce(i == j ? 1 : 0) { $0 + root[i * size + $1] * root[j * size + $1] }
        }
        for i in 0..<size { for j in 0...i { matrix[i * stride + j] = entry(i, j) } }
        // What is above the diagonal is not read, but LAPACK wants no NaN there.
        for i in 0..<size { for j in (i + 1)..<stride { matrix[i * stride + j] = 1e6 } }
        let expected = (0..<size).map { Float($0) - 1.5 }
        var vector = (0..<size).map { i in (0..<size).reduce(0) { $0 + entry(i, $1) * expected[$1] } }
        #expect(solvePositiveDefinite(&matrix, size: size, stride: stride, &vector))
        for i in 0..<size { #expect(abs(vector[i] - expected[i]) < 1e-3) }
    }

    @Test func aMatrixThatIsNotPositiveDefiniteIsToldApart() {
        var matrix: [Float] = [1, 0, 2, 1]
        var vector: [Float] = [1, 1]
        #expect(!solvePositiveDefinite(&matrix, size: 2, stride: 2, &vector))
        // 1 is left of 10 million: the solution would be half noise.
        var nearly: [Float] = [1e7, 0, 1e7, 1e7 + 1]
        #expect(!solvePositiveDefinite(&nearly, size: 2, stride: 2, &vector))
        var nothing: [Float] = []
        var empty: [Float] = []
        #expect(solvePositiveDefinite(&nothing, size: 0, stride: 0, &empty))
    }
}
