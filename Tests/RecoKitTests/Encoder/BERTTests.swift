import Testing

@testable import RecoKit

@Suite struct BERTTests {
    private static let titles = ["a b c d", "1 2 3", "a b c e", "x y z", "9 8 7 6 5", "x y w"]

    private func trainer(_ titles: [String] = titles, models: String = "bert") throws -> Trainer {
        let trainer = Trainer()
        try trainer.set("model", to: models)
        try trainer.set("encoder", to: TinyBERT.path())
        let title = try trainer.catalog.attribute(named: "title")
        for (number, text) in titles.enumerated() {
            let row = try trainer.log.items.row(for: "\(number)")
            trainer.catalog.set(title, row: row, to: text)
        }
        return trainer
    }

    private func model(_ titles: [String] = titles) throws -> Model {
        let trainer = try trainer(titles)
        try trainer.train()
        return try trainer.model()
    }

    /// What the model answers, by the encoder's own vectors in full precision.
    private func cosines(_ text: String, _ titles: [String] = titles) throws -> [Float] {
        let encoder = try TinyBERT().encoder()
        let query = try #require(encoder.encode(text))
        return try titles.map { title in
            zip(query, try #require(encoder.encode(title))).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    @Test func searchFindsItemsInTheOrderOfTheirCosines() throws {
        let model = try model()
        for text in ["a b c d", "x y", "3 2 1", "q", "unknown words, a 1"] {
            let cosines = try cosines(text)
            let hits = try model.search(text, limit: 6)
            #expect(hits.count == cosines.filter { $0 > 0 }.count)
            for hit in hits {
                #expect(abs(hit.score - cosines[try #require(Int(hit.id))]) < 0.01)
                #expect(hit.source == .bert)
            }
            #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score })
        }
        #expect(try model.search("a b c d", limit: 1).map(\.id) == ["0"])
    }

    @Test func itemsWithoutATextAreNotFound() throws {
        let model = try model(["a b", "", "c d", " ", "e f"])
        let found = Set(try model.search("a b", limit: 10).map(\.id))
        #expect(found.contains("0") && !found.contains("1") && !found.contains("3"))
    }

    @Test func aTextWithNothingInItFindsNothing() throws {
        let model = try model()
        for text in ["  ", "\u{0}\u{301}", "\u{200B}"] { #expect(try model.search(text, limit: 5).isEmpty) }
    }

    @Test func onlyTheBeginningOfAQuestionIsRead() throws {
        let model = try model()
        let question = "a b" + String(repeating: " ", count: 4092)
        #expect(try model.search(question + " x y z", limit: 6) == model.search("a b", limit: 6))
        #expect(try model.search(question + "c", limit: 6) == model.search("a b c", limit: 6))
        let whole = String(repeating: "x", count: 4095)
        #expect(try model.search(whole + "é x", limit: 6) == model.search(whole, limit: 6))
        #expect(try model.similar(toText: question + " x y z", limit: 6) == model.similar(toText: "a b", limit: 6))
    }

    @Test func aQuestionAskedAgainIsAnsweredAlike() throws {
        let model = try model()
        let long = String(repeating: "a b c ", count: 2000)
        let first = try ["x y", "1 2", long, "x y"].map { try model.search($0, limit: 4) }
        let second = try ["x y", "1 2", long, "x y"].map { try model.search($0, limit: 4) }
        #expect(first == second)
        #expect(first[0] == first[3] && first[0] != first[1])
    }

    @Test func trainingWithoutAnEncoderSaysWhatIsMissing() throws {
        let trainer = Trainer()
        try trainer.set("model", to: "bert")
        _ = try trainer.log.items.row(for: "1")
        #expect(
            throws: RecoError(
                .invalidArgument,
                "cannot train bert: it needs a sentence encoder: set encoder to the file that `reco import bert` wrote")
        ) { try trainer.train() }
        try trainer.set("encoder", to: "/nowhere.reco")
        #expect(throws: RecoError.self) { try trainer.train() }
    }

    @Test func aModelWhoseVectorsDoNotFitIsRefused() throws {
        let file = try model().file
        for (name, count) in [("bert/vectors", 63), ("bert/vectors", 5 * 64), ("bert/scales", 5)] {
            let sink = MemorySink()
            let writer = try ModelWriter(sink: sink)
            try TinyBERT().encoder().write(to: writer)
            try writer.add("bert/vectors", [UInt8](repeating: 1, count: name == "bert/vectors" ? count : 6 * 64))
            try writer.add("bert/scales", [Float](repeating: 1, count: name == "bert/scales" ? count : 6))
            try writer.finish()
            let damaged = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
            #expect(throws: RecoError.self) { try BERT(damaged, userCount: 0, itemCount: 6) }
        }
        #expect(try BERT(file, userCount: 0, itemCount: 6) != nil)
        #expect(throws: RecoError.self) { try BERT(file, userCount: 0, itemCount: 7) }
    }

    @Test func severalModelsCanShareAnEncodersFile() throws {
        let trainer = try trainer()
        try trainer.train()
        let own = try trainer.model()
        try trainer.set("bert.share", to: "yes")
        try trainer.train()
        let sharing = try trainer.model()
        #expect(!sharing.file.contains("encoder/weights") && sharing.file.length < own.file.length)
        #expect(try sharing.search("a b c d", limit: 6) == own.search("a b c d", limit: 6))
    }
}
