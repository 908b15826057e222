import RecoKit

/// A database that is only read from, all of it as it was at one moment.
public protocol Database: AnyObject {
    /// Starts a query. One at a time: the rows before must have been read to their end or let go of.
    ///
    /// - Parameter name: what messages call it: "the query of purchases".
    func rows(of sql: String, name: String) throws -> any TableSource
    /// A text as it stands in a query, in quotes.
    func quoted(_ text: String) -> String
    /// The names of all tables and views, each with its columns, in order.
    func tables() throws -> [DatabaseTable]
}

/// A table of a database, as `reco init` looks at it.
public struct DatabaseTable: Sendable, Equatable {
    public struct Column: Sendable, Equatable {
        public let name: String
        public let type: String  // as the database calls it, in lower case: "datetime", "int"

        public init(_ name: String, _ type: String) {
            self.name = name
            self.type = type
        }
    }

    public let name: String
    public internal(set) var columns: [Column]

    public init(name: String, columns: [Column]) {
        self.name = name
        self.columns = columns
    }
}

/// How to get to a database.
public enum DatabaseSettings: Sendable, Equatable {
    case sqlite(path: String)
    case mariaDB(MariaDBSettings)

    public func open() throws -> any Database {
        switch self {
        case .sqlite(let path): try SQLite(path: path)
        case .mariaDB(let settings): try MariaDB(settings)
        }
    }
}

/// How to get to a MariaDB or MySQL server.
public struct MariaDBSettings: Sendable, Equatable {
    public enum Encryption: String, Sendable, CaseIterable {
        case off
        /// To a host that offers it; not through a socket.
        case preferred
        /// Not without, whoever the server is.
        case required
        /// Not without, and the certificate must be good for the host.
        case verified

        var isRequired: Bool { self == .required || self == .verified }
    }

    public var socket: String?
    public var host: String?
    public var port = 3306
    public var name = ""
    public var user = ""
    public var password = ""
    public var encryption = Encryption.preferred
    /// The certificates to trust, PEM; nil: those that the system trusts.
    public var authorities: String?

    public init() {}

    /// "shop at db.example:3306 as reco"
    var description: String { "\(name) at \(socket ?? "\(host ?? "localhost"):\(port)") as \(user)" }
}

extension Database {
    /// All rows of a small query, as text; nil stands for no value.
    package func texts(of sql: String, name: String) throws -> [[String]] {
        let source = try rows(of: sql, name: name)
        var records = RecordReader(source)
        var all: [[String]] = []
        while try records.advance() { all.append((0..<records.count).map { records.text($0) }) }
        return all
    }
}
