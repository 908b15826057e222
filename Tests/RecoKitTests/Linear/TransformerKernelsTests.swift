import Glibc
import Testing

@testable import RecoKit

/// Every instruction set against plain loops.
@Suite struct TransformerKernelsTests {
    private static let available = TransformerKernels.Level.allCases.map { TransformerKernels(upTo: $0) }
    private let plain = TransformerKernels(upTo: .plain)

    private func randoms(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in (generator.nextFloat() - 0.5) * scale }
    }

    /// Arrays as the rows of bytes that kernels take.
    private func withByteRows(
        _ bytes: inout [UInt8], _ scales: inout [Float], _ zeros: inout [Int32], stride: Int,
        _ body: (TransformerKernels.ByteRows) -> Void
    ) {
        bytes.withUnsafeMutableBufferPointer { bytes in
            scales.withUnsafeMutableBufferPointer { scales in
                zeros.withUnsafeMutableBufferPointer { zeros in
                    body(
                        .init(
                            start: bytes.baseAddress!, stride: stride, scales: scales.baseAddress!,
                            zeros: zeros.baseAddress!))
                }
            }
        }
    }

    @Test func theFastestSetIsTheBestThatExists() {
        #expect(TransformerKernels.best.level == Self.available.last?.level)
        #expect(Self.available.first?.level == .plain)
    }

    private static let shapes: [(rows: Int, inputs: Int, outputs: Int)] = [
        (1, 1, 16), (1, 32, 48), (2, 7, 16), (3, 64, 32), (5, 20, 64), (7, 33, 112), (8, 48, 48), (9, 16, 96),
        (17, 30, 80), (40, 12, 16),
    ]

    @Test func productsAreRightInEverySet() {
        for (rows, inputs, outputs) in Self.shapes {
            var x = randoms(rows * (inputs + 3), seed: 1)
            let weights = randoms(inputs * outputs, seed: 2)
            let bias = randoms(outputs, seed: 3)
            for kernels in Self.available {
                for bias in [bias, nil] {
                    var out = [Float](repeating: 7, count: rows * (outputs + 5))
                    x.withUnsafeMutableBufferPointer { x in
                        out.withUnsafeMutableBufferPointer { out in
                            weights.withUnsafeBytes { weights in
                                kernels.multiply(
                                    .init(start: x.baseAddress!, stride: inputs + 3), rows,
                                    by: .init(packed: weights.baseAddress!, inputs: inputs, outputs: outputs),
                                    bias: bias, into: .init(start: out.baseAddress!, stride: outputs + 5))
                            }
                        }
                    }
                    for r in 0..<rows {
                        for o in 0..<outputs {
                            var sum = Double(bias?[o] ?? 0)
                            for k in 0..<inputs {
                                sum +=
                                    Double(x[r * (inputs + 3) + k])
                                    * Double(weights[o / 16 * 16 * inputs + k * 16 + o % 16])
                            }
                            #expect(abs(Double(out[r * (outputs + 5) + o]) - sum) < 1e-5)
                        }
                        #expect(out[r * (outputs + 5) + outputs..<(r + 1) * (outputs + 5)].allSatisfy { $0 == 7 })
                    }
                }
            }
        }
    }

    @Test func halfPrecisionIsReadAlikeInEverySet() {
        // Every half that is a number, times 1.
        let halves = (0..<65536).map { UInt16($0) }.filter { $0 & 0x7C00 != 0x7C00 }
        let panels = Array(halves.prefix(halves.count / 16 * 16))
        var results: [[Float]] = []
        for kernels in Self.available {
            var one: Float = 1
            var out = [Float](repeating: 0, count: panels.count)
            withUnsafeMutablePointer(to: &one) { one in
                out.withUnsafeMutableBufferPointer { out in
                    panels.withUnsafeBytes { panels in
                        kernels.multiply(
                            .init(start: one, stride: 1), 1,
                            by: .init(packed: panels.baseAddress!, inputs: 1, outputs: out.count), half: true,
                            bias: nil, into: .init(start: out.baseAddress!, stride: out.count))
                    }
                }
            }
            results.append(out)
        }
        for result in results { #expect(result == results[0]) }
        #expect(results[0][0x3C00] == 1 && results[0][1] == 0x1p-24 && results[0][0x7BFF] == 65504)
    }

    @Test func productsOfBytesAreTheSameInEverySet() {
        var generator = SeededGenerator(seed: 4)
        for (rows, shortInputs, outputs) in Self.shapes {
            let inputs = shortInputs * 4
            var x = (0..<rows * inputs).map { _ in UInt8(generator.next() & 0xFF) }
            var scales = randoms(rows, seed: 5)
            var zeros = (0..<rows).map { _ in Int32(generator.next() & 0xFF) }
            // The largest products of all are among them.
            var weights = (0..<inputs * outputs).map { _ in Int8(truncatingIfNeeded: Int(generator.next() & 0xFF)) }
            for k in weights.indices where k % 3 == 0 { weights[k] = k % 2 == 0 ? 127 : -128 }
            for k in x.indices where k % 5 == 0 { x[k] = 255 }
            let (outScales, bias) = (randoms(outputs, seed: 6), randoms(outputs, seed: 7))
            let sums = (0..<outputs).map { o in
                (0..<inputs).reduce(Int32(0)) {
                    $0 + Int32(weights[o / 16 * 16 * inputs + $1 / 4 * 64 + o % 16 * 4 + $1 % 4])
                }
            }
            var results: [[Float]] = []
            for kernels in Self.available {
                var out = [Float](repeating: 7, count: rows * outputs)
                withByteRows(&x, &scales, &zeros, stride: inputs) { bytes in
                    out.withUnsafeMutableBufferPointer { out in
                        weights.withUnsafeBufferPointer { weights in
                            outScales.withUnsafeBufferPointer { outScales in
                                sums.withUnsafeBufferPointer { sums in
                                    kernels.multiply(
                                        bytes, rows,
                                        by: .init(
                                            start: weights.baseAddress!, inputs: inputs, outputs: outputs,
                                            scales: outScales.baseAddress!, sums: sums.baseAddress!),
                                        bias: bias, into: .init(start: out.baseAddress!, stride: outputs))
                                }
                            }
                        }
                    }
                }
                results.append(out)
            }
            for result in results { #expect(result == results[0]) }
            var exact: Int32 = 0
            for k in 0..<inputs { exact += (Int32(x[k]) - zeros[0]) * Int32(weights[k / 4 * 64 + k % 4]) }
            #expect(results[0][0] == Float(exact) * (scales[0] * outScales[0]) + bias[0])
        }
    }

    @Test func quantizedRowsAreTheSameInEverySetAndCloseToTheirNumbers() {
        for count in [1, 3, 8, 16, 31, 33, 100] {
            for scale: Float in [0, 1, 1e-30, 1e30] {
                let x = randoms(count, seed: UInt64(count), scale: scale)
                let padded = (count + 3) / 4 * 4
                var results: [(bytes: [UInt8], scale: Float, zero: Int32)] = []
                for kernels in Self.available {
                    var bytes = [UInt8](repeating: 9, count: padded)
                    var (step, zero): ([Float], [Int32]) = ([0], [0])
                    withByteRows(&bytes, &step, &zero, stride: padded) {
                        kernels.quantize(x, count, padded: padded, into: $0, row: 0)
                    }
                    results.append((bytes, step[0], zero[0]))
                }
                for result in results {
                    #expect(result.bytes == results[0].bytes)
                    #expect(result.scale == results[0].scale && result.zero == results[0].zero)
                }
                let (bytes, step, zero) = results[0]
                for k in 0..<count { #expect(abs(x[k] - step * Float(Int32(bytes[k]) - zero)) <= step * 1.01) }
                #expect(bytes[count...].allSatisfy { Int32($0) == zero })
            }
        }
    }

    @Test func rowsThatAreNoNumbersBecomeSomeBytes() {
        for kernels in Self.available {
            var bytes = [UInt8](repeating: 9, count: 20)
            var (step, zero): ([Float], [Int32]) = ([0], [0])
            for bad: Float in [.nan, .infinity, -.infinity] {
                let x = [Float](repeating: 1, count: 19) + [bad]
                withByteRows(&bytes, &step, &zero, stride: 20) { kernels.quantize(x, 20, padded: 20, into: $0, row: 0) }
                #expect((0...255).contains(zero[0]))
            }
        }
    }

    @Test func softmaxNormAndActivationsAreRightInEverySet() {
        for count in [1, 2, 7, 8, 9, 15, 16, 17, 33, 100] {
            let x = randoms(count, seed: 8, scale: 12)
            let (residual, gamma, beta) = (randoms(count, seed: 9), randoms(count, seed: 10), randoms(count, seed: 11))
            let largest = x.max()!
            let total = x.reduce(0.0) { $0 + exp(0.7 * Double($1 - largest)) }
            let summed = zip(x, residual).map { Double($0 + $1) }
            let mean = summed.reduce(0, +) / Double(count)
            let variance = summed.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
            for kernels in Self.available {
                // One more than the kernel may touch.
                var soft = x + [7]
                kernels.softmax(&soft, count, scale: 0.7)
                var normed = x + [7]
                kernels.addAndNormalize(&normed, residual, gamma: gamma, beta: beta, count, epsilon: 1e-5)
                var curved = x + [7]
                kernels.gelu(&curved, count)
                var approximate = x + [7]
                kernels.geluTanh(&approximate, count)
                for k in 0..<count {
                    let value = Double(x[k])
                    #expect(abs(Double(soft[k]) - exp(0.7 * Double(x[k] - largest)) / total) < 1e-6)
                    let centred: Double = (summed[k] - mean) / (variance + 1e-5).squareRoot()
                    let expected = centred * Double(gamma[k]) + Double(beta[k])
                    #expect(abs(Double(normed[k]) - expected) < 2e-5)
                    #expect(abs(Double(curved[k]) - 0.5 * value * (1 + erf(value / 2.0.squareRoot()))) < 1e-6)
                    let inner = (2 / Double.pi).squareRoot() * (value + 0.044715 * value * value * value)
                    #expect(abs(Double(approximate[k]) - 0.5 * value * (1 + tanh(inner))) < 2e-6)
                }
                #expect(soft[count] == 7 && normed[count] == 7 && curved[count] == 7 && approximate[count] == 7)
            }
        }
    }

    @Test func geluIsRightEverywhere() {
        let x = stride(from: Float(-12), to: 12, by: 0.001).map { $0 }
        for kernels in Self.available {
            var curved = x
            kernels.gelu(&curved, x.count)
            var worst = 0.0
            for (x, y) in zip(x, curved) {
                let exact: Double = 0.5 * Double(x) * (1 + erf(Double(x) / 2.0.squareRoot()))
                worst = max(worst, abs(Double(y) - exact))
            }
            #expect(worst < 1e-6)
        }
    }

    @Test func scansOfBytesAreTheSameInEverySet() {
        var generator = SeededGenerator(seed: 12)
        for (count, width) in [(1, 64), (5, 128), (9, 384), (0, 64)] {
            let rows = (0..<count * width).map { _ in UInt8(generator.next() & 0xFF) }
            let query = (0..<width).map { _ in Int8(truncatingIfNeeded: Int(generator.next() & 0xFF)) }
            let scales = randoms(count, seed: 13)
            for kernels in Self.available {
                var out = [Float](repeating: 7, count: count + 1)
                let best = kernels.scores(
                    ofByteRowsAt: rows, count: count, width: width, query: query, offset: -77, scales: scales,
                    into: &out)
                for i in 0..<count {
                    var sum: Int32 = 77
                    for k in 0..<width { sum += Int32(rows[i * width + k]) * Int32(query[k]) }
                    #expect(out[i] == scales[i] * Float(sum))
                }
                #expect(best == (out[0..<count].max() ?? -.infinity))
                #expect(out[count] == 7)
            }
        }
    }
}
