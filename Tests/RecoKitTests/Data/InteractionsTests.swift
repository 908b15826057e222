import Glibc
import Testing

@testable import RecoKit

struct InteractionsTests {
    /// The entries of a sparse matrix as (row, column) -> value.
    private func entries(_ matrix: SparseRows) -> [[UInt32]: Float] {
        var found: [[UInt32]: Float] = [:]
        for row in 0..<matrix.rowCount {
            for entry in matrix.range(row) { found[[UInt32(row), matrix.columns[entry]]] = matrix.values[entry] }
        }
        return found
    }

    private func isAscending(_ matrix: SparseRows) -> Bool {
        (0..<matrix.rowCount).allSatisfy { row in
            let columns = matrix.columns[matrix.range(row)]
            return zip(columns, columns.dropFirst()).allSatisfy { $0 < $1 }
        }
    }

    private func randomLog(events: Int, users: Int = 50, items: Int = 30) throws -> EventLog {
        let log = EventLog()
        try log.kinds.setHalfLife(1000, of: "view")
        for user in 0..<users { _ = try log.users.row(for: "\(user)") }
        for item in 0..<items { _ = try log.items.row(for: "\(item)") }
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<events {
            try log.append(
                user: UInt32(generator.nextIndex(users)), item: UInt32(generator.nextIndex(items)),
                kind: UInt8(generator.nextIndex(6)), weight: Float(generator.nextIndex(5)) - 1,
                time: generator.nextIndex(10) == 0 ? EventLog.noTime : Int64(generator.nextIndex(5000)))
        }
        return log
    }

