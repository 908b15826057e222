/// A model file of boosted trees alone, which `reco train --ranking` and `--table` write: no users, no items.
extension BoostedTrees {
    /// What the description says that such a file holds.
    public static let fileKind = TreeLayout.fileKind

    /// Writes a model file and publishes it.
    public func save(_ path: String, settings: Settings, seed: UInt64, temporaryPath: String? = nil) throws {
        let writer = try ModelWriter(path: path, temporaryPath: temporaryPath)
        try write(to: writer, settings: settings, seed: seed)
        try writer.finish()
    }

    func write(to writer: ModelWriter, settings: Settings, seed: UInt64) throws {
        try writer.addDescription(
            ofPart: Self.fileKind,
            notes: [
                ("objective", objective.rawValue), ("seed", "\(seed)"), ("trees", "\(ensemble.trees.count)"),
                ("features", "\(ensemble.featureCount)"),
            ] + Self.hyperparameters.map { ("\(Self.name).\($0.name)", settings.text($0.name)) })
        try TreeLayout(ensemble).write(to: writer)
        // A line for each text, and before a feature's texts how many there are; -1 for a numerical feature.
        var texts: [String] = []
        for texts_ in categories {
            texts.append(texts_.map { String($0.count) } ?? "-1")
            texts += (texts_ ?? []).map(Self.line)
        }
        try writer.add("boosted-trees/categories", text: texts.joined(separator: "\n"))
    }

    /// Opens such a file; nil if it holds something else.
    public init?(_ file: ModelFile) throws {
        let description = ModelDescription(file)
        guard description["holds"] == Self.fileKind, let layout = try TreeLayout(file) else { return nil }
        ensemble = try layout.ensemble()
        objective = description["objective"].flatMap(BoostingObjective.init) ?? .squaredError
        categories = []
        var lines = Self.lines(file.text("boosted-trees/categories") ?? "")[...]
        while let first = lines.first, categories.count < ensemble.featureCount {
            lines.removeFirst()
            guard let count = Int(first), count <= lines.count else { break }
            categories.append(count < 0 ? nil : Array(lines.prefix(count)))
            lines.removeFirst(max(0, count))
        }
        while categories.count < ensemble.featureCount { categories.append(nil) }
    }

    /// A text as one line, and lines as texts.
    static func line(_ text: String) -> String { text.replacing("\n", with: " ") }
    static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
