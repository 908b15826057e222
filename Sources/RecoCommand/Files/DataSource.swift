import Glibc
import RecoKit
import RecoSources

/// One file or query that a configuration or the command line names.
struct DataSource {
    enum Content: Equatable {
        case file(String)
        case query(String)
    }

    let content: Content
    /// What messages call it: the path of a file, "the query of purchases" with where it stands.
    let name: String
    /// What it is for: "purchases"; the name of a file.
    let title: String
    /// Where it stands in the configuration; 0 on the command line.
    var line = 0
    /// The kind of events that do not say it themselves.
    var kind: String?
    /// Types that attributes are given in the configuration: ("price", "number").
    var attributes: [(name: String, type: String)] = []
    /// No rows are no error.
    var mayBeEmpty = false

    init(file: String) {
        content = .file(file)
        name = file == "-" ? "standard input" : file
        title = name
    }

    init(query: String, title: String, path: String, line: Int) {
        content = .query(query)
        name = "\(path), line \(line): the query of \(title)"
        self.title = title
        self.line = line
    }

    var sql: String? { if case .query(let sql) = content { sql } else { nil } }

    /// Whether the query can be asked for what is new only.
    var namesSince: Bool { sql?.contains(":since") ?? false }

    var isQuery: Bool { if case .query = content { true } else { false } }

    var file: String? { if case .file(let path) = content { path } else { nil } }
}

/// Opens what a configuration names: files as they are, queries in one connection, which is opened for the first.
final class DataSourceOpener {
    private let settings: DatabaseSettings?
    private var database: (any Database)?

    init(_ settings: DatabaseSettings?) { self.settings = settings }

    /// What the answers depend on, without the password.
    var identity: String {
        switch settings {
        case .sqlite(let path): path
        case .mariaDB(let settings): "\(settings.socket ?? "") \(settings.host ?? "") \(settings.port) \(settings.name)"
        case nil: ""
        }
    }

    /// - Parameter since: the time that takes the place of `:since` in a query, and of `:since_unix` as a number; the
    ///   start of 1970 if none is given.
    func open(_ source: DataSource, since: Int64? = nil) throws -> any TableSource {
        switch source.content {
        case .file(let path): return try openTable(path)
        case .query(let sql):
            if database == nil { database = try settings?.open() }
            guard let database else { throw RecoError(.invalidArgument, "\(source.name) needs a database") }
            let since = since ?? 1  // MariaDB's TIMESTAMP begins a second after 1970 does
            let filled = sql.replacing(":since_unix", with: String(since))
                .replacing(":since", with: database.quoted(utcText(since)))
            return try database.rows(of: filled, name: source.name)
        }
    }
}

/// "2024-11-09 10:00:00", in UTC.
func utcText(_ seconds: Int64, separator: String = " ") -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func digits(_ number: Int32, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
        + "\(separator)\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))"
}
