import Foundation
import RecoKit

/// A model that XGBoost saved, as JSON or UBJSON (versions 1.0 to 3.x): gbtree and dart, with one output.
///
/// XGBoost decides and adds up in float32, and so does what comes of this: the same scores. What it cannot be taken for
/// is refused by name. https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
public struct XGBoostModel {
    public private(set) var ensemble = TreeEnsemble()
    /// As XGBoost calls it: "rank:ndcg".
    public private(set) var objective = ""
    /// "gbtree" or "dart".
    public private(set) var booster = ""
    /// Of XGBoost: [3, 2, 0]; empty in the oldest files.
    public private(set) var version: [Int] = []

    private let name: String
    private var outputs = 1.0
    private var baseScore = 0.5
    private var featureCount = 0.0
    private var featureNames: [String] = []
    private var dropWeights: [Double]?
    private var trees: [XGBoostTree] = []

    public init(path: String) throws { try self.init(bytes: mappedBytes(path), name: path) }

    /// - Parameter name: what messages call the file.
    public init(bytes: Data, name: String) throws {
        try TreeModelBytes.checkSize(bytes, name)
        self.name = name
        try bytes.withUnsafeBytes { bytes in
            if bytes.starts(with: "binf".utf8) || bytes.starts(with: "CONFIG-offset".utf8) {
                throw refused("is of a binary form that XGBoost itself has given up; save it again as .json or .ubj")
            }
            let second = bytes.count > 1 ? bytes[1] : 0
            let reader: any DocumentReader =
                bytes.first == UInt8(ascii: "{") && "iUIlL$#N".utf8.contains(second)
                ? UBJSONReader(bytes, name: name) : JSONReader(bytes, name: name)
            try read(reader)
        }
        try assemble()
    }

    private func refused(_ what: String) -> RecoError { RecoError(.unsupported, "\(name) \(what)") }

    // MARK: reading

    private mutating func read(_ document: any DocumentReader) throws {
        var hasLearner = false
        try document.members { member in
            switch member {
            case "learner":
                hasLearner = true
                try readLearner(document)
            case "version": version = try document.integers().map { Int($0) }
            default: try document.skip()
            }
        }
        guard hasLearner else { throw document.wrong("there is no \"learner\", so XGBoost has not saved it") }
    }

    private mutating func readLearner(_ document: any DocumentReader) throws {
        try document.members { member in
            switch member {
            case "feature_names": try document.elements { featureNames.append(try document.text()) }
            case "gradient_booster": try readBooster(document)
            case "learner_model_param": try readParameters(document)
            case "objective":
                try document.members {
                    if $0 == "name" { objective = try document.text() } else { try document.skip() }
                }
            default: try document.skip()
            }
        }
    }

    private mutating func readParameters(_ document: any DocumentReader) throws {
        try document.members { member in
            switch member {
            case "num_feature": featureCount = try document.number()
            case "num_class", "num_target": outputs = max(outputs, try document.number())
            case "base_score": baseScore = try baseScore(document.text())
            default: try document.skip()
            }
        }
    }

    /// "5E-1", or "[5E-1]" as of version 3.1.
    private func baseScore(_ text: String) throws -> Double {
        var numbers = text.filter { !$0.isWhitespace }
        if numbers.hasPrefix("["), numbers.hasSuffix("]") { numbers = String(numbers.dropFirst().dropLast()) }
        if numbers.contains(",") { throw refused("has several outputs; models with one can be imported") }
        guard let (value, end) = numbers.withUTF8({ DecimalNumber.parse(.init($0), from: 0) }), value.isFinite,
            end == numbers.utf8.count
        else { throw RecoError(.badData, "\(name) has a base score that is no number: \(text.prefix(40))") }
        return value
    }

    private mutating func readBooster(_ document: any DocumentReader) throws {
        try document.members { member in
            switch member {
            case "name": booster = try document.text()
            case "model": try readModel(document)
            case "gbtree": try readBooster(document)  // of dart
            case "weight_drop": dropWeights = try document.numbers()
            default: try document.skip()
            }
        }
        // Those of dart are within it, and it is named after them.
        if dropWeights != nil { booster = "dart" }
    }

    private mutating func readModel(_ document: any DocumentReader) throws {
        try document.members { member in
            switch member {
            case "trees":
                try document.elements {
                    do {
                        trees.append(try XGBoostTree(document))
                    } catch let error as RecoError where error.code == .unsupported {
                        throw refused(error.message)
                    }
                }
            case "boosted_trees", "weights":
                throw refused("is a gblinear model, which has no trees")
            default: try document.skip()
            }
        }
    }

    // MARK: putting together

    private mutating func assemble() throws {
        guard booster == "gbtree" || booster == "dart" else {
            throw refused("has a booster \"\(booster.prefix(40))\"; gbtree and dart can be imported")
        }
        guard !objective.hasPrefix("multi:"), outputs <= 1 else {
            throw refused("has several outputs (\(objective.prefix(40))); models with one can be imported")
        }
        if let dropWeights, dropWeights.count != trees.count {
            throw RecoError(.badData, "\(name) has \(dropWeights.count) weights for \(trees.count) trees")
        }
        var ensemble = TreeEnsemble()
        ensemble.isSingle = true
        ensemble.link = try link()
        ensemble.base = Double(try margin())
        var words = 0
        for (number, tree) in trees.enumerated() {
            do {
                ensemble.trees.append(
                    try tree.converted(weight: dropWeights.map { Float($0[number]) } ?? 1, wordsInAll: &words))
            } catch let error as RecoError {
                throw RecoError(error.code, "\(name) is no usable model: in tree \(number), \(error.message)")
            }
        }
        trees = []
        let used = ensemble.trees.reduce(0) { $1.nodes.reduce($0) { max($0, Int($1.feature) + 1) } }
        guard featureCount >= 0, featureCount <= Double(1 << 24) else {
            throw RecoError(.badData, "\(name) has a number of features that makes no sense")
        }
        ensemble.featureCount = featureCount > 0 ? Int(featureCount) : used
        ensemble.featureNames =
            featureNames.count == ensemble.featureCount
            ? featureNames : (0..<ensemble.featureCount).map { "f\($0)" }
        if let problem = ensemble.problem { throw RecoError(.badData, "\(name) is no usable model: \(problem)") }
        self.ensemble = ensemble
    }

    private func link() throws -> TreeEnsemble.Link {
        switch objective {
        case "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror",
            "reg:quantileerror", "reg:expectileerror", "binary:logitraw", "rank:pairwise", "rank:ndcg", "rank:map":
            .identity
        case "reg:logistic", "binary:logistic": .logistic
        case "binary:hinge": .step
        case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft": .exponential
        default: throw refused("has an objective \"\(objective.prefix(40))\" that cannot be imported")
        }
    }

    /// The base score as what trees add to: XGBoost keeps it as what comes of the link.
    private func margin() throws -> Float {
        let base = Float(baseScore)
        let margin =
            switch try link() {
            case .logistic: -naturalLog(1 / base - 1)
            case .exponential: naturalLog(base)
            case .identity, .step: base
            }
        guard margin.isFinite else {
            throw RecoError(.badData, "\(name) has a base score that \(objective) cannot have: \(baseScore)")
        }
        return margin
    }

    private func naturalLog(_ x: Float) -> Float { logf(x) }
}
