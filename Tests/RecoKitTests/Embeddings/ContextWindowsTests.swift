import Testing

@testable import RecoKit

/// What stands around each item of one sequence, every pair as often as it comes in `rounds` walks.
private func pairs(
    _ items: [UInt32], width: Int, sample: Double = 0, rounds: Int = 1, counts: [Int]? = nil
) -> [[UInt32]: Int] {
    let sequences = ItemSequences(offsets: [0, items.count], items: items)
    let counts = counts ?? sequences.counts(itemCount: 40)
    let windows = ContextWindows(sequences, counts: counts, width: width, sample: sample)
    var generator = SeededGenerator(seed: 1)
    var found: [[UInt32]: Int] = [:]
    for _ in 0..<rounds {
        windows.forEach(in: 0..<1, using: &generator) { item, around, _ in
            for other in around { found[[item, other], default: 0] += 1 }
        }
    }
    return found
}

@Test func aWindowReachesAsFarAsItIsWideAndNearerItemsMoreOften() {
    let found = pairs([0, 1, 2, 3, 4, 5], width: 2, rounds: 1000)
    #expect(found[[0, 1]] == 1000 && found[[1, 0]] == 1000)
    #expect(found[[0, 3]] == nil)
    let far = found[[0, 2]] ?? 0
    #expect(far > 400 && far < 600)
}

@Test func aWholeBasketHasEveryPairAndOfALargeOneSomeByChance() {
    let small = pairs([4, 1, 7], width: 0)
    #expect(small == [[4, 1]: 1, [4, 7]: 1, [1, 4]: 1, [1, 7]: 1, [7, 4]: 1, [7, 1]: 1])
    let large = pairs(Array(0..<40), width: 0, rounds: 400)
    #expect(large.count == 40 * 39)
    for item in 0..<UInt32(40) {
        let around = large.filter { $0.key[0] == item }.values.reduce(0, +)
        #expect(around <= 400 * ContextWindows.mostOfBasket && around > 400 * ContextWindows.mostOfBasket * 9 / 10)
    }
}

@Test func anItemIsNotAroundItself() {
    #expect(pairs([3, 3, 3], width: 5).isEmpty)
    #expect(Set(pairs([3, 5, 3], width: 5).keys) == [[3, 5], [5, 3]])
}

@Test func itemsThatAreEverywhereArePassedOverNowAndThen() {
    var counts = [Int](repeating: 0, count: 40)
    counts[0] = 9_900
    counts[1] = 100
    // 0 is kept with a chance of sqrt(0.01 / 0.99) + 0.01 / 0.99 = 0.11, 1 always.
    let found = pairs([0, 1], width: 1, sample: 0.01, rounds: 20_000, counts: counts)
    let kept = Double(found[[0, 1]] ?? 0) / 20_000
    #expect(abs(kept - 0.1106) < 0.01)
}

@Test func historiesAreInOrderOfTimeWithoutRepeatsInARow() throws {
    let log = EventLog()
    for (item, kind, time) in [
        ("b", "view", 20), ("a", "view", 10), ("b", "purchase", 30), ("c", "dislike", 35), ("a", "view", 40),
    ] {
        try log.add(user: "u", item: item, kind: kind, time: Int64(time))
    }
    _ = try log.users.row(for: "nobody")
    let histories = try ItemSequences(log, scale: .log, threads: 2)
    let names = histories.items.map { log.items.id(of: Int($0)) }
    #expect(names == ["a", "b", "a"])
    #expect(histories.offsets == [0, 3, 3])
}

@Test func onlyItemsWithOthersBesideThemCount() {
    let sequences = ItemSequences(offsets: [0, 1, 3, 3, 6], items: [2, 4, 4, 1, 2, 1])
    #expect(sequences.counts(itemCount: 5) == [0, 2, 1, 0, 0])
}

@Test func runsCoverAllSequencesOnce() {
    let offsets = [0, 3, 3, 10, 11, 30, 31]
    let sequences = ItemSequences(offsets: offsets, items: [UInt32](repeating: 1, count: 31))
    for size in [1, 5, 12, 100] { #expect(sequences.runs(of: size).flatMap { Array($0) } == Array(0..<6)) }
    #expect(ItemSequences(offsets: [0], items: []).runs(of: 5).isEmpty)
}
