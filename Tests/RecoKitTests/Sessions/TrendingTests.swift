import Testing

@testable import RecoKit

struct TrendingTests {
    private static let day: Int64 = 86_400

    private func log(_ events: [(item: String, daysAgo: Int64, weight: Float)]) throws -> EventLog {
        let log = EventLog()
        for (number, event) in events.enumerated() {
            try log.add(
                user: "\(number)", item: event.item, kind: "purchase", weight: event.weight,
                time: 1_700_000_000 - event.daysAgo * Self.day)
        }
        return log
    }

    @Test func scoresAreWhatTheFormulaSays() throws {
        let log = try log([("new", 0, 1), ("new", 7, 1), ("old", 14, 1), ("old", 14, 1), ("old", 28, 1)])
        let plain = try Shop.train(Trending.self, try Shop.data(log), ["half-life": "7", "growth": "0"])
        let now: [Float] = [5 * (1 + 0.5), 5 * (0.25 + 0.25 + 0.0625)]
        for item in 0..<2 { #expect(abs(plain.scores[item] - now[item]) < 1e-5) }

        let growing = try Shop.train(
            Trending.self, try Shop.data(log), ["half-life": "7", "growth": "2", "long-half-life": "14"])
        let long: [Float] = [5 * (1 + 0.70710678), 5 * (0.5 + 0.5 + 0.25)]
        let scale = (now[0] + now[1]) / (long[0] + long[1])
        let mean = (now[0] + now[1]) / 2
        for item in 0..<2 {
            let growth = (now[item] + mean) / (long[item] * scale + mean)
            #expect(abs(growing.scores[item] - now[item] * growth * growth) < 1e-4)
        }
    }

    @Test func whatSellsNowBeatsWhatSoldMoreLongAgo() throws {
        let log = try log([("old", 300, 1), ("old", 301, 1), ("old", 302, 1), ("new", 1, 1), ("new", 0, 1)])
        let trainer = Trainer()
        try trainer.set("model", to: "trending")
        for event in 0..<log.count {
            try trainer.log.add(
                user: log.users.id(of: Int(log.userRows[event])), item: log.items.id(of: Int(log.itemRows[event])),
                kind: "purchase", time: log.times[event])
        }
        try trainer.set("popularity.half-life", to: "0")
        try trainer.train()
        let model = try trainer.model()
        let hits = try model.recommend(limit: 2)
        #expect(hits.map(\.id) == ["new", "old"])
        #expect(hits.map(\.source) == [.trending, .trending])
        #expect(hits.allSatisfy { $0.rung == .popular })
    }

    @Test func growthLiftsWhatSellsFasterThanItUsedTo() throws {
        var events: [(String, Int64, Float)] = []
        for day in 0..<100 { for _ in 0..<3 { events.append(("steady", Int64(day), 1)) } }
        for day in 0..<14 { for _ in 0..<3 { events.append(("rising", Int64(day), 1)) } }
        let data = try Shop.data(try log(events))
        let plain = try Shop.train(Trending.self, data, ["growth": "0"])
        #expect(plain.order.toArray() == [0, 1])
        let growing = try Shop.train(Trending.self, data, ["growth": "2"])
        #expect(growing.order.toArray() == [1, 0])
    }

    @Test(arguments: ["0", "0.5", "4"]) func withoutTimesItIsPopularity(growth: String) throws {
        let log = EventLog()
        for (item, count) in [("a", 2), ("b", 5), ("c", 3), ("d", 4)] {
            for user in 0..<count { try log.add(user: "\(user)", item: item) }
        }
        let data = try Shop.data(log)
        let trending = try Shop.train(Trending.self, data, ["growth": growth])
        let popularity = try Shop.train(Popularity.self, data)
        #expect(trending.order.toArray() == popularity.order.toArray())
        for item in 0..<4 { #expect(abs(trending.scores[item] - popularity.scores[item]) < 1e-5) }
    }

    @Test func whatWasOnlyReturnedDoesNotTrend() throws {
        let data = try Shop.data(try log([("tea", 0, 2), ("cup", 0, -3)]))
        let model = try Shop.train(Trending.self, data)
        #expect(model.order.toArray() == [0])
        #expect(model.scores.toArray()[1] == 0)
        #expect(Visits.scores(model, items: 2)?.last == 0)
    }
}
