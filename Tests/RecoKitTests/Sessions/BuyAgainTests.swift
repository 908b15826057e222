import Testing

@testable import RecoKit

struct BuyAgainTests {
    private static let start: Int64 = 1_700_000_000
    private static let day: Int64 = 86_400

    /// Orders of one item each: who, what, on which day.
    private func data(_ orders: [(user: String, item: String, day: Int64)]) throws -> TrainingData {
        let log = EventLog()
        for order in orders {
            try log.add(
                user: order.user, item: order.item, kind: "purchase", time: Self.start + order.day * Self.day)
        }
        return try Shop.data(log)
    }

    private static let plain = [
        "half-life": "0", "rate-power": "0", "patience": "0", "new-weight": "0", "new-items": "0",
    ]

    /// The formulas over plain arrays: counts, rates, intervals, neighbours.
    private func naive(
        _ data: TrainingData, user: Int, halfLife: Double = 180, power: Double = 0.35, window: Double = 30,
        patience: Double = 4, neighbors: Int = 100, newWeight: Double = 0.2
    ) throws -> [Double] {
        let (log, items, users) = (data.log, data.log.items.count, data.log.users.count)
        let baskets = try log.baskets(gap: 1800, scale: .log, threads: 1)
        var ages = [[[Double]]](repeating: [[Double]](repeating: [], count: items), count: users)
        for basket in 0..<baskets.count {
            for item in baskets.items[baskets.range(basket)] {
                ages[Int(baskets.users[basket])][Int(item)].append(
                    Double(log.latestTime - baskets.times[basket]) / 86_400)
            }
        }
        let counts = ages.map { $0.map { $0.reduce(0) { $0 + powerOfTwo(-$1 / halfLife) } } }
        var (earlier, again) = ([Double](repeating: 0, count: items), [Double](repeating: 0, count: items))
        var logs = [[Double]](repeating: [], count: items)
        for own in ages {
            let active = own.contains { $0.contains { $0 <= window } }
            for item in 0..<items where !own[item].isEmpty {
                if active, own[item].max()! > window {
                    earlier[item] += 1
                    if own[item].min()! <= window { again[item] += 1 }
                }
                if own[item].count > 1 {
                    let mean = (own[item].max()! - own[item].min()!) / Double(own[item].count - 1)
                    logs[item].append(naturalLog(max(0.5, mean)))
                }
            }
        }
        let mean = again.reduce(0, +) / earlier.reduce(0, +)
        let meanLog = logs.joined().reduce(0, +) / Double(logs.joined().count)
        var scores = [Double](repeating: 0, count: items)
        for item in 0..<items where !ages[user][item].isEmpty {
            let own = ages[user][item]
            let rate = RecoKit.power((again[item] + 10 * mean) / (earlier[item] + 10) / mean, power)
            let typical = exponential((logs[item].reduce(0, +) + 3 * meanLog) / Double(logs[item].count + 3))
            let n = Double(own.count)
            let mine = n > 1 ? max(0.5, (own.max()! - own.min()!) / (n - 1)) : 1
            let interval = RecoKit.power(mine, (n - 1) / n) * RecoKit.power(typical, 1 / n)
            let patient = own.min()! > 0 ? min(1, patience * interval / own.min()!).squareRoot() : 1
            scores[item] = counts[user][item] * rate * patient
        }
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let nearest = (0..<users).filter { $0 != user }.map { other in
            (other, dot(counts[user], counts[other]) / dot(counts[other], counts[other]).squareRoot())
        }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }.prefix(neighbors)
        let total = nearest.reduce(0) { $0 + $1.1 }
        for (other, similarity) in nearest {
            for item in 0..<items { scores[item] += newWeight * similarity / total * counts[other][item] }
        }
        return scores
    }

    @Test(arguments: [100, 5]) func listsAreWhatAPlainImplementationSays(neighbors: Int) throws {
        let data = try Visits.random(users: 40, items: 30, orders: 400)
        let model = try Shop.train(BuyAgain.self, data, ["neighbors": "\(neighbors)", "patience": "1"])
        for user in [0, 1, 5, 12] {
            let expected = try naive(data, user: user, patience: 1, neighbors: neighbors)
            let scores = try #require(
                Visits.scores(model, items: 30, user: user, history: Visits.history(data, user)))
            for item in 0..<30 { #expect(abs(Double(scores[item]) - expected[item]) < 1e-4 * max(1, expected[item])) }
        }
    }

    @Test func withoutTimesItIsTheNumberOfOrders() throws {
        let log = EventLog()
        for (user, item) in [("a", "tea"), ("a", "cup"), ("b", "tea")] { try log.add(user: user, item: item) }
        let model = try Shop.train(BuyAgain.self, try Shop.data(log), ["new-weight": "0"])
        #expect(Visits.scores(model, items: 2, user: 0) == [1, 1])
        #expect(Visits.scores(model, items: 2, user: 1) == [1, 0])
    }

    @Test func recentPurchasesCountMoreAndLinesOfOneOrderOnce() throws {
        let log = EventLog()
        for (item, days) in [("old", [-20, -10]), ("new", [-1, 0])] as [(String, [Int64])] {
            for day in days {
                for line: Int64 in 0..<3 {
                    try log.add(
                        user: "a", item: item, kind: "purchase", time: Self.start + day * Self.day + 60 * line)
                }
            }
        }
        let data = try Shop.data(log)
        #expect(Visits.scores(try Shop.train(BuyAgain.self, data, Self.plain), items: 2, user: 0) == [2, 2])
        let faded = try Shop.train(
            BuyAgain.self, data, Self.plain.merging(["half-life": "10"]) { $1 })
        let scores = try #require(Visits.scores(faded, items: 2, user: 0))
        #expect(abs(scores[0] - 0.75) < 1e-3)
        #expect(abs(scores[1] - (1 + 0.933)) < 1e-3)
    }

    @Test func aHabitThatWasGivenUpStandsBehindOneThatIsKept() throws {
        // Weekly tea until 70 days ago; coffee every 35 days, the last one as long ago. As many orders of each.
        var orders: [(String, String, Int64)] = []
        for n: Int64 in 0..<4 {
            orders.append(("a", "tea", -70 - 7 * n))
            orders.append(("a", "coffee", -70 - 35 * n))
        }
        orders.append(("b", "soap", 0))
        let data = try data(orders)
        let patient = Self.plain.merging(["patience": "2"]) { $1 }
        let scores = try #require(Visits.scores(try Shop.train(BuyAgain.self, data, patient), items: 3, user: 0))
        #expect(scores[0] < scores[1])
        #expect(Visits.scores(try Shop.train(BuyAgain.self, data, Self.plain), items: 3, user: 0) == [4, 4, 0])
    }

    @Test func itemsThatPeopleComeBackForStandBeforeThoseTheyBuyOnce() throws {
        // Everybody bought milk and a tent before the window, and milk again within it.
        var orders: [(String, String, Int64)] = []
        for user in 0..<20 {
            orders += [("\(user)", "milk", -50), ("\(user)", "tent", -50), ("\(user)", "milk", -5)]
        }
        orders += [("x", "milk", -50), ("x", "tent", -50)]
        let data = try data(orders)
        let rated = Self.plain.merging(["rate-power": "1"]) { $1 }
        let scores = try #require(Visits.scores(try Shop.train(BuyAgain.self, data, rated), items: 2, user: 20))
        #expect(scores[0] > 1 && scores[1] < 1 && scores[1] > 0)
    }

    @Test func whatWasSentBackWasNotBought() throws {
        let log = EventLog()
        try log.add(user: "a", item: "tea", kind: "purchase", weight: 2, time: 0)
        try log.add(user: "a", item: "tent", kind: "purchase", weight: 2, time: 0)
        try log.add(user: "a", item: "tent", kind: "purchase", weight: -2, time: 100)
        try log.add(user: "a", item: "lamp", kind: "view", time: 100)
        let model = try Shop.train(BuyAgain.self, try Shop.data(log), Self.plain)
        #expect(Visits.scores(model, items: 3, user: 0) == [1, 0, 0])
    }

    @Test func whereNothingIsBoughtViewsAreHabitsToo() throws {
        let log = EventLog()
        for day: Int64 in 0..<3 { try log.add(user: "a", item: "news", kind: "view", time: day * Self.day) }
        let model = try Shop.train(BuyAgain.self, try Shop.data(log), Self.plain)
        #expect(Visits.scores(model, items: 1, user: 0) == [3])
    }

    @Test func aStrangerWhoTellsTheSamePurchasesGetsTheSameOwnItems() throws {
        let data = try Visits.random(users: 40, items: 30, orders: 400)
        let model = try Shop.train(BuyAgain.self, data, ["new-weight": "0", "patience": "1"])
        for user in [0, 1, 5] {
            let events = try data.log.eventsByUser(threads: 1)
            let steps = events.events[events.starts[user]..<events.starts[user + 1]].map { event in
                Profile.Step(
                    item: data.log.itemRows[Int(event)], weight: 5,
                    age: Float(data.log.latestTime - data.log.times[Int(event)]))
            }
            let known = try #require(Visits.scores(model, items: 30, user: user))
            let told = try #require(Visits.scores(model, items: 30, steps: steps))
            for item in 0..<30 { #expect(abs(known[item] - told[item]) < 1e-3 * max(1, known[item])) }
        }
    }

    @Test func aStrangerHasNeighboursAndAViewIsAPartOfAPurchase() throws {
        let data = try data([
            ("a", "tea", 0), ("a", "cup", 0), ("b", "tea", -1), ("b", "cup", -1), ("c", "tent", 0), ("c", "lamp", 0),
        ])
        let model = try Shop.train(BuyAgain.self, data)
        let bought = try #require(
            Visits.scores(model, items: 4, steps: [Profile.Step(item: 0, weight: 5, age: 0)]))
        #expect(bought[0] > bought[1] && bought[1] > 0)
        #expect(bought[2] == 0 && bought[3] == 0)
        let viewed = try #require(
            Visits.scores(model, items: 4, steps: [Profile.Step(item: 0, weight: 1, age: 0)]))
        #expect(viewed[0] < bought[0])
        // Viewed and then bought is bought once; a dislike is no habit.
        let both = Visits.scores(
            model, items: 4,
            steps: [Profile.Step(item: 0, weight: 1, age: 60), Profile.Step(item: 0, weight: 5, age: 0)])
        #expect(abs(try #require(both)[0] - bought[0]) < 1e-6)
        #expect(Visits.scores(model, items: 4, steps: [Profile.Step(item: 0, weight: -4, age: 0)]) == nil)
    }

    @Test func theListHoldsNewThingsWhereWhatWasBoughtIsHidden() throws {
        let trainer = Trainer()
        try trainer.set("model", to: "buy-again")
        for user in ["ann", "bob"] {
            for (day, item) in ["tea", "tea", "cup"].enumerated() {
                try trainer.log.add(
                    user: user, item: item, kind: "purchase", time: Self.start + Int64(day) * Self.day)
            }
        }
        try trainer.log.add(user: "bob", item: "honey", kind: "purchase", time: Self.start)
        try trainer.log.add(user: "eve", item: "tent", kind: "purchase", time: Self.start)
        try trainer.train()
        let model = try trainer.model()
        let new = try model.recommend(user: "ann", limit: 1)
        #expect(new.map(\.id) == ["honey"])
        #expect(new.map(\.source) == [.buyAgain])
        let again = try model.recommend(user: "ann", limit: 3, options: .showBought)
        #expect(again.map(\.id) == ["tea", "cup", "honey"])
        // The ages of a session reach the model: what was bought just now outweighs what was bought two years ago.
        let told = try model.recommend(
            session: [
                SessionEvent("tent", kind: 3, secondsAgo: 2 * 365 * 86_400), SessionEvent("honey", kind: 3),
            ], limit: 2, options: [.showBought, .showSession])
        #expect(told.map(\.id).first == "honey")
    }

    @Test func theModelIsTheSameWhateverTheNumberOfThreads() throws {
        let data = try Visits.random(users: 150, items: 40, orders: 900)
        let one = try Shop.file { try Shop.train(BuyAgain.self, data, threads: 1).write(to: $0) }
        let many = try Shop.file { try Shop.train(BuyAgain.self, data, threads: 5).write(to: $0) }
        #expect(Array(one.storage.bytes) == Array(many.storage.bytes))
    }

    @Test(arguments: [1e-30 as Float, 1e12]) func weightsFarFromOneGiveFiniteLists(weight: Float) throws {
        let log = EventLog()
        for user in 0..<5 {
            for day: Int64 in 0..<4 {
                try log.add(user: "\(user)", item: "tea", kind: "purchase", weight: weight, time: day * Self.day)
            }
        }
        try log.add(user: "0", item: "old", kind: "purchase", time: EventLog.times.lowerBound)
        try log.add(user: "1", item: "young", kind: "purchase", time: EventLog.times.upperBound)
        let model = try Shop.train(BuyAgain.self, try Shop.data(log), ["half-life": "0.001"])
        #expect(model.listScores.toArray().allSatisfy { $0.isFinite && $0 > 0 })
    }

    @Test func hostileColumnsGiveWrongAnswersAndNothingWorse() throws {
        for (offset, row, number): (UInt64, UInt32, Float) in [
            (.max, .max, .nan), (3, 2, .infinity), (0, 77, -1), (UInt64(Int.max), 0x8000_0000, 1e38),
        ] {
            let offsets = RaggedOffsets(offsets: Column([0, offset, 4, 3]))
            let rows = Column<UInt32>([row, 1, row, 0])
            let numbers = Column<Float>([number, 1, number, 1])
            let model = BuyAgain(
                pattern: RepeatPattern(rates: numbers, intervals: numbers, settings: numbers),
                neighbors: BuyerNeighbors(
                    offsets: offsets, items: rows, counts: numbers, buyerOffsets: offsets, buyers: rows,
                    shares: numbers, settings: Column([number, number])), listOffsets: offsets, listItems: rows,
                listScores: numbers)
            for user in [nil, 0, 1, 99] {
                let scratch = Scratch(itemCount: 3)!
                let steps = [
                    Profile.Step(item: 1, weight: 1, age: 0), Profile.Step(item: 2, weight: 1e38, age: 1e38),
                    Profile.Step(item: 1, weight: 5, age: 1e9),
                ]
                steps.withUnsafeBufferPointer {
                    let profile = Profile(
                        user: user, events: UnsafeBufferPointer(start: nil, count: 0), sessionStart: 0, steps: $0)
                    var selection = scratch.selection(3)!
                    _ = model.propose(for: profile, using: scratch, to: &selection)
                    #expect(selection.count <= 3)
                }
                #expect((0..<3).allSatisfy { scratch.scores[$0] == 0 })
            }
        }
    }

    @Test func aFileWhoseSectionsDoNotFitIsDamaged() throws {
        let model = try Shop.train(BuyAgain.self, try Visits.random(users: 10, items: 20, orders: 40))
        let file = try Shop.file { try model.write(to: $0) }
        #expect(try BuyAgain(file, userCount: 10, itemCount: 20) != nil)
        #expect(throws: RecoError.self) { try BuyAgain(file, userCount: 10, itemCount: 21) }
        #expect(throws: RecoError.self) { try BuyAgain(file, userCount: 9, itemCount: 20) }
    }
}
