import Glibc
import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2,
    note: @escaping (String) -> Void = { _ in }
) throws -> LightFM {
    try LightFM.train(
        data, settings: LightFM.settings(["factors": "4"].merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed, note: note))
}

/// Even users like even items, odd ones odd items; that also stands in their attributes. The last four of either have
/// no events.
private func tastes(users: Int = 44, items: Int = 34, ages: Bool = true) throws -> TrainingData {
    let log = EventLog()
    let (catalog, userCatalog) = (Catalog(), Catalog())
    let (kind, club) = (try catalog.attribute(named: "kind:category"), try userCatalog.attribute(named: "club:tags"))
    for item in 0..<items {
        let row = try log.items.row(for: "i\(item)")
        catalog.set(kind, row: row, to: item % 2 == 0 ? "even" : "odd")
    }
    for user in 0..<users {
        let row = try log.users.row(for: "u\(user)")
        userCatalog.set(club, row: row, to: user % 2 == 0 ? "tea|pots" : "cups")
    }
    for user in 0..<users - 4 {
        for item in 0..<items - 4 where user % 2 == item % 2 && (user / 2 + item / 2) % 3 != 0 {
            try log.add(user: "u\(user)", item: "i\(item)")
        }
    }
    return TrainingData(
        interactions: try log.interactions(scale: .linear), log: log, catalog: catalog, userCatalog: userCatalog)
}

@Test(arguments: PairLoss.Kind.allCases)
func everyLossFindsTheTasteOfUsers(loss: PairLoss.Kind) throws {
    for optimizer in ["adagrad", "adadelta"] {
        let model = try train(
            try shop.data(),
            ["loss": loss.rawValue, "optimizer": optimizer, "epochs": "60", "factors": "2", "epsilon": "1e-3"])
        var right = 0
        for user in 0..<60 {
            let best = try #require(model.best(10, user: user, itemCount: 40))
            right += best.filter { Int($0.row) % 2 == user % 2 }.count
        }
        #expect(right >= 540, "\(loss) with \(optimizer): \(right) of 600")
    }
}

@Test func itemsWithoutEventsAreScoredByWhatTheyAreMadeOf() throws {
    let model = try train(try tastes())
    for user in 0..<40 {
        let scores = try #require(model.scores([30, 31, 32, 33], user: user, itemCount: 34))
        let (own, others) = user % 2 == 0 ? ([0, 2], [1, 3]) : ([1, 3], [0, 2])
        #expect(own.allSatisfy { mine in others.allSatisfy { scores[mine] > scores[$0] } })
    }
    // Without attributes nothing is known of them, and they are not proposed.
    let bare = try train(try tastes(), ["item-features": "identity"])
    let best = try #require(bare.best(34, user: 3, itemCount: 34))
    #expect(best.count == 30 && best.allSatisfy { $0.row < 30 })
    #expect(try #require(model.best(34, user: 3, itemCount: 34)).count == 34)
}

@Test func usersWithoutEventsAreScoredByWhatTheyAreMadeOf() throws {
    let data = try tastes()
    let model = try train(data)
    for user in 40..<44 {
        let best = try #require(model.best(10, user: user, itemCount: 34))
        #expect(best.allSatisfy { Int($0.row) % 2 == user % 2 })
    }
    let bare = try train(data, ["user-features": "identity"])
    #expect(bare.best(10, user: 41, itemCount: 34) == nil)
}

@Test func attributesAloneAreEnough() throws {
    let model = try train(try tastes(), ["item-features": "kind", "user-features": "all"])
    for user in 0..<44 {
        let best = try #require(model.best(10, user: user, itemCount: 34))
        #expect(best.allSatisfy { Int($0.row) % 2 == user % 2 })
    }
}

