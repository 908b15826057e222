import Testing

@testable import RecoKit

private let rows = 7

@Suite struct LayerTests {
    @Test(arguments: [true, false])
    func theGradientOfADenseLayerIsThatOfItsDifferences(hasBias: Bool) throws {
        var layout = WeightLayout()
        _ = layout.claim(3)  // so that the layer does not start at 0
        let layer = DenseLayer(inputs: 5, outputs: 4, hasBias: hasBias, in: &layout)
        let weights = try NetworkWeights(layout)
        var generator = SeededGenerator(seed: 1)
        layer.initialize(weights.values, gain: 2, using: &generator)
        let (x, out, target) = try (
            uniformMatrix(rows, 5, seed: 2), DenseMatrix(rowCount: rows, columnCount: 4),
            uniformMatrix(rows, 4, seed: 3)
        )
        func loss() -> Double {
            layer.forward(MatrixRows(x), rows, weights.values, into: MatrixRows(out))
            return weightedSum(MatrixRows(out), target)
        }
        var gradients = [Float](repeating: 0, count: weights.count)
        let inputDelta = try DenseMatrix(rowCount: rows, columnCount: 5)
        gradients.withUnsafeMutableBufferPointer {
            layer.backward(
                MatrixRows(target), MatrixRows(x), rows, weights.values, gradients: $0.baseAddress!,
                into: MatrixRows(inputDelta))
        }
        expectGradient(gradients, of: weights.values, loss: loss)
        expectGradient(Array(inputDelta.elements), of: x.base, loss: loss)
    }

    @Test(arguments: [(false, 0), (true, 0), (false, 0.4), (true, 0.4)] as [(Bool, Float)])
    func theGradientOfAPerceptronIsThatOfItsDifferences(normalizes: Bool, dropout: Float) throws {
        var layout = WeightLayout()
        let network = try Perceptron(
            inputs: 5, widths: [6, 4], batchNormalization: normalizes, dropout: dropout, in: &layout)
        let output = DenseLayer(inputs: network.outputs, outputs: 1, in: &layout)
        let weights = try NetworkWeights(layout)
        var generator = SeededGenerator(seed: 4)
        network.initialize(weights.values, using: &generator)
        output.initialize(weights.values, gain: 1, using: &generator)
        let chunk = try Perceptron.Chunk(network, rows: rows)
        let (x, out, target) = try (
            uniformMatrix(rows, 5, seed: 5), DenseMatrix(rowCount: rows, columnCount: 1),
            uniformMatrix(rows, 1, seed: 6)
        )
        func loss() -> Double {
            var generator = SeededGenerator(seed: 7)  // what is dropped stays the same
            let hidden = network.forward(MatrixRows(x), rows, weights.values, chunk, using: &generator)
            output.forward(hidden, rows, weights.values, into: MatrixRows(out))
            return weightedSum(MatrixRows(out), target)
        }
        _ = loss()
        var gradients = [Float](repeating: 0, count: weights.count)
        let inputDelta = try DenseMatrix(rowCount: rows, columnCount: 5)
        var drops = SeededGenerator(seed: 7)
        try gradients.withUnsafeMutableBufferPointer { gradients in
            let gradients = gradients.baseAddress!
            let hidden = network.forward(MatrixRows(x), rows, weights.values, chunk, using: &drops)
            let delta = try #require(chunk.delta)
            output.backward(MatrixRows(target), hidden, rows, weights.values, gradients: gradients, into: delta)
            network.backward(
                MatrixRows(x), rows, weights.values, gradients: gradients, chunk, into: MatrixRows(inputDelta))
        }
        expectGradient(gradients, of: weights.values, loss: loss)
        expectGradient(Array(inputDelta.elements), of: x.base, loss: loss)
    }

