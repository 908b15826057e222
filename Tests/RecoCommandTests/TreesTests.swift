import Foundation
import Testing

/// `reco import xgboost` and `lightgbm`, `score`, `export lightgbm`.
@Suite struct TreesTests {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/trees").path

    private struct Reference: Decodable {
        let name: String
        let files: [String]
        let rows: [Double?]
        let raw: [Double]
        let predictions: [Double]
    }

    private func reference(_ name: String) throws -> Reference {
        let bytes = try #require(FileManager.default.contents(atPath: folder + "/predictions.json"))
        let all = try JSONDecoder().decode([Reference].self, from: bytes)
        return try #require(all.first { $0.name == name })
    }

    private func lines(_ reference: Reference, _ separator: String) -> String {
        stride(from: 0, to: reference.rows.count, by: 4).map { start in
            reference.rows[start..<start + 4].map { $0.map { "\($0)" } ?? "nan" }.joined(separator: separator) + "\n"
        }.joined()
    }

    @Test func importedTreesCanBeLookedAtScoredAndExported() throws {
        for (kind, name) in [("xgboost", "xgboost-dart"), ("lightgbm", "lightgbm-categories")] {
            let bench = try Bench()
            let reference = try reference(name)
            for file in reference.files {
                let outcome = try bench.run("import", kind, "\(folder)/\(file)", "--out", "t.reco")
                #expect(outcome.code == 0 && outcome.output == "", "\(outcome.errors)")
                #expect(outcome.errors.contains("3 trees over 4 features"))
                for separator in [",", "\t", " "] {
                    let scored = try bench.run("score", "t.reco", "--raw", input: lines(reference, separator))
                    #expect(
                        scored.output.split(separator: "\n").map { Double($0) } == reference.raw, "\(scored.errors)")
                }
            }
            let facts = try bench.run("inspect", "t.reco", "--json").json()
            let description = facts["description"] as? [String: String]
            #expect(description?["holds"] == "boosted-trees" && description?["trees"] == "3")
            #expect(try bench.run("inspect", "t.reco").output.contains("boosted-trees/nodes"))
            #expect(try bench.run("verify", "t.reco").output.hasPrefix("t.reco is intact: "))
            #expect(try bench.run("export", "lightgbm", "t.reco", "--out", "t.txt").code == 0)
            #expect(try bench.run("import", "lightgbm", "t.txt", "--out", "back.reco").code == 0)
            let back = try bench.run("score", "back.reco", input: lines(reference, ",")).output.split(separator: "\n")
            #expect(zip(back, reference.predictions).allSatisfy { abs((Double($0) ?? 99) - $1) < 1e-6 })
        }
    }

    @Test func emptyFieldsAndShortLinesAreMissing() throws {
        let bench = try Bench()
        _ = try bench.run("import", "lightgbm", "\(folder)/lightgbm-regression.txt", "--out", "t.reco")
        let long = try bench.run("score", "t.reco", input: "1,nan,2,nan\nnan,nan,nan,nan\n").output
        #expect(try bench.run("score", "t.reco", input: "1,,2,\n\n").output == long)
        #expect(try bench.run("score", "t.reco", input: "1 nan 2\r\n\n").output == long)
        let timed = try bench.run("score", "t.reco", "--time", "3", "--at-once", "1", input: "1,2,3,4\n2,3,4,5\n")
            .json()
        #expect((timed["seconds"] as? [Double])?.count == 3 && timed["rows"] as? Int == 1)
    }

    @Test func whatCannotBeReadIsSaidInOneSentence() throws {
        let bench = try Bench()
        try bench.run("import", "xgboost", "\(folder)/lightgbm-regression.txt", "--out", "t.reco").isRefused(
            1, "\(folder)/lightgbm-regression.txt is no usable model: there is no {, at byte 0")
        try bench.run("import", "lightgbm", "\(folder)/xgboost-dart.ubj", "--out", "t.reco").isRefused(
            1, "\(folder)/xgboost-dart.ubj is no usable model: it does not start with \"tree\", as LightGBM writes it")
        #expect(!FileManager.default.fileExists(atPath: bench.path("t.reco")))
        try bench.trainShop()
        try bench.run("score", "shop.reco").isRefused(
            1, "shop.reco holds nothing that scores rows, which are boosted-trees, mlp-ranker, wide-deep")
        try bench.run("export", "lightgbm", "shop.reco", "--out", "x.txt").isRefused(1, "shop.reco holds no trees")
        _ = try bench.run("import", "lightgbm", "\(folder)/lightgbm-regression.txt", "--out", "t.reco")
        try bench.run("score", "t.reco", input: "1,x\n").isRefused(1, "line 1 holds x, which is no number")
        try bench.run("score", "t.reco", input: "1,2,3,4,5\n").isRefused(
            1, "line 1 has 5 numbers, and the model knows 4 features")
    }
}
