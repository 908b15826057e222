import Foundation
import Testing

/// Folders of columns (docs/column-folders.md), and the factors of other libraries.
@Suite struct ColumnFolderTests {
    private let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/columns").path

    private func events(_ bench: Bench) throws {
        let kinds = ["view", "purchase", "cart"]
        let rows = (0..<300).map { event in
            "u\(event * 7 % 40),\(event * event % 23),\(kinds[event % 3]),\(1 + event % 4),\(1_700_000_000 + event),o\(event / 3)\n"
        }
        try bench.write("events.csv", "user,item,event,weight,time,basket\n" + rows.joined())
    }

    /// The ids and scores of an answer.
    private func hits(_ answer: [String: Any]) -> [(id: String, score: Double)] {
        (answer["items"] as? [[String: Any]] ?? []).map { ($0["id"] as? String ?? "", $0["score"] as? Double ?? 0) }
    }

    @Test func eventsAsColumnsTrainTheSameModels() throws {
        let bench = try Bench()
        try events(bench)
        let written = try bench.run("import", "events", "events.csv", "--out", "log")
        #expect(written.code == 0 && written.output == "", "\(written.errors)")
        #expect(written.errors.contains("wrote log: 300 events of 40 users with 12 items"))
        for source in ["events.csv", "log"] {
            let outcome = try bench.run(
                "train", "--events", source, "--model", "bought-together,item-knn,popularity", "--out", "\(source).reco"
            )
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
        for user in ["u0", "u7", "u39"] {
            let answers = try ["events.csv", "log"].map {
                try bench.run("recommend", "\($0).reco", "--user", user, "-n", "8", "--json").json()
            }
            #expect(hits(answers[0]).map(\.id).sorted() == hits(answers[1]).map(\.id).sorted())
            #expect(zip(hits(answers[0]), hits(answers[1])).allSatisfy { abs($0.score - $1.score) < 1e-5 })
        }
        // Folders and tables together, and a folder made of folders.
        #expect(
            try bench.run("train", "--events", "log", "events.csv", "log", "--model", "popularity", "--out", "3.reco")
                .code == 0)
        let inspected = try bench.run("inspect", "3.reco", "--json").json()
        #expect(inspected["events"] as? Int == 900, "\(inspected)")
        #expect(try bench.run("import", "events", "log", "--out", "again").code == 0)
        for file in try FileManager.default.contentsOfDirectory(atPath: bench.path("log")) where file.hasSuffix("npy") {
            #expect(try bench.bytes("log/\(file)") == bench.bytes("again/\(file)"), "\(file)")
        }
    }

    @Test func aBoundOfMemoryChangesNoByte() throws {
        let bench = try Bench()
        // Enough that an array is worth a file: a megabyte each.
        let rows = (0..<400_000).map { "\($0 % 3001),\($0 &* 7919 % 20011)\n" }
        try bench.write("events.csv", "user,item\n" + rows.joined())
        let train = [
            "train", "--events", "events.csv", "--model", "als", "--set", "als.factors=8", "--set", "als.iterations=2",
        ]
        for arguments in [["--out", "free.reco"], ["--memory", "16M", "--out", "bound.reco"]] {
            let outcome = try bench.run(train + arguments)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(
                outcome.errors.contains("of events and matrices were kept in files") == (arguments[0] == "--memory"))
        }
        #expect(try bench.bytes("free.reco") == bench.bytes("bound.reco"))
        #expect(try !bench.files().contains { $0.contains("memory") || $0.hasSuffix("tmp") })
        try bench.run(train + ["--memory", "few", "--out", "x.reco"]).isRefused(
            2, "--memory takes a size from 16M, such as 6G; \"few\" is none.")
    }

