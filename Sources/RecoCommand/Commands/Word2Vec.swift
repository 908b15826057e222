import ArgumentParser
import RecoImport
import RecoKit

/// `reco import word2vec`: vectors of word2vec's in, a model that finds what is alike out.
struct ImportWord2Vec: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "word2vec", abstract: "Reads vectors that word2vec or gensim has written, text or binary.",
        discussion: """
            The ids of the vectors become items. The model finds items that are alike, and answers sessions, by the \
            cosine of their vectors; it knows no users. gensim writes such files with save_word2vec_format.
            """)

    @Argument(help: ArgumentHelp("The file with the vectors.", valueName: "file"))
    var vectors: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    func run() throws {
        try ModelWriter.checkDestination(out)
        let source = try Word2VecFile(path: vectors)
        let temporary = ModelWriter.temporaryPath(for: out)
        Interruption.removes(temporary)
        let (count, rank) = (source.vectors.ids.count, source.vectors.rank)
        let trainer = try source.vectors.trainer(
            notes: [("source", "word2vec, \(source.isBinary ? "binary" : "text")"), ("factors", "\(rank)")])
        for note in trainer.notes { complain(note) }
        try trainer.save(out, temporaryPath: temporary)
        let file = try ModelFile(path: out)
        complain(
            "wrote \(out): \(Format.bytes(file.length)), \(Format.count(count)) items with vectors of \(rank) numbers")
    }
}

/// `reco export word2vec`: the vectors of items for other programs.
struct ExportWord2Vec: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "word2vec", abstract: "Writes the vectors of item2vec as word2vec and gensim read them.",
        discussion: """
            gensim.models.KeyedVectors.load_word2vec_format reads the file, with binary=True where --binary was given. \
            Numbers are written so that reading them gives the same vectors. Items without a vector are left out.
            """)

    @Argument(help: ArgumentHelp("The model file, with item2vec.", valueName: "file.reco"))
    var model: String

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    @Flag(help: "Write the binary form: smaller, and faster to read.")
    var binary = false

    func run() throws {
        let vectors = try WordVectors(Model(path: model))
        let bytes = try vectors.word2vec(binary: binary)
        try TextFile.replace(out, with: bytes)
        complain(
            "wrote \(out): \(Format.bytes(bytes.count)), \(Format.count(vectors.ids.count)) vectors of \(vectors.rank) numbers"
        )
    }
}
