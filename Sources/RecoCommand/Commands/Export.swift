import ArgumentParser
import RecoImport
import RecoKit

/// `reco export`: what a model file holds, in others' formats.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes what a model file holds for other programs.",
        subcommands: [ExportLists.self, ExportLightGBM.self, ExportWord2Vec.self, ExportFactors.self])
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

/// `reco export factors`: vectors of users and items as NumPy's arrays.
struct ExportFactors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "factors", abstract: "Writes the factors of users and items as NumPy's npy files.",
        discussion: """
            The folder holds users-00000.vectors.npy and items-00000.vectors.npy, the ids of their rows, and a manifest \
            (docs/column-folders.md). The product of two vectors is the score. `reco import folder` reads it back.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var file: String

    @Option(help: "Which of its models; the first that has factors, if not given.")
    var model: String?

    @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
    var out: String

    func run() throws {
        let source = try Model(path: file)
        let factors = try ExportedFactors(source, named: model)
        Interruption.asksToStop()  // a signal's handler could not remove a folder
        let writer = try ColumnFolderWriter(path: out, kind: "vectors")
        try writer.add(factors, of: source, progress: ImportEvents.goOn)
        try ImportEvents.goOn()
        try writer.finish()
        complain(
            "wrote \(out): \(factors.model), \(factors.rank) numbers for each of \(Format.count(source.users.count)) users and "
                + "\(Format.count(source.items.count)) items")
    }
}
