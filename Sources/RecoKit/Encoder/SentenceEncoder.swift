/// A BERT that turns a text into a vector of length 1, whose dot product with another text's says how close they are
/// (Devlin et al. 2018, arXiv 1810.04805; as sentences: Reimers and Gurevych 2019, arXiv 1908.10084).
///
///     let encoder = try SentenceEncoder(ModelFile(path: "minilm.reco"))!
///     let vector = try encoder.encode("green tea, loose")
///
/// Weights are read in place, so that all processes share one copy. A text costs about 2 operations per weight and token.
/// It only computes vectors: comparing them is the work of whoever stores them.
public struct SentenceEncoder: Sendable {
    public let shape: EncoderShape
    let layout: EncoderLayout
    let tokenizer: WordPiece
    let parts: Parts
    /// Which instruction set; tests choose others.
    var kernels = TransformerKernels.best

    /// The arrays of the file. Words and weights are in the encoder's precision: one of each pair is there.
    struct Parts: Sendable {
        var words: Numbers  // (words, hidden)
        var wordScales: Column<Float>  // (words) of int8
        /// With the embedding of token type 0 added.
        var positions: Column<Float>  // (positions, hidden)
        /// Gamma and beta of the embeddings' norm, then of each layer's two.
        var norms: Column<Float>  // (1 + 2 layers, 2, hidden)
        var weights: Numbers  // (layers, EncoderLayout.weightsOfLayer)
        var biases: Column<Float>  // (layers, EncoderLayout.outputsOfLayer)
        var scales: Column<Float>  // (layers, EncoderLayout.outputsOfLayer) of int8
        var sums: Column<UInt32>  // the same, the bits of signed numbers
    }

    /// Numbers in one of the three precisions.
    enum Numbers: Sendable {
        case float32(Column<Float>)
        case float16(Column<UInt16>)
        case int8(Column<UInt8>)

        var count: Int {
            switch self {
            case .float32(let numbers): numbers.count
            case .float16(let numbers): numbers.count
            case .int8(let numbers): numbers.count
            }
        }
    }

    /// Texts of visitors, and any text while questions are answered, are cut at so many tokens.
    public static let longestQuery = 128

    /// Length of a vector.
    public var dimension: Int { shape.hidden }

    /// Reads the encoder of a file; nil if there is none. Throws `damaged` where sizes cannot be right.
    public init?(_ file: ModelFile) throws {
        guard let shape = try EncoderShape(file) else { return nil }
        let layout = EncoderLayout(shape)
        func numbers(_ name: String, _ count: Int) throws -> Numbers {
            let found: Numbers? =
                switch shape.precision {
                case .float32: file.column(name, as: Float.self).map { .float32($0) }
                case .float16: file.column(name, as: UInt16.self).map { .float16($0) }
                case .int8: file.column(name, as: UInt8.self).map { .int8($0) }
                }
            guard let found, found.count == count else {
                throw RecoError(.damaged, "the encoder in the file is damaged: \(name) does not fit its shape")
            }
            return found
        }
        func column<E: ColumnElement>(_ name: String, _ count: Int) throws -> Column<E> {
            guard let column: Column<E> = file.column(name), column.count == count else {
                throw RecoError(.damaged, "the encoder in the file is damaged: \(name) does not fit its shape")
            }
            return column
        }
        // The shape is bounded, so none of these products overflows.
        let outputs = shape.layers * layout.outputsOfLayer
        let isBytes = shape.precision == .int8
        parts = Parts(
            words: try numbers("encoder/words", shape.words * shape.hidden),
            wordScales: isBytes ? try column("encoder/word-scales", shape.words) : .empty,
            positions: try column("encoder/positions", shape.positions * shape.hidden),
            norms: try column("encoder/norms", (1 + 2 * shape.layers) * 2 * shape.hidden),
            weights: try numbers("encoder/weights", shape.layers * layout.weightsOfLayer),
            biases: try column("encoder/biases", outputs),
            scales: isBytes ? try column("encoder/scales", outputs) : .empty,
            sums: isBytes ? try column("encoder/sums", outputs) : .empty)
        tokenizer = try WordPiece(file)
        self.shape = shape
        self.layout = layout
    }

    init(shape: EncoderShape, tokenizer: WordPiece, parts: Parts) {
        (self.shape, self.tokenizer, self.parts) = (shape, tokenizer, parts)
        layout = EncoderLayout(shape)
    }

    /// Writes a file that holds this encoder and nothing else, for the option `encoder` of training.
    ///
    /// - Parameter notes: what else the description shall say, such as where the weights come from.
    public func save(_ path: String, temporaryPath: String? = nil, notes: [(name: String, value: String)] = []) throws {
        let writer = try ModelWriter(path: path, temporaryPath: temporaryPath)
        try writer.addDescription(ofPart: Self.fileKind, notes: notes)
        try write(to: writer)
        try writer.finish()
    }

    /// What the description of a file with nothing but an encoder says it holds.
    public static let fileKind = "encoder"

    /// Writes the sections `encoder/...`.
    func write(to writer: ModelWriter) throws {
        func add(_ name: String, _ numbers: Numbers) throws {
            switch numbers {
            case .float32(let column): try writer.add(name, column.elements)
            case .float16(let column): try writer.add(name, column.elements)
            case .int8(let column): try writer.add(name, column.elements)
            }
        }
        try shape.write(to: writer)
        try tokenizer.write(to: writer)
        try add("encoder/words", parts.words)
        try writer.add("encoder/positions", parts.positions.elements)
        try writer.add("encoder/norms", parts.norms.elements)
        try add("encoder/weights", parts.weights)
        try writer.add("encoder/biases", parts.biases.elements)
        if shape.precision == .int8 {
            try writer.add("encoder/word-scales", parts.wordScales.elements)
            try writer.add("encoder/scales", parts.scales.elements)
            try writer.add("encoder/sums", parts.sums.elements)
        }
    }
}
