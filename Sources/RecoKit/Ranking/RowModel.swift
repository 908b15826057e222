/// A model of labelled rows, alone in its file: `reco train --ranking` and `--table` make one.
public protocol RowModel: Sendable {
    /// The name in `--model`, the prefix of its sections, and what the description says that the file holds.
    static var name: String { get }
    static var summary: String { get }
    static var hyperparameters: [Hyperparameter] { get }

    /// Trains. The same table, settings and seed give the same model, whatever the number of threads. With `validation`,
    /// training stops where that set has not improved for a while. With `releasing`, the table's features are given back
    /// as soon as they are not needed; it is of no use afterwards.
    static func train(
        _ table: RankingTable, validation: RankingTable?, settings: Settings, run: TrainingRun, releasing: Bool
    ) throws -> Self

    /// Nil if the file holds something else.
    init?(_ file: ModelFile) throws

    var featureNames: [String] { get }
    /// The texts of each categorical feature, by the number that stands for each; nil for a numerical one.
    var categories: [[String]?] { get }
    /// What it minimises, by name, and what follows from that.
    var objectiveName: String { get }
    var measure: RowMeasure { get }
    /// What the validation set said after each step, and how many steps were kept: trees or epochs.
    var validation: [Double] { get }
    var steps: (name: String, kept: Int) { get }

    /// The raw scores of all rows of a table: they rank, and `value(ofRaw:)` makes answers of them.
    func rawScores(_ table: RankingTable, threads: Int) -> [Double]
    /// For labels 0 and 1 the probability of 1.
    func value(ofRaw raw: Double) -> Double

    func write(to writer: ModelWriter, settings: Settings, seed: UInt64) throws
}

/// What the scores of rows are measured by.
public enum RowMeasure: Sendable {
    case ranking, classification, regression
}

extension RowModel {
    /// Writes a model file and publishes it.
    public func save(_ path: String, settings: Settings, seed: UInt64, temporaryPath: String? = nil) throws {
        let writer = try ModelWriter(path: path, temporaryPath: temporaryPath)
        try write(to: writer, settings: settings, seed: seed)
        try writer.finish()
    }

    /// What all such files say of themselves.
    func addDescription(
        to writer: ModelWriter, settings: Settings, seed: UInt64, steps: (name: String, count: Int)
    ) throws {
        try writer.addDescription(
            ofPart: Self.name,
            notes: [
                ("objective", objectiveName), ("seed", "\(seed)"), (steps.name, "\(steps.count)"),
                ("features", "\(featureNames.count)"),
            ] + Self.hyperparameters.map { ("\(Self.name).\($0.name)", settings.text($0.name)) })
    }
}

/// Every model of labelled rows there is.
public enum RowModels {
    public static let all: [any RowModel.Type] = [BoostedTrees.self, MLPRanker.self, WideAndDeep.self]

    /// Those that may order what the sources of a hybrid propose.
    static let rankers: [any RowModel.Type] = [BoostedTrees.self, MLPRanker.self, WideAndDeep.self]

    /// The model that a file holds; nil if it holds something else.
    public static func open(_ file: ModelFile) throws -> (any RowModel)? {
        let holds = ModelDescription(file)["holds"]
        guard let type = all.first(where: { $0.name == holds }) else { return nil }
        return try type.init(file)
    }
}

/// The texts of categorical features as lines of a section.
enum CategoryTexts {
    /// Writes `name/categories`, if there are any.
    static func write(_ categories: [[String]?], to writer: ModelWriter, name: String) throws {
        guard categories.contains(where: { $0 != nil }) else { return }
        try writer.add("\(name)/categories", text: text(categories))
    }

    /// A line for each text, and before a feature's texts how many there are; -1 for a numerical feature.
    private static func text(_ categories: [[String]?]) -> String {
        categories.flatMap { texts in
            [texts.map { String($0.count) } ?? "-1"] + (texts ?? []).map { $0.replacing("\n", with: " ") }
        }.joined(separator: "\n")
    }

    /// Reads them; features of which the text says nothing are numerical.
    static func categories(_ text: String?, features: Int) -> [[String]?] {
        var categories: [[String]?] = []
        var lines = (text ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        while let first = lines.first, categories.count < features {
            lines.removeFirst()
            guard let count = Int(first), count <= lines.count else { break }
            categories.append(count < 0 ? nil : Array(lines.prefix(count)))
            lines.removeFirst(max(0, count))
        }
        return categories + [[String]?](repeating: nil, count: max(0, features - categories.count))
    }
}
