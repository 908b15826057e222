import ArgumentParser
import RecoImport
import RecoKit

/// `reco export`: what a model file holds, in others' formats.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what a model file holds for other programs.",
        subcommands: [ExportLists.self, ExportLightGBM.self, ExportWord2Vec.self])
}

/// `reco export lightgbm`: trees as the text that LightGBM loads.
struct ExportLightGBM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lightgbm", abstract: "Writes a file's trees as a text that LightGBM loads.",
        discussion: "lightgbm.Booster(model_file=...) predicts with it what reco does.")

    @Argument(help: ArgumentHelp("The model file, with boosted trees.", valueName: "file.reco"))
    var model: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    func run() throws {
        guard let layout = try TreeLayout(ModelFile(path: model)) else {
            throw RecoError(.unsupported, "\(model) holds no trees")
        }
        let text = try LightGBMText(layout.ensemble()).text
        try TextFile.replace(out, with: text)
        complain("wrote \(out): \(Format.bytes(text.utf8.count)), \(Format.count(layout.treeCount)) trees")
    }
}
