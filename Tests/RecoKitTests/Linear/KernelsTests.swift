import Glibc
import Testing

@testable import RecoKit

/// The sets that this processor can run.
private let available = Kernels.Level.allCases.map { Kernels(upTo: $0) }

private func randoms(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.nextFloat() - 0.5 }
}

private func exactDot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

private func close(_ a: Float, _ b: Double) -> Bool { abs(Double(a) - b) <= 2e-5 * max(1, abs(b)) }

private let ranks = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50, 64, 65, 100, 128, 130]

@Test func theFastestKernelsAreTheBestThatExist() {
    #expect(Kernels.best.level == available.last?.level)
    #expect(available.first?.level == .plain)
}

@Test(arguments: ranks)
func dotAndAddScaledAreRightInEverySet(rank: Int) {
    let a = randoms(rank, seed: 1)
    let b = randoms(rank, seed: 2)
    for kernels in available {
        #expect(close(kernels.dot(a, b, rank), exactDot(a[...], b[...])))
        // One more than the kernel may touch.
        var sum = a + [7]
        kernels.addScaled(0.3, b, to: &sum, rank)
        for k in 0..<rank { #expect(close(sum[k], Double(a[k]) + 0.3 * Double(b[k]))) }
        #expect(sum[rank] == 7)
    }
}

@Test(arguments: ranks)
func consecutiveScoresAndTheirMaximumAreRightInEverySet(rank: Int) {
    let matrix = randoms(41 * rank, seed: 3)
    let vector = randoms(rank, seed: 4)
    for kernels in available {
        for count in [0, 1, 7, 8, 9, 16, 40, 41] {
            var out = [Float](repeating: 7, count: count + 1)
            let best = kernels.scores(ofRowsAt: matrix, count: count, rank: rank, vector: vector, into: &out)
            for i in 0..<count {
                #expect(close(out[i], exactDot(matrix[i * rank..<(i + 1) * rank], vector[...])))
            }
            #expect(out[count] == 7)
            #expect(best == (out[0..<count].max() ?? -.infinity))
        }
    }
}

@Test func theMaximumPassesOverScoresThatAreNoNumbers() {
    for kernels in available {
        for place in 0..<19 {
            var matrix = [Float](repeating: 1, count: 19 * 8)
            matrix[place * 8] = .nan
            matrix[(place + 1) % 19 * 8] = 3
            var out = [Float](repeating: 0, count: 19)
            let ones = [Float](repeating: 1, count: 8)
            let best = kernels.scores(ofRowsAt: matrix, count: 19, rank: 8, vector: ones, into: &out)
            #expect(best == 10)
            #expect(out[place].isNaN)
        }
    }
}

@Test(arguments: ranks)
func gatheredScoresAreRightAndZeroForRowsThatDoNotExist(rank: Int) {
    let matrix = randoms(30 * rank, seed: 5)
    let vector = randoms(rank, seed: 6)
    let rows: [UInt32] = [29, 0, 3, 3, 30, 17, .max, 12, 5, 1, 28, 0x7FFF_FFFF, 2]
    for kernels in available {
        for count in [0, 1, 8, 13] {
            var out = [Float](repeating: 7, count: count + 1)
            rows.withUnsafeBufferPointer { rows in
                matrix.withUnsafeBufferPointer { table in
                    kernels.scores(
                        of: UnsafeBufferPointer(rebasing: rows[0..<count]), in: table, rank: rank, vector: vector,
                        into: &out)
                }
            }
            for i in 0..<count {
                let row = Int(rows[i])
                let expected = row < 30 ? exactDot(matrix[row * rank..<(row + 1) * rank], vector[...]) : 0
                #expect(close(out[i], expected))
            }
            #expect(out[count] == 7)
        }
    }
}

@Test(arguments: ranks)
func weightedRowsAndOuterProductsAreRightInEverySet(rank: Int) {
    let matrix = randoms(30 * rank, seed: 7)
    let vector = randoms(rank, seed: 8)
    let weights = randoms(21, seed: 9)
    let rows = (0..<21).map { UInt32($0 * 11 % 30) }
    for kernels in available {
        for count in [0, 1, 7, 8, 20, 21] {
            var expectedSum = [Double](repeating: 0.5, count: rank)
            var expectedConsecutive = expectedSum
            var expectedProducts = expectedSum
            for i in 0..<count {
                let row = matrix[Int(rows[i]) * rank..<(Int(rows[i]) + 1) * rank]
                let product = exactDot(row, vector[...])
                for k in 0..<rank {
                    expectedSum[k] += Double(weights[i]) * Double(row[row.startIndex + k])
                    expectedConsecutive[k] += Double(weights[i]) * Double(matrix[i * rank + k])
                    expectedProducts[k] += Double(weights[i]) * product * Double(row[row.startIndex + k])
                }
            }
            var sum = [Float](repeating: 0.5, count: rank + 1)
            var consecutive = sum
            var products = sum
            kernels.addWeightedRows(of: matrix, rank: rank, rows: rows, weights: weights, count: count, to: &sum)
            kernels.addWeightedRows(
                of: matrix, rank: rank, rows: nil, weights: weights, count: count, to: &consecutive)
            kernels.addOuterProducts(
                of: matrix, rank: rank, rows: rows, weights: weights, count: count, times: vector, to: &products)
            for k in 0..<rank {
                #expect(close(sum[k], expectedSum[k]))
                #expect(close(consecutive[k], expectedConsecutive[k]))
                #expect(close(products[k], expectedProducts[k]))
            }
            #expect(sum[rank] == 0.5 && consecutive[rank] == 0.5 && products[rank] == 0.5)
        }
    }
}

@Test(arguments: ranks)
func thePairwiseStepIsRightInEverySet(rank: Int) {
    let user = randoms(rank, seed: 10)
    let liked = randoms(rank, seed: 11)
    let other = randoms(rank, seed: 12)
    let margin = exactDot(user[...], liked[...]) - exactDot(user[...], other[...])
    let push = 0.3 / (1 + exp(margin))
    for kernels in available {
        // One more than the kernel may touch.
        var (u, a, b) = (user + [7], liked + [8], other + [9])
        let returned = kernels.pairwiseStep(user: &u, liked: &a, other: &b, rate: 0.3, keep: 0.9, rank)
        #expect(close(returned, margin))
        for k in 0..<rank {
            #expect(close(u[k], 0.9 * Double(user[k]) + push * (Double(liked[k]) - Double(other[k]))))
            #expect(close(a[k], 0.9 * Double(liked[k]) + push * Double(user[k])))
            #expect(close(b[k], 0.9 * Double(other[k]) - push * Double(user[k])))
        }
        #expect(u[rank] == 7 && a[rank] == 8 && b[rank] == 9)
    }
}

@Test(arguments: ranks)
func theStepOfAdagradIsRightInEverySet(rank: Int) {
    let row = randoms(rank, seed: 13)
    let direction = randoms(rank, seed: 14)
    let squares = randoms(rank, seed: 15).map { $0 + 1 }
    for kernels in available {
        // One more than the kernel may touch.
        var (x, sums) = (row + [7], squares + [8])
        kernels.adagradStep(&x, squares: &sums, along: direction, scale: -0.7, rate: 0.2, penalty: 0.1, rank)
        for k in 0..<rank {
            let gradient = -0.7 * Double(direction[k]) + 0.1 * Double(row[k])
            let sum = Double(squares[k]) + gradient * gradient
            #expect(close(sums[k], sum))
            #expect(close(x[k], Double(row[k]) - 0.2 * gradient / sum.squareRoot()))
        }
        #expect(x[rank] == 7 && sums[rank] == 8)
    }
}

@Test(arguments: [1, 7, 16, 33])
func anAdamStepIsTheSameInEverySetAndLeavesWhatLiesBehind(count: Int) {
    let step = Kernels.AdamStep(
        keepFirst: 0.9, keepSecond: 0.99, decay: 0.1, length: 0.3, rootScale: 1.5, epsilon: 1e-6)
    let gradients = randoms(count, seed: 21)
    let start = (randoms(count, seed: 22), randoms(count, seed: 23), randoms(count, seed: 24).map { $0.magnitude })
    for kernels in available {
        var (values, first, second) = (start.0 + [7], start.1 + [7], start.2 + [7])
        kernels.adam(step, &values, &first, &second, gradients, count)
        for k in 0..<count {
            let gradient = Double(gradients[k]) + 0.1 * Double(start.0[k])
            let mean = 0.9 * Double(start.1[k]) + 0.1 * gradient
            let square = 0.99 * Double(start.2[k]) + 0.01 * gradient * gradient
            #expect(close(first[k], mean))
            #expect(close(second[k], square))
            #expect(close(values[k], Double(start.0[k]) - 0.3 * mean / (1.5 * square.squareRoot() + 1e-6)))
        }
        #expect(values[count] == 7 && first[count] == 7 && second[count] == 7)
    }
}
