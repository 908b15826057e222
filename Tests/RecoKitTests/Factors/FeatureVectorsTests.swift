import Glibc
import Testing

@testable import RecoKit

/// One user of three features, and steps that follow from a formula, as in Fixtures/hybrid_reference.py.
private func steps(_ optimizer: FeatureVectors.Optimizer) throws -> [Float] {
    let features = SparseRows(offsets: [0, 3], columns: [0, 1, 2], values: [1, 0.5, 0.8], columnCount: 3)
    let vectors = try FeatureVectors(features, rank: 4, optimizer: optimizer, penalty: 0.01)
    for feature in 0..<3 {
        for k in 0..<5 { vectors.vectors.row(feature)[k] = 0.1 * Float(feature + 1) - 0.05 * Float(k) }
    }
    for step in 0..<40 {
        let direction = (0..<5).map { Float(sin(Double(1 + step * 3 + $0 * 2))) }
        vectors.view.descend(0, step % 3 == 1 ? -1 : 1, direction, remainder: 0, of: 1)
    }
    return Array(vectors.vectors.elements)
}

@Test func stepsOfAdagradAreThoseOfTheReference() throws {
    let expected: [Float] = [
        -0.013964, 0.045285, 0.110167, -0.148826, -0.148605, 0.123946, 0.149257, 0.167012, -0.012531, -0.021069,
        0.19584,
        0.245296, 0.294419, 0.060845, 0.060136,
    ]
    let found = try steps(.adagrad(rate: 0.1))
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 2e-6 })
}

@Test func stepsOfAdadeltaAreThoseOfTheReference() throws {
    let expected: [Float] = [
        0.025959, 0.043356, 0.054093, -0.125459, -0.12365, 0.122158, 0.13891, 0.150586, -0.027057, -0.024527, 0.221755,
        0.236579, 0.250442, 0.070336, 0.072202,
    ]
    let found = try steps(.adadelta(decay: 0.9, epsilon: 1e-4))
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 2e-6 })
}

@Test func featuresSharedOutAmongWorkersTakeTheSameSteps() throws {
    let features = SparseRows(offsets: [0, 3], columns: [0, 1, 2], values: [1, 0.5, 0.8], columnCount: 3)
    func run(_ workers: Int) throws -> [Float] {
        let vectors = try FeatureVectors(features, rank: 2, optimizer: .adagrad(rate: 0.1), penalty: 0)
        for worker in 0..<workers { vectors.view.descend(0, 2, [1, -1, 0.5], remainder: worker, of: workers) }
        return Array(vectors.vectors.elements)
    }
    #expect(try run(1) == run(2))
    #expect(try run(1) == run(5))
}

@Test func whatAPairTeachesIsTheSlopeOfItsLoss() {
    for kind in [PairLoss.Kind.bpr, .logistic, .warp] {
        let loss = PairLoss(kind: kind, maxSampled: 1, drawn: 1, position: 1)
        func lesson(_ liked: Float, _ other: Float) -> PairLoss.Lesson? {
            var generator = SeededGenerator(seed: 1)
            return loss.lesson(
                0, itemCount: 40, using: &generator, own: { _ in 0 }, candidate: { _ in 1 }, has: { $0 == 0 },
                score: { $0 == 0 ? liked : other })
        }
        for (liked, other) in [(Float(0), Float(0)), (0.3, -0.2), (-1, 1.5), (2, 1.2)] {
            guard let found = lesson(liked, other) else {
                Issue.record("\(kind) teaches nothing at \(liked), \(other)")
                continue
            }
            let step: Float = 1e-2
            let byItem = (lesson(liked + step, other)!.loss - lesson(liked - step, other)!.loss) / (2 * step)
            let byOther = (lesson(liked, other + step)!.loss - lesson(liked, other - step)!.loss) / (2 * step)
            #expect(abs(found.ofItem - byItem) < 2e-3, "\(kind)")
            #expect(abs(found.ofOther - byOther) < 2e-3, "\(kind)")
        }
    }
    // Far enough ahead, WARP has nothing to teach.
    let loss = PairLoss(kind: .warp, maxSampled: 5, drawn: 1, position: 1)
    var generator = SeededGenerator(seed: 1)
    let lesson = loss.lesson(
        0, itemCount: 40, using: &generator, own: { _ in 0 }, candidate: { _ in 1 }, has: { $0 == 0 },
        score: { $0 == 0 ? 3 : 1 })
    #expect(lesson == nil)
}

@Test func aDislikeTeachesTheSlopeOfItsOwnLoss() {
    let loss = PairLoss(kind: .logistic, maxSampled: 1, drawn: 1, position: 1)
    for value in [Float(-2), 0, 1.5] {
        let slope =
            (loss.lesson(disliked: 0) { _ in value + 1e-2 }.loss - loss.lesson(disliked: 0) { _ in value - 1e-2 }.loss)
            / 2e-2
        #expect(abs(loss.lesson(disliked: 0) { _ in value }.ofItem - slope) < 2e-3)
    }
}

@Test func theKthBestOfAUsersItemsIsLearnedFrom() {
    let loss = PairLoss(kind: .warpKOS, maxSampled: 1, drawn: 4, position: 2)
    var generator = SeededGenerator(seed: 1)
    var next: UInt32 = 0
    let lesson = loss.lesson(
        9, itemCount: 40, using: &generator,
        own: { _ in
            next += 1
            return next
        }, candidate: { _ in 0 }, has: { $0 > 0 }, score: { [0.5, 0.1, 0.4, 0.9, 0.2][Int($0)] })
    #expect(lesson?.item == 2)
}
