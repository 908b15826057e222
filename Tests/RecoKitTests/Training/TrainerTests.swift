import Testing

@testable import RecoKit

private func failure(_ body: () throws -> Void) -> RecoError? {
    do {
        try body()
        return nil
    } catch { return error as? RecoError }
}

@Test func trainingNeedsEventsThatSayYes() throws {
    let trainer = Trainer()
    #expect(failure { try trainer.train() }?.code == .badData)
    try trainer.log.add(user: "a", item: "x", kind: "dislike")
    #expect(failure { try trainer.train() }?.code == .badData)
}

@Test func savingComesAfterTraining() throws {
    let trainer = Trainer()
    try trainer.log.add(user: "a", item: "x")
    #expect(failure { _ = try trainer.model() }?.code == .wrongOrder)
    try trainer.set("model", to: "popularity")
    try trainer.train()
    _ = try trainer.model()
    try trainer.log.add(user: "a", item: "y")
    #expect(failure { _ = try trainer.model() }?.code == .wrongOrder)
}

@Test func anUnknownOptionIsNamedTogetherWithTheKnownOnes() {
    let trainer = Trainer()
    #expect(failure { try trainer.set("colour", to: "red") }?.message.contains("there are threads, seed") == true)
    #expect(failure { try trainer.set("model", to: "oracle") }?.message.contains("popularity") == true)
    #expect(
        failure { try trainer.set("popularity.half-life", to: "soon") }?.message.contains("0.0 ... 36500.0") == true)
    #expect(failure { try trainer.set("weight.view", to: "nan") } != nil)
    #expect(failure { try trainer.set("half-life.view", to: "-3d") } != nil)
    #expect(failure { try trainer.set("half-life.dance", to: "3d") } != nil)
}

@Test func weightsAndHalfLivesChangeWhatAnEventIsWorth() throws {
    let trainer = Trainer()
    try trainer.set("weight.view", to: "2")
    try trainer.set("weight.share", to: "7")
    try trainer.set("half-life.view", to: "1d")
    try trainer.log.add(user: "a", item: "x", kind: "view", time: 0)
    try trainer.log.add(user: "a", item: "y", kind: "share", time: 2 * 86_400)
    try trainer.log.add(user: "a", item: "z", kind: "addtocart", weight: 1)
    let interactions = try trainer.log.interactions()
    #expect(interactions.history.values == [0.5, 7, 3])
}

@Test func attributesAreKeptByTypeAndReadBackAsText() throws {
    let trainer = Trainer()
    try trainer.set("model", to: "popularity")
    try trainer.log.add(user: "a", item: "x")
    let values = [
        ("title", "Tea – 100 g"), ("price", "4.50"), ("brand", "Acme"), ("tags", "hot|loose"), ("weight:number", "42"),
    ]
    for (name, value) in values {
        trainer.catalog.set(try trainer.catalog.attribute(named: name), row: 0, to: value)
    }
    _ = try trainer.log.items.row(for: "bare")
    try trainer.train()
    let catalog = try trainer.model().catalog
    func text(_ name: String, _ row: Int) -> String? {
        catalog.attribute(named: name).map { catalog.text($0, row: row) }
    }
    #expect(text("title", 0) == "Tea – 100 g")
    #expect(text("price", 0) == "4.5")
    #expect(text("brand", 0) == "Acme")
    #expect(text("tags", 0) == "hot|loose")
    #expect(text("weight", 0) == "42")
    #expect(["title", "price", "brand", "tags", "weight"].allSatisfy { text($0, 1) == "" && text($0, 99) == "" })
    #expect(text("colour", 0) == nil)
}
