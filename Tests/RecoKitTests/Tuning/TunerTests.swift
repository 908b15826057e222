import Testing

@testable import RecoKit

/// Users of even number have even items, the others odd ones, an item an hour for three weeks.
private func tuner(_ models: String, users: Int = 60) throws -> Tuner {
    let tuner = Tuner()
    try tuner.set("model", to: models)
    try tuner.set("threads", to: "1")
    for user in 0..<users {
        for place in 0..<8 {
            let item = (user * 7 + place * 6) % 40 / 2 * 2 + user % 2
            try tuner.log.add(
                user: "\(user)", item: "\(item)", kind: "purchase",
                time: 1_300_000_000 + Int64(place) * 3 * 86_400 + Int64(user))
        }
    }
    return tuner
}

/// A clock that moves by a tenth of a second whenever it is asked.
private final class TickingClock {
    var time = 0.0
    func now() -> Double {
        time += 0.1
        return time
    }
}

@Test func aSearchFindsASettingAndItsModelIsBetterThanBestsellers() throws {
    let tuner = try tuner("item-knn,als")
    let clock = TickingClock()
    var (heard, lastEnd) = (0, 0.0)
    let found = try tuner.run(
        seconds: 60,
        onTrial: { _ in
            heard += 1
            lastEnd = clock.time
        }, clock: clock.now)
    #expect(!found.wasStopped && heard == found.trials.count + 1)  // the bestsellers
    let best = try #require(found.best)
    let baseline = try #require(found.baseline?.score)
    #expect(best.score! > baseline)
    #expect(best.share == 1 && found.bestOfEachModel.count == 2)
    #expect(found.bestOfEachModel.allSatisfy { $0.score! <= best.score! })
    #expect(lastEnd < 60.5)
    if case .lastDays = found.holdOut {} else { Issue.record("\(found.holdOut)") }
}

@Test func theSameSearchFindsTheSame() throws {
    func outcomes() throws -> [TuningTrial.Outcome] {
        try tuner("item-knn,svd").run(seconds: 1e9).trials.map(\.outcome)
    }
    #expect(try outcomes() == outcomes())
}

@Test func knownTrialsAreNotRepeatedAndTheirTimeCounts() throws {
    let tuner = try tuner("item-knn")
    let clock = TickingClock()
    let first = try tuner.run(seconds: 20, clock: clock.now)
    let known = first.trials + [first.baseline!]
    var new: [TuningTrial] = []
    let again = try tuner.run(
        seconds: known.reduce(0) { $0 + $1.seconds }, known: known, onTrial: { new.append($0) },
        clock: TickingClock().now)
    #expect(new.isEmpty && again.trials == first.trials && again.baseline == first.baseline)
    let longer = try tuner.run(seconds: 60, known: known, onTrial: { new.append($0) }, clock: TickingClock().now)
    #expect(!new.isEmpty && longer.trials.count == first.trials.count + new.count)
    #expect(Set(longer.trials.map(\.configuration)).count == longer.trials.count)
}

@Test func cancellingKeepsWhatWasFound() throws {
    let tuner = try tuner("item-knn")
    var ended = 0
    let found = try tuner.run(
        seconds: 1e9, onTrial: { _ in ended += 1 },
        progress: { _, _, _ in if ended == 4 { throw RecoError(.cancelled, "stopped") } })
    #expect(found.wasStopped && found.trials.count == 3 && found.best != nil)
}

@Test func aModelThatCannotBeTrainedIsReportedAndTheOthersGoOn() throws {
    let tuner = try tuner("ease,item-knn")
    try tuner.set("ease.memory", to: "0.001")
    for item in 0..<600 { try tuner.log.add(user: "collector", item: "i\(item)", time: 1_300_000_000) }
    let found = try tuner.run(seconds: 30, clock: TickingClock().now)
    let ease = found.trials.filter { $0.configuration.model == "ease" }
    #expect(ease.count == 1)
    guard case .failed(let reason) = try #require(ease.first).outcome else {
        Issue.record("ease was trained")
        return
    }
    #expect(reason.contains("more than the"))
    #expect(found.best?.configuration.model == "item-knn")
}

