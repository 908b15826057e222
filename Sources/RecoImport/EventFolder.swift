import RecoKit

/// Events in a folder of columns: what `reco train --events FOLDER` reads.
public struct EventFolder {
    private let folder: ColumnFolder
    /// How many events the folder says that it has.
    public let count: Int

    public init(path: String) throws {
        folder = try ColumnFolder(path: path)
        guard folder.kind == "events" else {
            throw folder.wrong("they are \(folder.kind), not events; `reco import folder` reads those")
        }
        count = (folder.manifest.parts ?? []).reduce(0) { $0 + $1.count }
    }

    /// Adds all events to a log, without those of forgotten users; says how many came. Throws for a folder that is not whole or not what
    /// was written; then part of it has been added. O(events).
    ///
    /// - Parameter progress: told how many events were read; throw from it to cancel.
    @discardableResult
    public func load(
        into log: EventLog, forgotten: IDTable? = nil, progress: (Int) throws -> Void = { _ in }
    ) throws -> Int {
        let manifest = folder.manifest
        guard let users = manifest.users, let items = manifest.items, let kinds = manifest.kinds else {
            throw folder.wrong("the manifest lacks users, items or kinds")
        }
        let before = log.count
        var reader: EventColumnReader
        do {
            reader = try EventColumnReader(
                into: log, users: folder.idColumn(users, called: "users"),
                items: folder.idColumn(items, called: "items"),
                baskets: manifest.baskets.map { try folder.idColumn($0, called: "baskets") }, kinds: kinds,
                forgotten: forgotten, mayShareRows: true)
        } catch let error as RecoError where error.code == .badData { throw naming(error) }
        var read = 0
        for part in manifest.parts ?? [] {
            func column<Number: ColumnElement>(
                _ label: String, _ type: Number.Type, _ element: NPYArray.Element
            ) throws -> Column<Number> {
                try folder.column(label, of: part, type, element, rows: part.count)
            }
            let columns = try EventColumns(
                users: column("user", UInt32.self, .uint32), items: column("item", UInt32.self, .uint32),
                kinds: column("kind", UInt8.self, .uint8), weights: column("weight", Float.self, .float32),
                times: column("time", Int64.self, .int64),
                baskets: part.sums["basket"] == nil ? nil : column("basket", UInt32.self, .uint32))
            do {
                try reader.append(
                    columns,
                    damage: folder.wrong(
                        "\(part.name) holds a row that does not exist, a kind that is not listed, or a weight that is not finite"
                    ))
            } catch let error as RecoError where error.code == .badData { throw naming(error) }
            read += part.count
            try progress(read)
        }
        return log.count - before
    }

    /// Messages from within do not know which folder they are about.
    private func naming(_ error: RecoError) -> RecoError {
        error.message.contains(folder.path) ? error : folder.wrong(error.message)
    }
}