    @Test func aFileForEachCountryHasItsOwnCatalogue() throws {
        let bench = try Bench()
        try bench.write(
            "events.csv",
            "user,item,Country\n"
                + (0..<60).map { "\($0 % 7),\($0 % 2 == 0 ? "d" : "f")\($0 % 9),\($0 % 2 == 0 ? "de" : "fr")\n" }
                .joined())
        try bench.write("items.csv", "item,title\nd0,Tee\n")
        for country in ["de", "fr"] {
            let outcome = try bench.run(
                "train", "--events", "events.csv", "--items", "items.csv", "--only", "country=\(country)", "--model",
                "popularity",
                "--out", "\(country).reco")
            #expect(outcome.code == 0, "\(outcome.errors)")
            let found = hits(
                try bench.run("recommend", "\(country).reco", "--session", "x", "-n", "5", "--json").json())
            #expect(found.count == 5 && found.allSatisfy { $0.id.hasPrefix(country.prefix(1)) })
            #expect(try bench.run("inspect", "\(country).reco", "--json").json()["events"] as? Int == 30)
        }
        let train = ["train", "--events", "events.csv", "--model", "popularity", "--out", "x.reco"]
        try bench.run(train + ["--only", "land=de"]).isRefused(
            1, "no table has a column named land, which --only names")
        try bench.run(train + ["--only", "de"]).isRefused(
            2, "--only takes COLUMN=VALUE, such as country=de; \"de\" is none.")
    }

    @Test func aFolderThatIsNotWholeIsRefused() throws {
        let bench = try Bench()
        try events(bench)
        #expect(try bench.run("import", "events", "events.csv", "--out", "log").code == 0)
        let files = FileManager.default
        func refuse(_ message: String, _ change: (String) throws -> Void) throws {
            try? files.removeItem(atPath: bench.path("bad"))
            try files.copyItem(atPath: bench.path("log"), toPath: bench.path("bad"))
            try change(bench.path("bad"))
            try bench.run("train", "--events", "bad", "--out", "m.reco").isRefused(1, message)
            #expect(!files.fileExists(atPath: bench.path("m.reco")))
        }
        func edit(_ folder: String, _ file: String, _ body: (inout Data) -> Void) throws {
            let place = URL(fileURLWithPath: "\(folder)/\(file)")
            var bytes = try Data(contentsOf: place)
            body(&bytes)
            try bytes.write(to: place)
        }
        try refuse(
            "bad has no manifest.json: it is no folder of columns, or whoever was to write it did not finish"
        ) { try files.removeItem(atPath: "\($0)/manifest.json") }
        try refuse("the columns in bad: events-00000.time.npy is missing") {
            try files.removeItem(atPath: "\($0)/events-00000.time.npy")
        }
        try refuse(
            "bad/events-00000.user.npy is no usable npy file: it is cut short: (300,) of <u4 takes 1200 bytes, and it has 1199"
        ) { try edit($0, "events-00000.user.npy") { $0.removeLast() } }
        try refuse(
            "the columns in bad: events-00000.weight.npy is not what was written: its sum differs from the manifest's"
        ) { try edit($0, "events-00000.weight.npy") { $0[$0.count - 1] ^= 1 } }
        try refuse("the columns in bad: events-00000.user.npy has the shape [300], and the manifest says [301]") {
            try edit($0, "manifest.json") {
                $0 = Data(
                    String(decoding: $0, as: UTF8.self).replacingOccurrences(
                        of: "\"count\" : 300", with: "\"count\" : 301"
                    ).utf8)
            }
        }
        try refuse("bad/manifest.json is no manifest of a folder of columns") {
            try edit($0, "manifest.json") { $0 = Data("{}".utf8) }
        }
        try refuse("bad/manifest.json lacks kind") {
            try edit($0, "manifest.json") { $0 = Data(#"{"format": "reco columns", "version": 1}"#.utf8) }
        }
        try refuse(
            "the columns in bad: the kind of events \"share\" is unknown; give it a weight to use it, such as weight.share=1"
        ) {
            try edit($0, "manifest.json") {
                $0 = Data(
                    String(decoding: $0, as: UTF8.self).replacingOccurrences(of: "\"view\"", with: "\"share\"").utf8)
            }
        }
        try refuse("bad/manifest.json lists 256 kinds of events") {
            try edit($0, "manifest.json") {
                $0 = Data(
                    String(decoding: $0, as: UTF8.self).replacingOccurrences(
                        of: "\"view\"", with: (0..<251).map { _ in "\"view\"" }.joined(separator: ",")
                    ).utf8)
            }
        }
        try refuse("bad/manifest.json names the part \"events-00000\" with 9223372036854775807 rows") {
            try edit($0, "manifest.json") {
                $0 = Data(
                    String(decoding: $0, as: UTF8.self).replacingOccurrences(
                        of: "\"count\" : 300", with: "\"count\" : 9223372036854775807"
                    ).utf8)
            }
        }
        // Two users of one name, u0 twice: the bytes of one are those of the other.
        try refuse("the columns in bad: the id \"u0\" is there twice") { folder in
            try edit(folder, "users-00000.bytes.npy") { bytes in
                let first = bytes.range(of: Data("u0".utf8))!.lowerBound
                bytes.replaceSubrange(bytes.range(of: Data("u7".utf8))!, with: bytes[first..<first + 2])
            }
            // A sum that is right again.
            try edit(folder, "manifest.json") { manifest in
                let bytes = try! Data(contentsOf: URL(fileURLWithPath: "\(folder)/users-00000.bytes.npy")).dropFirst(
                    128)
                let padded = Array(bytes) + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
                let sum = stride(from: 0, to: padded.count, by: 8).reduce(UInt64(0)) { sum, at in
                    sum &+ padded[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
                }
                var all = try! JSONSerialization.jsonObject(with: manifest) as! [String: Any]
                var users = all["users"] as! [String: Any]
                var parts = users["parts"] as! [[String: Any]]
                var sums = parts[0]["sums"] as! [String: String]
                sums["bytes"] = "\(sum)"
                parts[0]["sums"] = sums
                users["parts"] = parts
                all["users"] = users
                manifest = try! JSONSerialization.data(withJSONObject: all)
            }
        }
        try bench.run("import", "folder", "log", "--out", "m.reco").isRefused(
            1, "the columns in log: they are events; `reco train --events` reads those")
        try bench.run("import", "events", "events.csv", "--out", "events.csv").isRefused(
            2, "--out would replace the input events.csv.")
    }

    private func expected(_ what: String) throws -> [String: [(id: String, score: Double)]] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/best.json"))
        let all = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: [String: [[Any]]]])
        return try #require(all[what]).mapValues { $0.map { ($0[0] as? String ?? "", $0[1] as? Double ?? 0) } }
    }

