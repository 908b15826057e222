import Glibc
import Testing

@testable import RecoKit

private let available = Kernels.Level.allCases.map { EmbeddingKernels(upTo: $0) }

private func randoms(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.nextFloat() - 0.5 }
}

/// One step in double precision, row after row as the formulas have it.
private func reference(
    _ input: [Float], _ matrix: [Float], _ rows: [UInt32], _ rate: Double
) -> (error: [Double], matrix: [Double], left: Double) {
    let rank = input.count
    var (moved, error, left) = (matrix.map(Double.init), [Double](repeating: 0, count: rank), 0.0)
    let rests = rows.enumerated().map { index, row in
        let product = (0..<rank).reduce(0.0) { $0 + Double(input[$1]) * Double(matrix[Int(row) * rank + $1]) }
        return (index == 0 ? 1.0 : 0.0) - 1 / (1 + exp(-product))
    }
    for (row, rest) in zip(rows, rests) {
        left += rest * rest
        for k in 0..<rank {
            error[k] += rate * rest * moved[Int(row) * rank + k]
            moved[Int(row) * rank + k] += rate * rest * Double(input[k])
        }
    }
    return (error, moved, left)
}

@Test(arguments: [1, 3, 7, 8, 15, 16, 17, 33, 64, 100, 128, 130])
func aStepOfNegativeSamplingIsRightInEverySet(rank: Int) {
    let input = randoms(rank, seed: 1).map { 4 * $0 }
    let matrix = randoms(20 * rank, seed: 2)
    for rows in [
        [3], [3, 0], [5, 1, 19, 1, 7, 2], (0..<20).map { UInt32($0 * 7 % 20) }, [4, 4, 4, 4, 4, 4, 4, 4, 4],
    ] {
        let expected = reference(input, matrix, rows.map { UInt32($0) }, 0.1)
        for kernels in available {
            for isApart in [true, false] {
                // One more than the kernel may touch.
                var (x, error, moved) = (input + [7], [Float](repeating: 0, count: rank) + [8], matrix + [9])
                let left =
                    isApart
                    ? kernels.sampledStep(
                        input: x, error: &error, matrix: &moved, rank: rank, rows: rows.map { UInt32($0) },
                        count: rows.count, rate: 0.1)
                    : x.withUnsafeMutableBufferPointer { x in
                        kernels.sampledStep(
                            input: x.baseAddress!, error: x.baseAddress!, matrix: &moved, rank: rank,
                            rows: rows.map { UInt32($0) }, count: rows.count, rate: 0.1)
                    }
                #expect(abs(Double(left) - expected.left) < 1e-5 * Double(rows.count))
                for k in 0..<rank {
                    let found = isApart ? error[k] : x[k] - input[k]
                    #expect(abs(Double(found) - expected.error[k]) < 2e-5)
                    if isApart { #expect(x[k] == input[k]) }
                }
                for k in 0..<20 * rank { #expect(abs(Double(moved[k]) - expected.matrix[k]) < 2e-5) }
                #expect(x[rank] == 7 && error[rank] == 8 && moved[20 * rank] == 9)
            }
        }
    }
}

@Test func whatIsFarFromCertainSaturatesAndWhatIsNoNumberStaysNone() {
    for kernels in available {
        for (value, left) in [(Float(1e6), Float(0)), (-1e6, 1)] {
            var (error, matrix) = ([Float(0)], [value])
            #expect(
                kernels.sampledStep(input: [1], error: &error, matrix: &matrix, rank: 1, rows: [0], count: 1, rate: 1)
                    == left)
        }
        var (error, matrix) = ([Float(0)], [Float.nan])
        _ = kernels.sampledStep(input: [1], error: &error, matrix: &matrix, rank: 1, rows: [0], count: 1, rate: 1)
        #expect(matrix[0].isNaN)
    }
}
