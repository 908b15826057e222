import CDatabases
import RecoKit

/// An SQLite database, opened for reading only; all queries see it as it was at the first.
public final class SQLite: Database {
    /// The functions of the library; nil where it is not installed.
    private static let functions: reco_sqlite? = {
        var functions = reco_sqlite()
        return reco_load_sqlite(&functions) != 0 ? functions : nil
    }()

    private static let busyTimeout: Int32 = 60_000  // milliseconds that somebody may be writing

    private let path: String
    fileprivate let api: reco_sqlite
    fileprivate let connection: OpaquePointer

    public init(path: String) throws {
        guard let api = Self.functions else {
            throw RecoError(
                .unsupported,
                "reading from SQLite needs the library libsqlite3.so.0 (on Debian: apt-get install libsqlite3-0)")
        }
        var connection: OpaquePointer?
        let status = api.sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil)
        guard let connection else { throw RecoError(.outOfMemory, "no memory for the database \(path)") }
        self.path = path
        self.api = api
        self.connection = connection
        _ = api.sqlite3_busy_timeout(connection, Self.busyTimeout)
        // Opening looks at nothing; the first query does.
        guard status == SQLITE_OK,
            api.sqlite3_exec(connection, "BEGIN; SELECT count(*) FROM sqlite_master", nil, nil, nil) == SQLITE_OK
        else { throw failure("cannot open the database \(path)") }
    }

    deinit { _ = api.sqlite3_close(connection) }

    fileprivate func failure(_ doing: String) -> RecoError {
        RecoError(.badData, "\(doing): \(api.sqlite3_errmsg(connection).map { String(cString: $0) } ?? "")")
    }

    public func rows(of sql: String, name: String) throws -> any TableSource {
        var statement: OpaquePointer?
        var hasMore = false
        let status = sql.withCString { text in
            var rest: UnsafePointer<CChar>?
            defer { hasMore = rest.map { String(cString: $0).contains { !$0.isWhitespace } } ?? false }
            return api.sqlite3_prepare_v2(connection, text, -1, &statement, &rest)
        }
        guard status == SQLITE_OK else { throw failure("\(name) failed") }
        guard let statement else { throw RecoError(.badData, "\(name) is empty") }
        if hasMore {
            _ = api.sqlite3_finalize(statement)
            throw RecoError(.badData, "\(name) is more than one statement")
        }
        let rows = SQLiteRows(statement, of: self, name: name)
        guard !rows.columnNames.isEmpty, api.sqlite3_stmt_readonly(statement) != 0 else {
            throw RecoError(.badData, "\(name) gives no rows because it is no SELECT")
        }
        return rows
    }

    public func quoted(_ text: String) -> String { "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'" }

    public func tables() throws -> [DatabaseTable] {
        grouped(
            try texts(
                of: """
                    SELECT t.name, c.name, lower(c.type) FROM sqlite_master AS t, pragma_table_info(t.name) AS c
                    WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid
                    """, name: "the list of tables"))
    }
}

/// The rows of a query, made as they are asked for.
private final class SQLiteRows: RowSource {
    let name: String
    let columnNames: [String]
    private let database: SQLite
    private let statement: OpaquePointer
    private var done = 0

    init(_ statement: OpaquePointer, of database: SQLite, name: String) {
        self.statement = statement
        self.database = database
        self.name = name
        let api = database.api
        columnNames = (0..<api.sqlite3_column_count(statement)).map { column in
            api.sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
        }
    }

    deinit { _ = database.api.sqlite3_finalize(statement) }

    var position: (done: Int, total: Int?) { (done, nil) }

    func next(_ record: inout RecordReader) throws -> Bool {
        let api = database.api
        switch api.sqlite3_step(statement) {
        case SQLITE_ROW: break
        case SQLITE_DONE: return false
        default: throw database.failure("\(name) was cut off after \(done) rows")
        }
        for column in 0..<Int32(columnNames.count) {
            // The text first: asking for it may change how long it is.
            let text = api.sqlite3_column_text(statement, column)
            try record.append(UnsafeRawPointer(text), length: Int(api.sqlite3_column_bytes(statement, column)))
        }
        done &+= 1
        return true
    }
}