    private func check(
        _ bench: Bench, _ file: String, answers what: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        for (user, best) in try expected(what) {
            let found = hits(try bench.run("recommend", file, "--user", user, "-n", "9", "--json").json())
            #expect(found.map(\.id) == best.map(\.id), "\(file), user \(user)", sourceLocation: location)
            #expect(zip(found, best).allSatisfy { abs($0.score - $1.score) < 1e-4 }, sourceLocation: location)
        }
    }

    @Test func factorsOfOthersAnswerAsTheirProductsDo() throws {
        let bench = try Bench()
        let ids = [
            "--item-ids", "\(fixtures)/item-ids.txt", "--user-ids", "\(fixtures)/user-ids.txt", "--out", "m.reco",
        ]
        for archive in ["stored", "packed"] {
            let outcome = try bench.run(["import", "factors", "\(fixtures)/\(archive).npz"] + ids)
            #expect(outcome.code == 0, "\(outcome.errors)")
            try check(bench, "m.reco", answers: "plain")
        }
        for items in ["items", "components"] {
            let outcome = try bench.run(
                [
                    "import", "factors", "--item-factors", "\(fixtures)/\(items).npy", "--user-factors",
                    "\(fixtures)/users.npy",
                    "--item-ids", "\(fixtures)/item-ids.txt", "--user-ids", "\(fixtures)/user-ids.npy", "--out",
                    "m.reco",
                ])
            #expect(outcome.code == 0, "\(outcome.errors)")
            try check(bench, "m.reco", answers: "plain")
        }
        let outcome = try bench.run(
            [
                "import", "factors", "\(fixtures)/stored.npz", "--item-biases", "\(fixtures)/item-biases.npy",
                "--user-biases",
                "\(fixtures)/user-biases.npy",
            ] + ids)
        #expect(outcome.code == 0, "\(outcome.errors)")
        try check(bench, "m.reco", answers: "biased")
        #expect(try bench.run("verify", "m.reco").output.hasPrefix("m.reco is intact: "))
    }

