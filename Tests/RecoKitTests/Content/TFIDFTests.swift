import Testing

@testable import RecoKit

/// Against scikit-learn's TfidfVectorizer, with numbers from Tests/Fixtures/text_reference.py. Vectors are stored as
/// single precision, so they are equal to 1e-6, and scores to 1e-5.
@Suite struct TFIDFTests {
    private func model(sublinear: Bool, threads: Int = 2) throws -> TFIDF {
        try TextShop.model(
            "tfidf", [("title", TextReference.titles)],
            settings: [("fields", "title=1"), ("analysis", "plain"), ("sublinear", sublinear ? "yes" : "no")],
            threads: threads
        ).content(TFIDF.self)
    }

    @Test(arguments: [false, true])
    func vectorsAreThoseOfScikitLearn(sublinear: Bool) throws {
        let model = try model(sublinear: sublinear)
        var vectors = [[String: Float]](repeating: [:], count: TextReference.titles.count)
        model.index.forEachPosting { term, row, frequencies in
            let code = model.index.frequencies.elements.firstIndex(of: frequencies)!
            let df = term.withUTF8Bytes { model.index.vocabulary.find($0)!.documentFrequency }
            vectors[row][term] =
                model.weighting.termWeights[code] * model.weighting.norms[row]
                * model.termWeight(documentFrequency: Int(df))
        }
        let expected = sublinear ? TextReference.sublinearVectors : TextReference.vectors
        for (vector, line) in zip(vectors, expected) {
            let parts = line.split(separator: " ")
            #expect(vector.count * 2 == parts.count)
            for i in stride(from: 0, to: parts.count, by: 2) {
                let weight = try #require(vector[String(parts[i])])
                #expect(abs(weight - Float(parts[i + 1])!) < 1e-6, "\(parts[i])")
            }
        }
    }

    @Test(arguments: [false, true])
    func scoresAreItsCosines(sublinear: Bool) throws {
        let model = try model(sublinear: sublinear)
        let expected = sublinear ? TextReference.sublinearCosines : TextReference.cosines
        for (query, cosines) in zip(TextReference.queries, expected) {
            let scores = model.scores(query)
            for (score, cosine) in zip(scores, cosines) { #expect(abs(score - cosine) < 1e-5, "\(query)") }
            for hit in model.find(query) { #expect(hit.score == scores[hit.row]) }
        }
    }

    @Test func anItemIsMostLikeItself() throws {
        let model = try model(sublinear: true)
        for (row, title) in TextReference.titles.enumerated() where !title.isEmpty {
            let best = try #require(model.find(title, isItem: true).first)
            #expect(best.row == row)
            #expect(abs(best.score - 1) < 1e-5)
        }
    }
}

extension String {
    func withUTF8Bytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        try Array(utf8).withUnsafeBufferPointer(body)
    }
}
