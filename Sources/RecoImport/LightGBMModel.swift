import Foundation
import RecoKit

/// A model that LightGBM saved (text, versions 2 to 4): boosting and random forests with one output.
///
/// What it cannot be taken for is refused by name.
public struct LightGBMModel {
    public private(set) var ensemble = TreeEnsemble()
    /// As LightGBM writes it: "binary sigmoid:1".
    public private(set) var objective = ""
    /// "v4"
    public private(set) var version = ""

    private let name: String

    public init(path: String) throws { try self.init(bytes: mappedBytes(path), name: path) }

    /// - Parameter name: what messages call the file.
    public init(bytes: Data, name: String) throws {
        try TreeModelBytes.checkSize(bytes, name)
        self.name = name
        try bytes.withUnsafeBytes { try read($0) }
        if let problem = ensemble.problem { throw RecoError(.badData, "\(name) is no usable model: \(problem)") }
    }

    private func refused(_ what: String) -> RecoError { RecoError(.unsupported, "\(name) \(what)") }
    private func wrong(_ what: String) -> RecoError { RecoError(.badData, "\(name) is no usable model: \(what)") }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
        var lines = KeyLines(bytes)
        guard let first = lines.next(), first.key == "tree" else {
            throw wrong("it does not start with \"tree\", as LightGBM writes it")
        }
        try readHeader(&lines)
        var words = 0
        while let line = lines.next(), line.key != "end of trees" {
            guard line.key == "Tree" else { continue }
            do {
                ensemble.trees.append(
                    try LightGBMTree(&lines, features: ensemble.featureCount).converted(wordsInAll: &words))
            } catch let error as RecoError {
                let number = ensemble.trees.count
                throw RecoError(error.code, "\(name) is no usable model: in tree \(number), \(error.message)")
            }
        }
        guard lines.last?.key == "end of trees" else { throw wrong("it ends before its trees do") }
    }

    /// Everything before the first tree.
    private mutating func readHeader(_ lines: inout KeyLines) throws {
        var hasFeatures = false
        while let line = lines.peek(), line.key != "Tree", line.key != "end of trees" {
            _ = lines.next()
            switch line.key {
            case "version": version = line.text
            case "num_class", "num_tree_per_iteration":
                guard line.text == "1" else {
                    throw refused(
                        "has several outputs (\(line.key)=\(line.text.prefix(20))); models with one can be imported")
                }
            case "max_feature_idx":
                guard let last = Int(line.text), last >= 0, last < 1 << 24 else {
                    throw wrong("max_feature_idx is no number that makes sense")
                }
                ensemble.featureCount = last + 1
                hasFeatures = true
            case "objective": objective = line.text
            case "average_output": ensemble.averages = true
            case "feature_names": ensemble.featureNames = line.text.split(separator: " ").map(String.init)
            default: break
            }
        }
        guard hasFeatures else { throw wrong("it has no max_feature_idx") }
        if ensemble.featureNames.count != ensemble.featureCount {
            ensemble.featureNames = (0..<ensemble.featureCount).map { "Column_\($0)" }
        }
        try readObjective()
    }

    private mutating func readObjective() throws {
        let words = objective.split(separator: " ").map(String.init)
        switch words.first ?? "" {
        case "regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom",
            "":
            ensemble.link = .identity
            if words.contains("sqrt") {
                throw refused("has the objective \"regression sqrt\", which cannot be imported")
            }
        case "binary":
            ensemble.link = .logistic
            if let sigmoid = words.first(where: { $0.hasPrefix("sigmoid:") }) {
                guard let slope = Double(sigmoid.dropFirst("sigmoid:".count)), slope.isFinite, slope > 0 else {
                    throw wrong("its objective has no sigmoid that makes sense")
                }
                ensemble.slope = slope
            }
        case "cross_entropy": ensemble.link = .logistic
        case "poisson", "gamma", "tweedie": ensemble.link = .exponential
        case "multiclass", "multiclassova":
            throw refused("has several outputs (\(objective.prefix(40))); models with one can be imported")
        default: throw refused("has an objective \"\(objective.prefix(40))\" that cannot be imported")
        }
    }
}

/// Lines `key=value`, one after the other; empty ones are passed over.
struct KeyLines {
    struct Line {
        let key: String
        let value: UnsafeRawBufferPointer

        var text: String { String(decoding: value, as: UTF8.self) }
    }

    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    private(set) var last: Line?
    /// A longer key is no key.
    private static let longestKey = 64

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> Line? {
        let (line, end) = line(from: at)
        at = end
        last = line
        return line
    }

    func peek() -> Line? { line(from: at).line }

    private func line(from start: Int) -> (line: Line?, end: Int) {
        var start = start
        while start < bytes.count, bytes[start] == 10 || bytes[start] == 13 { start += 1 }
        guard start < bytes.count else { return (nil, start) }
        var end = start
        var equals: Int?
        while end < bytes.count, bytes[end] != 10 {
            if bytes[end] == UInt8(ascii: "="), equals == nil { equals = end }
            end += 1
        }
        let next = min(end + 1, bytes.count)
        if end > start, bytes[end - 1] == 13 { end -= 1 }
        let keyEnd = min(equals ?? end, end)
        guard keyEnd - start <= Self.longestKey else {
            return (Line(key: "", value: UnsafeRawBufferPointer(rebasing: bytes[start..<end])), next)
        }
        let value = min(keyEnd + 1, end)
        return (
            Line(
                key: String(decoding: bytes[start..<keyEnd], as: UTF8.self),
                value: UnsafeRawBufferPointer(rebasing: bytes[value..<end])), next
        )
    }
}