@Test func aStrangerIsFoldedInFromTheSessionAndAUserWithNewsMoves() throws {
    let model = try train(try tastes())
    let session = [4, 8, 12].map { Profile.Event(item: $0, weight: 1) }
    let best = try #require(model.best(10, events: session, session: 3, itemCount: 34))
    #expect(best.allSatisfy { $0.row % 2 == 0 })
    let again = try #require(model.best(10, events: session, session: 3, itemCount: 34))
    #expect(best.map(\.row) == again.map(\.row) && best.map(\.score) == again.map(\.score))

    let odd = try #require(model.scores([2, 4], user: 5, itemCount: 34))
    let scratch = Scratch(itemCount: 34)!
    let moved = try #require(
        session.withUnsafeBufferPointer { events -> Float? in
            let profile = Profile(user: 5, events: events, sessionStart: 0)
            return model.vector(of: profile, using: scratch).map { vector in
                Kernels.best.dot(
                    vector, model.table.items.row(4, width: model.table.rank)!.baseAddress!, model.table.rank)
            }
        })
    #expect(moved > odd[1])
    #expect((0..<34).allSatisfy { scratch.scores[$0] == 0 })
    for useless in [
        [Profile.Event(item: 3, weight: -1)], [.init(item: 3, weight: .nan)], [.init(item: 999, weight: 1)], [],
    ] {
        #expect(model.best(5, events: useless, session: useless.count, itemCount: 34) == nil)
    }
}

@Test func reasonsAreTheUsersOwnItemsThatAreLikeTheHit() throws {
    let model = try train(try tastes())
    let events = [(4, 1), (5, 1), (9, -1), (999, 1)].map { Profile.Event(item: $0, weight: $1) }
    var parts = [Float](repeating: .nan, count: 4)
    let told = events.withUnsafeBufferPointer { events in
        parts.withUnsafeMutableBufferPointer {
            model.explain(
                12, for: Profile(user: nil, events: events, sessionStart: 0), using: Scratch(itemCount: 34)!, into: $0)
        }
    }
    #expect(told)
    #expect(parts[0] > parts[1] && parts[0] <= 1 && parts[2...].allSatisfy { $0 == 0 }, "\(parts)")
}

@Test func lightFMDoesNotDependOnTheNumberOfThreadsButOnTheSeed() throws {
    let data = try FormulaShop(users: 300, items: 280).data()
    let values = ["factors": "9", "epochs": "2"]
    let one = try train(data, values, threads: 1)
    for threads in [2, 5] {
        let other = try train(data, values, threads: threads)
        #expect(one.table.users.sameBits(as: other.table.users))
        #expect(one.table.items.sameBits(as: other.table.items))
        #expect(one.learned.items.squares.sameBits(as: other.learned.items.squares))
    }
    let otherSeed = try train(data, values, seed: 2)
    #expect(!one.table.users.sameBits(as: otherSeed.table.users))
}

@Test func threadsWithoutLocksLearnTheSameTaste() throws {
    let model = try train(try tastes(), ["lock-free": "yes"], threads: 3)
    for user in 0..<44 {
        let best = try #require(model.best(10, user: user, itemCount: 34))
        #expect(best.allSatisfy { Int($0.row) % 2 == user % 2 })
    }
}

@Test func weightierPairsCountMoreWhereTheyShall() throws {
    let log = EventLog()
    for user in 0..<40 {
        for item in 0..<8 { try log.add(user: "u\(user)", item: "i\(item)", weight: item == user % 8 ? 8 : 0.1) }
        try log.add(user: "u\(user)", item: "i\(8 + user % 3)")
    }
    let data = TrainingData(interactions: try log.interactions(scale: .linear), log: log, catalog: Catalog())
    /// How far above the user's other items the one of weight stands.
    func lead(_ weighted: String) throws -> Float {
        let model = try train(data, ["sample-weights": weighted, "loss": "bpr", "epochs": "10", "factors": "8"])
        return try (0..<40).reduce(0) { sum, user in
            let scores = try #require(model.scores(Array(0..<8), user: user, itemCount: 11))
            return sum + scores[user % 8] - scores.reduce(0, +) / 8
        } / 40
    }
    let (weighted, plain) = (try lead("yes"), try lead("no"))
    #expect(weighted > 2 * plain.magnitude, "\(weighted), \(plain)")
}

