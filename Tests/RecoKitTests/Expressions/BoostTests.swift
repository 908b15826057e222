import Testing

@testable import RecoKit

@Suite struct BoostTests {
    private let shop: Model

    init() throws { shop = try FilterShop.model("item-knn,bm25") }

    @Test func givesScoresAndANewOrder() throws {
        let plain = try shop.recommend(limit: 300)
        let hits = try shop.recommend(limit: 300, boost: "score * if(tag(\"new\"), 100, 1) + `shelf size` / 1000")
        let scores = Dictionary(uniqueKeysWithValues: plain.map { ($0.id, $0.score) })
        for hit in hits {
            let number = Int(hit.id.dropFirst())!
            let wanted = Double(scores[hit.id]!) * (number % 5 == 1 ? 100 : 1) + Double(number % 7) / 1000
            #expect(hit.score == Float(wanted))
        }
        for (a, b) in zip(hits, hits.dropFirst()) { #expect(a.score >= b.score) }
    }

    @Test func looksDeeperThanTheLimit() throws {
        let hits = try shop.recommend(limit: 3, boost: "price")
        #expect(hits.count == 3)
        let plain = try shop.recommend(limit: 200)
        let best = plain.compactMap { Int($0.id.dropFirst()) }.filter { $0 % 3 != 0 }.sorted(by: >).prefix(3)
        #expect(hits.compactMap { Int($0.id.dropFirst()) } == Array(best))
    }

    @Test func whereThereIsNoNumberTheScoreIsZero() throws {
        for hit in try shop.recommend(limit: 300, boost: "price") {
            let number = Int(hit.id.dropFirst())!
            #expect(hit.score == (number % 3 == 0 ? 0 : Float(number)))
        }
        #expect(try shop.recommend(limit: 20, boost: "score / 0").map(\.score) == [Float](repeating: 0, count: 20))
        let large = try shop.recommend(limit: 2, boost: "-1e300")
        #expect(large.map(\.score) == [-Float.greatestFiniteMagnitude, -Float.greatestFiniteMagnitude])
    }

    @Test func rankIsThePlaceBefore() throws {
        let plain = try shop.recommend(limit: 150).map(\.id)
        let turned = try shop.recommend(limit: 150, only: plain, boost: "rank").map(\.id)
        #expect(turned == plain.reversed())
        #expect(try shop.recommend(limit: 150, boost: "0 - rank").map(\.id) == plain)
    }

    @Test func appliesToSearchSimilarAndRank() throws {
        let found = try shop.search("thing", limit: 5, boost: "price")
        #expect(found.count == 5)
        for (a, b) in zip(found, found.dropFirst()) { #expect(a.score >= b.score) }
        let mine = try shop.search("thing", user: "u1", limit: 5, boost: "coalesce(price, 0)")
        #expect(mine.allSatisfy { Int($0.score) == Int($0.id.dropFirst()) || $0.score == 0 })
        let similar = try shop.similar(to: ["i1"], limit: 5, boost: "-price")
        #expect(similar.count == 5)
        let ranked = try shop.rank(["i2", "i4", "i8", "x"], boost: "price")
        #expect(ranked.map(\.id) == ["i8", "i4", "i2", "x"])
    }

    @Test func filterAndBoostShareAQuestion() throws {
        let hits = try shop.recommend(
            limit: 3, filter: "stock > 0", boost: "price + margin",
            live: ["stock": ["i1": 5, "i2": 0, "i4": 1, "i5": 2], "margin": ["i1": 10, "i4": 0, "i5": 0]])
        #expect(hits.map(\.id) == ["i1", "i5", "i4"])
        #expect(hits.map(\.score) == [11, 5, 4])
    }
}
