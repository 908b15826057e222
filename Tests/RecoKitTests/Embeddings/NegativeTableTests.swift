import Testing

@testable import RecoKit

@Test func negativesAreDrawnByTheirWeightsWithinTheirBlock() {
    let weights: [Double] = [0, 8, 1, 1, 2, 0, 4]
    let items: [UInt32] = [3, 1, 2, 6, 4]
    let table = NegativeTable(items, bounds: [0, 3, 5], weights: weights)
    for (block, total) in [(0, 10.0), (1, 6.0)] {
        var generator = SeededGenerator(seed: 7)
        var drawn = [Int](repeating: 0, count: weights.count)
        let draws = 200_000
        table.withBlock(block) { block in
            for _ in 0..<draws { drawn[Int(block.draw(using: &generator))] += 1 }
        }
        let members = block == 0 ? [3, 1, 2] : [6, 4]
        for item in weights.indices {
            let expected = members.contains(item) ? weights[item] / total : 0
            #expect(abs(Double(drawn[item]) / Double(draws) - expected) < 0.005, "item \(item)")
        }
    }
}

@Test func aBlockOfOneItemDrawsThatItem() {
    let table = NegativeTable([5], bounds: [0, 1], weights: [0, 0, 0, 0, 0, 3])
    var generator = SeededGenerator(seed: 1)
    table.withBlock(0) { block in
        for _ in 0..<100 { #expect(block.draw(using: &generator) == 5) }
    }
}
