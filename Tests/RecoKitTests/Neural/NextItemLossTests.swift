import Testing

@testable import RecoKit

@Suite struct NextItemLossTests {
    private let width = 5
    private let targets: [UInt32] = [2, 0, 7, 2]
    /// Every item as often as it is there to be drawn.
    private let sequences: [UInt32] = [0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8, 9]

    private func sample(_ draws: Int) -> ItemSample {
        var popularity = [Int](repeating: 0, count: 10)
        for item in sequences { popularity[Int(item)] += 1 }
        return ItemSample(draws: draws, popularity: popularity)
    }

    @Test func drawnItemsStandForAllOnAverage() throws {
        let sample = sample(6)
        var generator = SeededGenerator(seed: 1)
        var (rows, offsets) = ([UInt32](), [Float]())
        var counts = [Double](repeating: 0, count: 10)
        let rounds = 4000
        for _ in 0..<rounds {
            sequences.withUnsafeBufferPointer {
                sample.draw(from: $0, using: &generator, rows: &rows, offsets: &offsets)
            }
            #expect(rows == Array(Set(rows)).sorted() && rows.count <= 6)
            for (row, offset) in zip(rows, offsets) { counts[Int(row)] += exponential(Double(offset)) / Double(rounds) }
        }
        for count in counts { #expect(abs(count - 1) < 0.15) }
    }

    @Test(arguments: [0, 6]) func gradientsAreThoseOfTheDifferences(draws: Int) throws {
        var generator = SeededGenerator(seed: 2)
        let vectors = try Embedding(rowCount: 10, width: width, scale: 1, using: &generator)
        let states = try uniformMatrix(4, width, seed: 3)
        let batch = BatchItems(vectors, sample: draws > 0 ? sample(draws) : nil)
        let logits = try DenseMatrix(rowCount: NextItemLoss.tile, columnCount: 11)
        let delta = try DenseMatrix(rowCount: 4, columnCount: width)
        let slotGradients = try DenseMatrix(rowCount: 10, columnCount: width)
        // A window over the targets, so that each has a slot.
        let told: [UInt32] = [1] + targets
        func loss(_ gradients: DenseMatrix) throws -> Double {
            var generator = SeededGenerator(seed: 4)  // what is drawn stays the same
            try sequences.withUnsafeBufferPointer { sequences in
                try (told + sequences).withUnsafeBufferPointer {
                    try batch.begin([SequenceWindow(start: 0, count: 4)], of: $0, using: &generator)
                }
            }
            return targets.map { batch.slot($0) }.withUnsafeBufferPointer {
                NextItemLoss(width: width).learn(
                    MatrixRows(states), targets: $0, batch, scale: 1, logits: logits, into: MatrixRows(delta),
                    gradients: MatrixRows(gradients))
            }
        }
        let expected = try loss(slotGradients)
        #expect(expected > 0)
        #expect(batch.isSample == (draws > 0) && batch.candidateCount <= (draws > 0 ? draws : 10))
        let other = try DenseMatrix(rowCount: 10, columnCount: width)
        expectGradient(Array(delta.elements), of: states.base) { (try? loss(other)) ?? .nan }
        var gradients = [Float](repeating: 0, count: 10 * width)
        for slot in 0..<batch.count {
            for k in 0..<width { gradients[Int(batch.rows[slot]) * width + k] = slotGradients.row(slot)[k] }
        }
        expectGradient(gradients, of: vectors.values.base) { (try? loss(other)) ?? .nan }
    }

    @Test func aSampleOfEverythingIsTheLossOverEverything() throws {
        var generator = SeededGenerator(seed: 5)
        let vectors = try Embedding(rowCount: 10, width: width, scale: 0.5, using: &generator)
        let states = try uniformMatrix(4, width, seed: 6)
        func loss(_ batch: BatchItems, _ told: [UInt32]) throws -> Double {
            let (logits, delta, gradients) = try (
                DenseMatrix(rowCount: NextItemLoss.tile, columnCount: 11),
                DenseMatrix(rowCount: 4, columnCount: width), DenseMatrix(rowCount: 10, columnCount: width)
            )
            return told.map { batch.slot($0) }.withUnsafeBufferPointer {
                NextItemLoss(width: width).learn(
                    MatrixRows(states), targets: $0, batch, scale: 1, logits: logits, into: MatrixRows(delta),
                    gradients: MatrixRows(gradients))
            }
        }
        let all = try loss(BatchItems(vectors, sample: nil), targets)
        let batch = BatchItems(vectors, sample: sample(20_000))
        try sequences.withUnsafeBufferPointer {
            try batch.begin([SequenceWindow(start: 0, count: 4)], of: $0, using: &generator)
        }
        #expect(batch.candidateCount == 10)
        #expect(abs(try loss(batch, targets) - all) < 0.05)
    }
}
