import RecoKit
import Yams

/// What `reco train --config` reads: the files, models and settings of a training run, as YAML.
///
///     events: [orders.csv, clicks.csv.gz]
///     items: products.csv
///     model: als, item-knn
///     set:
///       als.factors: 128
///       weight.view: 0.5
///     out: shop.reco
///
/// Paths are relative to the file itself, so that a job may start anywhere.
struct TrainingFile {
    /// A value and where it stands, for messages.
    struct Entry<Value> {
        let value: Value
        let line: Int
    }

    private let path: String
    private(set) var events: [String] = []
    private(set) var items: [String] = []
    private(set) var users: [String] = []
    private(set) var searches: [String] = []
    private(set) var out: String?
    /// Options of training by name, `model`, `threads` and `seed` among them, in the order of the file.
    private(set) var options: [(name: String, value: Entry<String>)] = []

    private static let keys = [
        "events", "items", "users", "searches", "encoder", "continue", "model", "set", "threads", "seed", "out",
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
            case "events": events = try paths(value, name)
            case "items": items = try paths(value, name)
            case "users": users = try paths(value, name)
            case "searches": searches = try paths(value, name)
            case "encoder", "continue": add(name, resolve(try scalar(value, name)), value)
            case "out": out = resolve(try scalar(value, name))
            case "model":
                let names = try list(value, name).flatMap { $0.split(separator: ",").map { $0.trimmingSpaces } }
                add(name, names.joined(separator: ","), value)
            case "threads", "seed": add(name, try scalar(value, name), value)
            case "set", "settings": try addSettings(value, name)
            default:
                throw bad(key, "there is no key \"\(name)\"; there are \(Self.keys.joined(separator: ", "))")
            }
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

    private mutating func add(_ name: String, _ value: String, _ node: Node) {
        options.append((name, Entry(value: value, line: node.mark?.line ?? 0)))
    }

    private func paths(_ node: Node, _ key: String) throws -> [String] { try list(node, key).map(resolve) }

    /// One value, or a sequence of them.
    private func list(_ node: Node, _ key: String) throws -> [String] {
        guard case .sequence(let nodes) = node else { return [try scalar(node, key)] }
        return try nodes.map { try scalar($0, key) }
    }

    private func scalar(_ node: Node, _ key: String) throws -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw bad(node, "\(key) takes a single value")
        }
        return scalar.string
    }

    private func resolve(_ file: String) -> String {
        guard file != "-", !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
        return String(path[...slash]) + file
    }

    private func bad(_ node: Node, _ message: String) -> RecoError {
        RecoError(.badData, "\(path), line \(node.mark?.line ?? 1): \(message)")
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
