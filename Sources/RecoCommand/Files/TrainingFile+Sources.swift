import Glibc
import RecoKit
import RecoSources
import Yams

// The parts of a configuration that say where data comes from.
extension TrainingFile {
    private static let databaseKeys = [
        "sqlite", "socket", "host", "port", "name", "user", "password-env", "password-file", "tls", "tls-ca",
    ]
    private static let eventKeys = ["sql", "file", "kind", "weight", "half-life", "empty"]
    private static let tableKeys = ["sql", "file", "attributes", "empty"]

    func databaseSettings(_ node: Node) throws -> DatabaseSettings {
        guard case .mapping(let mapping) = node else {
            throw bad(node, "database takes lines such as \"host: localhost\", or \"sqlite: shop.db\"")
        }
        var settings = MariaDBSettings()
        var sqlite: String?
        for (keyNode, value) in mapping {
            let key = try scalar(keyNode, "a key")
            switch key {
            case "sqlite": sqlite = resolve(try scalar(value, key))
            case "socket": settings.socket = resolve(try scalar(value, key))
            case "host": settings.host = try scalar(value, key)
            case "port":
                guard let port = Int(try scalar(value, key)), (1...65535).contains(port) else {
                    throw bad(value, "port takes a number from 1 to 65535")
                }
                settings.port = port
            case "name": settings.name = try scalar(value, key)
            case "user": settings.user = try scalar(value, key)
            case "password-env":
                let name = try scalar(value, key)
                guard let password = getenv(name) else {
                    throw bad(value, "the environment variable \(name) with the password is not set")
                }
                settings.password = String(cString: password)
            case "password-file":
                let file = resolve(try scalar(value, key))
                do {
                    settings.password = try password(in: file)
                } catch let error as RecoError {
                    throw bad(value, "password-file: \(error.message)", systemError: error.systemError)
                }
            case "password":
                throw bad(keyNode, "a password does not belong into this file; use password-env or password-file")
            case "tls":
                guard let encryption = MariaDBSettings.Encryption(rawValue: try scalar(value, key)) else {
                    let known = MariaDBSettings.Encryption.allCases.map(\.rawValue).joined(separator: ", ")
                    throw bad(value, "tls takes one of \(known)")
                }
                settings.encryption = encryption
            case "tls-ca": settings.authorities = resolve(try scalar(value, key))
            default: throw unknown(keyNode, key, among: Self.databaseKeys)
            }
        }
        if let sqlite {
            guard mapping.count == 1 else { throw bad(node, "sqlite stands alone: a file has no host and no password") }
            return .sqlite(path: sqlite)
        }
        guard settings.socket == nil || settings.host == nil else {
            throw bad(node, "a database has a socket or a host, not both")
        }
        guard settings.socket != nil || settings.host != nil else {
            throw bad(node, "say where the database is: host, socket or sqlite")
        }
        guard !settings.name.isEmpty, !settings.user.isEmpty else {
            throw bad(node, "a database needs a name and a user")
        }
        return .mariaDB(settings)
    }

    /// The first line of a file.
    private func password(in file: String) throws -> String {
        let text = try TextFile.read(file)
        return String(text.prefix { !$0.isNewline })
    }

    /// `events`: a file, several, sources one by one, or sources by the kind of their events.
    mutating func eventSources(_ node: Node) throws -> [DataSource] {
        guard case .mapping(let mapping) = node, !mapping.contains(where: { Self.isSourceKey($0.key) }) else {
            return try sources(node, "events")
        }
        return try mapping.map { keyNode, value in
            try source(value, "events", title: scalar(keyNode, "a kind of events"))
        }
    }

    /// `items`, `users`, `searches`: a file or query, or several.
    mutating func sources(_ node: Node, _ key: String) throws -> [DataSource] {
        guard case .sequence(let nodes) = node else { return [try source(node, key)] }
        return try nodes.map { try source($0, key) }
    }

    private static func isSourceKey(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node else { return false }
        return ["sql", "file", "kind"].contains(scalar.string)
    }

    /// A file, a query, or more about one of them.
    private mutating func source(_ node: Node, _ key: String, title: String? = nil) throws -> DataSource {
        let isEvents = key == "events"
        let name = title ?? key
        guard case .mapping(let mapping) = node else {
            var source = content(try scalar(node, name), name, line(node))
            source.kind = title.map(Self.kind)
            return source
        }
        var source: DataSource?
        var kind = title.map(Self.kind)
        var attributes: [(name: String, type: String)] = []
        var settings: [(name: String, value: Node)] = []
        var mayBeEmpty = false
        for (keyNode, value) in mapping {
            let part = try scalar(keyNode, "a key")
            switch part {
            case "sql", "file":
                guard source == nil else {
                    throw bad(keyNode, "\(name) is read from sql or from a file, not from both")
                }
                let text = try scalar(value, part)
                source =
                    part == "file"
                    ? DataSource(file: resolve(text))
                    : DataSource(query: text, title: name, path: path, line: line(value))
            case "kind" where isEvents: kind = try scalar(value, part)
            case "weight" where isEvents, "half-life" where isEvents: settings.append((part, value))
            case "attributes" where !isEvents:
                guard case .mapping(let types) = value else {
                    throw bad(value, "attributes takes lines such as \"price: number\"")
                }
                for (attribute, type) in types {
                    let entry = (name: try scalar(attribute, "an attribute"), type: try scalar(type, "an attribute"))
                    guard let known = Catalog.Kind(rawValue: entry.type) else {
                        let kinds = Catalog.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                        throw bad(type, "there is no type \"\(entry.type)\" of attributes; there are \(kinds)")
                    }
                    attributes.append((entry.name, known.rawValue))
                }
            case "empty":
                let text = try scalar(value, part)
                guard ["allowed", "refused"].contains(text) else { throw bad(value, "empty takes allowed or refused") }
                mayBeEmpty = text == "allowed"
            default: throw unknown(keyNode, part, among: isEvents ? Self.eventKeys : Self.tableKeys)
            }
        }
        guard var source else { throw bad(node, "\(name) needs sql or a file") }
        if !settings.isEmpty, kind == nil { throw bad(node, "a weight and a half-life need a kind of events") }
        // The weight first: it makes a kind known.
        for (setting, value) in settings.sorted(by: { $0.name > $1.name }) {
            add("\(setting).\(kind ?? "")", try scalar(value, setting), value)
        }
        source.line = line(node)
        source.kind = kind
        source.attributes = attributes
        source.mayBeEmpty = mayBeEmpty
        return source
    }

    private func content(_ text: String, _ title: String, _ line: Int) -> DataSource {
        let start = text.drop { $0.isWhitespace || $0 == "(" }.prefix(7).lowercased()
        let isQuery = ["select", "with"].contains { word in
            start.hasPrefix(word) && start.dropFirst(word.count).first.map { $0.isWhitespace } == true
        }
        guard isQuery else { return DataSource(file: resolve(text)) }
        return DataSource(query: text, title: title, path: path, line: line)
    }

    /// "purchases" means the kind purchase.
    private static func kind(_ title: String) -> String {
        let kinds = EventKinds()
        guard kinds.code(named: title) == nil, title.hasSuffix("s"),
            kinds.code(named: String(title.dropLast())) != nil
        else { return title }
        return String(title.dropLast())
    }
}