@Test func dislikesAreLearnedFromByTheLogisticLoss() throws {
    let dislikes = (0..<60).map { (user: $0, item: ($0 + 2) % 40, value: Float(-1)) }
    let data = try shop.data(dislikes)
    let model = try train(data, ["loss": "logistic", "epochs": "100"])
    let blind = try train(try shop.data(dislikes.map { ($0.user, $0.item, 0) }), ["loss": "logistic", "epochs": "100"])
    func mean(_ model: LightFM) throws -> Float {
        try (0..<60).reduce(0) { try $0 + #require(model.scores([UInt32(($1 + 2) % 40)], user: $1, itemCount: 40))[0] }
            / 60
    }
    #expect(try mean(model) < mean(blind) - 0.3)
}

@Test func lightFMSurvivesWritingAndReading() throws {
    let data = try tastes()
    for optimizer in ["adagrad", "adadelta"] {
        let model = try train(data, ["optimizer": optimizer])
        let again = try #require(try model.reopened(userCount: 44, itemCount: 34))
        let events = [Profile.Event(item: 4, weight: 2), Profile.Event(item: 10, weight: 1)]
        for session in [[], events] {
            let before = try #require(model.best(34, user: session.isEmpty ? 3 : nil, events: session, itemCount: 34))
            let after = try #require(again.best(34, user: session.isEmpty ? 3 : nil, events: session, itemCount: 34))
            #expect(before.map(\.row) == after.map(\.row))
            #expect(before.map(\.score) == after.map(\.score))
        }
        #expect(throws: RecoError.self) { try model.reopened(userCount: 45, itemCount: 34) }
    }
}

// MARK: Going on

private func earlier(_ model: LightFM, _ data: TrainingData) throws -> ModelFile {
    let sink = MemorySink()
    let writer = try ModelWriter(sink: sink)
    try data.log.users.write(to: writer, prefix: "users")
    try data.log.items.write(to: writer, prefix: "items")
    try model.write(to: writer)
    try writer.finish()
    return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
}

@Test func trainingGoesOnFromWhatFeaturesOfTheSameNameHaveLearned() throws {
    let data = try tastes()
    let first = try train(data, ["epochs": "40", "factors": "6"])
    // The same shop, its ids in another order and one item more.
    let log = EventLog()
    for item in (0..<34).reversed() { _ = try log.items.row(for: "i\(item)") }
    for user in 0..<44 where user != 7 { _ = try log.users.row(for: "u\(user)") }
    for user in 0..<40 where user != 7 {
        try log.add(user: "u\(user)", item: "i\(user % 2)")
        try log.add(user: "u\(user)", item: "more")
    }
    let catalog = Catalog()
    let kind = try catalog.attribute(named: "kind:category")
    for item in 0..<34 {
        catalog.set(kind, row: try log.items.row(for: "i\(item)"), to: item % 2 == 0 ? "even" : "odd")
    }
    var again = TrainingData(interactions: try log.interactions(scale: .linear), log: log, catalog: catalog)
    again.earlier = try earlier(first, data)
    var settings = try LightFM.settings(["epochs": "1", "learning-rate": "1e-6", "user-features": "identity"])
    let second = try LightFM.train(again, settings: settings, run: TrainingRun(threads: 1))
    #expect(second.table.rank == 7)
    let width = 7
    for item in ["i0", "i1"] {
        let (old, new) = (data.log.items.find(item), log.items.find(item))
        let before = first.learned.items.vectors.row(Int(old), width: width)!
        let after = second.learned.items.vectors.row(Int(new), width: width)!
        #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(
            first.learned.items.squares.row(Int(old), width: width)![0]
                <= second.learned.items.squares.row(Int(new), width: width)![0])
    }
    let more = second.learned.items.vectors.row(Int(log.items.find("more")), width: width)!
    #expect(more.contains { $0 != 0 } && more.allSatisfy { abs($0) < 0.2 })

    try settings.set("factors", to: "9")
    #expect(
        throws: RecoError(
            .invalidArgument, "the earlier model has 6 factors, so training cannot go on with 9")
    ) { try LightFM.train(again, settings: settings, run: TrainingRun(threads: 1)) }
}

extension IDTable {
    fileprivate func find(_ id: String) -> UInt32 { try! row(for: id) }
}

