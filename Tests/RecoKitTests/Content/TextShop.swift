@testable import RecoKit

/// A catalogue of texts, and a model trained on it.
enum TextShop {
    /// Items "0", "1" ... with attributes given by column: "title", or "title:text" with its kind.
    static func trainer(
        _ model: String, _ columns: [(name: String, values: [String])], settings: [(String, String)] = [],
        threads: Int = 2
    ) throws -> Trainer {
        let trainer = Trainer()
        try trainer.set("model", to: model)
        try trainer.set("threads", to: "\(threads)")
        for (name, value) in settings { try trainer.set("\(model).\(name)", to: value) }
        for column in columns {
            let attribute = try trainer.catalog.attribute(named: column.name)
            for (item, value) in column.values.enumerated() {
                trainer.catalog.set(attribute, row: try trainer.log.items.row(for: "\(item)"), to: value)
            }
        }
        return trainer
    }

    static func model(
        _ model: String, _ columns: [(name: String, values: [String])], settings: [(String, String)] = [],
        threads: Int = 2
    ) throws -> Model {
        let trainer = try trainer(model, columns, settings: settings, threads: threads)
        try trainer.train()
        return try trainer.model()
    }

    static func titles(_ titles: [String], _ model: String = "bm25", language: String = "english") throws -> Model {
        try self.model(model, [("title", titles)], settings: [("language", language)])
    }

    /// Titles of 3 to 9 words, common and rare ones, always the same.
    static func manyTitles(_ count: Int) -> [String] {
        var generator = SeededGenerator(seed: 7)
        let syllables = ["ba", "do", "ki", "lu", "me", "no", "pa", "ri", "so", "tu", "ve", "za"]
        return (0..<count).map { _ in
            (0..<3 + generator.nextIndex(7)).map { _ in
                // Products of uniform numbers are small more often than large: a few words are everywhere.
                var number = generator.nextIndex(1 + generator.nextIndex(1 + generator.nextIndex(1728)))
                var word = ""
                for _ in 0..<3 {
                    word += syllables[number % 12]
                    number /= 12
                }
                return word
            }.joined(separator: " ")
        }
    }
}

extension Model {
    /// The first model of content.
    func content<M: ContentModel>(_ type: M.Type = BM25.self) throws -> M {
        guard let model = try M(file, userCount: users.count, itemCount: items.count) else {
            throw RecoError(.unsupported, "no model of content")
        }
        return model
    }
}

extension ContentModel {
    /// What a text finds: rows and scores, best first.
    func find(_ text: String, limit: Int = 10, isPrefix: Bool = false, isItem: Bool = false, scratch: Scratch? = nil)
        -> [(row: Int, score: Float)]
    {
        find(Array(text.utf8), limit: limit, isPrefix: isPrefix, isItem: isItem, scratch: scratch)
    }

    func find(_ bytes: [UInt8], limit: Int = 10, isPrefix: Bool = false, isItem: Bool = false, scratch: Scratch? = nil)
        -> [(row: Int, score: Float)]
    {
        let scratch = scratch ?? Scratch(itemCount: index.rowCount)!
        return bytes.withUnsafeBufferPointer { bytes in
            var selection = scratch.selection(limit)!
            let query = TextQuery(bytes: bytes, isPrefix: isPrefix, isItem: isItem)
            guard search(query, using: scratch, to: &selection) else { return [] }
            return selection.finish().map { (Int($0.row), $0.score) }
        }
    }

    /// What a text scores every item, on the way that scores given items.
    func scores(_ text: String, isItem: Bool = false) -> [Float] {
        let scratch = Scratch(itemCount: index.rowCount)!
        // Not ascending, so that the order is put right.
        let rows = (0..<UInt32(index.rowCount)).reversed().map { $0 }
        var scores = [Float](repeating: 0, count: rows.count)
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            rows.withUnsafeBufferPointer { rows in
                scores.withUnsafeMutableBufferPointer {
                    _ = score(rows, for: TextQuery(bytes: bytes, isItem: isItem), using: scratch, into: $0)
                }
            }
        }
        return scores.reversed()
    }
}

extension InvertedIndex {
    /// Every posting: term, item, and how often the term is in each field.
    func forEachPosting(_ body: (_ term: String, _ row: Int, _ frequencies: UInt64) -> Void) {
        var buffer = [UInt8](repeating: 0, count: Vocabulary.Reader.bufferSize)
        var memory = [UInt32](repeating: 0, count: PostingCursor.Block.size)
        buffer.withUnsafeMutableBufferPointer { buffer in
            memory.withUnsafeMutableBufferPointer { memory in
                var reader = Vocabulary.Reader(vocabulary, buffer)
                reader.seek(block: 0)
                while reader.next() {
                    let term = String(decoding: reader.term, as: UTF8.self)
                    let block = PostingCursor.Block(memory.baseAddress!)
                    guard var cursor = cursor(reader.entry, weight: 1, block: block) else { continue }
                    var next: UInt32 = 0
                    while cursor.seek(next) {
                        body(term, Int(cursor.document), frequencies[Int(cursor.code)])
                        next = cursor.document + 1
                    }
                }
            }
        }
    }
}
