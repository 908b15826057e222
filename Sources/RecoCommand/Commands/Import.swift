import ArgumentParser
import RecoImport
import RecoKit

/// `reco import`: others' models into a model file.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes over a model that others have trained.",
        subcommands: [
            ImportBERT.self, ImportXGBoost.self, ImportLightGBM.self, ImportWord2Vec.self, ImportFactors.self,
            ImportFolder.self, ImportEvents.self,
        ])
}

/// `reco import bert`: a folder of Hugging Face in, a file with a sentence encoder out.
struct ImportBERT: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bert", abstract: "Reads a sentence encoder of the BERT family.",
        discussion: """
            The folder is one that sentence-transformers or Hugging Face's transformers saved: config.json, vocab.txt or \
            tokenizer.json (WordPiece), model.safetensors (F32, F16 or BF16). BERT and DistilBERT can be imported.

            The file is what the training option `encoder` takes, for the model bert. Processes that use it share one \
            copy of it in memory.
            """)

    enum Precision: String, ExpressibleByArgument, CaseIterable {
        case f32, f16, int8

        var stored: EncoderShape.Precision {
            switch self {
            case .f32: .float32
            case .f16: .float16
            case .int8: .int8
            }
        }
    }

    @Argument(help: ArgumentHelp("The folder.", valueName: "folder"))
    var folder: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    @Option(help: "How weights are stored; int8 is a quarter of the size and the fastest.")
    var precision = Precision.int8

    func run() throws {
        try ModelWriter.checkDestination(out)
        let temporary = ModelWriter.temporaryPath(for: out)
        Interruption.removes(temporary)
        let source = try BERTFolder(folder)
        let encoder = try source.encoder(precision.stored)
        let shape = encoder.shape
        try encoder.save(
            out, temporaryPath: temporary,
            notes: [
                ("family", source.configuration.family), ("precision", shape.precision.name),
                ("layers", "\(shape.layers)"), ("dimension", "\(shape.hidden)"), ("heads", "\(shape.heads)"),
                ("intermediate", "\(shape.intermediate)"), ("words", "\(shape.words)"),
                ("longest-text", "\(shape.longestText)"), ("pooling", "\(shape.pooling)"),
                ("activation", "\(shape.activation)"),
            ])
        let file = try ModelFile(path: out)
        complain(
            """
            wrote \(out): \(Format.bytes(file.length)), \(shape.layers) layers, vectors of \(shape.hidden) numbers, weights \
            as \(shape.precision.name)
            """)
    }
}
