import Testing

@testable import RecoKit

/// Whatever the sections of a model of content hold, it answers or says that it is damaged.
@Suite struct DamagedContentTests {
    @Test(arguments: ["bm25", "tfidf"])
    func changedSectionsNeverTrap(name: String) throws {
        let trainer = try TextShop.trainer(
            name,
            [("title", Array(TopDocumentsTests.titles.prefix(600))), ("brand", (0..<600).map { "brand \($0 % 9)" })])
        try trainer.train()
        let model = try trainer.model()
        let good = withExtendedLifetime(model) { Array(model.file.storage.bytes) }
        let sections = model.file.sections.filter { $0.name.hasPrefix(name) && $0.length > 0 }
        #expect(sections.count > 8)
        var generator = SeededGenerator(seed: 17)
        for section in sections {
            for round in 0..<16 {
                var bytes = good
                for _ in 0..<1 + generator.nextIndex(8) {
                    // Mostly at the front, where the sizes are.
                    let reach = round % 2 == 0 ? section.length : min(section.length, 64)
                    let value: UInt8 = round % 3 == 0 ? 0xFF : UInt8(truncatingIfNeeded: generator.next())
                    bytes[section.offset + generator.nextIndex(reach)] = value
                }
                guard let changed = try? bytes.withUnsafeBytes({ try Model(bytes: $0) }) else { continue }
                if name == "bm25" {
                    ask(try? changed.content(BM25.self))
                } else {
                    ask(try? changed.content(TFIDF.self))
                }
                _ = try? changed.similar(to: ["1", "5"], limit: 20)
                _ = try? changed.recommend(session: ["3", "7"], limit: 1000)
            }
        }
    }

    private func ask(_ model: (some ContentModel)?) {
        guard let model else { return }
        let scratch = Scratch(itemCount: model.index.rowCount)!
        for text in [TopDocumentsTests.titles[3], "brand 5", "badoba", "lu"] {
            for hit in model.find(text, limit: 30, isPrefix: true, scratch: scratch) {
                #expect(hit.row >= 0 && hit.row < model.index.rowCount)
            }
            _ = model.find(text, isItem: true, scratch: scratch)
            _ = model.scores(text)
            if let matches = FieldMatches(scratch) {
                text.withUTF8Bytes {
                    model.matchedFields(of: 3, for: .text(TextQuery(bytes: $0)), using: scratch, to: matches)
                }
                #expect(matches.finish().allSatisfy { $0.share > 0 && $0.share <= 1 })
            }
        }
    }

    @Test func theSameTextsGiveTheSameBytesWhateverTheThreads() throws {
        func bytes(_ threads: Int) throws -> [UInt8] {
            let trainer = try TextShop.trainer("bm25,tfidf", [("title", TopDocumentsTests.titles)], threads: threads)
            try trainer.train()
            let model = try trainer.model()
            return withExtendedLifetime(model) { Array(model.file.storage.bytes) }
        }
        let one = try bytes(1)
        #expect(try bytes(2) == one)
        #expect(try bytes(5) == one)
    }
}