@Test func whatWasSetIsNotSearched() throws {
    let tuner = try tuner("item-knn")
    for (name, value) in [
        ("neighbors", "7"), ("shrinkage", "0"), ("similarity", "cosine"), ("asymmetry", "0.5"), ("user-damping", "0"),
        ("normalize", "no"),
    ] {
        try tuner.set("item-knn.\(name)", to: value)
    }
    let found = try tuner.run(seconds: 1e9)
    // The ranges of bm25 say nothing about cosine.
    #expect(found.trials.map { $0.configuration.settings } == [[]])
    #expect(tuner.settings.map(\.name).contains("item-knn.neighbors"))
}

@Test func theFingerprintKnowsDataAndOptionsButNotTheThreads() throws {
    let first = try tuner("item-knn")
    let plain = first.fingerprint()
    #expect(try tuner("als").fingerprint() == plain)
    try first.set("threads", to: "3")
    #expect(first.fingerprint() == plain)
    first.repeats = true
    #expect(first.fingerprint() != plain)
    let second = try tuner("item-knn")
    try second.set("weight.view", to: "3")
    #expect(second.fingerprint() != plain)
    let third = try tuner("item-knn")
    try third.log.add(user: "0", item: "1")
    #expect(third.fingerprint() != plain)
}

@Test func dataThatCannotBeSplitIsRefused() throws {
    #expect(throws: RecoError(.badData, "there are no events to tune on")) { _ = try Tuner().run(seconds: 1) }
    let tuner = Tuner()
    for user in 0..<5 { try tuner.log.add(user: "\(user)", item: "x", time: Int64(user) * 86_400 * 10) }
    #expect { try tuner.run(seconds: 1) } throws: { ($0 as? RecoError)?.message.contains("nobody has events") == true }
}

@Test func aShareOfTheUsersIsPartOfALargerOne() throws {
    let log = EventLog()
    for user in 0..<9000 {
        for place in 0..<60 {
            try log.append(user: UInt32(user), item: UInt32((user + place) % 100), kind: 3, time: Int64(place))
        }
    }
    for user in 0..<9000 { _ = try log.users.row(for: "\(user)") }
    for item in 0..<100 { _ = try log.items.row(for: "\(item)") }
    let data = try TuningData(log, .lastOfEachUser, seed: 1)
    #expect(data.shares == [1.0 / 9, 1.0 / 3, 1])
    func users(_ log: EventLog) -> Set<UInt32> { Set(log.userRows.elements) }
    let (small, large) = (try data.part(data.shares[0]), try data.part(data.shares[1]))
    #expect(users(small.training).count == 1000 && users(large.training).count == 3000)
    #expect(users(small.training).isSubset(of: users(large.training)))
    #expect(users(small.validation) == users(small.training))
    #expect(try users(data.part(1).validation).count == TuningData.mostUsers)
    #expect(try data.part(1).training.count == 9000 * 59)
}

@Test(arguments: ["ndcg", "ndcg@0", "ndcg@010", "speed@10", "coverage@10", "mrr@10", "recall@10000000", ""])
func metricsThatAreNoneAreRefused(name: String) {
    #expect(throws: RecoError.self) { try TuningMetric(name) }
}

@Test(arguments: ["ndcg@10", "recall@20", "hit_rate@1", "map@100", "mrr"])
func metricsAreThoseOfEvaluation(name: String) throws {
    let tuner = try tuner("item-knn", users: 10)
    tuner.metric = try TuningMetric(name)
    try tuner.set("item-knn.neighbors", to: "7")
    #expect(try tuner.run(seconds: 1e9).best?.score != nil)
}
