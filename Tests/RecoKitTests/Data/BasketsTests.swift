import Testing

@testable import RecoKit

@Suite struct BasketsTests {
    private func log(_ events: [(user: String, item: String, time: Int64)]) throws -> EventLog {
        let log = EventLog()
        for event in events { try log.add(user: event.user, item: event.item, kind: "purchase", time: event.time) }
        return log
    }

    private func baskets(_ log: EventLog, gap: Double = 1800) throws -> [[String]] {
        let baskets = try log.baskets(gap: gap, scale: .log, threads: 2)
        return (0..<baskets.count).map { basket in
            baskets.items[baskets.range(basket)].map { log.items.id(of: Int($0)) }
        }
    }

    @Test func aGapEndsABasketAndUsersDoNotMix() throws {
        let log = try log([
            ("ann", "tea", 1000), ("bob", "cup", 1100), ("ann", "cup", 1200), ("ann", "honey", 9000),
            ("bob", "tea", 1300),
        ])
        #expect(try baskets(log) == [["tea", "cup"], ["honey"], ["cup", "tea"]])
        #expect(try baskets(log, gap: 1e9) == [["tea", "cup", "honey"], ["cup", "tea"]])
        #expect(try baskets(log, gap: 0) == [["tea"], ["cup"], ["honey"], ["cup"], ["tea"]])
        #expect(try log.baskets(gap: 1800, scale: .log, threads: 1).times == [1200, 9000, 1300])
    }

    @Test func anItemStandsOnceWhereItsLatestEventDoes() throws {
        let log = try log([("ann", "tea", 30), ("ann", "cup", 20), ("ann", "tea", 10), ("ann", "honey", 30)])
        #expect(try baskets(log) == [["cup", "tea", "honey"]])
    }

    @Test func withoutTimesAUserHasOneBasket() throws {
        let log = try log([
            ("ann", "tea", EventLog.noTime), ("bob", "cup", EventLog.noTime), ("ann", "cup", EventLog.noTime),
        ])
        #expect(try baskets(log) == [["tea", "cup"], ["cup"]])
    }

    @Test func returnsAndOtherKindsAreLeftOut() throws {
        let log = EventLog()
        try log.add(user: "ann", item: "tea", kind: "purchase", weight: 2, time: 10)
        try log.add(user: "ann", item: "cup", kind: "purchase", weight: -1, time: 10)
        try log.add(user: "ann", item: "honey", kind: "view", time: 10)
        let purchases = try log.baskets(gap: 60, kinds: 1 << 3, scale: .log, threads: 1)
        #expect(purchases.items.map { log.items.id(of: Int($0)) } == ["tea"])
        #expect(purchases.users == [0])
        let all = try log.baskets(gap: 60, scale: .log, threads: 1)
        #expect(all.items.count == 2)
    }

    @Test func eventsThatNameABasketAreTogetherWhateverTheTime() throws {
        let log = EventLog()
        func add(_ item: String, _ time: Int64, _ basket: String?, user: String = "ann") throws {
            try log.add(user: user, item: item, kind: "purchase", time: time, basket: basket)
        }
        try add("tea", 0, nil)
        try add("cup", 100, "B")
        try add("pot", 50_000, "A")
        try add("spoon", 200, nil)
        try add("honey", 90_000, "B")
        try add("tea", 50_001, "A")
        try add("saw", 10, "A", user: "bob")
        #expect(try baskets(log) == [["tea", "spoon"], ["pot", "tea"], ["cup", "honey"], ["saw"]])
        let cut = try log.baskets(gap: 1800, scale: .log, threads: 1)
        #expect(cut.times == [200, 50_001, 90_000, 10])
        #expect(cut.users == [0, 0, 0, 1])
    }

    @Test func aNamedBasketDoesNotCutWhatNamesNone() throws {
        let log = EventLog()
        for (item, time, basket) in [("tea", 0, nil), ("cup", 1000, "A"), ("pot", 2000, nil)]
            as [(String, Int64, String?)]
        {
            try log.add(user: "ann", item: item, time: time, basket: basket)
        }
        // 2,000 seconds lie between tea and pot, for cup belongs elsewhere.
        #expect(try baskets(log, gap: 1800) == [["tea"], ["cup"], ["pot"]])
        #expect(try baskets(log, gap: 2000) == [["cup"], ["tea", "pot"]])
    }

    @Test func basketsCostMemoryFromTheFirstEventThatNamesOne() throws {
        let log = EventLog()
        try log.add(user: "ann", item: "tea")
        #expect(log.basketRows.count == 0)
        try log.add(user: "ann", item: "cup", basket: "7")
        try log.add(user: "ann", item: "pot")
        #expect(Array(log.basketRows.elements) == [EventLog.noBasket, 0, EventLog.noBasket])
        #expect(log.baskets.id(of: 0) == "7")
    }
}
