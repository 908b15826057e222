import Testing

@testable import RecoKit

struct SessionKNNTests {
    private struct Settings {
        var neighbors = 200
        var sample = 1000
        var lengthPower: Float = 0.25
        var history = 50
    }

    /// The formulas of the paper with what the model says it does differently, over plain arrays and dictionaries.
    private func naive(
        _ data: TrainingData, query: [(item: UInt32, weight: Float)], except user: Int?, _ settings: Settings
    ) throws -> [Float] {
        let baskets = try data.log.baskets(gap: 1800, scale: .log, threads: 1)
        let order = (0..<baskets.count).sorted {
            baskets.times[$0] != baskets.times[$1] ? baskets.times[$0] > baskets.times[$1] : $0 > $1
        }
        let sessions = order.map { Array(baskets.items[baskets.range($0)]) }
        func idf(_ item: UInt32) -> Float {
            naturalLog(Float(sessions.count + 1) / Float(max(1, sessions.count { $0.contains(item) })))
        }
        var similarity: [Int: Float] = [:]
        for (item, weight) in query {
            let having = sessions.indices.filter { sessions[$0].contains(item) }.prefix(settings.sample)
            for session in having where user == nil || baskets.users[order[session]] != UInt32(user!) {
                similarity[session, default: 0] +=
                    weight * idf(item) * power(Float(sessions[session].count), -settings.lengthPower)
            }
        }
        let nearest = similarity.sorted { ($0.value, -$0.key) > ($1.value, -$1.key) }.prefix(settings.neighbors)
        var scores = [Float](repeating: 0, count: data.log.items.count)
        for (session, value) in nearest { for item in sessions[session] { scores[Int(item)] += value * idf(item) } }
        return scores
    }

    private func isClose(_ one: [Float], _ other: [Float]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
    }

    @Test(arguments: [(200, 1000), (7, 1000), (200, 3)])
    func sessionsScoreAsAPlainImplementationSays(neighbors: Int, sample: Int) throws {
        let data = try Visits.random(users: 30, items: 40, orders: 200)
        let model = try Shop.train(SessionKNN.self, data, ["neighbors": "\(neighbors)", "sample": "\(sample)"])
        let settings = Settings(neighbors: neighbors, sample: sample)
        for items: [UInt32] in [[3], [3, 14, 8], [39, 0, 1, 2, 9]] {
            let session = items.map { Profile.Event(item: $0, weight: 5) }
            let query = items.enumerated().map { place, item in
                (item, naturalLog(Float(6)) * Float(place + 1) / Float(items.count))
            }
            let expected = try naive(data, query: query.reversed(), except: nil, settings)
            let scores = try #require(Visits.scores(model, items: 40, session: session))
            #expect(isClose(scores, expected))
            // The user's history makes no difference beside a session, but the user's own sessions are left out.
            let known = Visits.scores(model, items: 40, user: 2, history: Visits.history(data, 2), session: session)
            #expect(isClose(try #require(known), try naive(data, query: query.reversed(), except: 2, settings)))
        }
    }

    @Test(arguments: [50, 4]) func withoutASessionTheLatestOfThePastStandsIn(history: Int) throws {
        let data = try Visits.random(users: 30, items: 40, orders: 200)
        let model = try Shop.train(SessionKNN.self, data, ["history": "\(history)"])
        let baskets = try data.log.baskets(gap: 1800, scale: .log, threads: 1)
        for user in [0, 3, 7] {
            let events = Visits.history(data, user)
            var latest: [UInt32] = []
            for basket in (0..<baskets.count).reversed() where baskets.users[basket] == UInt32(user) {
                for item in baskets.items[baskets.range(basket)].reversed() where !latest.contains(item) {
                    latest.append(item)
                }
            }
            let query = latest.prefix(history).map { item in
                (item, naturalLog(1 + events.first { $0.item == item }!.weight))
            }
            let expected = try naive(data, query: query, except: user, Settings(history: history))
            #expect(expected.contains { $0 > 0 })
            let scores = try #require(Visits.scores(model, items: 40, user: user, history: events))
            #expect(isClose(scores, expected))
            // A session of things that nobody ever had together changes nothing.
            let odd = Visits.scores(
                model, items: 41, user: user, history: events, session: [Profile.Event(item: 40, weight: 1)])
            #expect(odd.map { Array($0.prefix(40)) } == scores)
        }
    }

