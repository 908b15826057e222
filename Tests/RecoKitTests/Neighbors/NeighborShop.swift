@testable import RecoKit

/// Made-up shops for the tests of neighbour models, and what trains and writes these.
enum Shop {
    static func data(_ log: EventLog) throws -> TrainingData {
        TrainingData(interactions: try log.interactions(threads: 1), log: log, catalog: Catalog())
    }

    /// Events with weights, items of very different popularity.
    static func random(users: Int, items: Int, events: Int, seed: UInt64 = 1) throws -> TrainingData {
        let log = EventLog()
        for user in 0..<users { _ = try log.users.row(for: "\(user)") }
        for item in 0..<items { _ = try log.items.row(for: "\(item)") }
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<events {
            let skewed = generator.nextFloat() * generator.nextFloat()
            try log.append(
                user: UInt32(generator.nextIndex(users)), item: UInt32(skewed * Float(items)),
                kind: EventKinds.interaction, weight: 1 + 4 * generator.nextFloat())
        }
        return try data(log)
    }

    static func train<M: TrainableModel>(
        _ type: M.Type, _ data: TrainingData, _ options: [String: String] = [:], threads: Int = 1
    ) throws -> M {
        var settings = Settings(M.hyperparameters)
        for (name, value) in options { try settings.set(name, to: value) }
        return try M.train(data, settings: settings, run: TrainingRun(threads: threads))
    }

    static func file(_ write: (ModelWriter) throws -> Void) throws -> ModelFile {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try write(writer)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }
}

extension ItemSimilarityModel {
    init(lists: [[(UInt32, Float)]]) {
        var offsets: [UInt64] = [0]
        for list in lists { offsets.append(offsets.last! + UInt64(list.count)) }
        self.init(
            table: ItemSimilarityTable(
                offsets: RaggedOffsets(offsets: Column(offsets)), neighbors: Column(lists.joined().map(\.0)),
                similarities: Column(lists.joined().map(\.1))))
    }

    func list(_ item: Int) -> [(row: UInt32, similarity: Float)] {
        table.list(item)
    }
}

extension ItemSimilarityTable {
    func list(_ item: Int) -> [(row: UInt32, similarity: Float)] {
        offsets.range(item, limit: neighbors.count).map { (neighbors[$0], similarities[$0]) }
    }
}

/// Asks a model questions as the pipeline would.
final class Asker {
    let scratch: Scratch
    /// What the last call returned.
    private(set) var knows = false

    init(itemCount: Int) { scratch = Scratch(itemCount: itemCount)! }

    var scratchIsZero: Bool { (0..<scratch.itemCount).allSatisfy { scratch.scores[$0] == 0 } }

    private func select(_ limit: Int, _ body: (inout Selection) -> Bool) -> [Candidate] {
        var selection = scratch.selection(limit)!
        knows = body(&selection)
        return Array(selection.finish())
    }

    func propose(
        _ model: some CandidateSource, _ events: [Profile.Event], limit: Int, user: Int? = nil
    ) -> [Candidate] {
        events.withUnsafeBufferPointer { events in
            let profile = Profile(user: user, events: events, sessionStart: 0)
            return select(limit) { model.propose(for: profile, using: scratch, to: &$0) }
        }
    }

    func score(
        _ model: some CandidateSource, _ events: [Profile.Event], _ rows: [UInt32], user: Int? = nil
    ) -> [Float] {
        var scores = [Float](repeating: .nan, count: rows.count)
        events.withUnsafeBufferPointer { events in
            rows.withUnsafeBufferPointer { rows in
                scores.withUnsafeMutableBufferPointer { scores in
                    let profile = Profile(user: user, events: events, sessionStart: 0)
                    knows = model.score(rows, for: profile, using: scratch, into: scores)
                }
            }
        }
        return scores
    }

    func similar(_ model: some CandidateSource, _ items: [UInt32], limit: Int) -> [Candidate] {
        items.withUnsafeBufferPointer { items in
            select(limit) { model.proposeSimilar(to: items, using: scratch, to: &$0) }
        }
    }
}
