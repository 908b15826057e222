import Foundation
import RecoKit

/// A folder with a sentence encoder as Hugging Face and sentence-transformers lay it out: config.json, the tokenizer
/// (vocab.txt or tokenizer.json), weights (model.safetensors), and what says how texts are read and pooled.
///
/// Takes BERT and DistilBERT with a WordPiece tokenizer. Whatever else it meets, it refuses by name: an encoder that is
/// computed wrongly still gives vectors, only useless ones.
public struct BERTFolder {
    public let path: String
    public let configuration: BERTConfiguration
    public let tokenizer: WordPieceFiles

    public init(_ path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw RecoError(.system, "there is no folder \(path)", systemError: ENOENT)
        }
        self.path = path
        configuration = try BERTConfiguration(folder: path)
        tokenizer = try WordPieceFiles(folder: path)
    }

    /// Reads weights and vocabulary and packs them in the given precision.
    public func encoder(_ precision: EncoderShape.Precision) throws -> SentenceEncoder {
        let file = "\(path)/model.safetensors"
        guard FileManager.default.fileExists(atPath: file) else {
            let others = ["pytorch_model.bin", "tf_model.h5", "model.onnx", "model.safetensors.index.json"]
                .filter { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
            throw RecoError(
                .badData,
                "\(path) holds no model.safetensors\(others.isEmpty ? "" : ", and \(others[0]) cannot be read")")
        }
        try compareVocabulary()
        let weights = try weights(SafetensorsFile(path: file), precision)
        let encoder = try SentenceEncoder(weights, pieces: tokenizer.pieces, rules: tokenizer.rules)
        // Weights of zeros pass every other check, and would only be noticed by searches that find nothing.
        guard encoder.encode("The quick brown fox jumps over the lazy dog") != nil else {
            throw RecoError(.badData, "\(file) gives no vector for a plain sentence: its weights make no encoder")
        }
        return encoder
    }

    /// Makers round the number of embeddings up, to a multiple of 64 at most, or leave a few for pieces to come. Where
    /// more pieces are missing, the vocabulary belongs to another encoder.
    private func compareVocabulary() throws {
        let (pieces, words) = (tokenizer.pieces.count, configuration.shape.words)
        let rounded = (pieces + 63) / 64 * 64
        guard words > rounded, 20 * (words - pieces) >= words else { return }
        throw RecoError(
            .badData, "the vocabulary of \(path) has only \(pieces) pieces, and config.json says \(words)")
    }

    private func weights(_ file: SafetensorsFile, _ precision: EncoderShape.Precision) throws -> EncoderWeights {
        let names = configuration.names
        var shape = configuration.shape
        shape.precision = precision
        shape.longestText = min(shape.longestText, tokenizer.longestText ?? shape.longestText)
        // Weights saved with a task's head have the encoder under a name of its own.
        guard
            let prefix = ["", "bert.", "model.", "distilbert.", "0.auto_model."].first(where: {
                file.tensors["\($0)\(names.words)"] != nil
            })
        else { throw RecoError(.badData, "\(path)/model.safetensors holds no \(names.words)") }
        try refuseMoreLayers(than: shape.layers, in: file, "\(prefix)\(names.layers).")
        func floats(_ name: String, _ shape: [Int]) throws -> [Float] {
            let numbers = try file.floats(prefix + name, shape: shape)
            if precision == .float16, let number = numbers.first(where: { $0.isFinite && $0.magnitude > 65504 }) {
                throw RecoError(
                    .unsupported, "\(path)/model.safetensors has \(number) in \(prefix + name), too large for f16")
            }
            return numbers
        }
        func dense(_ name: String, _ outputs: Int, _ inputs: Int) throws -> EncoderWeights.Dense {
            .init(
                weights: try floats("\(name).weight", [outputs, inputs]), biases: try floats("\(name).bias", [outputs]))
        }
        func norm(_ name: String) throws -> EncoderWeights.Norm {
            // Files converted from TensorFlow keep its names.
            let isOld = file.tensors["\(prefix)\(name).weight"] == nil && file.tensors["\(prefix)\(name).gamma"] != nil
            return .init(
                gamma: try floats(isOld ? "\(name).gamma" : "\(name).weight", [shape.hidden]),
                beta: try floats(isOld ? "\(name).beta" : "\(name).bias", [shape.hidden]))
        }
        let (hidden, wide) = (shape.hidden, shape.intermediate)
        let words = try floats(names.words, [shape.words, hidden])
        var positions = try floats(names.positions, [shape.positions, hidden])
        if let types = names.types {
            let type = try floats(types, [configuration.types, hidden])
            for index in positions.indices { positions[index] += type[index % hidden] }
        }
        return EncoderWeights(
            shape: shape, words: words, positions: positions, norm: try norm(names.norm),
            layers: try (0..<shape.layers).map { number in
                func part(_ name: String) -> String { "\(names.layer(number)).\(name)" }
                return EncoderWeights.Layer(
                    query: try dense(part(names.query), hidden, hidden),
                    key: try dense(part(names.key), hidden, hidden),
                    value: try dense(part(names.value), hidden, hidden),
                    attentionOutput: try dense(part(names.attentionOutput), hidden, hidden),
                    attentionNorm: try norm(part(names.attentionNorm)),
                    intermediate: try dense(part(names.intermediate), wide, hidden),
                    output: try dense(part(names.output), hidden, wide), outputNorm: try norm(part(names.outputNorm)))
            })
    }

    /// Half of an encoder gives vectors too.
    private func refuseMoreLayers(than count: Int, in file: SafetensorsFile, _ start: String) throws {
        let numbers = file.tensors.keys.filter { $0.hasPrefix(start) }.compactMap {
            Int($0.dropFirst(start.count).prefix { $0 != "." })
        }
        guard let last = numbers.max(), last >= count else { return }
        throw RecoError(
            .badData, "\(path)/model.safetensors holds \(start)\(last), and config.json says \(count) layers")
    }
}

/// What the arrays of a family of models are called.
struct BERTNames {
    let words: String
    let positions: String
    /// Nil: the family knows no types of tokens.
    let types: String?
    let norm: String
    let layers: String
    let query, key, value, attentionOutput, attentionNorm, intermediate, output, outputNorm: String

    func layer(_ number: Int) -> String { "\(layers).\(number)" }

    static let bert = BERTNames(
        words: "embeddings.word_embeddings.weight", positions: "embeddings.position_embeddings.weight",
        types: "embeddings.token_type_embeddings.weight", norm: "embeddings.LayerNorm", layers: "encoder.layer",
        query: "attention.self.query", key: "attention.self.key", value: "attention.self.value",
        attentionOutput: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
        intermediate: "intermediate.dense", output: "output.dense", outputNorm: "output.LayerNorm")

    static let distilBERT = BERTNames(
        words: "embeddings.word_embeddings.weight", positions: "embeddings.position_embeddings.weight", types: nil,
        norm: "embeddings.LayerNorm", layers: "transformer.layer", query: "attention.q_lin", key: "attention.k_lin",
        value: "attention.v_lin", attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm",
        intermediate: "ffn.lin1", output: "ffn.lin2", outputNorm: "output_layer_norm")
}