    @Test func theLatestItemOfTheSessionCountsMost() throws {
        let log = EventLog()
        for (user, items) in [
            ("a", ["tea", "cup"]), ("b", ["tea", "cup"]), ("c", ["tent", "lamp"]), ("d", ["tent", "lamp"]),
        ] {
            for item in items { try log.add(user: user, item: item, kind: "view", time: 1000) }
        }
        let model = try Shop.train(SessionKNN.self, try Shop.data(log))
        let (tea, cup, tent, lamp): (UInt32, UInt32, UInt32, UInt32) = (0, 1, 2, 3)
        func scores(_ items: [UInt32]) throws -> [Float] {
            try #require(
                Visits.scores(model, items: 4, session: items.map { Profile.Event(item: $0, weight: 1) }))
        }
        let first = try scores([tea, tent])
        #expect(first[Int(lamp)] > first[Int(cup)] && first[Int(cup)] > 0)
        let second = try scores([tent, tea])
        #expect(second[Int(cup)] > second[Int(lamp)])
    }

    @Test func dislikesAndUnknownItemsAskForNothing() throws {
        let data = try Visits.random(users: 30, items: 40, orders: 200)
        let model = try Shop.train(SessionKNN.self, data)
        #expect(Visits.scores(model, items: 40, session: [Profile.Event(item: 3, weight: -4)]) == nil)
        #expect(Visits.scores(model, items: 50, session: [Profile.Event(item: 45, weight: 1)]) == nil)
        #expect(Visits.scores(model, items: 40) == nil)
    }

    @Test func aVeryLongSessionIsCutToItsLatestItems() throws {
        let log = EventLog()
        for item in 0..<1000 { try log.add(user: "a", item: "\(item)", time: Int64(item)) }
        let model = try Shop.train(SessionKNN.self, try Shop.data(log))
        #expect(model.items.toArray() == (744..<1000).map { UInt32($0) })
    }

    @Test func similarItemsShareSessions() throws {
        let log = EventLog()
        for visit in 0..<4 {
            for item in ["tea", "cup"] { try log.add(user: "a", item: item, time: Int64(visit * 10_000)) }
            for item in ["tent", "lamp"] { try log.add(user: "b", item: item, time: Int64(visit * 10_000)) }
        }
        let asker = Asker(itemCount: 4)
        let model = try Shop.train(SessionKNN.self, try Shop.data(log))
        #expect(asker.similar(model, [0], limit: 4).map(\.row) == [0, 1])
        #expect(asker.similar(model, [77], limit: 4).isEmpty)
        #expect(asker.scratchIsZero)
    }

    @Test func theModelIsTheSameWhateverTheNumberOfThreads() throws {
        let data = try Visits.random(users: 60, items: 40, orders: 600)
        let one = try Shop.file { try Shop.train(SessionKNN.self, data, threads: 1).write(to: $0) }
        let many = try Shop.file { try Shop.train(SessionKNN.self, data, threads: 5).write(to: $0) }
        #expect(Array(one.storage.bytes) == Array(many.storage.bytes))
    }

    /// A file may hold anything: rows and offsets outside, numbers that are none, lists that never end.
    @Test func hostileColumnsGiveWrongAnswersAndNothingWorse() throws {
        for (offset, row, weight): (UInt64, UInt32, Float) in [
            (.max, .max, .nan), (3, 2, .infinity), (0, 77, -1), (UInt64(Int.max), 0x8000_0000, -.infinity),
        ] {
            let offsets = RaggedOffsets(offsets: Column([0, offset, 4, 3]))
            let rows = Column<UInt32>([row, 1, row, 0])
            let model = SessionKNN(
                sessions: offsets, items: rows, sessionWeights: Column([weight, 1, 1]),
                itemWeights: Column([1, weight, 1]), itemOffsets: offsets, itemSessions: rows, userOffsets: offsets,
                userSessions: rows, limits: Column([row, row]))
            for user in [nil, 0, 1, 99] {
                for event in [Profile.Event(item: 1, weight: 1), Profile.Event(item: 2, weight: weight)] {
                    let scratch = Scratch(itemCount: 3)!
                    withUnsafePointer(to: event) {
                        let profile = Profile(
                            user: user, events: UnsafeBufferPointer(start: $0, count: 1),
                            sessionStart: user == 0 ? 1 : 0)
                        var selection = scratch.selection(3)!
                        _ = model.propose(for: profile, using: scratch, to: &selection)
                        #expect(selection.count <= 3)
                    }
                    #expect((0..<3).allSatisfy { scratch.scores[$0] == 0 })
                }
            }
        }
    }

    @Test func aFileWhoseSectionsDoNotFitIsDamaged() throws {
        let data = try Visits.random(users: 10, items: 20, orders: 40)
        let model = try Shop.train(SessionKNN.self, data)
        let file = try Shop.file { try model.write(to: $0) }
        #expect(try SessionKNN(file, userCount: 10, itemCount: 20) != nil)
        #expect(throws: RecoError.self) { try SessionKNN(file, userCount: 10, itemCount: 21) }
        #expect(throws: RecoError.self) { try SessionKNN(file, userCount: 9, itemCount: 20) }
    }
}
