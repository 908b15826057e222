import Testing

@testable import RecoKit

/// Against bm25s and the formula, with numbers from Tests/Fixtures/text_reference.py: equal to 1e-5, as impacts are
/// computed in single precision.
@Suite struct BM25Tests {
    private func expect(_ model: BM25, gives expected: [[Float]]) {
        for (query, expected) in zip(TextReference.queries, expected) {
            let scores = model.scores(query)
            for (row, score) in expected.enumerated() {
                #expect(
                    abs(scores[row] - score) <= 1e-5 * max(1, score), "\(query), item \(row): \(scores[row]) \(score)")
            }
            let found = model.find(query)
            #expect(found.count == expected.filter { $0 > 0 }.count)
            for hit in found { #expect(hit.score == scores[hit.row]) }
        }
    }

    @Test func oneFieldScoresAsLucenesBM25() throws {
        let model = try TextShop.model(
            "bm25", [("title", Array(TextReference.titles.dropLast()))],
            settings: [("fields", "title=1"), ("analysis", "plain"), ("k1", "1.2"), ("b", "0.75")]
        ).content(BM25.self)
        expect(model, gives: TextReference.bm25)
    }

    @Test func severalFieldsScoreAsBM25F() throws {
        let model = try TextShop.model(
            "bm25", [("title", TextReference.titles), ("description", TextReference.descriptions)],
            settings: [("fields", "title=3:0.75,description=0.5:0.4"), ("analysis", "plain"), ("k1", "1.2")]
        ).content(BM25.self)
        expect(model, gives: TextReference.bm25f)
    }

    @Test func aLongTextCountsLessAndHowMuchIsASetting() throws {
        let titles = ["lamp", "lamp " + (0..<60).map { "word\($0)" }.joined(separator: " "), "tent"]
        func scores(b: String) throws -> [Float] {
            try TextShop.model("bm25", [("title", titles)], settings: [("fields", "title=1:\(b)")]).content(BM25.self)
                .scores("lamp")
        }
        let full = try scores(b: "1")
        #expect(full[0] > full[1] && full[1] > 0)
        let none = try scores(b: "0")
        #expect(none[0] == none[1])
    }

    @Test func lengthsBeyondAByteAreExact() throws {
        let long = (0..<700).map { "word\($0)" }.joined(separator: " ")
        let model = try TextShop.model(
            "bm25", [("title", ["lamp", "tent"]), ("description", [long, "short"])],
            settings: [("fields", "title=1,description=1"), ("analysis", "plain")]
        ).content(BM25.self)
        #expect(model.weighting.lengths.length(field: 1, row: 0) == 700)
        #expect(model.weighting.lengths.length(field: 0, row: 0) == 1)
        #expect(model.weighting.lengths.widths.toArray() == [1, 2])
        #expect(model.find("word699").map(\.row) == [0])
    }

    @Test(arguments: ["bm25", "tfidf"]) func tellsWhichFieldsMatch(name: String) throws {
        let trainer = try TextShop.trainer(
            name,
            [
                ("title", ["red lamp", "tent", "red tent"]), ("brand", ["acme", "acme", "zenith"]),
                ("description", ["a lamp", "x", "y"]),
            ])
        try trainer.train()
        let model = try trainer.model()
        func fields(_ text: String) throws -> [String: [MatchedField]] {
            var fields: [String: [MatchedField]] = [:]
            for hit in try model.search(text) { fields[hit.id] = try model.matchedFields(of: hit, text: text) }
            return fields
        }
        let found = try fields("acme lamp")
        let first = try #require(found["0"])
        #expect(Set(first.map(\.name)) == ["title", "brand", "description"])
        #expect(abs(first.reduce(0) { $0 + $1.share } - 1) < 1e-5)
        #expect(first.map(\.share) == first.map(\.share).sorted(by: >))
        #expect(first.first?.name == "title" && first.allSatisfy { $0.words == 1 })
        #expect(found["1"] == [MatchedField(name: "brand", share: 1, words: 1)])
        #expect(try fields("red")["2"] == [MatchedField(name: "title", share: 1, words: 1)])

        let similar = try model.similar(to: ["2"], options: .noFallback)
        let tent = try #require(similar.first { $0.id == "1" })
        #expect(try model.matchedFields(of: tent, similarTo: ["2"]).map(\.name) == ["title"])
        let session = try model.recommend(session: ["1"], options: .noFallback)
        let lamp = try #require(session.first { $0.id == "0" })
        #expect(try model.matchedFields(of: lamp, session: ["1"]).map(\.name) == ["brand"])
        // What stands there for other reasons has none.
        let popular = Hit(id: "0", row: 0, score: 1, source: .popularity, rung: .popular)
        #expect(try model.matchedFields(of: popular, text: "red").isEmpty)
        #expect(throws: RecoError.self) {
            try model.matchedFields(
                of: Hit(id: "?", row: 99, score: 1, source: .bm25, rung: .matching), text: "red")
        }
    }
}
