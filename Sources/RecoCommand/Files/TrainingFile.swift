import RecoKit
import RecoSources
import Yams

/// What `reco train --config` reads: where events and items come from, which models to train with which settings, and
/// where the model goes, as YAML.
///
///     database: {socket: /run/mysqld/mysqld.sock, name: shop, user: reco}
///     events:
///       purchase: SELECT customer_id AS user, product_id AS item, ordered_at AS time FROM order_lines
///       view: {file: clicks.csv.gz, half-life: 14d}
///     items: products.csv
///     model: als, item-knn
///     set:
///       als.factors: 128
///     out: shop.reco
///
/// Paths are relative to the file itself, so that a job may start anywhere.
struct TrainingFile {
    /// A value and where it stands, for messages.
    struct Entry<Value> {
        let value: Value
        let line: Int
    }

    let path: String
    var database: DatabaseSettings?
    var events: [DataSource] = []
    var items: [DataSource] = []
    var users: [DataSource] = []
    var searches: [DataSource] = []
    private(set) var out: String?
    /// Where to keep what the next run needs; nil: beside the model.
    private(set) var state: String?
    /// Seconds before the newest event that are read again, and after which everything is.
    var overlap: Int64 = 3 * 86_400
    var fullReading: Int64 = 7 * 86_400
    var publication: Publication?
    /// Options of training by name, `model`, `threads` and `seed` among them, in the order of the file.
    private(set) var options: [(name: String, value: Entry<String>)] = []

    private static let keys = [
        "database", "events", "items", "users", "searches", "encoder", "continue", "model", "set", "threads", "seed",
        "out", "state", "incremental", "publish",
    ]

    init(path: String) throws {
        try self.init(path: path, text: TextFile.read(path))
    }

    init(path: String, text: String) throws {
        self.path = path
        let root: Node?
        do {
            root = try compose(yaml: text, .basic)
        } catch let error as YamlError {
            throw Self.describe(error, in: path)
        }
        guard let root else { throw RecoError(.badData, "\(path) is empty") }
        guard case .mapping(let mapping) = root else {
            throw bad(root, "a configuration has lines of \"key: value\"")
        }
        for (key, value) in mapping {
            let name = try scalar(key, "a key")
            switch name {
            case "database": database = try databaseSettings(value)
            case "events": events = try eventSources(value)
            case "items", "users", "searches":
                let found = try sources(value, name)
                switch name {
                case "items": items = found
                case "users": users = found
                default: searches = found
                }
            case "encoder", "continue": add(name, resolve(try scalar(value, name)), value)
            case "out": out = resolve(try scalar(value, name))
            case "state": state = resolve(try scalar(value, name))
            case "incremental": try readIncremental(value)
            case "publish": publication = try readPublication(value)
            case "model":
                let names = try list(value, name).flatMap { $0.split(separator: ",").map { $0.trimmingSpaces } }
                add(name, names.joined(separator: ","), value)
            case "threads", "seed": add(name, try scalar(value, name), value)
            case "set", "settings": try addSettings(value, name)
            default: throw unknown(key, name, among: Self.keys)
            }
        }
        if database == nil, let query = (events + items + users + searches).first(where: \.isQuery) {
            throw RecoError(
                .badData, "\(path), line \(query.line): a query needs a database; say which under the key database")
        }
    }

    /// Hands every option to `body`; what it throws is told with the line.
    func apply(_ body: (_ name: String, _ value: String) throws -> Void) throws {
        for (name, value) in options {
            do {
                try body(name, value.value)
            } catch let error as RecoError {
                throw RecoError(error.code, "\(path), line \(value.line): \(error.message)")
            }
        }
    }

    /// "als.factors: 64", or grouped: "als:" with "factors: 64" below it.
    private mutating func addSettings(_ node: Node, _ key: String) throws {
        guard case .mapping(let mapping) = node else {
            throw bad(node, "\(key) takes lines such as \"als.factors: 64\"")
        }
        for (nameNode, value) in mapping {
            let name = try scalar(nameNode, "a setting's name")
            if case .mapping(let group) = value {
                for (inner, value) in group {
                    let full = "\(name).\(try scalar(inner, "a setting's name"))"
                    add(full, try scalar(value, full), inner)
                }
            } else {
                add(name, try scalar(value, name), nameNode)
            }
        }
    }

    mutating func add(_ name: String, _ value: String, _ node: Node) {
        options.append((name, Entry(value: value, line: line(node))))
    }

    /// One value, or a sequence of them.
    private func list(_ node: Node, _ key: String) throws -> [String] {
        guard case .sequence(let nodes) = node else { return [try scalar(node, key)] }
        return try nodes.map { try scalar($0, key) }
    }

    func scalar(_ node: Node, _ key: String) throws -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw bad(node, "\(key) takes a single value")
        }
        return scalar.string
    }

    func resolve(_ file: String) -> String {
        guard file != "-", !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
        return String(path[...slash]) + file
    }

    func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    func bad(_ node: Node, _ message: String, systemError: Int32 = 0) -> RecoError {
        RecoError(
            systemError == 0 ? .badData : .system, "\(path), line \(line(node)): \(message)", systemError: systemError)
    }

    /// The error about a key that means nothing here, with the one that was probably meant.
    func unknown(_ node: Node, _ name: String, among known: [String]) -> RecoError {
        let guess = didYouMean(name, among: known)
        return bad(node, "there is no key \"\(name)\"\(guess); there are \(known.joined(separator: ", "))")
    }

    private static func describe(_ error: YamlError, in path: String) -> RecoError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            RecoError(.badData, "\(path), line \(mark.line): \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            RecoError(
                .badData, "\(path), line \(context.mark.line): \(duplicates.joined(separator: ", ")) is given twice")
        case .reader(let problem, _, _, _): RecoError(.badData, "\(path): \(problem)")
        default: RecoError(.badData, "\(path) cannot be read as YAML")
        }
    }
}

extension StringProtocol {
    var trimmingSpaces: String {
        var part = self[...]
        while part.first == " " { part.removeFirst() }
        while part.last == " " { part.removeLast() }
        return String(part)
    }
}
