import Testing

@testable import RecoKit

/// Questions with words, over a shop of teas and bicycles whose customers buy the one or the other.
@Suite struct SearchTests {
    private static let titles = [
        "Green tea, 100 g", "Black tea with bergamot", "Tea cup of thin porcelain", "Jasmine green tea in bags",
        "Bicycle bell", "Mountain bicycle, 28 inch", "Bicycle pump", "Couch, green velvet",
    ]

    private func trainer(_ models: String) throws -> Trainer {
        let trainer = Trainer()
        try trainer.set("model", to: models)
        if models.contains("bert") { try trainer.set("encoder", to: TinyBERT.path()) }
        let title = try trainer.catalog.attribute(named: "title")
        for (number, text) in Self.titles.enumerated() {
            trainer.catalog.set(title, row: try trainer.log.items.row(for: "\(number)"), to: text)
        }
        for user in 0..<12 {
            for item in user % 2 == 0 ? [0, 1, 2, 3] : [4, 5, 6] where (user + item) % 3 != 0 {
                try trainer.log.add(user: "\(user)", item: "\(item)", kind: "purchase")
            }
        }
        return trainer
    }

    private func model(_ models: String = "item-knn,bm25") throws -> Model {
        let trainer = try trainer(models)
        try trainer.train()
        return try trainer.model()
    }

    @Test(arguments: ["bm25", "tfidf", "item-knn,bm25", "bm25,bert"])
    func wordsFindWhatHasThem(models: String) throws {
        let hits = try model(models).search("green tea", limit: 8)
        #expect(Set(hits.prefix(2).map(\.id)) == ["0", "3"])
        #expect(hits.allSatisfy { $0.rung == .matching && $0.score.isFinite })
        #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(Set(hits.map(\.id)).count == hits.count)
    }

    @Test func aSearchShowsWhatMatchesAndNoMore() throws {
        let model = try model()
        #expect(try model.search("qqqqqqqq").isEmpty)
        #expect(try model.search("").count == 8)  // no words: a stranger's recommendations
        #expect(try model.search("qqqqqqqq", options: .fillUp).count == 8)
        let filled = try model.search("velvet", user: "2", limit: 4, options: .fillUp)
        #expect(filled.first?.id == "7" && filled.count == 4)
        #expect(filled.dropFirst().allSatisfy { $0.rung != .matching })
    }

    @Test func whatSomebodyLikesMovesUp() throws {
        let model = try model()
        #expect(Set(try model.search("green").map(\.id)) == ["0", "3", "7"])
        let liked = try model.search("green", session: ["1", "2"])
        #expect(liked.last?.id == "7" && liked.count == 3)
        #expect(try model.search("green", user: "nobody").map(\.id) == model.search("green").map(\.id))
    }

    @Test func givenItemsAreRankedByWords() throws {
        let model = try model()
        let ranked = try model.rank(["0", "5", "6", "none"], text: "bicycle pump")
        #expect(ranked.map(\.id) == ["6", "5", "0", "none"])
        #expect(ranked.prefix(2).allSatisfy { $0.rung == .matching })
    }

    @Test func aNewProductFindsItsNeighboursByItsText() throws {
        let model = try model()
        let hits = try model.similar(toText: "Organic green tea", limit: 3)
        #expect(Set(hits.prefix(2).map(\.id)) == ["0", "3"] && hits.count == 3)
        #expect(hits.first?.rung == .similar)
        #expect(try model.similar(toText: "zzzzzz", options: .noFallback).isEmpty)
    }

    @Test func anItemThatNobodyTouchedHasNeighboursByItsText() throws {
        let hits = try model().similar(to: ["7"], limit: 2, options: .noFallback)
        #expect(Set(hits.map(\.id)) == ["0", "3"])
        #expect(hits.allSatisfy { $0.source == .bm25 && $0.rung == .similar })
    }

    @Test func behaviourRecommendsBeforeContentDoes() throws {
        let hits = try model("bm25,item-knn").recommend(user: "2", limit: 1)
        #expect(hits.first?.source == .itemKNN)
    }

    @Test func searchesTeachSynonyms() throws {
        let trainer = try trainer("bm25")
        for user in ["ann", "bob", "cid"] { try trainer.searches.add("sofa", item: "7", user: user) }
        try trainer.train()
        #expect(try trainer.model().search("sofas").map(\.id).first == "7")
    }

    @Test func aModelWithoutWordsSaysSo() throws {
        #expect(throws: RecoError.self) { try model("item-knn").search("tea") }
    }

    @Test func theFusedOrderNeedsBothReadings() throws {
        let model = try model("bm25,bert")
        let fused = try model.search("green tea", limit: 8)
        #expect(Set(fused.map { $0.source }).isSubset(of: [.bm25, .bert]))
        // Who is still typing gets words alone.
        let typing = try model.search("green te", limit: 8, options: .textPrefix)
        #expect(typing.allSatisfy { $0.source == .bm25 })
        #expect(try model.search("green tea", limit: 3).map(\.id) == fused.prefix(3).map(\.id))
    }

    @Test func contentAloneTrainsWithoutEvents() throws {
        let trainer = Trainer()
        try trainer.set("model", to: "auto")
        let title = try trainer.catalog.attribute(named: "title")
        trainer.catalog.set(title, row: try trainer.log.items.row(for: "1"), to: "Green tea")
        var choice: [String] = []
        try trainer.train(chosen: { choice = $0.models })
        #expect(choice == ["bm25"])
        #expect(try trainer.model().search("teas").map(\.id) == ["1"])
    }
}
