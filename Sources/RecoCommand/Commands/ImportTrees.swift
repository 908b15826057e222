import ArgumentParser
import RecoImport
import RecoKit

/// `reco import xgboost`: trees that XGBoost has trained.
struct ImportXGBoost: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xgboost", abstract: "Reads trees that XGBoost has trained.",
        discussion: """
            The file is one that save_model wrote, .json or .ubj (versions 1.0 to 3.x): boosters gbtree and dart, the \
            objectives reg:*, binary:*, rank:*, count:poisson and survival:*, splits by category among them. All trees \
            are taken over, also those after the best iteration of early stopping. The scores are those of XGBoost.
            """)

    @Argument(help: ArgumentHelp("The model that XGBoost saved.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    func run() throws {
        try ModelWriter.checkDestination(out)
        let source = try XGBoostModel(path: model)
        try save(
            source.ensemble, out,
            notes: [
                ("source", "xgboost \(source.version.map { "\($0)" }.joined(separator: "."))"),
                ("objective", source.objective), ("booster", source.booster),
            ])
    }
}

/// `reco import lightgbm`: trees that LightGBM has trained.
struct ImportLightGBM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lightgbm", abstract: "Reads trees that LightGBM has trained.",
        discussion: """
            The file is one that save_model wrote (text): boosting and random forests with one output, splits by \
            category among them. The scores are those of LightGBM.
            """)

    @Argument(help: ArgumentHelp("The model that LightGBM saved.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    func run() throws {
        try ModelWriter.checkDestination(out)
        let source = try LightGBMModel(path: model)
        try save(
            source.ensemble, out,
            notes: [("source", "lightgbm \(source.version)"), ("objective", source.objective)])
    }
}

private func save(_ ensemble: TreeEnsemble, _ out: String, notes: [(name: String, value: String)]) throws {
    let temporary = ModelWriter.temporaryPath(for: out)
    Interruption.removes(temporary)
    let layout = try TreeLayout(ensemble)
    let leaves = ensemble.trees.map { $0.leaves.count }
    try layout.save(
        out, temporaryPath: temporary,
        notes: notes.map { ($0.name, Format.plain($0.value)) } + [
            ("features", "\(layout.featureCount)"), ("trees", "\(layout.treeCount)"),
            ("leaves", "\(layout.leafCount)"), ("largest-tree", "\(leaves.max() ?? 0)"), ("link", "\(layout.link)"),
        ])
    let file = try ModelFile(path: out)
    complain(
        "wrote \(out): \(Format.bytes(file.length)), \(Format.count(layout.treeCount)) trees over "
            + "\(Format.count(layout.featureCount)) features")
}
