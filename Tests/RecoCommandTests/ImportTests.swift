import Foundation
import RecoKit
import Testing

@Suite struct ImportTests {
    /// A folder with a BERT of 1 layer x 8 that knows the letters.
    private func folder(in bench: Bench) throws -> String {
        let path = bench.path("bert")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + "abcdefghijklmnopqrstuvwxyz".map { "\($0)" }
        try bench.write("bert/vocab.txt", pieces.joined(separator: "\n"))
        try bench.write(
            "bert/config.json",
            """
            {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "max_position_embeddings": 32, "vocab_size": \(pieces.count), "type_vocab_size": 2}
            """)
        let layer = "encoder.layer.0"
        var shapes = [
            "embeddings.word_embeddings.weight": [pieces.count, 8], "embeddings.position_embeddings.weight": [32, 8],
            "embeddings.token_type_embeddings.weight": [2, 8], "\(layer).intermediate.dense.weight": [16, 8],
            "\(layer).intermediate.dense.bias": [16], "\(layer).output.dense.weight": [8, 16],
            "\(layer).output.dense.bias": [8],
        ]
        for name in ["self.query", "self.key", "self.value", "output.dense"] {
            shapes["\(layer).attention.\(name).weight"] = [8, 8]
            shapes["\(layer).attention.\(name).bias"] = [8]
        }
        for name in ["embeddings.LayerNorm", "\(layer).attention.output.LayerNorm", "\(layer).output.LayerNorm"] {
            shapes["\(name).weight"] = [8]
            shapes["\(name).bias"] = [8]
        }
        var header: [String: Any] = [:]
        var body = Data()
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            let start = body.count
            for k in 0..<shape.reduce(1, *) {
                withUnsafeBytes(of: Float((k * 37 + name.utf8.count * 11) % 19) / 19 - 0.4) {
                    body.append(contentsOf: $0)
                }
            }
            header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, body.count]]
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        let length = withUnsafeBytes(of: UInt64(json.count)) { Data($0) }
        try (length + json + body).write(to: URL(fileURLWithPath: path + "/model.safetensors"))
        return path
    }

    @Test func anImportedEncoderCanBeLookedAtAndTrainedWith() throws {
        let bench = try Bench()
        let folder = try folder(in: bench)
        for precision in ["f32", "f16", "int8"] {
            let outcome = try bench.run("import", "bert", folder, "--out", "e.reco", "--precision", precision)
            #expect(outcome.code == 0 && outcome.output == "" && outcome.errors.contains("vectors of 8 numbers"))
            let facts = try bench.run("inspect", "e.reco", "--json").json()
            let description = facts["description"] as? [String: String]
            #expect(description?["holds"] == "encoder" && description?["precision"] == precision)
            #expect(try bench.run("inspect", "e.reco").output.contains("encoder/weights"))
            #expect(try bench.run("verify", "e.reco").output.hasPrefix("e.reco is intact: "))
        }
        try bench.write("events.csv", "user,item\n1,1\n2,2\n")
        try bench.write("items.csv", "item,title\n1,a b c\n2,x y z\n")
        let trained = try bench.run(
            "train", "--events", "events.csv", "--items", "items.csv", "--model", "bert", "--set", "encoder=e.reco",
            "--out", "shop.reco")
        #expect(trained.code == 0)
        let hits = try bench.run("search", "shop.reco", "A b C", "--json").json()
        #expect((hits["items"] as? [[String: Any]])?.first?["id"] as? String == "1")
    }

    @Test func encodePrintsAVectorALine() throws {
        let bench = try Bench()
        _ = try bench.run("import", "bert", folder(in: bench), "--out", "e.reco", "--precision", "f32")
        let outcome = try bench.run("encode", "e.reco", "--tokens", input: "a b\n\nunknown\n")
        let lines = try outcome.output.split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.count == 3)
        #expect(lines[0]["tokens"] as? [Int] == [2, 4, 5, 3])
        let vector = try #require(lines[0]["vector"] as? [Double])
        #expect(vector.count == 8 && abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        #expect(lines[1]["vector"] is NSNull)
        #expect(lines[2]["tokens"] as? [Int] == [2, 1, 3])
    }

    @Test func whatCannotBeImportedIsSaidInOneSentence() throws {
        let bench = try Bench()
        try bench.run("import", "bert", "nowhere", "--out", "e.reco").isRefused(1, "there is no folder nowhere")
        let folder = try folder(in: bench)
        try bench.write("bert/model.safetensors", "\u{7}")
        try bench.run("import", "bert", folder, "--out", "e.reco").isRefused(
            1, "\(folder)/model.safetensors is no usable safetensors file: it has only 1 bytes")
        #expect(!FileManager.default.fileExists(atPath: bench.path("e.reco")))
        try bench.trainShop()
        try bench.run("encode", "shop.reco").isRefused(1, "shop.reco holds no sentence encoder")
    }
}
