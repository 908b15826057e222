/// Boosted trees as a model of labelled rows.
extension BoostedTrees: RowModel {
    public var featureNames: [String] { ensemble.featureNames }
    public var objectiveName: String { objective.rawValue }
    public var steps: (name: String, kept: Int) { ("trees", ensemble.trees.count) }

    public var measure: RowMeasure {
        objective.isRanking ? .ranking : objective == .logistic ? .classification : .regression
    }

    public func rawScores(_ table: RankingTable, threads: Int) -> [Double] {
        ensemble.rawScores(table, threads: threads)
    }
    public func value(ofRaw raw: Double) -> Double { ensemble.value(ofRaw: raw) }

    public func write(to writer: ModelWriter, settings: Settings, seed: UInt64) throws {
        try addDescription(to: writer, settings: settings, seed: seed, steps: ("trees", ensemble.trees.count))
        try TreeLayout(ensemble).write(to: writer)
        try CategoryTexts.write(categories, to: writer, name: Self.name)
    }

    public init?(_ file: ModelFile) throws {
        let description = ModelDescription(file)
        guard description["holds"] == Self.name, let layout = try TreeLayout(file) else { return nil }
        let ensemble = try layout.ensemble()
        self.init(
            ensemble: ensemble, objective: description["objective"].flatMap(BoostingObjective.init) ?? .squaredError,
            categories: CategoryTexts.categories(
                file.text("boosted-trees/categories"), features: ensemble.featureCount))
    }
}