    @Test func factorsGoOutAndComeBack() throws {
        let bench = try Bench()
        try events(bench)
        #expect(try bench.run("train", "--events", "events.csv", "--model", "als", "--out", "a.reco").code == 0)
        #expect(try bench.run("export", "factors", "a.reco", "--out", "vectors").code == 0)
        let outcome = try bench.run(
            "import", "folder", "vectors", "--events", "events.csv", "--model", "als,item-knn", "--out", "b.reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
        for question in [["--user", "u7"], ["--session", "3,5"]] {
            let both = try ["a", "b"].map {
                hits(try bench.run(["recommend", "\($0).reco", "-n", "6", "--json"] + question).json())
            }
            #expect(both[0].map(\.id) == both[1].map(\.id))
            #expect(zip(both[0], both[1]).allSatisfy { abs($0.score - $1.score) < 1e-3 })
        }
        let inspected = try bench.run("inspect", "b.reco", "--json").json()
        #expect(inspected["models"] as? [String] == ["als", "item-knn"])
        let costs = try #require(inspected["costs"] as? [[String: Any]])
        #expect(costs.count == 1 && costs[0]["model"] as? String == "als" && costs[0]["bytes"] as? Int ?? 0 > 0)
        #expect(try bench.run("inspect", "b.reco").output.contains("a question"))
        try bench.run("export", "factors", "b.reco", "--model", "svd", "--out", "x").isRefused(
            1, "the model holds no factors called svd")
    }

    @Test func whatIsNoFactorsIsSaidInOneSentence() throws {
        let bench = try Bench()
        try bench.write("ids.txt", "a\nb\n")
        try bench.run("import", "factors", "\(fixtures)/stored.npz", "--item-ids", "ids.txt", "--out", "m.reco")
            .isRefused(
                1, "ids.txt has 2 ids, and item_factors has the shape [9, 3]")
        try bench.write("no.npz", "PK")
        try bench.run("import", "factors", "no.npz", "--out", "m.reco").isRefused(
            1, "no.npz is no usable npz file: it is no ZIP archive, or cut short")
        try bench.run("import", "factors", "--item-factors", "ids.txt", "--out", "m.reco").isRefused(
            1, "ids.txt is no usable npy file: it does not start as one")
        try bench.run("import", "factors", "none.npz", "--out", "m.reco").isRefused(
            1, "cannot read none.npz: No such file or directory")
        try bench.run("import", "factors", "--out", "m.reco").isRefused(
            2, "Name an npz file, or --item-factors with an npy file.")
        try bench.write("twice.txt", (0..<9).map { "i\($0 % 8)\n" }.joined())
        try bench.run("import", "factors", "\(fixtures)/stored.npz", "--item-ids", "twice.txt", "--out", "m.reco")
            .isRefused(
                1, "the id \"i0\" is there twice among the items")
        let without = try bench.run("import", "factors", "\(fixtures)/stored.npz", "--out", "m.reco")
        #expect(
            without.code == 0
                && without.errors.contains("items and users come without ids; their rows count as ids, from 0"))
    }

