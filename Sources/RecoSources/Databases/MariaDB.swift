import CDatabases
import Glibc
import RecoKit

/// A connection to MariaDB or MySQL: one transaction that only reads, and sees all tables as they were when it began.
///
/// Rows are not buffered: memory does not depend on how many there are, and the server waits while they are used. Times
/// come in UTC and text in UTF-8, whatever the columns are stored in.
public final class MariaDB: Database {
    /// The functions of the client library; nil where it is not installed.
    private static let functions: reco_mariadb? = {
        var functions = reco_mariadb()
        return reco_load_mariadb(&functions) != 0 ? functions : nil
    }()

    /// Seconds that the server may think about a query before its first row comes, and that a row may be on its way.
    private static let patience: UInt32 = 3600
    private static let connectTimeout: UInt32 = 30  // seconds

    private let api: reco_mariadb
    private let connection: UnsafeMutablePointer<MYSQL>
    private let schema: String

    public init(_ settings: MariaDBSettings) throws {
        guard let api = Self.functions else {
            throw RecoError(
                .unsupported,
                "reading from MariaDB or MySQL needs the client library libmariadb.so.3 (on Debian: apt-get install "
                    + "libmariadb3)")
        }
        guard let connection = api.mysql_init(nil) else {
            throw RecoError(.outOfMemory, "no memory for a connection to a database")
        }
        self.api = api
        self.connection = connection
        schema = settings.name
        try connect(settings)
        for statement in [
            "SET SESSION time_zone = '+00:00'", "SET SESSION net_write_timeout = \(Self.patience)",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET SESSION TRANSACTION READ ONLY",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        ] {
            guard send(statement) else { throw failure("cannot prepare the database \(settings.description)") }
        }
    }

    deinit { api.mysql_close(connection) }

    private func connect(_ settings: MariaDBSettings) throws {
        func set(_ option: mysql_option, number: UInt32) {
            withUnsafePointer(to: number) { _ = api.mysql_options(connection, option, $0) }
        }
        func set(_ option: mysql_option, flag: Bool) {
            withUnsafePointer(to: CChar(flag ? 1 : 0)) { _ = api.mysql_options(connection, option, $0) }
        }
        set(MYSQL_OPT_CONNECT_TIMEOUT, number: Self.connectTimeout)
        set(MYSQL_OPT_READ_TIMEOUT, number: Self.patience)
        set(MYSQL_OPT_PROTOCOL, number: (settings.socket != nil ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP).rawValue)
        // Otherwise a server may ask for any file that this process can read.
        set(MYSQL_OPT_LOCAL_INFILE, number: 0)
        _ = api.mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        // Against what its name says, the library then goes on without TLS if the server offers none.
        let asksForTLS = settings.encryption.isRequired || (settings.encryption == .preferred && settings.socket == nil)
        if asksForTLS { set(MYSQL_OPT_SSL_ENFORCE, flag: true) }
        set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, flag: settings.encryption == .verified)
        if let authorities = settings.authorities { _ = api.mysql_options(connection, MYSQL_OPT_SSL_CA, authorities) }
        guard
            api.mysql_real_connect(
                connection, settings.socket == nil ? settings.host : nil, settings.user, settings.password,
                settings.name, UInt32(settings.port), settings.socket, 0) != nil
        else { throw failure("cannot open the database \(settings.description)") }
        if settings.encryption.isRequired, api.mysql_get_ssl_cipher(connection) == nil {
            throw RecoError(
                .badData,
                "cannot open the database \(settings.description): the configuration requires TLS, which the server does not "
                    + "offer")
        }
    }

    private func send(_ sql: String) -> Bool {
        var sql = sql
        return sql.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) {
                api.mysql_real_query(connection, $0.baseAddress, UInt($0.count)) == 0
            }
        }
    }

    /// What the server or the client library complains about.
    fileprivate func failure(_ doing: String) -> RecoError {
        let number = api.mysql_errno(connection)
        let reason = api.mysql_error(connection).map { String(cString: $0) } ?? ""
        return RecoError(.badData, "\(doing): \(reason.trimmed) (\(number))")
    }

    public func rows(of sql: String, name: String) throws -> any TableSource {
        guard send(sql) else { throw failure("\(name) failed") }
        guard let result = api.mysql_use_result(connection) else {
            if api.mysql_errno(connection) != 0 { throw failure("\(name) failed") }
            throw RecoError(.badData, "\(name) gives no rows because it is no SELECT")
        }
        return MariaDBRows(result, of: self, api, name: name)
    }

    public func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" ? "''" : $0 == "\\" ? "\\\\" : String($0) }.joined() + "'"
    }

    public func tables() throws -> [DatabaseTable] {
        let rows = try texts(
            of: "SELECT table_name, column_name, LOWER(data_type) FROM information_schema.columns "
                + "WHERE table_schema = \(quoted(schema)) ORDER BY table_name, ordinal_position",
            name: "the list of tables")
        return grouped(rows)
    }
}

/// (table, column, type) in order, as tables.
func grouped(_ rows: [[String]]) -> [DatabaseTable] {
    var tables: [DatabaseTable] = []
    for row in rows where row.count == 3 {
        if tables.last?.name != row[0] { tables.append(DatabaseTable(name: row[0], columns: [])) }
        tables[tables.count - 1].columns.append(.init(row[1], row[2]))
    }
    return tables
}

/// The rows of a query as they come from the server.
private final class MariaDBRows: RowSource {
    let name: String
    let columnNames: [String]
    private let database: MariaDB
    private let api: reco_mariadb
    private let result: UnsafeMutablePointer<MYSQL_RES>
    private var done = 0
    private var isAtEnd = false

    init(_ result: UnsafeMutablePointer<MYSQL_RES>, of database: MariaDB, _ api: reco_mariadb, name: String) {
        self.result = result
        self.database = database
        self.api = api
        self.name = name
        let count = Int(api.mysql_num_fields(result))
        let fields = api.mysql_fetch_fields(result)
        columnNames = (0..<count).map { fields?[$0].name.map { String(cString: $0) } ?? "" }
    }

    deinit {
        // Freeing a result reads what is left of it, and nobody wants to wait for millions of rows to hear of an error.
        if !isAtEnd { database.hangUp() }
        api.mysql_free_result(result)
    }

    var position: (done: Int, total: Int?) { (done, nil) }

    func next(_ record: inout RecordReader) throws -> Bool {
        guard let row = api.mysql_fetch_row(result) else {
            // The end, or the connection's.
            let error = database.failure("\(name) was cut off after \(done) rows")
            isAtEnd = true
            if database.hasFailed { throw error }
            return false
        }
        let lengths = api.mysql_fetch_lengths(result).unsafelyUnwrapped
        for column in 0..<columnNames.count {
            try record.append(UnsafeRawPointer(row[column]), length: Int(lengths[column]))
        }
        done &+= 1
        return true
    }
}

extension MariaDB {
    fileprivate var hasFailed: Bool { api.mysql_errno(connection) != 0 }

    /// Ends the conversation with the server, whatever it is saying.
    fileprivate func hangUp() { shutdown(api.mysql_get_socket(connection), Int32(SHUT_RDWR)) }
}
