import Testing

@testable import RecoKit

@Suite struct TrainingStepTests {
    /// Adam as its paper has it, in float64.
    private static func adam(_ value: Double, _ gradients: [Double], rate: Double, decay: Double = 0) -> Double {
        var (value, first, second) = (value, 0.0, 0.0)
        for (step, plain) in gradients.enumerated() {
            let gradient = plain + decay * value
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient * gradient
            let (a, b) = (1 - power(0.9, Double(step + 1)), 1 - power(0.999, Double(step + 1)))
            value -= rate * (first / a) / ((second / b).squareRoot() + 1e-8)
        }
        return value
    }

    @Test func adamStepsAsInItsPaper() {
        var adam = Adam(rate: 0.1, decay: 0.01)
        var (value, first, second): ([Float], [Float], [Float]) = ([1], [0], [0])
        let gradients: [Float] = [0.5, -2, 0.1, 0, 3]
        for gradient in gradients {
            adam.beginStep()
            adam.update(&value, &first, &second, [gradient], 1)
        }
        #expect(abs(Double(value[0]) - Self.adam(1, gradients.map(Double.init), rate: 0.1, decay: 0.01)) < 1e-5)
    }

    /// Rows of 3 numbers, mentioned several times, by nobody, and one that does not exist.
    @Test func anEmbeddingAddsUpWhatItsRowsAreToldAndLeavesTheOthers() throws {
        var generator = SeededGenerator(seed: 1)
        let embedding = try Embedding(rowCount: 200, width: 3, scale: 1, using: &generator)
        let before = Array(embedding.values.elements)
        let rows: [UInt32] = [7, 3, 7, 500, 7, 3, 150]
        let crew = WorkCrew(threads: 2)
        var adam = Adam(rate: 0.1)
        for _ in 0..<2 {
            let gradients = try DenseMatrix(rowCount: rows.count, columnCount: 3)
            for i in 0..<rows.count * 3 { gradients.base[i] = Float(i) - 7 }
            adam.beginStep()
            rows.withUnsafeBufferPointer { embedding.step($0, gradients: MatrixRows(gradients), adam, crew: crew) }
        }
        for row in 0..<200 {
            for k in 0..<3 {
                let mentions = rows.indices.filter { rows[$0] == row }
                let sum = mentions.reduce(0.0) { $0 + Double($1 * 3 + k) - 7 }
                let old = Double(before[row * 3 + k])
                let new = mentions.isEmpty ? old : Self.adam(old, [sum, sum], rate: 0.1)
                #expect(abs(Double(embedding.values.row(row)[k]) - new) < 1e-5)
            }
        }
    }

    @Test func gatheringGivesColumnsOfRowsAndZerosForNone() throws {
        var generator = SeededGenerator(seed: 2)
        let embedding = try Embedding(rowCount: 4, width: 3, scale: 1, using: &generator)
        let out = try uniformMatrix(3, 2, seed: 3)
        [2, 9, 0].withUnsafeBufferPointer { embedding.gather($0, column: 1, count: 2, into: MatrixRows(out)) }
        let values = embedding.values
        #expect(Array(out.elements) == [values.row(2)[1], values.row(2)[2], 0, 0, values.row(0)[1], values.row(0)[2]])
    }

