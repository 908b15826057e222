import Glibc
import Testing

@testable import RecoKit

struct UserKNNTests {
    private static let schemes = SimilarityWeighting.Scheme.allCases.map(\.rawValue)

    private func history(_ data: TrainingData, _ user: Int) -> [Profile.Event] {
        let rows = data.interactions.byUser
        return rows.range(user).map { Profile.Event(item: rows.columns[$0], weight: rows.values[$0]) }
    }

    // MARK: against a plain computation

    /// Neighbours and scores as the formulas have them: plain, and with all that there is to set.
    @Test(arguments: schemes, [false, true])
    func neighboursAndScoresEqualABruteForceComputation(similarity: String, tuned: Bool) throws {
        let data = try Shop.random(users: 60, items: 40, events: 700)
        var options = ["similarity": similarity, "asymmetry": "0.5", "neighbors": "12", "amplification": "1"]
        if tuned {
            options.merge([
                "asymmetry": "0.3", "item-damping": "0.6", "shrinkage": "3.5", "support": "2", "amplification": "2",
                "popularity-damping": "0.4",
            ]) { $1 }
        }
        let model = try Shop.train(UserKNN.self, data, options)
        let values = NaiveSimilarity.dense(data.interactions.byUser)
        let alike =
            tuned
            ? NaiveSimilarity.matrix(values, similarity, asymmetry: 0.3, damping: 0.6, shrinkage: 3.5, support: 2)
            : NaiveSimilarity.matrix(values, similarity)
        let owners = (0..<40).map { item in Double(values.count { $0[item] > 0 }) }
        let asker = Asker(itemCount: 40)
        for user in [0, 17, 42, 59] {
            let profile = history(data, user)
            let best = (0..<60).filter { $0 != user && alike[user][$0] > 0 }
                .sorted { (alike[user][$1], $0) < (alike[user][$0], $1) }.prefix(12)
            let found = asker.neighbors(model, profile, user: user, limit: 12)
            #expect(found.map { Int($0.row) } == Array(best))
            for neighbor in found {
                let wanted = alike[user][Int(neighbor.row)]
                #expect(abs(Double(neighbor.score) - wanted) <= 2e-5 * wanted, "users \(user) and \(neighbor.row)")
            }
            let scores = asker.score(model, profile, Array(0..<40), user: user)
            for item in 0..<40 {
                let wanted = best.reduce(0.0) { sum, other in
                    let say = pow(alike[user][other], tuned ? 2 : 1)
                    return sum + say * values[other][item] * (tuned ? pow(max(owners[item], 1), -0.4) : 1)
                }
                #expect(abs(Double(scores[item]) - wanted) <= 5e-5 * max(wanted, 1e-6), "item \(item) for \(user)")
            }
        }
    }

    @Test func aStrangerWithAUsersHistoryFindsThatUserFirstAndThenTheUsersNeighbours() throws {
        let data = try Shop.random(users: 80, items: 50, events: 1500)
        let model = try Shop.train(UserKNN.self, data, ["similarity": "cosine", "asymmetry": "0.5"])
        let asker = Asker(itemCount: 50)
        for user in [3, 40, 77] {
            let known = asker.neighbors(model, history(data, user), user: user, limit: 10)
            let stranger = asker.neighbors(model, history(data, user), user: nil, limit: 11)
            #expect(stranger.first?.row == UInt32(user))
            #expect(abs((stranger.first?.score ?? 0) - 1) < 1e-5)
            #expect(stranger.dropFirst().map(\.row) == known.map(\.row))
            #expect(stranger.dropFirst().map(\.score) == known.map(\.score))
        }
    }

