import Testing

@testable import RecoKit

private func shop() throws -> Model {
    let trainer = Trainer()
    try trainer.set("model", to: "popularity")
    // Bestsellers in order: a, b, c, d.
    for (item, buyers) in [("a", 5), ("b", 4), ("c", 3), ("d", 2)] {
        for buyer in 0..<buyers { try trainer.log.add(user: "\(buyer)", item: item) }
    }
    try trainer.train()
    return try trainer.model()
}

@Test func whatTheUserHasAlreadyIsNeitherRankedNorMissed() throws {
    let model = try shop()
    let test = EventLog()
    // User 3 has a and b, so that c is ranked first and d second.
    try test.add(user: "3", item: "a")
    try test.add(user: "3", item: "d")
    #expect(try model.evaluate(test, cutoffs: [1, 2])["recall@2"]?.value == 1)
    #expect(try model.evaluate(test, cutoffs: [1, 2])["recall@1"]?.value == 0)
    #expect(try model.evaluate(test, cutoffs: [1, 2])["mrr"]?.value == 0.5)
    // Counting repeats, a is first again and d fourth.
    #expect(try model.evaluate(test, cutoffs: [1, 4], repeats: true)["recall@1"]?.value == 0.5)
    #expect(try model.evaluate(test, cutoffs: [1, 4], repeats: true)["recall@4"]?.value == 1)
}

@Test func anItemThatTheModelDoesNotKnowIsMissed() throws {
    let test = EventLog()
    try test.add(user: "stranger", item: "a")
    try test.add(user: "stranger", item: "never seen")
    let summary = try shop().evaluate(test, cutoffs: [10])
    #expect(summary.userCount == 1)
    #expect(summary["recall@10"]?.value == 0.5)
}

@Test func anEvaluationIsTheSameWhateverTheThreads() throws {
    let model = try Checkerboard.model("item-knn")
    let test = EventLog()
    for user in 0..<Checkerboard.size { try test.add(user: "u\(user)", item: "\(user)") }
    let one = try model.evaluate(test, threads: 1)
    #expect(one["hit_rate@10"]?.value == 1)
    #expect(try model.evaluate(test, threads: 3).metrics == one.metrics)
}
