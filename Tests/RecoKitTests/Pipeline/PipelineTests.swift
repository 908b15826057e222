import Testing

@testable import RecoKit

/// A small shop: two tastes, views and purchases, three categories; answered by bestsellers alone.
private func shop(_ kind: String = "popularity") throws -> Model {
    let trainer = Trainer()
    try trainer.set("model", to: kind)
    let events: [(String, String, String)] = [
        ("ann", "tea", "purchase"), ("ann", "cup", "view"), ("bob", "tea", "purchase"), ("bob", "pot", "purchase"),
        ("cat", "saw", "purchase"), ("cat", "nail", "cart"), ("dan", "saw", "view"), ("dan", "nail", "purchase"),
        ("eve", "tea", "dislike"), ("eve", "pot", "view"),
    ]
    for (user, item, kind) in events { try trainer.log.add(user: user, item: item, kind: kind) }
    let category = try trainer.catalog.attribute(named: "category")
    for (item, name) in [
        ("tea", "kitchen"), ("cup", "kitchen"), ("pot", "kitchen"), ("saw", "tools"), ("nail", "tools"),
    ] {
        trainer.catalog.set(category, row: try trainer.log.items.row(for: item), to: name)
    }
    try trainer.train()
    return try trainer.model()
}

@Test func boughtAndDislikedItemsAreHiddenAndViewedOnesAreNot() throws {
    let model = try shop()
    #expect(Set(try model.recommend(user: "ann").map(\.id)) == ["cup", "pot", "saw", "nail"])
    #expect(Set(try model.recommend(user: "eve").map(\.id)) == ["cup", "pot", "saw", "nail"])
    #expect(Set(try model.recommend(user: "ann", options: .hideSeen).map(\.id)) == ["pot", "saw", "nail"])
    #expect(try model.recommend(user: "ann", options: .showBought).count == 5)
}

@Test func theItemsOfTheSessionAreHiddenUnlessAskedFor() throws {
    let model = try shop()
    #expect(!(try model.recommend(session: ["saw"]).contains { $0.id == "saw" }))
    #expect(try model.recommend(session: ["saw"], options: .showSession).contains { $0.id == "saw" })
}

@Test func similarItemsComeFromTheSameCategoryWhenNothingElseIsKnown() throws {
    let model = try shop()
    let hits = try model.similar(to: ["saw"])
    #expect(hits.map(\.id).first == "nail")
    #expect(hits.first?.rung == .category)
    #expect(hits.dropFirst().allSatisfy { $0.rung == .popular })
    #expect(hits.count == 4)
    #expect(try model.similar(to: ["saw"], options: .noFallback).isEmpty)
}

@Test func similarItemsShowWhatWasBoughtUnlessAskedNotTo() throws {
    let model = try shop()
    #expect(try model.similar(to: ["pot"], user: "ann").contains { $0.id == "tea" })
    #expect(!(try model.similar(to: ["pot"], user: "ann", options: .hideBought).contains { $0.id == "tea" }))
}

@Test func bestsellersFadeWithTime() throws {
    let trainer = Trainer()
    try trainer.set("model", to: "popularity")
    try trainer.set("popularity.half-life", to: "10")
    for user in 0..<3 { try trainer.log.add(user: "\(user)", item: "old", time: 0) }
    try trainer.log.add(user: "9", item: "fresh", time: 100 * 86_400)
    try trainer.train()
    #expect(try trainer.model().recommend().map(\.id) == ["fresh", "old"])
    try trainer.set("popularity.half-life", to: "0")
    try trainer.train()
    #expect(try trainer.model().recommend().map(\.id) == ["old", "fresh"])
}

@Test func packedTextsEndAtNULOrAtTheEndOfTheBuffer() {
    func texts(_ bytes: [UInt8]) -> [String] {
        bytes.withUnsafeBufferPointer { PackedTexts($0).map { String(decoding: $0, as: UTF8.self) } }
    }
    #expect(texts([]) == [])
    #expect(texts(Array("a\0b".utf8)) == ["a", "b"])
    #expect(texts(Array("a\0b\0".utf8)) == ["a", "b"])
    #expect(texts(Array("\0\0x".utf8)) == ["", "", "x"])
}

@Test func aRepeatedSessionItemAddsUpAtItsLatestPlace() throws {
    let model = try shop()
    let scratch = try #require(Scratch(itemCount: model.items.count))
    try Array("tea\0saw\0tea\0gone\0".utf8).withUnsafeBufferPointer { packed in
        var question = Question()
        question.session = PackedTexts(packed)
        let profile = try model.pipeline.profile(of: question, using: scratch)
        #expect(profile.events.map { model.items.id(of: Int($0.item)) } == ["saw", "tea"])
        #expect(profile.events.map(\.weight) == [1, 2])
        #expect(profile.sessionStart == 0)
    }
    #expect((0..<model.items.count).allSatisfy { scratch.scores[$0] == 0 })
}

@Test func historyAndSessionMeetInOneProfile() throws {
    let model = try shop()
    let scratch = try #require(Scratch(itemCount: model.items.count))
    try Array("ann".utf8).withUnsafeBufferPointer { user in
        try Array("cup\0saw".utf8).withUnsafeBufferPointer { packed in
            var question = Question()
            question.user = user
            question.session = PackedTexts(packed)
            let profile = try model.pipeline.profile(of: question, using: scratch)
            #expect(profile.events.map { model.items.id(of: Int($0.item)) } == ["tea", "cup", "saw"])
            #expect(profile.events.map(\.weight) == [5, 2, 1])
            #expect(profile.sessionStart == 1)
            #expect(!profile.isStoredUser)
        }
    }
}