    @Test func proposalsAreTheItemsOfTheScores() throws {
        let data = try Shop.random(users: 80, items: 50, events: 1500)
        let model = try Shop.train(UserKNN.self, data)
        let asker = Asker(itemCount: 50)
        let profile = history(data, 9)
        let scores = asker.score(model, profile, Array(0..<50), user: 9)
        let proposed = asker.propose(model, profile, limit: 50, user: 9)
        #expect(proposed.count == scores.count { $0 > 0 })
        for candidate in proposed { #expect(scores[Int(candidate.row)] == candidate.score) }
    }

    @Test func whatIsSimilarIsWhatUsersWithTheItemsHave() throws {
        let log = EventLog()
        for user in 0..<6 {
            for item in user < 3 ? ["tea", "cup", "pot"] : ["saw", "nail"] {
                try log.add(user: "\(user)", item: item)
            }
        }
        let model = try Shop.train(UserKNN.self, Shop.data(log))
        let asker = Asker(itemCount: 5)
        #expect(Set(asker.similar(model, [0], limit: 5).map(\.row)) == [0, 1, 2])
        #expect(Set(asker.similar(model, [3], limit: 5).map(\.row)) == [3, 4])
        #expect(asker.similar(model, [0, 1], limit: 5).prefix(3).contains { $0.row == 2 })
    }

    // MARK: bounded work

    /// Every list that is cut keeps users by one order, so that two users' common items are kept or dropped as one.
    @Test func longListsKeepTheSameUsers() throws {
        let data = try Shop.random(users: 400, items: 30, events: 6000)
        let model = try Shop.train(UserKNN.self, data, ["postings": "40"])
        let rows = data.interactions.byItem
        var cut = 0
        for item in 0..<30 {
            let kept = Set(model.offsets.range(item, limit: model.users.count).map { model.users[$0] })
            let all = rows.columns[rows.range(item)]
            #expect(kept.count == min(all.count, 40))
            guard all.count > 40 else { continue }
            cut += 1
            let key = { (user: UInt32) in mix(UInt64(user) &+ mix(1)) }
            let last = try #require(kept.map(key).max())
            #expect(all.filter { !kept.contains($0) }.allSatisfy { key($0) > last })
        }
        #expect(cut > 10)
    }

    @Test func theSeedDecidesWhoIsSampledAndNothingElse() throws {
        let data = try Shop.random(users: 300, items: 20, events: 4000)
        func users(seed: UInt64, postings: String) throws -> [UInt32] {
            var settings = Settings(UserKNN.hyperparameters)
            try settings.set("postings", to: postings)
            return try UserKNN.train(data, settings: settings, run: TrainingRun(threads: 1, seed: seed)).users.toArray()
        }
        #expect(try users(seed: 1, postings: "20") == users(seed: 1, postings: "20"))
        #expect(try users(seed: 1, postings: "20") != users(seed: 2, postings: "20"))
        #expect(try users(seed: 1, postings: "1000") == users(seed: 2, postings: "1000"))
    }

    /// A history of 5,000 items is looked at in part, and still finds who is like its user.
    @Test func aVeryLongHistoryIsAnswered() throws {
        let log = EventLog()
        for item in 0..<5000 { try log.add(user: "all", item: "\(item)") }
        for item in 0..<40 { try log.add(user: "some", item: "\(item)") }
        let data = try Shop.data(log)
        let model = try Shop.train(UserKNN.self, data, ["similarity": "cosine"])
        let asker = Asker(itemCount: 5000)
        #expect(asker.neighbors(model, history(data, 0), user: 0, limit: 5).map(\.row) == [1])
        #expect(asker.scratchIsZero)
    }

    // MARK: bad input

    @Test func profilesThatSayNothingAreAnsweredWithNo() throws {
        let data = try Shop.random(users: 20, items: 10, events: 100)
        let model = try Shop.train(UserKNN.self, data)
        let asker = Asker(itemCount: 10)
        for events in [[], [Profile.Event(item: 3, weight: -4)], [Profile.Event(item: 4_000_000_000, weight: 1)]] {
            #expect(asker.propose(model, events, limit: 5).isEmpty)
            #expect(asker.knows == false)
            _ = asker.score(model, events, [1])
            #expect(asker.knows == false)
        }
        #expect(asker.similar(model, [77], limit: 5).isEmpty)
    }

    @Test func aDislikeIsNoReasonToBeAlike() throws {
        let log = EventLog()
        for item in ["tea", "cup"] { try log.add(user: "ann", item: item) }
        for item in ["saw", "nail"] { try log.add(user: "bob", item: item) }
        let model = try Shop.train(UserKNN.self, Shop.data(log), ["similarity": "jaccard"])
        let asker = Asker(itemCount: 4)
        let profile = [Profile.Event(item: 0, weight: 1), Profile.Event(item: 2, weight: -4)]
        #expect(asker.neighbors(model, profile, user: nil, limit: 5).map(\.row) == [0])
    }

    @Test(arguments: schemes)
    func aSingleUserAndUsersWhoAreAllAlikeTrain(similarity: String) throws {
        let log = EventLog()
        for item in ["a", "b", "c"] { try log.add(user: "only", item: item) }
        let single = try Shop.train(UserKNN.self, Shop.data(log), ["similarity": similarity])
        let asker = Asker(itemCount: 3)
        let events = (0..<3).map { Profile.Event(item: $0, weight: 1) }
        #expect(asker.propose(single, events, limit: 3, user: 0).isEmpty)
        for user in 0..<9 { for item in ["a", "b", "c"] { try log.add(user: "\(user)", item: item) } }
        let equal = try Shop.train(UserKNN.self, Shop.data(log), ["similarity": similarity])
        let found = asker.neighbors(equal, events, user: 0, limit: 20)
        #expect(found.map(\.row) == Array(1...9))
        #expect(found.allSatisfy { $0.score.isFinite && $0.score == found[0].score })
        #expect(try Shop.train(UserKNN.self, Shop.data(EventLog())).users.count == 0)
    }

    @Test(arguments: schemes, [1e-30 as Float, 1e12])
    func valuesFarFromOneGiveFiniteNumbers(similarity: String, value: Float) throws {
        let log = EventLog()
        for user in 0..<20 { for item in 0..<6 { try log.add(user: "\(user)", item: "\(item)", weight: value) } }
        let interactions = try log.interactions(scale: .linear, threads: 1)
        let data = TrainingData(interactions: interactions, log: log, catalog: Catalog())
        let model = try Shop.train(UserKNN.self, data, ["similarity": similarity, "shrinkage": "1"])
        for column in [model.weights, model.squares, model.itemFactors, model.discounts] {
            #expect(column.toArray().allSatisfy { $0.isFinite && $0 >= 0 })
        }
    }

    @Test func trainingCanBeCancelled() throws {
        let data = try Shop.random(users: 50, items: 100, events: 900)
        let run = TrainingRun(threads: 1) { _, _, _ in throw RecoError(.cancelled, "enough") }
        #expect(throws: RecoError(.cancelled, "enough")) {
            try UserKNN.train(data, settings: Settings(UserKNN.hyperparameters), run: run)
        }
    }

