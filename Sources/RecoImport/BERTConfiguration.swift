import Foundation
import RecoKit

/// What config.json says about a model, and the files of sentence-transformers beside it about its use.
public struct BERTConfiguration {
    /// Sizes and use; the precision is still that of the folder.
    public let shape: EncoderShape
    /// How many types of tokens there are.
    let types: Int
    let names: BERTNames
    /// "bert" or "distilbert".
    public let family: String

    init(folder: String) throws {
        guard let config = try JSONFile("\(folder)/config.json") else {
            throw RecoError(.badData, "\(folder) holds no config.json")
        }
        family = config.text("model_type") ?? "bert"
        func refuse(_ what: String) -> RecoError { RecoError(.unsupported, "\(config.path) describes \(what)") }
        guard family == "bert" || family == "distilbert" else {
            throw refuse("a model of type \"\(family)\"; bert and distilbert can be imported")
        }
        let positions = config.text("position_embedding_type") ?? "absolute"
        guard positions == "absolute" else {
            throw refuse("positions of type \"\(positions)\"; only absolute ones can be imported")
        }
        let isDistilled = family == "distilbert"
        names = isDistilled ? .distilBERT : .bert
        types = isDistilled ? 0 : try config.integer("type_vocab_size") ?? 2
        guard isDistilled || types > 0 else { throw refuse("a model without types of tokens") }
        let activation: EncoderShape.Activation
        switch config.text("hidden_act") ?? config.text("activation") ?? "gelu" {
        case "gelu": activation = .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": activation = .geluTanh
        case "relu": activation = .relu
        case let other: throw refuse("the activation \"\(other)\"; gelu, gelu_new and relu can be imported")
        }
        let hidden = try config.requiredInteger("hidden_size", "dim")
        let longest = try config.requiredInteger("max_position_embeddings")
        let use = try Self.use(of: folder)
        shape = EncoderShape(
            hidden: hidden, layers: try config.requiredInteger("num_hidden_layers", "n_layers"),
            heads: try config.requiredInteger("num_attention_heads", "n_heads"),
            intermediate: try config.requiredInteger("intermediate_size", "hidden_dim"), positions: longest,
            words: try config.requiredInteger("vocab_size"), activation: activation, pooling: use.pooling,
            precision: .float32, longestText: min(longest, use.longestText ?? longest),
            epsilon: Float(try config.number("layer_norm_eps") ?? 1e-12))
        if let problem = shape.problem { throw RecoError(.badData, "\(config.path) cannot be right: \(problem)") }
    }

    /// How sentence-transformers uses the model: the vectors of tokens averaged, where nothing else is said.
    private static func use(of folder: String) throws -> (pooling: EncoderShape.Pooling, longestText: Int?) {
        let modules = try modules(of: folder)
        let known: Set = ["Transformer", "Pooling", "Normalize"]
        for module in modules where !known.contains(module.type) {
            throw RecoError(
                .unsupported, "\(folder)/modules.json asks for a layer \"\(module.type)\", which cannot be imported")
        }
        let longest = try JSONFile("\(folder)/sentence_bert_config.json")?.integer("max_seq_length")
        let named = modules.first { $0.type == "Pooling" }?.path
        guard let pooling = try JSONFile("\(folder)/\(named ?? "1_Pooling")/config.json") else {
            guard let named else { return (.mean, longest) }
            throw RecoError(
                .badData, "\(folder)/modules.json says that \(named) pools, and there is no \(named)/config.json")
        }
        let asked = pooling.names.filter { $0.hasPrefix("pooling_mode_") && pooling.flag($0) == true }
        switch asked {
        case ["pooling_mode_mean_tokens"]: return (.mean, longest)
        case ["pooling_mode_cls_token"]: return (.first, longest)
        default:
            throw RecoError(
                .unsupported,
                "\(pooling.path) asks for \(asked.isEmpty ? "no pooling" : asked.joined(separator: " and ")); "
                    + "pooling_mode_mean_tokens or pooling_mode_cls_token alone can be imported")
        }
    }

    /// The last words of the modules' types, "Transformer" of "sentence_transformers.models.Transformer", and where
    /// each has its files.
    private static func modules(of folder: String) throws -> [(type: String, path: String?)] {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/modules.json") else { return [] }
        guard let modules = try? JSONSerialization.jsonObject(with: bytes) as? [[String: Any]] else {
            throw RecoError(.badData, "\(folder)/modules.json is no list of modules")
        }
        return modules.map { module in
            let type = (module["type"] as? String ?? "?").split(separator: ".").last.map(String.init) ?? "?"
            return (type, module["path"] as? String)
        }
    }
}
