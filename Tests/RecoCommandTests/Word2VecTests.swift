import Foundation
import Testing

/// `reco import word2vec` and `export word2vec`.
@Suite struct Word2VecTests {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/word2vec").path

    @Test func vectorsComeInAnswerAndGoOutAgain() throws {
        let bench = try Bench()
        for file in ["vectors.txt", "vectors.bin"] {
            let outcome = try bench.run("import", "word2vec", "\(folder)/\(file)", "--out", "v.reco")
            #expect(outcome.code == 0 && outcome.output == "", "\(outcome.errors)")
            #expect(outcome.errors.contains("8 items with vectors of 6 numbers"))
            let inspected = try bench.run("inspect", "v.reco", "--json").json()
            let settings = inspected["settings"] as? [String: String]
            #expect(inspected["models"] as? [String] == ["item2vec"] && settings?["factors"] == "6")
            #expect(settings?["item2vec.window"] == nil)
            #expect(try bench.run("verify", "v.reco").output.hasPrefix("v.reco is intact: "))
            let hits = try bench.run("similar", "v.reco", "--item", "red", "-n", "1", "--json").json()
            #expect((hits["items"] as? [[String: Any]])?.first?["id"] as? String == "orange")
            #expect(try bench.run("export", "word2vec", "v.reco", "--out", "out.bin", "--binary").code == 0)
            #expect(try bench.run("export", "word2vec", "v.reco", "--out", "out.txt").code == 0)
            for out in ["out.bin", "out.txt"] {
                #expect(try bench.run("import", "word2vec", out, "--out", "again.reco").code == 0)
                let again = FileManager.default.contents(atPath: bench.path("again.reco"))
                let first = FileManager.default.contents(atPath: bench.path("v.reco"))
                // The description says which form it was.
                #expect(again?.count == first?.count)
            }
        }
    }

    @Test func aTrainedModelsVectorsCanBeExported() throws {
        let bench = try Bench()
        let rows = (0..<40).map { "u\($0 / 4),i\(($0 / 8 + $0 % 4) % 6)\n" }
        try bench.write("events.csv", "user,item\n" + rows.joined())
        let trained = try bench.run(
            "train", "--events", "events.csv", "--model", "item2vec", "--set", "item2vec.factors=3", "--out", "m.reco")
        #expect(trained.code == 0, "\(trained.errors)")
        #expect(
            try bench.run("export", "word2vec", "m.reco", "--out", "m.txt").errors.contains("6 vectors of 3 numbers"))
        let text = String(decoding: FileManager.default.contents(atPath: bench.path("m.txt")) ?? Data(), as: UTF8.self)
        #expect(text.hasPrefix("6 3\n"))
    }

    @Test func whatCannotBeReadOrWrittenIsSaidInOneSentence() throws {
        let bench = try Bench()
        try bench.trainShop()
        let before = FileManager.default.contents(atPath: bench.path("shop.reco"))
        try bench.write("bad.txt", "2 2\na 1 2\n")
        try bench.run("import", "word2vec", "bad.txt", "--out", "shop.reco").isRefused(
            1,
            "bad.txt is no usable file of word2vec: it is cut short: its header says 2 vectors, and it has 1")
        #expect(FileManager.default.contents(atPath: bench.path("shop.reco")) == before)
        try bench.run("import", "word2vec", "/", "--out", "x.reco").isRefused(1, "cannot read /: Is a directory")
        try bench.run("import", "word2vec", "none.txt", "--out", "x.reco").isRefused(
            1, "cannot open none.txt: No such file or directory")
        try bench.run("export", "word2vec", "shop.reco", "--out", "x.txt").isRefused(1, "the model holds no item2vec")
        #expect(!FileManager.default.fileExists(atPath: bench.path("x.txt")))
    }
}
