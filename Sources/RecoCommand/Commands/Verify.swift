import ArgumentParser
import RecoKit

/// `reco verify`: reads the whole model and compares every checksum.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads a whole model file and compares its checksums.",
        discussion: "Exit code 0 means that the file is as it was written.")

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    func run() throws {
        let file = try ModelFile(path: model)
        switch ModelDescription(file)["holds"] {
        case SentenceEncoder.fileKind?: _ = try SentenceEncoder(file)
        default: if try RowModels.open(file) == nil { _ = try Model(path: model) }
        }
        do {
            try file.verify()
        } catch let error as RecoError {
            throw RecoError(error.code, "\(model): \(error.message)")
        }
        let output = Output()
        try output.line("\(model) is intact: \(file.sections.count) sections, \(Format.bytes(file.length))")
        try output.flush()
    }
}
