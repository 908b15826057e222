import Foundation

@testable import RecoImport
@testable import RecoKit

/// A small BERT whose every weight follows from a formula; Tests/Fixtures/encoder_reference.py makes the same ones.
struct TinyBERT {
    var hidden = 32
    var layers = 2
    var heads = 2
    var intermediate = 64
    var activation = EncoderShape.Activation.gelu
    var pooling = EncoderShape.Pooling.mean
    var precision = EncoderShape.Precision.float32

    static let words = 40
    static let positions = 24
    static let rules = TokenizerRules(
        lowercases: true, stripsMarks: true, separatesIdeographs: true, first: 2, last: 3, unknown: 1)
    /// Four pieces with a meaning of their own, then letters and digits.
    static let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + "abcdefghijklmnopqrstuvwxyz0123456789".map { "\($0)" }

    /// The one with 2 layers x 32, another with heads narrower than any vector, and one with relu.
    static let kinds = [
        TinyBERT(),
        TinyBERT(hidden: 20, heads: 5, intermediate: 36, activation: .geluTanh, pooling: .first),
        TinyBERT(hidden: 48, layers: 1, heads: 3, intermediate: 16, activation: .relu),
    ]

    /// The text of which the tokenizer makes these tokens, without the first and the last.
    static func text(_ tokens: [Int]) -> String { tokens.map { pieces[$0] }.joined(separator: " ") }

    var shape: EncoderShape {
        EncoderShape(
            hidden: hidden, layers: layers, heads: heads, intermediate: intermediate, positions: Self.positions,
            words: Self.words, activation: activation, pooling: pooling, precision: precision,
            longestText: Self.positions, epsilon: 1e-12)
    }

    var weights: EncoderWeights {
        var maker = Maker()
        let words = maker.next(Self.words, hidden, 2)
        let positions = maker.next(Self.positions, hidden, 1)
        let norm = maker.norm(hidden)
        return EncoderWeights(
            shape: shape, words: words, positions: positions, norm: norm,
            layers: (0..<layers).map { _ in
                EncoderWeights.Layer(
                    query: maker.dense(hidden, hidden), key: maker.dense(hidden, hidden),
                    value: maker.dense(hidden, hidden), attentionOutput: maker.dense(hidden, hidden),
                    attentionNorm: maker.norm(hidden), intermediate: maker.dense(intermediate, hidden),
                    output: maker.dense(hidden, intermediate), outputNorm: maker.norm(hidden))
            })
    }

    func encoder() throws -> SentenceEncoder {
        try SentenceEncoder(weights, pieces: Self.pieces.map { Array($0.utf8) }, rules: Self.rules)
    }

    /// The encoder as a file in memory.
    func file() throws -> ModelFile {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try writer.add("description", text: "holds = encoder\n")
        try encoder().write(to: writer)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }

    /// An encoder file on disk, for trainers.
    static func path(_ precision: EncoderShape.Precision = .float32) -> String {
        precision == .int8 ? bytesPath : floatsPath
    }
    private static let floatsPath = saved(.float32)
    private static let bytesPath = saved(.int8)

    private static func saved(_ precision: EncoderShape.Precision) -> String {
        let path = "\(temporaryFolder())/reco-tiny-bert-\(getpid())-\(precision.name).reco"
        try! TinyBERT(precision: precision).encoder().save(path)
        return path
    }

    private struct Maker {
        private var array = 0

        mutating func next(_ rows: Int, _ columns: Int, _ scale: Double, base: Double = 0) -> [Float] {
            array += 1
            return (0..<rows).flatMap { i in
                (0..<columns).map { j in
                    let mixed = i * 131 + j * 71 + (i * j) % 53 * 29 + array * 89 + (i * i + j * j) % 31 * 7
                    return Float(base + scale * (Double(mixed % 101) / 101 - 0.5))
                }
            }
        }

        mutating func norm(_ count: Int) -> EncoderWeights.Norm {
            let gamma = next(1, count, 0.4, base: 1)
            return .init(gamma: gamma, beta: next(1, count, 0.2))
        }

        mutating func dense(_ outputs: Int, _ inputs: Int) -> EncoderWeights.Dense {
            let weights = next(outputs, inputs, 4 / Double(inputs).squareRoot())
            return .init(weights: weights, biases: next(1, outputs, 0.4))
        }
    }
}

extension TinyBERT {
    /// A tensor as others store it.
    struct Tensor {
        var shape: [Int]
        var values: [Float]
        var type = "F32"
    }

