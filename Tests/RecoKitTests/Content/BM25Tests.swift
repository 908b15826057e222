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

    @Test func tellsWhichFieldsMatch() throws {
        let model = try TextShop.model(
            "bm25", [("title", ["red lamp", "tent"]), ("brand", ["acme", "acme"]), ("description", ["a lamp", "x"])]
        ).content(BM25.self)
        let names = model.text.fields.fields.map(\.name)
        let scratch = try #require(Scratch(itemCount: 2))
        func fields(_ text: String, _ row: UInt32) -> [String] {
            let mask = text.withUTF8Bytes {
                model.matchedFields(of: row, for: TextQuery(bytes: $0), using: scratch)
            }
            return names.indices.filter { mask >> UInt8($0) & 1 != 0 }.map { names[$0] }
        }
        #expect(fields("acme lamp", 0) == ["title", "brand", "description"])
        #expect(fields("acme lamp", 1) == ["brand"])
        #expect(fields("red", 0) == ["title"])
        #expect(fields("red", 1) == [])
        #expect(fields("", 0) == [])
    }
}
