/// The sizes of a BERT encoder and how it is used: what stands in the section `encoder/shape`.
public struct EncoderShape: Sendable, Equatable {
    /// What the feed-forward layers do between their two matrices.
    public enum Activation: UInt32, Sendable {
        case gelu = 0
        case geluTanh = 1
        case relu = 2
    }

    /// How the vectors of a text's tokens become the text's vector.
    public enum Pooling: UInt32, Sendable {
        case mean = 0
        /// The vector of the first token.
        case first = 1
    }

    /// How weights are stored.
    public enum Precision: UInt32, Sendable, CaseIterable {
        case float32 = 0
        case float16 = 1
        case int8 = 2

        public var name: String {
            switch self {
            case .float32: "f32"
            case .float16: "f16"
            case .int8: "int8"
            }
        }
    }

    /// Length of a token's vector, and of the text's.
    public var hidden: Int
    public var layers: Int
    public var heads: Int
    /// Length of a token's vector inside the feed-forward layers.
    public var intermediate: Int
    /// The longest text that the encoder was made for, in tokens.
    public var positions: Int
    /// Pieces in the vocabulary with an embedding of their own.
    public var words: Int
    public var activation: Activation
    public var pooling: Pooling
    public var precision: Precision
    /// At how many tokens a product's text is cut, with those that mark beginning and end.
    public var longestText: Int
    public var epsilon: Float

    public init(
        hidden: Int, layers: Int, heads: Int, intermediate: Int, positions: Int, words: Int, activation: Activation,
        pooling: Pooling, precision: Precision, longestText: Int, epsilon: Float
    ) {
        (self.hidden, self.layers, self.heads, self.intermediate) = (hidden, layers, heads, intermediate)
        (self.positions, self.words, self.activation, self.pooling) = (positions, words, activation, pooling)
        (self.precision, self.longestText, self.epsilon) = (precision, longestText, epsilon)
    }

    /// One sentence if these sizes cannot be those of an encoder, or of one that is larger than any there is.
    public var problem: String? {
        func outside(_ name: String, _ value: Int, _ range: ClosedRange<Int>) -> String? {
            range.contains(value)
                ? nil : "its \(name) is \(value), and \(range.lowerBound) to \(range.upperBound) are possible"
        }
        if let problem = outside("hidden size", hidden, 1...4096) ?? outside("number of layers", layers, 1...64)
            ?? outside("number of heads", heads, 1...256) ?? outside("intermediate size", intermediate, 1...16384)
            ?? outside("number of positions", positions, 3...8192)
            ?? outside("number of words", words, 1...(1 << 22))
            ?? outside("longest text", longestText, 3...positions)
        {
            return problem
        }
        if hidden % heads != 0 { return "its hidden size \(hidden) is no multiple of its \(heads) heads" }
        if !(epsilon >= 0 && epsilon < 1) { return "the epsilon of its layer norms is \(epsilon)" }
        return nil
    }

    var headWidth: Int { hidden / heads }
}

extension EncoderShape {
    static let section = "encoder/shape"

    func write(to writer: ModelWriter) throws {
        try writer.add(
            Self.section,
            [hidden, layers, heads, intermediate, positions, words, longestText].map { UInt32($0) }
                + [activation.rawValue, pooling.rawValue, precision.rawValue])
        try writer.add("encoder/epsilon", [epsilon])
    }

    /// Nil if the file holds no encoder.
    init?(_ file: ModelFile) throws {
        guard file.contains(Self.section) else { return nil }
        guard let numbers = file.column(Self.section, as: UInt32.self), numbers.count == 10,
            let activation = Activation(rawValue: numbers[7]), let pooling = Pooling(rawValue: numbers[8]),
            let precision = Precision(rawValue: numbers[9]),
            let epsilon = file.column("encoder/epsilon", as: Float.self), epsilon.count == 1
        else { throw RecoError(.damaged, "the encoder's shape makes no sense") }
        self.init(
            hidden: Int(numbers[0]), layers: Int(numbers[1]), heads: Int(numbers[2]), intermediate: Int(numbers[3]),
            positions: Int(numbers[4]), words: Int(numbers[5]), activation: activation, pooling: pooling,
            precision: precision, longestText: Int(numbers[6]), epsilon: epsilon[0])
        if let problem { throw RecoError(.damaged, "the encoder in the file is damaged: \(problem)") }
    }
}