    @Test func repeatedEventsAreSummedUpAsADictionaryWould() throws {
        let log = try randomLog(events: 4000)
        let interactions = try log.interactions(threads: 2)
        var sums: [[UInt32]: Float] = [:]
        var bits: [[UInt32]: UInt8] = [:]
        for event in 0..<log.count {
            let kind = log.kinds[log.kindCodes[event]]
            let quantity = log.weights[event]
            var value =
                kind.weight * (quantity >= 1 ? 1 + logf(quantity) : quantity <= -1 ? -1 - logf(-quantity) : quantity)
            if kind.name == "view", log.times[event] != EventLog.noTime {
                value *= Float(exp2(-Double(log.latestTime - log.times[event]) / 1000))
            }
            let pair = [log.userRows[event], log.itemRows[event]]
            sums[pair, default: 0] += value
            bits[pair, default: 0] |= 1 << log.kindCodes[event]
        }
        #expect(entries(interactions.history) == sums)
        #expect(entries(interactions.byUser) == sums.filter { $0.value > 0 })
        #expect(sums.values.contains { $0 < 0 } && sums.values.contains { $0 == 0 }, "the data should have dislikes")
        var foundBits: [[UInt32]: UInt8] = [:]
        for user in 0..<interactions.userCount {
            for entry in interactions.history.range(user) {
                foundBits[[UInt32(user), interactions.history.columns[entry]]] = interactions.kindBits[entry]
            }
        }
        #expect(foundBits == bits)
        #expect(
            isAscending(interactions.history) && isAscending(interactions.byUser) && isAscending(interactions.byItem))
    }

    @Test func byItemIsByUserTransposed() throws {
        let interactions = try randomLog(events: 1000).interactions(threads: 1)
        let turned = Dictionary(
            uniqueKeysWithValues: entries(interactions.byItem).map { ([$0.key[1], $0.key[0]], $0.value) })
        #expect(turned == entries(interactions.byUser))
        #expect(interactions.byItem.columnCount == interactions.userCount)
        #expect(interactions.byItem.rowCount == interactions.itemCount)
        let back = try interactions.byItem.transposed()
        #expect(back.offsets == interactions.byUser.offsets)
        #expect(back.columns == interactions.byUser.columns)
        #expect(back.values == interactions.byUser.values)
    }

    @Test func theSumsAreTheSameWhateverTheNumberOfThreads() throws {
        let log = try randomLog(events: 20_000, users: 3000, items: 5)
        let one = try log.interactions(threads: 1)
        for threads in [2, 5] {
            let many = try log.interactions(threads: threads)
            #expect(one.history.values == many.history.values && one.history.columns == many.history.columns)
            #expect(one.history.offsets == many.history.offsets && one.kindBits == many.kindBits)
        }
    }

    @Test func weightsScaleByLogAsTheyAreOrNotAtAll() throws {
        let log = EventLog()
        try log.add(user: "1", item: "a", weight: 10)
        try log.add(user: "1", item: "b", weight: 0.5)
        try log.add(user: "1", item: "c", weight: -10)
        try log.add(user: "1", item: "d", weight: 0)
        let ten = 1 + logf(10)
        #expect(try log.interactions(scale: .log).history.values == [ten, 0.5, -ten, 0])
        #expect(try log.interactions(scale: .linear).history.values == [10, 0.5, -10, 0])
        #expect(try log.interactions(scale: .none).history.values == [1, 1, 1, 1])
    }

    @Test func anEventOfAgeHalfLifeCountsHalf() throws {
        let log = EventLog()
        try log.kinds.setHalfLife(60, of: "view")
        try log.add(user: "1", item: "now", kind: "view", time: 1_000)
        try log.add(user: "1", item: "then", kind: "view", time: 940)
        try log.add(user: "1", item: "timeless", kind: "view")
        try log.add(user: "1", item: "bought", kind: "purchase", time: 0)
        #expect(try log.interactions().history.values == [1, 0.5, 1, 5])
    }

    @Test func timesAreThoseOfShopsAndNoPlaceholders() throws {
        let log = EventLog()
        try log.kinds.setHalfLife(1, of: "view")
        try log.add(user: "1", item: "old", kind: "view", time: EventLog.times.lowerBound)
        try log.add(user: "1", item: "new", kind: "view", time: EventLog.times.upperBound)
        #expect(try log.interactions().history.values == [0, 1])
        for time in [.min + 1, .max, EventLog.times.upperBound + 1, 253_402_214_400] as [Int64] {
            #expect(throws: RecoError.self) { try log.add(user: "1", item: "x", kind: "view", time: time) }
        }
    }

    @Test func sumsStayFiniteSoThatModelsCanSquareThem() throws {
        let log = EventLog()
        try log.kinds.setHalfLife(1, of: "purchase")
        for sign: Float in [1, -1] {
            for _ in 0..<3 {
                try log.add(user: "\(sign)", item: "a", kind: "purchase", weight: sign * .greatestFiniteMagnitude)
            }
        }
        try log.add(user: "both", item: "a", kind: "purchase", weight: .greatestFiniteMagnitude)
        try log.add(user: "both", item: "a", kind: "purchase", weight: -.greatestFiniteMagnitude)
        try log.add(user: "faded", item: "a", kind: "purchase", weight: .greatestFiniteMagnitude, time: 0)
        try log.add(user: "late", item: "a", kind: "purchase", weight: 1, time: 1_000_000)
        let values = try log.interactions(scale: .linear).history.values
        #expect(values.allSatisfy { ($0 * $0).isFinite }, "\(values)")
        #expect(values[0] > 0 && values[1] < 0 && values[2] == 0 && values[3] == 0 && values[4] == 5)
    }

    @Test func anEmptyLogAndUsersWithoutEventsAreFine() throws {
        let empty = try EventLog().interactions()
        #expect(empty.userCount == 0 && empty.itemCount == 0 && empty.history.entryCount == 0)
        let log = EventLog()
        for id in ["a", "b", "c"] { _ = try log.users.row(for: id) }
        for id in ["x", "y"] { _ = try log.items.row(for: id) }
        try log.add(user: "b", item: "y")
        let interactions = try log.interactions(threads: 2)
        #expect(interactions.byUser.offsets == [0, 0, 1, 1])
        #expect(interactions.byItem.offsets == [0, 0, 1])
    }
}
