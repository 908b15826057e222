import Testing

@testable import RecoKit

@Suite struct ItemSequencesTests {
    private func sequences(_ events: [(user: String, item: String, kind: String, time: Int64)]) throws -> [[String]] {
        let log = EventLog()
        for event in events { try log.add(user: event.user, item: event.item, kind: event.kind, time: event.time) }
        let sequences = try ItemSequences(log, scale: .log, threads: 2)
        return (0..<sequences.count).map { user in
            sequences.items[sequences.range(user)].map { log.items.id(of: Int($0)) }
        }
    }

    @Test func eventsComeInOrderOfTimeAndThenOfTheLog() throws {
        let none = EventLog.noTime
        #expect(
            try sequences([
                ("ann", "tea", "view", 30), ("bob", "pot", "view", none), ("ann", "cup", "view", 10),
                ("ann", "pot", "view", 30), ("bob", "cup", "view", none), ("ann", "jar", "view", 20),
            ]) == [["cup", "jar", "tea", "pot"], ["pot", "cup"]])
    }

    @Test func anItemRightAfterItselfCountsOnceAndADislikedOneNotAtAll() throws {
        let log = EventLog()
        for (item, weight) in [("tea", 1), ("tea", 1), ("cup", 1), ("jar", -1), ("cup", 1), ("tea", 1)]
            as [(String, Float)]
        {
            try log.add(user: "ann", item: item, weight: weight)
        }
        #expect(try ItemSequences(log, scale: .log, threads: 1).items == [0, 1, 0])
    }

    @Test func windowsTellEveryItemButTheFirstOnce() {
        let lengths = [0, 1, 2, 3, 8, 9, 40]
        let offsets = lengths.reduce(into: [0]) { $0.append($0.last! + $1) }
        let sequences = ItemSequences(offsets: offsets, items: (0..<UInt32(offsets.last!)).map { $0 })
        var generator = SeededGenerator(seed: 1)
        for held in [0, 1] {
            for _ in 0..<20 {
                let windows = sequences.windows(length: 7, without: held, using: &generator)
                #expect(windows.allSatisfy { 1...7 ~= $0.count })
                let told = windows.flatMap { $0.start + 1...$0.start + $0.count }.sorted()
                #expect(told == lengths.indices.flatMap { Array(sequences.range($0).dropFirst().dropLast(held)) })
            }
        }
    }

    @Test func lastItemsAreThoseOfUsersWhoHaveMoreToLearnFrom() {
        let sequences = ItemSequences(offsets: [0, 2, 5, 5, 15], items: (0..<15).map { $0 })
        let last = sequences.lastItems(length: 4, atMost: 10)
        #expect(last.map(\.start) == [2, 10] && last.map(\.count) == [2, 4])
        #expect(sequences.lastItems(length: 4, atMost: 1).count == 1)
        let latest = sequences.latest(3)
        #expect(latest.offsets == [0, 2, 5, 5, 8] && latest.items == [0, 1, 2, 3, 4, 12, 13, 14])
    }
}
