import Testing

@testable import RecoKit

private func shape(_ users: Int, _ items: Int, _ pairs: Int, times: Bool = false) -> DataShape {
    DataShape(users: users, items: items, pairs: pairs, comparisons: pairs * pairs / users, hasTimes: times)
}

@Test(
    arguments: [
        (shape(40, 30, 150), "item-knn"),  // 50 orders
        (shape(6_040, 3_416, 993_571), "sparse-ease"),  // MovieLens 1M
        (shape(4_372, 3_600, 263_000, times: true), "sparse-ease"),  // Online Retail
        (shape(29_858, 40_981, 810_128), "sparse-ease"),  // Gowalla
        (shape(2_174, 29_905, 76_000, times: true), "session-knn"),  // Retailrocket
        (shape(2_174, 29_905, 76_000), "sparse-ease"),  // the same without times
        (shape(3_000, 50_000, 9_000_000), "als"),  // thousands of items for each user
    ] as [(DataShape, String)])
func theShapeOfTheDataDecides(shape: DataShape, model: String) {
    #expect(AutomaticChoice.of(shape).models.first == model)
}

@Test func modelsForOtherQuestionsStandBesideIt() {
    #expect(
        AutomaticChoice.of(shape(6_040, 3_416, 993_571, times: true)).models
            == ["sparse-ease", "bought-together", "trending"])
    #expect(AutomaticChoice.of(shape(6_040, 3_416, 993_571)).models == ["sparse-ease", "bought-together"])
    #expect(
        AutomaticChoice.of(shape(2_174, 29_905, 76_000, times: true)).models
            == ["session-knn", "sparse-ease", "bought-together", "trending"])
}

@Test func theReasonNamesTheFigures() {
    #expect(
        AutomaticChoice.of(shape(100, 50, 2_550)).reason
            == "100 users, 50 items, 25.5 items for a user: weights between the items that go together are best or "
            + "nearly so for data of most kinds"
    )
}

@Test func theShapeCountsWhatThereIsToLearnFrom() throws {
    let log = EventLog()
    for (user, item, kind) in [("a", "x", "purchase"), ("a", "y", "view"), ("b", "x", "view"), ("c", "z", "dislike")] {
        try log.add(user: user, item: item, kind: kind, time: 1_300_000_000)
    }
    let found = DataShape(log, try log.interactions())
    #expect(
        found
            == DataShape(users: 2, items: 2, pairs: 3, comparisons: 5, hasTimes: false))
    try log.add(user: "a", item: "z", kind: "view", time: 1_300_000_000 + 15 * 86_400)
    #expect(DataShape(log, try log.interactions()).hasTimes)
}

@Test func autoTrainsWhatItChoseAndWritesDownWhy() throws {
    let trainer = try Checkerboard.trainer("auto")
    var heard: AutomaticChoice?
    try trainer.train(chosen: { heard = $0 })
    let choice = try #require(heard)
    #expect(choice.models.first == "item-knn")
    let model = try trainer.model()
    #expect(model.description.models == choice.models)
    #expect(model.description["auto"] == choice.reason)
    #expect(try model.recommend(user: "u4", limit: 1).first?.id == "4")
    // Named models are not chosen.
    try trainer.set("model", to: "item-knn")
    try trainer.train(chosen: { _ in Issue.record("nothing was to be chosen") })
    #expect(try trainer.model().description["auto"] == nil)
}

@Test func autoStandsAlone() {
    #expect {
        try Trainer().set("model", to: "auto,als")
    } throws: {
        ($0 as? RecoError)?.message == "auto chooses the models by itself and stands alone"
    }
}
