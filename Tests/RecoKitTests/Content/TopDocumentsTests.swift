import Testing

@testable import RecoKit

/// Pruning must not change an answer.
@Suite struct TopDocumentsTests {
    static let titles = TextShop.manyTitles(20_000)

    private func check<M: ContentModel>(_ model: M) throws {
        var generator = SeededGenerator(seed: 11)
        let scratch = try #require(Scratch(itemCount: model.index.rowCount))
        for round in 0..<60 {
            // Words of real titles, so that there are common and rare ones; now and then many of them.
            let words = (0..<1 + round % 5).flatMap { _ in
                Self.titles[generator.nextIndex(Self.titles.count)].split(separator: " ").prefix(round % 7 == 0 ? 9 : 1)
            }
            let text = words.joined(separator: " ")
            let scores = model.scores(text)
            let expected = scores.indices.filter { scores[$0] > 0 }.sorted {
                (scores[$1], $0) < (scores[$0], $1)
            }
            for limit in [1, 10, 1000] {
                let found = model.find(text, limit: limit, scratch: scratch)
                #expect(found.map(\.row) == Array(expected.prefix(limit)), "\(text), \(limit)")
                #expect(found.map(\.score) == expected.prefix(limit).map { scores[$0] })
            }
        }
    }

    @Test func theBestByBM25AreThoseOfScoringEverything() throws {
        try check(TextShop.titles(Self.titles, "bm25", language: "none").content(BM25.self))
    }

    @Test func theBestByTFIDFAreThoseOfScoringEverything() throws {
        try check(TextShop.titles(Self.titles, "tfidf", language: "none").content(TFIDF.self))
    }

    @Test func itemsThatMayNotAppearLeaveRoomForOthers() throws {
        let model = try TextShop.titles(Self.titles, language: "none").content(BM25.self)
        let scratch = try #require(Scratch(itemCount: model.index.rowCount))
        let text = String(Self.titles[5].split(separator: " ")[0])
        let all = model.find(text, limit: 40, scratch: scratch)
        for hit in all.prefix(15) { scratch.block(UInt32(hit.row)) }
        let rest = model.find(text, limit: 10, scratch: scratch)
        #expect(rest.map(\.row) == all[15..<25].map(\.row))
        scratch.unblock()
        #expect(model.find(text, limit: 40, scratch: scratch).map(\.row) == all.map(\.row))
        #expect(model.find(text, limit: 0, scratch: scratch).isEmpty)
    }

    @Test func theIndexHoldsEveryTermOfEveryItem() throws {
        let titles = Array(Self.titles.prefix(3000))
        let model = try TextShop.titles(titles, language: "none").content(BM25.self)
        var found = titles.map { _ in [String: UInt64]() }
        var terms: [String] = []
        model.index.forEachPosting { term, row, frequencies in
            if terms.last != term { terms.append(term) }
            found[row][term] = frequencies
        }
        #expect(terms == terms.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(terms.count == model.index.vocabulary.count)
        for (row, title) in titles.enumerated() {
            var expected: [String: UInt64] = [:]
            for word in title.split(separator: " ") { expected[String(word), default: 0] += 1 }
            #expect(found[row] == expected)
            #expect(model.weighting.lengths.length(field: 0, row: row) == title.split(separator: " ").count)
        }
        for term in terms { #expect(term.withUTF8Bytes { model.index.vocabulary.find($0) } != nil) }
        for other in ["", "a", "zzzz", "b", "bababab"] {
            #expect(other.withUTF8Bytes { model.index.vocabulary.find($0) } == nil)
        }
    }
}