    /// The tensors of `model.safetensors`, by name.
    func tensors(prefix: String = "") -> [String: Tensor] {
        let weights = weights
        var tensors: [String: Tensor] = [:]
        func add(_ name: String, _ shape: [Int], _ values: [Float]) {
            tensors[prefix + name] = Tensor(shape: shape, values: values)
        }
        func add(_ name: String, _ dense: EncoderWeights.Dense) {
            add("\(name).weight", [dense.biases.count, dense.weights.count / dense.biases.count], dense.weights)
            add("\(name).bias", [dense.biases.count], dense.biases)
        }
        func add(_ name: String, _ norm: EncoderWeights.Norm) {
            add("\(name).weight", [hidden], norm.gamma)
            add("\(name).bias", [hidden], norm.beta)
        }
        add("embeddings.word_embeddings.weight", [Self.words, hidden], weights.words)
        // A part of each position comes from the type of the token.
        add("embeddings.position_embeddings.weight", [Self.positions, hidden], weights.positions.map { $0 - 0.25 })
        add(
            "embeddings.token_type_embeddings.weight", [2, hidden],
            (0..<2 * hidden).map { $0 < hidden ? 0.25 : 9 })
        add("embeddings.LayerNorm", weights.norm)
        for (number, layer) in weights.layers.enumerated() {
            let start = "encoder.layer.\(number)"
            add("\(start).attention.self.query", layer.query)
            add("\(start).attention.self.key", layer.key)
            add("\(start).attention.self.value", layer.value)
            add("\(start).attention.output.dense", layer.attentionOutput)
            add("\(start).attention.output.LayerNorm", layer.attentionNorm)
            add("\(start).intermediate.dense", layer.intermediate)
            add("\(start).output.dense", layer.output)
            add("\(start).output.LayerNorm", layer.outputNorm)
        }
        return tensors
    }

    /// The bytes of a safetensors file.
    static func safetensors(_ tensors: [String: Tensor]) -> Data {
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        var body = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let start = body.count
            for value in tensor.values {
                switch tensor.type {
                case "BF16":
                    withUnsafeBytes(of: UInt16((value.bitPattern + 0x8000) >> 16).littleEndian) {
                        body.append(contentsOf: $0)
                    }
                case "F16": withUnsafeBytes(of: half(value).littleEndian) { body.append(contentsOf: $0) }
                default: withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) }
                }
            }
            header[name] = ["dtype": tensor.type, "shape": tensor.shape, "data_offsets": [start, body.count]]
        }
        return safetensors(header: header, body: body)
    }

    static func safetensors(header: [String: Any], body: Data) -> Data {
        let json = try! JSONSerialization.data(withJSONObject: header)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json + body
    }

    /// Half precision by search: slow, and nothing that the tested code does.
    private static func half(_ value: Float) -> UInt16 {
        let sign: UInt16 = value < 0 ? 0x8000 : 0
        func number(_ bits: UInt16) -> Float {
            let (exponent, fraction) = (Int(bits >> 10), Float(bits & 0x3FF))
            return exponent == 0
                ? fraction * 0x1p-24 : (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
        }
        var (low, high): (UInt16, UInt16) = (0, 0x7BFF)
        while low < high {
            let middle = (low + high) / 2
            if number(middle) < value.magnitude { low = middle + 1 } else { high = middle }
        }
        let below = max(1, low) - 1
        return sign | (value.magnitude - number(below) < number(low) - value.magnitude ? below : low)
    }

    var configuration: [String: Any] {
        [
            "model_type": "bert", "hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
            "intermediate_size": intermediate, "max_position_embeddings": Self.positions, "vocab_size": Self.words,
            "type_vocab_size": 2, "hidden_act": ["gelu", "gelu_new", "relu"][Int(activation.rawValue)],
            "layer_norm_eps": 1e-12,
        ]
    }

    /// Writes a folder as Hugging Face lays it out, hands it to `body`, and removes it.
    func withFolder<Result>(
        _ tensors: [String: Tensor]? = nil, files: [String: Any] = [:], without: [String] = [],
        _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = "\(temporaryFolder())/reco-bert-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var all: [String: Any] = [
            "config.json": configuration, "vocab.txt": Self.pieces.joined(separator: "\n") + "\n",
            "tokenizer_config.json": ["do_lower_case": true, "tokenizer_class": "BertTokenizer"],
            "1_Pooling/config.json": [
                "pooling_mode_mean_tokens": pooling == .mean, "pooling_mode_cls_token": pooling == .first,
            ],
            "model.safetensors": Self.safetensors(tensors ?? self.tensors()),
        ]
        all.merge(files) { $1 }
        for (name, content) in all where !without.contains(name) {
            let bytes: Data
            switch content {
            case let data as Data: bytes = data
            case let text as String: bytes = Data(text.utf8)
            default: bytes = try JSONSerialization.data(withJSONObject: content)
            }
            let file = URL(fileURLWithPath: "\(folder)/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try bytes.write(to: file)
        }
        return try body(folder)
    }
}