    /// Learns exclusive or, which takes a hidden layer.
    private static func trained(threads: Int) throws -> (values: [Float], loss: Double) {
        var layout = WeightLayout()
        let network = try Perceptron(inputs: 2, widths: [8], dropout: 0.05, in: &layout)
        let output = DenseLayer(inputs: 8, outputs: 1, in: &layout)
        let weights = try NetworkWeights(layout)
        var generator = SeededGenerator(seed: 5)
        network.initialize(weights.values, using: &generator)
        output.initialize(weights.values, gain: 1, using: &generator)
        let count = 100
        let crew = WorkCrew(threads: threads)
        let descent = try GradientDescent(weights, Adam(rate: 0.02), batchRows: count, chunkRows: 16, crew: crew)
        let chunks = try (0..<threads).map { _ in try Perceptron.Chunk(network, rows: 16) }
        let (x, logits, delta) = try (
            DenseMatrix(rowCount: count, columnCount: 2), DenseMatrix(rowCount: count, columnCount: 1),
            DenseMatrix(rowCount: count, columnCount: 1)
        )
        var labels = [Float](repeating: 0, count: count)
        for row in 0..<count {
            let (a, b) = (row % 2, row / 2 % 2)
            x.row(row)[0] = Float(a)
            x.row(row)[1] = Float(b)
            labels[row] = Float(a ^ b)
        }
        var loss = 0.0
        for step in 0..<300 {
            loss = descent.step(count) { chunk, rows, worker, gradients in
                var drops = SeededGenerator(seed: UInt64(step * 100 + chunk))
                let input = MatrixRows(start: x.row(rows.lowerBound), stride: 2)
                let hidden = network.forward(input, rows.count, weights.values, chunks[worker], using: &drops)
                let out = MatrixRows(start: logits.row(rows.lowerBound), stride: 1)
                output.forward(hidden, rows.count, weights.values, into: out)
                let back = MatrixRows(start: delta.row(rows.lowerBound), stride: 1)
                let loss = labels.withUnsafeBufferPointer {
                    Loss.logistic(
                        out.start, labels: $0.baseAddress! + rows.lowerBound, rows.count, scale: 1 / Float(count),
                        into: back.start)
                }
                output.backward(
                    back, hidden, rows.count, weights.values, gradients: gradients, into: chunks[worker].delta)
                network.backward(input, rows.count, weights.values, gradients: gradients, chunks[worker], into: nil)
                return loss
            }
        }
        return (Array(weights.region), loss / Double(count))
    }

    @Test func aNetworkLearnsAndEndsUpTheSameWhateverTheThreads() throws {
        let one = try Self.trained(threads: 1)
        #expect(one.loss < 0.1)
        #expect(try Self.trained(threads: 3).values == one.values)
    }

    @Test func earlyStoppingPutsTheBestEpochBack() throws {
        var memory: [Float] = [0, 0]
        try memory.withUnsafeMutableBufferPointer { memory in
            var epochs = BestEpoch(patience: 2, watching: [memory])
            for (epoch, measure) in [(1, 0.1), (2, 0.5), (3, 0.4), (4, 0.5), (5, 0.9)] {
                memory[0] = Float(epoch)
                let goesOn = epochs.shouldContinue(after: epoch, loss: 1, measure: measure)
                #expect(goesOn == (epoch < 4))
                if !goesOn { break }
            }
            try epochs.restore()
            #expect(memory[0] == 2)
            #expect(epochs.best?.epoch == 2)
            #expect(!epochs.hasDiverged)
        }
    }

    @Test func divergenceEndsTrainingWithTheBestEpochOrAnError() throws {
        var memory: [Float] = [1, 2]
        try memory.withUnsafeMutableBufferPointer { memory in
            var epochs = BestEpoch(patience: 0, watching: [memory])
            var goesOn = epochs.shouldContinue(after: 1, loss: 1, measure: 0)
            #expect(goesOn)
            memory[1] = .nan
            goesOn = epochs.shouldContinue(after: 2, loss: 1, measure: 0)
            #expect(!goesOn && epochs.hasDiverged)
            try epochs.restore()
            #expect(Array(memory) == [1, 2])
            var others = BestEpoch(patience: 0, watching: [memory])
            goesOn = others.shouldContinue(after: 1, loss: .infinity, measure: 0)
            #expect(!goesOn)
            #expect(throws: RecoError.self) { try others.restore() }
        }
    }

    @Test func anEpochDealsEveryRowOnceInAnOrderOfTheSeed() {
        func order(_ seed: UInt64) -> [UInt32] {
            var generator = SeededGenerator(seed: seed)
            var batches = MiniBatches(rows: 103, batchRows: 10)
            batches.shuffle(using: &generator)
            #expect(batches.count == 11)
            return (0..<batches.count).flatMap { Array(batches[$0]) }
        }
        #expect(order(1).sorted() == (0..<103).map { UInt32($0) })
        #expect(order(1) == order(1))
        #expect(order(1) != order(2))
    }
}
