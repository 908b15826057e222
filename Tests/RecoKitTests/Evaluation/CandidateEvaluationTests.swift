import Testing

@testable import RecoKit

/// Items 0 to 199, all equally popular, and users who have nothing; each is tested on one item against 49 others.
private func levelShop() throws -> (model: Model, test: EventLog, candidates: EventLog) {
    let trainer = Trainer()
    try trainer.set("model", to: "popularity")
    for item in 0..<200 { try trainer.log.add(user: "everybody", item: "\(item)") }
    try trainer.train()
    let (test, candidates) = (EventLog(), EventLog())
    for user in 0..<400 {
        try test.add(user: "u\(user)", item: "\(user % 200)")
        for other in 1..<50 { try candidates.add(user: "u\(user)", item: "\((user + other) % 200)") }
    }
    return (try trainer.model(), test, candidates)
}

@Test func aModelThatCannotTellCandidatesApartGetsWhatChanceGets() throws {
    let (model, test, candidates) = try levelShop()
    let summary = try model.evaluate(test, candidates: candidates, cutoffs: [10, 50])
    #expect(summary.meanCandidates == 50)
    // 10 of 50 places: .2, with a standard deviation of .02.
    let rate = try #require(summary["hit_rate@10"]?.value)
    #expect((0.14...0.26).contains(rate), "\(rate)")
    #expect(summary["hit_rate@50"]?.value == 1)
    // Other seeds, other orders; the same seed, the same.
    #expect(try model.evaluate(test, candidates: candidates, cutoffs: [10]).metrics.first == summary.metrics.first)
    #expect(
        try model.evaluate(test, candidates: candidates, cutoffs: [10], seed: 2)["mrr"] != summary["mrr"])
}

@Test func onlyCandidatesAndTestItemsAreRanked() throws {
    let trainer = Trainer()
    try trainer.set("model", to: "popularity")
    // Bestsellers in order: a, b, c, d.
    for (item, buyers) in [("a", 5), ("b", 4), ("c", 3), ("d", 2)] {
        for buyer in 0..<buyers { try trainer.log.add(user: "\(buyer)", item: item) }
    }
    try trainer.train()
    let model = try trainer.model()
    let (test, candidates) = (EventLog(), EventLog())
    try test.add(user: "new", item: "d")
    for item in ["c", "d", "never seen", "c"] { try candidates.add(user: "new", item: item) }
    let summary = try model.evaluate(test, candidates: candidates, cutoffs: [1, 2])
    #expect(summary.meanCandidates == 3)
    #expect(summary["recall@1"]?.value == 0 && summary["recall@2"]?.value == 1 && summary["mrr"]?.value == 0.5)
    #expect(try model.evaluate(test, cutoffs: [2])["recall@2"]?.value == 0)
    #expect(try model.evaluate(test, cutoffs: [2]).meanCandidates == nil)
}

@Test func aTestItemThatTheModelDoesNotKnowIsMissedAmongCandidates() throws {
    let (model, _, _) = try levelShop()
    let (test, candidates) = (EventLog(), EventLog())
    try test.add(user: "u", item: "unknown")
    try candidates.add(user: "u", item: "7")
    #expect(try model.evaluate(test, candidates: candidates, cutoffs: [10])["hit_rate@10"]?.value == 0)
}

@Test func testUsersWithoutCandidatesAreNamed() throws {
    let (model, test, _) = try levelShop()
    let candidates = EventLog()
    for user in 1..<400 { try candidates.add(user: "u\(user)", item: "1") }
    #expect {
        try model.evaluate(test, candidates: candidates)
    } throws: {
        ($0 as? RecoError)?.message == "the candidates name no items for 1 of 400 test users, such as u0"
    }
}

@Test func candidatesAreRankedTheSameWhateverTheThreads() throws {
    let (model, test, candidates) = try levelShop()
    let one = try model.evaluate(test, candidates: candidates, threads: 1)
    #expect(try model.evaluate(test, candidates: candidates, threads: 3).metrics == one.metrics)
}
