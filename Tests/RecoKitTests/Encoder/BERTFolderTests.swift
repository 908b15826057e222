import Foundation
import Testing

@testable import RecoImport
@testable import RecoKit

@Suite struct BERTFolderTests {
    private let text = "a b c 1 2 3 unknown"

    private func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    @Test func aFolderGivesTheEncoderItDescribes() throws {
        for kind in TinyBERT.kinds {
            let expected = try #require(try kind.encoder().encode(text))
            for prefix in ["", "bert.", "model."] {
                let encoder = try kind.withFolder(kind.tensors(prefix: prefix)) { try BERTFolder($0).encoder(.float32) }
                #expect(encoder.shape == kind.shape)
                let vector = try #require(encoder.encode(text))
                for (a, b) in zip(vector, expected) { #expect(abs(a - b) < 1e-5) }
            }
        }
    }

    @Test func halfPrecisionWeightsComeClose() throws {
        let kind = TinyBERT()
        let expected = try #require(try kind.encoder().encode(text))
        for (type, least) in [("F16", Float(0.99999)), ("BF16", 0.999)] {
            let tensors = kind.tensors().mapValues { TinyBERT.Tensor(shape: $0.shape, values: $0.values, type: type) }
            let encoder = try kind.withFolder(tensors) { try BERTFolder($0).encoder(.float32) }
            #expect(cosine(try #require(encoder.encode(text)), expected) > least)
        }
    }

    @Test func namesOfDistilBERTAreUnderstood() throws {
        let kind = TinyBERT()
        let renamed = [
            ("encoder.layer", "transformer.layer"), ("attention.self.query", "attention.q_lin"),
            ("attention.self.key", "attention.k_lin"), ("attention.self.value", "attention.v_lin"),
            ("attention.output.dense", "attention.out_lin"), ("attention.output.LayerNorm", "sa_layer_norm"),
            ("intermediate.dense", "ffn.lin1"), ("output.dense", "ffn.lin2"), ("output.LayerNorm", "output_layer_norm"),
        ]
        var tensors: [String: TinyBERT.Tensor] = [:]
        for (name, tensor) in kind.tensors() where !name.contains("token_type") {
            var name = name
            for (from, to) in renamed { name = name.replacingOccurrences(of: from, with: to) }
            var tensor = tensor
            if name.contains("position") { tensor.values = tensor.values.map { $0 + 0.25 } }
            tensors["distilbert." + name] = tensor
        }
        let config: [String: Any] = [
            "model_type": "distilbert", "dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "activation": "gelu",
            "max_position_embeddings": TinyBERT.positions, "vocab_size": TinyBERT.words,
        ]
        let encoder = try kind.withFolder(tensors, files: ["config.json": config]) {
            try BERTFolder($0).encoder(.float32)
        }
        let expected = try #require(try kind.encoder().encode(text))
        #expect(cosine(try #require(encoder.encode(text)), expected) > 0.99999)
    }

    private func tokenizer(
        model: [String: Any] = [:], normalizer: String = "BertNormalizer", splitter: String = "BertPreTokenizer"
    ) -> [String: Any] {
        var vocabulary: [String: Int] = [:]
        for (number, piece) in TinyBERT.pieces.enumerated() { vocabulary[piece] = number }
        let usual: [String: Any] = [
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary,
        ]
        return [
            "model": usual.merging(model) { $1 },
            "normalizer": ["type": normalizer, "lowercase": true, "strip_accents": NSNull()],
            "pre_tokenizer": ["type": splitter],
        ]
    }

    @Test func aTokenizerOfOneFileIsReadAlike() throws {
        let kind = TinyBERT()
        let folder = try kind.withFolder(files: ["tokenizer.json": tokenizer()], without: ["vocab.txt"]) {
            try BERTFolder($0)
        }
        #expect(folder.tokenizer.rules == TinyBERT.rules)
        #expect(folder.tokenizer.pieces == TinyBERT.pieces.map { Array($0.utf8) })
    }

    @Test func lettersOfBothCasesAreKeptWhereTheModelKnowsThem() throws {
        let folder = try TinyBERT().withFolder(
            files: ["tokenizer_config.json": ["do_lower_case": false, "tokenize_chinese_chars": false]]
        ) { try BERTFolder($0) }
        let rules = folder.tokenizer.rules
        #expect(!rules.lowercases && !rules.stripsMarks && !rules.separatesIdeographs)
    }

    /// What a folder that cannot be imported is told.
    private func message(
        _ tensors: [String: TinyBERT.Tensor]? = nil, _ precision: EncoderShape.Precision = .int8,
        files: [String: Any] = [:], without: [String] = []
    ) throws -> String {
        try TinyBERT().withFolder(tensors, files: files, without: without) { folder in
            do {
                _ = try BERTFolder(folder).encoder(precision)
                return "no error"
            } catch let error as RecoError {
                return error.message.replacingOccurrences(of: folder, with: "DIR")
            }
        }
    }

    @Test func foldersWithoutAPartAreRefused() throws {
        #expect(try message() == "no error")
        #expect(try message(without: ["config.json"]) == "DIR holds no config.json")
        #expect(try message(without: ["model.safetensors"]) == "DIR holds no model.safetensors")
        #expect(
            try message(files: ["pytorch_model.bin": "x"], without: ["model.safetensors"])
                == "DIR holds no model.safetensors, and pytorch_model.bin cannot be read")
        #expect(try message(without: ["vocab.txt"]) == "DIR holds neither vocab.txt nor tokenizer.json")
        #expect(
            try message(files: ["spiece.model": "x"], without: ["vocab.txt"]).contains(
                "spiece.model is none of WordPiece"))
        #expect(throws: RecoError.self) { try BERTFolder("/nowhere") }
    }

    @Test func tensorsOfTheWrongShapeOrTypeAreNamed() throws {
        let good = TinyBERT().tensors()
        let name = "encoder.layer.1.output.dense.weight"
        var tensors = good
        tensors[name] = nil
        #expect(try message(tensors) == "DIR/model.safetensors holds no \(name)")
        tensors[name] = TinyBERT.Tensor(shape: [64, 32], values: good[name]!.values)
        #expect(try message(tensors) == "\(name) in DIR/model.safetensors has the shape [64, 32] instead of [32, 64]")
        tensors[name] = TinyBERT.Tensor(shape: [32, 64], values: good[name]!.values, type: "I32")
        #expect(
            try message(tensors)
                == "\(name) in DIR/model.safetensors is of type I32; F32, F16 and BF16 can be read")
        tensors[name] = TinyBERT.Tensor(shape: [32, 64], values: good[name]!.values.map { _ in .infinity })
        #expect(
            try message(tensors)
                == "the encoder cannot be used: in layer 1, its output matrix holds values that are no finite numbers")
        tensors[name] = TinyBERT.Tensor(shape: [32, 64], values: good[name]!.values.map { $0 * 1e6 })
        #expect(try message(tensors, .float16).contains("in \(name), too large for f16"))
        #expect(try message(tensors) == "no error")
        let zeros = good.mapValues { TinyBERT.Tensor(shape: $0.shape, values: $0.values.map { _ in 0 }) }
        #expect(try message(zeros).contains("gives no vector for a plain sentence"))
        #expect(try message(["x": good[name]!]) == "DIR/model.safetensors holds no embeddings.word_embeddings.weight")
        #expect(try message(files: ["model.safetensors": "short"]).contains("it has only 5 bytes"))
    }

    @Test func modelsOfAnotherKindAreRefusedByName() throws {
        func config(_ changes: [String: Any]) throws -> String {
            try message(files: ["config.json": TinyBERT().configuration.merging(changes) { $1 }])
        }
        #expect(
            try config(["model_type": "roberta"])
                == "DIR/config.json describes a model of type \"roberta\"; bert and distilbert can be imported")
        #expect(try config(["position_embedding_type": "relative_key"]).contains("\"relative_key\""))
        #expect(try config(["hidden_act": "silu"]).contains("the activation \"silu\""))
        #expect(try config(["num_attention_heads": 5]).contains("no multiple of its 5 heads"))
        #expect(try config(["hidden_size": -1]).contains("hidden_size"))
        #expect(try config(["hidden_size": 1e300]).contains("hidden_size"))
        #expect(try config(["vocab_size": NSNull()]).contains("does not say vocab_size"))
        #expect(try message(files: ["config.json": "{"]) == "DIR/config.json is no JSON object")
        #expect(
            try message(files: ["1_Pooling/config.json": ["pooling_mode_max_tokens": true]])
                .contains("asks for pooling_mode_max_tokens"))
        #expect(
            try message(files: ["modules.json": [["type": "sentence_transformers.models.Dense"]]])
                .contains("asks for a layer \"Dense\""))
    }

    @Test func truthIsNoNumber() throws {
        for name in ["num_hidden_layers", "type_vocab_size", "layer_norm_eps", "hidden_size"] {
            let config = TinyBERT().configuration.merging([name: true]) { $1 }
            #expect(try message(files: ["config.json": config]).contains("\(name) in DIR/config.json is no"))
        }
    }

    @Test func poolingIsReadFromWhereTheModulesSay() throws {
        let modules = [
            ["type": "sentence_transformers.models.Transformer", "path": ""],
            ["type": "sentence_transformers.models.Pooling", "path": "2_Pooling"],
        ]
        let first = ["pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false]
        let folder = try TinyBERT().withFolder(files: ["modules.json": modules, "2_Pooling/config.json": first]) {
            try BERTFolder($0)
        }
        #expect(folder.configuration.shape.pooling == .first)
        #expect(
            try message(files: ["modules.json": modules])
                == "DIR/modules.json says that 2_Pooling pools, and there is no 2_Pooling/config.json")
    }

    @Test func moreLayersThanTheConfigurationSaysAreRefused() throws {
        let config = TinyBERT().configuration.merging(["num_hidden_layers": 1]) { $1 }
        #expect(
            try message(TinyBERT().tensors(prefix: "bert."), files: ["config.json": config])
                == "DIR/model.safetensors holds bert.encoder.layer.1, and config.json says 1 layers")
    }

    @Test func aVocabularyMuchShorterThanTheEmbeddingsIsRefused() throws {
        // Embeddings are rounded up to a multiple of 64, or have a twentieth more.
        func told(_ pieces: Int, _ words: Int) throws -> String {
            let name = "embeddings.word_embeddings.weight"
            var tensors = TinyBERT().tensors()
            let values = tensors[name]!.values
            tensors[name] = TinyBERT.Tensor(
                shape: [words, 32], values: (0..<words * 32).map { values[$0 % values.count] })
            let config = TinyBERT().configuration.merging(["vocab_size": words]) { $1 }
            let lines = TinyBERT.pieces + (TinyBERT.pieces.count..<pieces).map { "x\($0)" }
            return try message(
                tensors, files: ["config.json": config, "vocab.txt": lines.joined(separator: "\n")])
        }
        #expect(try told(40, 64) == "no error")
        #expect(try told(40, 65) == "the vocabulary of DIR has only 40 pieces, and config.json says 65")
        #expect(try told(1300, 1360) == "no error")
        #expect(try told(1300, 1400).contains("has only 1300 pieces"))
    }

    @Test func weightsThatAreAFolderAreSaidToBe() throws {
        let told = try message(files: ["model.safetensors/a": "x"], without: ["model.safetensors"])
        #expect(told == "DIR/model.safetensors is a folder; a file of weights belongs there")
    }

    @Test func tokenizersOfAnotherKindAreRefusedByName() throws {
        func refusal(_ tokenizer: [String: Any]) throws -> String { try message(files: ["tokenizer.json": tokenizer]) }
        #expect(try refusal(tokenizer()) == "no error")
        #expect(try refusal(tokenizer(model: ["type": "BPE"])).contains("a model of type BPE instead of WordPiece"))
        #expect(try refusal(tokenizer(model: ["type": "Unigram"])).contains("Unigram"))
        #expect(try refusal(tokenizer(normalizer: "Precompiled")).contains("a normalizer of type Precompiled"))
        #expect(try refusal(tokenizer(splitter: "Metaspace")).contains("a pre-tokenizer of type Metaspace"))
        #expect(try refusal(tokenizer(model: ["continuing_subword_prefix": "@@"])).contains("@@"))
        #expect(try refusal([:]).contains("describes no tokenizer"))
        #expect(
            try message(files: ["tokenizer_config.json": ["tokenizer_class": "XLMRobertaTokenizer"]])
                .contains("belongs to a XLMRobertaTokenizer"))
        #expect(try message(files: ["vocab.txt": "a\nb\n"]).contains("has no piece [CLS]"))
        let swapped = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + TinyBERT.pieces.dropFirst(4).reversed()
        #expect(
            try message(files: ["tokenizer.json": tokenizer(), "vocab.txt": swapped.joined(separator: "\n")])
                .contains("in DIR/tokenizer.json, but not in the vocab.txt beside it"))
        #expect(
            try message(files: [
                "tokenizer.json": tokenizer(), "tokenizer_config.json": ["do_lower_case": false],
            ])
                == "lowercase is true in DIR/tokenizer.json, and do_lower_case false in the tokenizer_config.json beside it"
        )
        let long = TinyBERT.pieces.joined(separator: "\n") + "\nmore\n"
        #expect(
            try message(files: ["vocab.txt": long])
                == "the vocabulary has 41 pieces, and there are embeddings of 40")
    }

    @Test func vocabularyAndTokenizerHoldTheSamePieces() throws {
        /// With pieces in place of those that begin at number 38, in each of the files.
        func told(lines: [String], names: [String: Int], added: [String: Int] = [:]) throws -> String {
            let pieces = Array(TinyBERT.pieces.dropLast(2))
            var vocabulary = names
            for (number, piece) in pieces.enumerated() { vocabulary[piece] = number }
            var tokenizer = tokenizer(model: ["vocab": vocabulary])
            tokenizer["added_tokens"] = added.map { ["content": $0.key, "id": $0.value] }
            return try message(files: [
                "tokenizer.json": tokenizer, "vocab.txt": (pieces + lines).joined(separator: "\n") + "\n",
            ])
        }
        #expect(try told(lines: ["8", "9"], names: ["8": 38, "9": 39]) == "no error")
        #expect(
            try told(lines: ["8", "9"], names: ["8": 38])
                == "the piece \"9\" of vocab.txt, number 39, is not in DIR/tokenizer.json beside it")
        #expect(try told(lines: ["8", "9"], names: ["8": 38, "9": 8]).contains("but not in the vocab.txt beside it"))
        #expect(try told(lines: ["8", "9"], names: ["8": 38], added: ["9": 39]) == "no error")
        #expect(try told(lines: ["8", "9"], names: ["8": 38], added: ["9": 7]).contains("is not in"))
        // One name to a parser of JSON, a space that the lines lose, and nothing at all.
        #expect(try told(lines: ["\u{E9}", "e\u{301}"], names: ["\u{E9}": 38]) == "no error")
        #expect(try told(lines: ["8", "b "], names: ["8": 38, "b ": 39]) == "no error")
        #expect(try told(lines: ["8", ""], names: ["8": 38]) == "no error")
    }
}