@Test func anEarlierModelWithoutLightFMIsTold() throws {
    let trainer = try Checkerboard.trainer("popularity")
    try trainer.train()
    let path = "\(temporaryFolder())/earlier-\(getpid()).reco"
    defer { unlink(path) }
    try trainer.save(path)
    let next = try Checkerboard.trainer("item-knn,als,lightfm")
    try next.set("continue", to: path)
    var notes: [String] = []
    try next.train(note: { notes.append($0) })
    #expect(
        notes == [
            "item-knn, als cannot go on from an earlier model and are trained anew",
            "lightfm: the earlier model has none, so it is trained anew",
        ])
    try next.set("continue", to: "/nowhere.reco")
    #expect(throws: RecoError.self) { try next.train() }
}

// MARK: Bad input

@Test func stepsThatAreTooLongAreStoppedAndTheBestEpochStays() throws {
    let data = try shop.data()
    for (values, isHopeless) in [(["learning-rate": "100"], true), (["learning-rate": "6", "epochs": "50"], false)] {
        var notes: [String] = []
        do {
            let model = try train(data, values, note: { notes.append($0) })
            #expect(model.table.users.toArray().allSatisfy { $0.isFinite })
            if !notes.isEmpty { #expect(notes[0].contains("diverged") && notes[0].contains("is kept")) }
            #expect(!isHopeless || !notes.isEmpty)
        } catch let error as RecoError {
            #expect(error.code == .badData && error.message.contains("diverged in its first epoch"))
        }
    }
}

/// The mean loss of a dozen pairs jumps, and nothing is wrong.
@Test func tinyShopsAreNotTakenForDiverging() throws {
    for loss in PairLoss.Kind.allCases {
        for users in [2, 3, 5, 8, 12] {
            for seed: UInt64 in [1, 2] {
                let data = try FormulaShop(users: users, items: users + 2).data()
                var notes: [String] = []
                _ = try train(data, ["loss": loss.rawValue, "factors": "16"], seed: seed, note: { notes.append($0) })
                #expect(notes.isEmpty, "\(loss) \(users) \(seed): \(notes)")
            }
        }
    }
}

@Test func lightFMTrainsOnVeryLittle() throws {
    for loss in PairLoss.Kind.allCases {
        for (users, items) in [(1, 1), (1, 5), (5, 1), (2, 2)] {
            let data = try FormulaShop(users: users, items: items).data(everything: 1)
            let model = try train(data, ["factors": "64", "loss": loss.rawValue])
            #expect(try #require(model.best(10, user: 0, itemCount: items)).count == items)
        }
    }
}

@Test func lightFMWithoutAPositiveEventOrAFeatureIsAnError() throws {
    let data = try FormulaShop(users: 2, items: 2).data((0..<4).map { ($0 / 2, $0 % 2, -1) })
    #expect(throws: RecoError.self) { try train(data) }
    #expect(
        throws: RecoError(
            .badData,
            "no item with events has any of the features that item-features names; with \"identity\" among them each has one"
        )
    ) { try train(try shop.data(), ["item-features": "all"]) }
    #expect(throws: RecoError.self) { try train(try shop.data(), ["user-features": "age"]) }
}

@Test func aDamagedLightFMIsRefusedOrAnswersSomething() throws {
    let data = try tastes()
    let model = try train(data, ["epochs": "2"])
    let sink = MemorySink()
    let writer = try ModelWriter(sink: sink)
    try model.write(to: writer)
    try writer.finish()
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<300 {
        var bytes = sink.bytes
        for _ in 0..<4 {
            bytes[64 + generator.nextIndex(bytes.count - 64)] = UInt8(truncatingIfNeeded: generator.next())
        }
        ModelFileTests.mend(&bytes)
        guard let file = try? ModelFileTests.open(bytes),
            let damaged = try? LightFM(file, userCount: 44, itemCount: 34)
        else { continue }
        let session = [Profile.Event(item: 4, weight: 1), .init(item: 30, weight: 2)]
        for user in [nil, 3] as [Int?] {
            _ = damaged.best(10, user: user, events: session, session: 2, itemCount: 34)
        }
        _ = damaged.similar(5, to: [3], itemCount: 34)
    }
}
