import Glibc
import RecoImport
import RecoKit
import RecoSources

/// All that a training run reads, from files and from one database in one connection.
final class TrainingSources {
    let events: [DataSource]
    let items: [DataSource]
    let users: [DataSource]
    let searches: [DataSource]
    private let opener: DataSourceOpener

    init(
        database: DatabaseSettings?, events: [DataSource], items: [DataSource], users: [DataSource],
        searches: [DataSource]
    ) {
        self.events = events
        self.items = items
        self.users = users
        self.searches = searches
        opener = DataSourceOpener(database)
    }

    private var all: [DataSource] { events + items + users + searches }
    var haveQueries: Bool { all.contains(where: \.isQuery) }
    /// The paths of those that are files.
    var files: [String] { all.compactMap(\.file) }

    /// How events of earlier runs are used again.
    struct Incremental {
        let folder: String
        let overlap: Int64  // seconds
        let full: Int64
        let now: Int64
        let forgotten: IDTable?
    }

    /// Adds all events to the log. `counted` hears how many each query had, new and kept ones together.
    func loadEvents(
        into trainer: Trainer, _ tables: TableLoader, _ incremental: Incremental? = nil,
        counted: (DataSource, Int) throws -> Void = { _, _ in }
    ) throws {
        for source in events {
            let kind = try kind(of: source, trainer.log.kinds)
            let start = trainer.log.count
            if let path = source.file, ColumnFolder.isFolder(path) {
                try tables.loadFolder(path, into: trainer.log)
                try counted(source, trainer.log.count - start)
                continue
            }
            if let incremental, source.namesSince {
                // Counted before it is kept: what is refused must not be there the next time.
                try loadNew(source, kind, into: trainer.log, tables, incremental) { try counted(source, $0) }
                continue
            }
            try tables.load(source) { try trainer.log.addEvents(from: opener.open(source), kind: kind, $0) }
            try counted(source, trainer.log.count - start)
        }
    }

    /// Reads what has come since the last run, and takes the rest from what was kept.
    private func loadNew(
        _ source: DataSource, _ kind: UInt8, into log: EventLog, _ tables: TableLoader, _ incremental: Incremental,
        counted: (Int) throws -> Void
    ) throws {
        let begin = log.count
        let cache = cache(of: source, in: incremental.folder)
        if let since = cache.start(now: incremental.now, overlap: incremental.overlap, full: incremental.full) {
            do {
                try cache.load(into: log, before: since, forgotten: incremental.forgotten)
                let kept = log.count
                try tables.load(source, mayBeEmpty: true) {
                    try log.addEvents(from: opener.open(source, since: since), kind: kind, $0)
                }
                let new = log.timeRange(of: kept..<log.count)
                guard log.count == kept || (new.earliest ?? .min) >= since else {
                    throw EventCacheMismatch()
                }
                guard log.count > begin || source.mayBeEmpty else {
                    throw RecoError(.badData, "\(source.name) gave no rows; where that may be, write empty: allowed")
                }
                try counted(log.count - begin)
                try cache.keep(begin..<log.count, new: kept..<log.count, of: log, since: since, now: incremental.now)
                complain(
                    "\(source.title): \(Format.count(log.count - kept)) events read, \(Format.count(kept - begin)) kept from "
                        + "earlier runs")
                return
            } catch is EventCacheMismatch {
                complain(
                    "\(source.name) gave rows that are older than :since, or have no time: it has to compare :since with what "
                        + "it calls time; everything is read again")
            } catch let error as EventCacheDamage {
                complain("\(error.message); everything is read again")
            }
            log.removeEvents(from: begin)
        }
        try tables.load(source) { try log.addEvents(from: opener.open(source), kind: kind, $0) }
        try counted(log.count - begin)
        try cache.keep(begin..<log.count, new: begin..<log.count, of: log, since: nil, now: incremental.now)
    }

    private func cache(of source: DataSource, in folder: String) -> EventCache {
        EventCache(
            folder: folder, title: source.title,
            identity: "1 \(opener.identity) \(source.sql ?? "") \(source.kind ?? "")")
    }

    /// Removes the events that were kept for queries as they once were.
    func removeOutdatedCaches(in folder: String) {
        EventCache.remove(allBut: events.filter(\.namesSince).map { cache(of: $0, in: folder) }, in: folder)
    }

    func loadItems(into catalog: Catalog, ids: IDTable, _ tables: TableLoader) throws {
        for source in items {
            try load(source, into: catalog, tables) { try catalog.addItems(from: opener.open(source), ids: ids, $0) }
        }
    }

    func loadUsersAndSearches(into trainer: Trainer, _ tables: TableLoader) throws {
        for source in users {
            try load(source, into: trainer.userCatalog, tables) {
                try trainer.userCatalog.addUsers(from: opener.open(source), ids: trainer.log.users, $0)
            }
        }
        for source in searches {
            try tables.load(source) { try trainer.searches.addSearches(from: opener.open(source), $0) }
        }
    }

    private func load(
        _ source: DataSource, into catalog: Catalog, _ tables: TableLoader,
        _ body: (TableOptions) throws -> TableReport
    ) throws {
        for (name, type) in source.attributes { _ = try catalog.attribute(named: "\(name):\(type)") }
        let report = try tables.load(source, body)
        let columns = report.columns.map { $0.name.split(separator: ":").first.map(String.init) ?? "" }
        if let missing = source.attributes.first(where: { !columns.contains($0.name) }) {
            throw RecoError(.badData, "\(source.name) gives no column named \(missing.name), whose type is given")
        }
    }

    private func kind(of source: DataSource, _ kinds: EventKinds) throws -> UInt8 {
        guard let name = source.kind else { return EventKinds.interaction }
        if let code = kinds.code(named: name) { return code }
        let known = kinds.kinds.map(\.name).joined(separator: ", ")
        throw RecoError(
            .badData,
            "\(source.name): the kind of event \"\(name)\" is unknown; known are \(known); give it a weight to use it")
    }
}

/// A query that does not do with `:since` what it should.
private struct EventCacheMismatch: Error {}
