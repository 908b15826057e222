@testable import RecoKit

/// A small shop whose every value follows from a formula, so that Fixtures/factors_reference.py makes the same: even
/// users mostly have even items, odd users odd ones.
struct FormulaShop {
    let users: Int
    let items: Int

    func value(_ user: Int, _ item: Int) -> Float {
        let sameTaste = user % 2 == item % 2
        let number = user * 31 + item * 17 + user * item * 7 + user * user * 5 + item * item * 3
        guard number % 23 < (sameTaste ? 12 : 1) else { return 0 }
        return Float(1 + (user + item) % 3)
    }

    func rows(_ extra: [(user: Int, item: Int, value: Float)] = []) -> SparseRows {
        var (offsets, columns, values): ([Int], [UInt32], [Float]) = ([0], [], [])
        for user in 0..<users {
            for item in 0..<items {
                let value = extra.first { $0.user == user && $0.item == item }?.value ?? value(user, item)
                guard value != 0 else { continue }
                columns.append(UInt32(item))
                values.append(value)
            }
            offsets.append(columns.count)
        }
        return SparseRows(offsets: offsets, columns: columns, values: values, columnCount: items)
    }

    /// The shop's events, some of them replaced.
    func interactions(_ extra: [(user: Int, item: Int, value: Float)] = []) throws -> Interactions {
        try log(rows(extra)).interactions(scale: .linear)
    }

    func data(_ extra: [(user: Int, item: Int, value: Float)] = []) throws -> TrainingData {
        let log = try log(rows(extra))
        return TrainingData(interactions: try log.interactions(scale: .linear), log: log, catalog: Catalog())
    }

    /// Every user has every item, all with the same value.
    func data(everything value: Float) throws -> TrainingData {
        try data((0..<users * items).map { ($0 / items, $0 % items, value) })
    }

    /// A log in which rows are those of the matrix.
    func log(_ rows: SparseRows) throws -> EventLog {
        let log = EventLog()
        for user in 0..<rows.rowCount { _ = try log.users.row(for: "u\(user)") }
        for item in 0..<rows.columnCount { _ = try log.items.row(for: "i\(item)") }
        for user in 0..<rows.rowCount {
            for entry in rows.range(user) {
                try log.append(
                    user: UInt32(user), item: rows.columns[entry], kind: EventKinds.interaction,
                    weight: rows.values[entry])
            }
        }
        return log
    }

    func events(of user: Int) -> [Profile.Event] {
        (0..<items).filter { value(user, $0) != 0 }.map { Profile.Event(item: UInt32($0), weight: value(user, $0)) }
    }
}

extension TrainableModel {
    static func settings(_ values: [String: String]) throws -> Settings {
        var settings = Settings(hyperparameters)
        for (name, value) in values { try settings.set(name, to: value) }
        return settings
    }

    /// Writes the model and reads it again.
    func reopened(userCount: Int, itemCount: Int) throws -> Self? {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try write(to: writer)
        try writer.finish()
        let file = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        return try Self(file, userCount: userCount, itemCount: itemCount)
    }

    /// The best items for a profile, or nil if the model knows nothing about it.
    func best(
        _ limit: Int, user: Int? = nil, events: [Profile.Event] = [], session: Int = 0, itemCount: Int,
        blocked: [UInt32] = []
    ) -> [Candidate]? {
        let scratch = Scratch(itemCount: itemCount)!
        for row in blocked { scratch.block(row) }
        return events.withUnsafeBufferPointer { events in
            let profile = Profile(user: user, events: events, sessionStart: events.count - session)
            var selection = scratch.selection(limit)!
            guard propose(for: profile, using: scratch, to: &selection) else { return nil }
            return Array(selection.finish())
        }
    }

    func similar(_ limit: Int, to items: [UInt32], itemCount: Int) -> [Candidate]? {
        let scratch = Scratch(itemCount: itemCount)!
        return items.withUnsafeBufferPointer { items in
            var selection = scratch.selection(limit)!
            guard proposeSimilar(to: items, using: scratch, to: &selection) else { return nil }
            return Array(selection.finish())
        }
    }

    func scores(_ rows: [UInt32], user: Int? = nil, events: [Profile.Event] = [], itemCount: Int) -> [Float]? {
        let scratch = Scratch(itemCount: itemCount)!
        var scores = [Float](repeating: 0, count: rows.count)
        let known = events.withUnsafeBufferPointer { events in
            rows.withUnsafeBufferPointer { rows in
                scores.withUnsafeMutableBufferPointer {
                    score(
                        rows, for: Profile(user: user, events: events, sessionStart: user == nil ? 0 : events.count),
                        using: scratch, into: $0)
                }
            }
        }
        return known ? scores : nil
    }
}

extension Column {
    func sameBits(as other: Column) -> Bool {
        count == other.count
            && UnsafeRawBufferPointer(elements).elementsEqual(UnsafeRawBufferPointer(other.elements))
    }
}