    @Test func theGradientOfASigmoidIsThatOfItsDifferences() throws {
        let (x, target) = try (uniformMatrix(1, 6, seed: 8), uniformMatrix(1, 6, seed: 9))
        let out = try DenseMatrix(rowCount: 1, columnCount: 6)
        func loss() -> Double {
            out.base.update(from: x.base, count: 6)
            Activation.sigmoid.forward(out.base, 6)
            return weightedSum(MatrixRows(out), target)
        }
        _ = loss()
        var delta = Array(target.elements)
        Activation.sigmoid.backward(&delta, out: out.base, 6)
        expectGradient(delta, of: x.base, loss: loss)
    }

    @Test func gradientsOfLossesAreThoseOfTheirDifferences() throws {
        let x = try uniformMatrix(3, 4, seed: 10)
        let labels: [Float] = [0, 1, 1, 0, 0.3, 1, 0, 0, 1, 1, 0, 0.9]
        var delta = [Float](repeating: 0, count: 12)
        _ = Loss.logistic(x.base, labels: labels, 12, scale: 1, into: &delta)
        expectGradient(delta, of: x.base) {
            var other = delta
            return Loss.logistic(x.base, labels: labels, 12, scale: 1, into: &other)
        }
        _ = Loss.squared(x.base, labels: labels, 12, scale: 1, into: &delta)
        expectGradient(delta, of: x.base) {
            var other = delta
            return Loss.squared(x.base, labels: labels, 12, scale: 1, into: &other)
        }
        func softmax(_ scale: Float) -> (Double, [Float]) {
            var copy = Array(x.elements)
            let loss = copy.withUnsafeMutableBufferPointer {
                Loss.softmax(
                    MatrixRows(start: $0.baseAddress!, stride: 4), rows: 3, columns: 4, targets: [2, 0, 3], scale: scale
                )
            }
            return (loss, copy)
        }
        expectGradient(softmax(1).1, of: x.base) { softmax(1).0 }
        #expect(zip(softmax(1).1, softmax(0.25).1).allSatisfy { abs($0 / 4 - $1) < 1e-6 })
    }

    @Test func theLossOfALargeLogitIsFinite() {
        var delta: [Float] = [0, 0]
        let loss = Loss.logistic([1000, -1000], labels: [0, 1], 2, scale: 1, into: &delta)
        #expect(loss == 2000)
        #expect(delta == [1, -1])
    }

    @Test func dropoutDropsItsShareAndKeepsTheMean() {
        var generator = SeededGenerator(seed: 11)
        var x = [Float](repeating: 1, count: 100_001)
        var mask = x
        Dropout(share: 0.25).forward(&x, mask: &mask, x.count, using: &generator)
        let dropped = x.count { $0 == 0 }
        #expect(abs(Double(dropped) / Double(x.count) - 0.25) < 0.01)
        #expect(x.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-6 })
        #expect(x == mask)
    }

    @Test func batchNormalizationBecomesAPartOfItsLayer() throws {
        var layout = WeightLayout()
        let network = try Perceptron(inputs: 3, widths: [4], batchNormalization: true, in: &layout)
        let weights = try NetworkWeights(layout)
        var generator = SeededGenerator(seed: 12)
        network.initialize(weights.values, using: &generator)
        for k in 0..<8 { weights.values[weights.count - 8 + k] += 0.1 * Float(k) }
        let chunk = try Perceptron.Chunk(network, rows: 64)
        let x = try uniformMatrix(64, 3, seed: 13)
        var hidden = network.forward(MatrixRows(x), 64, weights.values, chunk, using: &generator)
        for _ in 0..<1000 { network.absorb(chunk) }  // until the running means are the chunk's
        hidden = network.forward(MatrixRows(x), 64, weights.values, chunk, using: &generator)
        let layer = network.exported(weights.values)[0]
        for row in 0..<64 {
            for output in 0..<4 {
                var sum = layer.biases[output]
                for input in 0..<3 { sum += x.row(row)[input] * layer.weights[input * 4 + output] }
                #expect(abs(max(0, sum) - hidden.row(row)[output]) < 1e-4)
            }
        }
    }
}