    @Test func listsOfSimilarItemsComeIn() throws {
        let bench = try Bench()
        try FileManager.default.createDirectory(atPath: bench.path("near"), withIntermediateDirectories: false)
        func npy(_ name: String, _ type: String, _ count: Int, _ bytes: Data) throws -> String {
            var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }"
            header += String(repeating: " ", count: 118 - header.utf8.count - 1) + "\n"
            let file = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]) + Data(header.utf8) + bytes
            try file.write(to: URL(fileURLWithPath: bench.path("near/\(name).npy")))
            let padded = Array(bytes) + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
            let sum = stride(from: 0, to: padded.count, by: 8).reduce(UInt64(0)) { sum, at in
                sum &+ padded[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            return "\(sum)"
        }
        func bytes<Number>(_ numbers: [Number]) -> Data { numbers.withUnsafeBytes { Data($0) } }
        let ids = try npy("items-0.ids", "<i8", 3, bytes([10, 20, 30] as [Int64]))
        let item = try npy("near-0.item", "<u4", 4, bytes([0, 0, 1, 2] as [UInt32]))
        let other = try npy("near-0.other", "<u4", 4, bytes([1, 2, 2, 0] as [UInt32]))
        let score = try npy("near-0.score", "<f4", 4, bytes([0.25, 0.5, 0.125, -1] as [Float]))
        try bench.write(
            "near/manifest.json",
            """
            {"format": "reco columns", "version": 1, "kind": "neighbors", "model": "item-knn",
             "items": {"type": "integers", "parts": [{"name": "items-0", "count": 3, "sums": {"ids": "\(ids)"}}]},
             "parts": [{"name": "near-0", "count": 4, "sums": {"item": "\(item)", "other": "\(other)", "score": "\(score)"}}]}
            """)
        let outcome = try bench.run("import", "folder", "near", "--out", "m.reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
        let found = hits(try bench.run("similar", "m.reco", "--item", "10", "--json").json())
        #expect(found.map(\.id) == ["30", "20"] && found.map(\.score) == [0.5, 0.25])
        try bench.run("train", "--events", "near", "--out", "x.reco").isRefused(
            1, "the columns in near: they are neighbors, not events; `reco import folder` reads those")
    }

    @Test func whatIsThereAlreadyIsNotReplacedUnlessItIsColumns() throws {
        let bench = try Bench()
        try events(bench)
        let files = FileManager.default
        try files.createDirectory(atPath: bench.path("app"), withIntermediateDirectories: false)
        try bench.write("app/manifest.json", #"{"name": "a web app"}"#)
        try bench.write("app/index.html", "<p>")
        try bench.run("import", "events", "events.csv", "--out", "app").isRefused(
            1, "cannot write the folder app: there is one that holds something else")
        #expect(files.fileExists(atPath: bench.path("app/index.html")))
        #expect(try bench.run("import", "events", "events.csv", "--out", "log").code == 0)
        #expect(try bench.run("import", "events", "events.csv", "--out", "log").code == 0)
        try bench.write("log/items.csv", "item,title\n")
        try bench.run("import", "events", "events.csv", "--out", "log").isRefused(
            1, "cannot write the folder log: there is one that holds something else")
        try files.copyItem(atPath: "\(fixtures)/items.npy", toPath: bench.path("items.npy"))
        try bench.run("import", "factors", "--item-factors", "items.npy", "--out", "items.npy").isRefused(
            2, "--out would replace the input items.npy.")
        #expect(try bench.bytes("items.npy") == Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/items.npy")))
        #expect(try bench.files().allSatisfy { !$0.contains(".tmp") })
    }

    @Test func aFlippedByteInAnArchiveAndFactorsOfNobodyAreNoticed() throws {
        let bench = try Bench()
        for archive in ["stored", "packed"] {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(fixtures)/\(archive).npz"))
            let name = try #require(bytes.range(of: Data("item_factors.npy".utf8)))
            bytes[name.upperBound + 180] ^= 4
            try bytes.write(to: URL(fileURLWithPath: bench.path("flipped.npz")))
            let outcome = try bench.run("import", "factors", "flipped.npz", "--out", "m.reco")
            #expect(
                outcome.code == 1 && outcome.errors.contains("item_factors in flipped.npz is damaged"),
                "\(outcome.errors)")
        }
        try events(bench)
        try bench.run(
            "import", "factors", "\(fixtures)/stored.npz", "--item-ids", "\(fixtures)/item-ids.txt", "--events",
            "events.csv",
            "--out", "m.reco"
        ).isRefused(1, "none of the 9 items that are imported is among the 12 of the events: their ids differ")
        try bench.run(
            "import", "factors", "\(fixtures)/stored.npz", "--regularization", "0", "--unobserved", "0", "--out",
            "m.reco"
        )
        .isRefused(1, "regularization and unobserved are both 0: nobody could be folded in")
    }
}