    // MARK: the file

    @Test func aFileWithoutTheModelGivesNoneAndOneOfWrongShapeIsDamaged() throws {
        let nothing = try Shop.file { try $0.add("other/section", [1 as UInt8]) }
        #expect(try UserKNN(nothing, userCount: 1, itemCount: 1) == nil)
        let data = try Shop.random(users: 20, items: 10, events: 100)
        let model = try Shop.train(UserKNN.self, data)
        let file = try Shop.file {
            try History.write(data.interactions, to: $0)
            try model.write(to: $0)
        }
        #expect(try UserKNN(file, userCount: 20, itemCount: 10)?.users.count == model.users.count)
        #expect(throws: RecoError.self) { try UserKNN(file, userCount: 21, itemCount: 10) }
        #expect(throws: RecoError.self) { try UserKNN(file, userCount: 20, itemCount: 11) }
        let alone = try Shop.file { try model.write(to: $0) }
        #expect(throws: RecoError.self) { try UserKNN(alone, userCount: 20, itemCount: 10) }
    }

    @Test func nonsenseInTheFileGivesAnswersWithinTheCatalogue() throws {
        var generator = SeededGenerator(seed: 3)
        let asker = Asker(itemCount: 20)
        let data = try Shop.random(users: 30, items: 20, events: 200)
        func floats(_ count: Int) -> Column<Float> {
            Column((0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) })
        }
        for round in 0..<200 {
            let weighting = SimilarityWeighting(
                data.interactions.byUser, data.interactions.byItem,
                .init(Settings(UserKNN.hyperparameters), damping: "item-damping"))
            let offsets = (0...20).map { _ in generator.nextIndex(4) == 0 ? generator.next() : generator.next() % 60 }
            let rows = (0..<50).map { _ in UInt32(truncatingIfNeeded: generator.next()) % (round % 2 == 0 ? 30 : .max) }
            let model = UserKNN(
                similarity: ProfileSimilarity(weighting, support: 1, asymmetry: 0.4),
                neighborCount: Int(UInt32.max), itemFactors: floats(20), squares: floats(30),
                offsets: RaggedOffsets(offsets: Column(offsets)), users: Column(rows), weights: floats(50),
                discounts: floats(20), amplification: 1.5, history: History(data.interactions))
            let profile = (0..<20).map { Profile.Event(item: $0, weight: 1) }
            let hits = asker.propose(model, profile, limit: 30, user: 29)
            #expect(hits.allSatisfy { $0.row < 20 })
            #expect(Set(hits.map(\.row)).count == hits.count)
            _ = asker.similar(model, [0, 19], limit: 5)
            #expect(asker.scratchIsZero)
        }
    }

    // MARK: similar customers

    @Test func similarUsersAreThoseOfTheSameColour() throws {
        let model = try Checkerboard.model("als,user-knn")
        let users = try model.similarUsers(to: "u4", limit: 6)
        #expect(users.count == 6)
        #expect(users.allSatisfy { (Int($0.id.dropFirst()) ?? 1) % 2 == 0 && $0.id != "u4" })
        #expect(zip(users, users.dropFirst()).allSatisfy { $0.similarity >= $1.similarity })
        let visitor = try model.similarUsers(session: ["3", "5", "7"], limit: 3)
        #expect(visitor.count == 3)
        #expect(visitor.allSatisfy { (Int($0.id.dropFirst()) ?? 0) % 2 == 1 })
        #expect(try model.similarUsers(to: "nobody").isEmpty)
        #expect(try model.similarUsers(to: "u4", limit: 0).isEmpty)
    }

    @Test func aModelWithoutUserKNNKnowsNoSimilarUsers() throws {
        let model = try Checkerboard.model("item-knn")
        #expect(throws: RecoError.self) { try model.similarUsers(to: "u4") }
    }
}

extension Asker {
    fileprivate func neighbors(_ model: UserKNN, _ events: [Profile.Event], user: Int?, limit: Int) -> [Candidate] {
        events.withUnsafeBufferPointer { events in
            let profile = Profile(user: user, events: events, sessionStart: events.count)
            return Array(model.neighbors(of: profile, limit: limit, using: scratch))
        }
    }
}
