import Foundation
import Testing

/// Queries whose order feature 1 tells.
private func rows(_ queries: Int, from first: Int = 0) -> String {
    var text = ""
    for query in first..<first + queries {
        for row in 0..<8 {
            let merit = (row * 5 + query * 3) % 8
            text += "\(merit / 3) qid:\(query) 1:\(merit) 2:\((row * 7 + query) % 5)\n"
        }
    }
    return text
}

@Test func rankingsAreTrainedMeasuredAndScored() throws {
    let bench = try Bench()
    try bench.write("train.txt", rows(60))
    try bench.write("vali.txt", rows(10, from: 60))
    try bench.write("test.txt", rows(10, from: 70))
    let trained = try bench.run(
        "train", "--model", "boosted-trees", "--ranking", "train.txt", "--validation", "vali.txt", "--set",
        "boosted-trees.trees=20", "--out", "m.reco", "--json")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(try trained.json()["groups"] as? Int == 60)
    let object = try bench.run("evaluate", "m.reco", "--ranking", "test.txt", "--json").json()
    let metrics = try #require(object["metrics"] as? [String: Double])
    #expect(metrics == ["ndcg@1": 1, "ndcg@5": 1, "ndcg@10": 1])
    #expect((object["intervals"] as? [String: [Double]])?["ndcg@10"] == [1, 1])
    let scores = try bench.run("rank", "m.reco", "--ranking", "test.txt").output.split(separator: "\n").map {
        Double($0) ?? .nan
    }
    #expect(scores.count == 80)
    let merits = (0..<8).map { ($0 * 5 + 70 * 3) % 8 / 3 }
    for a in 0..<8 { for b in 0..<8 where merits[a] > merits[b] { #expect(scores[a] > scores[b]) } }
    let inspected = try bench.run("inspect", "m.reco", "--json").json()
    let importance = try #require(inspected["importance"] as? [[String: Any]])
    #expect(importance.first?["feature"] as? String == "1")
    #expect(try bench.run("inspect", "m.reco").output.contains("importance of features"))
    #expect(try bench.run("verify", "m.reco").code == 0)
}

@Test func threadsDoNotChangeTheFileOfTrees() throws {
    let bench = try Bench()
    try bench.write("train.txt", rows(300))
    for threads in ["1", "2"] {
        let outcome = try bench.run(
            "train", "--ranking", "train.txt", "--threads", threads, "--out", "m\(threads).reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
    }
    #expect(try bench.bytes("m1.reco") == bench.bytes("m2.reco"))
}

@Test func tablesAreClassified() throws {
    let bench = try Bench()
    var text = "label,age,job\n"
    for row in 0..<400 {
        text +=
            "\(row % 7 < 3 || row % 4 == 1 ? 1 : 0),\(row % 7 == 6 ? "?" : "\(row % 7)"),\(["a", "b", "c", "d"][row % 4])\n"
    }
    try bench.write("rows.csv", text)
    #expect(try bench.run("train", "--model", "boosted-trees", "--table", "rows.csv", "--out", "m.reco").code == 0)
    let object = try bench.run("evaluate", "m.reco", "--table", "rows.csv", "--json").json()
    let metrics = try #require(object["metrics"] as? [String: Double])
    #expect(Set(metrics.keys) == ["auc", "logloss", "accuracy"])
    #expect(metrics["auc"] ?? 0 > 0.99 && metrics["accuracy"] ?? 0 > 0.99)
}

@Test func whatTrainingSaidStandsInTheObjectToo() throws {
    let bench = try Bench()
    let rows = (0..<600).map { "\($0 % 2),\($0 % 7),id\($0 % 200)\n" }.joined()
    try bench.write("rows.csv", "label,age,who\n" + rows)
    for (model, notes) in [
        (
            "mlp-ranker",
            ["mlp-ranker: who has 200 categories; the 64 that most rows have are learned, the others say nothing"]
        ),
        ("boosted-trees", []),
    ] {
        let outcome = try bench.run(
            "train", "--model", model, "--table", "rows.csv", "--out", "m.reco", "--json")
        #expect(try outcome.json()["notes"] as? [String] == notes)
        for note in notes { #expect(outcome.errors.contains("reco: \(note)\n"), "\(outcome.errors)") }
        // One that has left names out still knows its tables, and its rows.
        let scores = try bench.run("rank", "m.reco", "--table", "rows.csv").output
        let lines = rows.split(separator: "\n").map { $0.dropFirst(2) }.joined(separator: "\n")
        #expect(try bench.run("score", "m.reco", input: lines).output == scores)
    }
}

@Test func labelledRowsThatCannotBeAreRefused() throws {
    let bench = try Bench()
    try bench.write("train.txt", rows(10))
    try bench.write("alone.txt", "1 1:2\n0 1:3\n")
    try bench.write("bad.txt", "1 qid:1 1:x\n")
    try bench.trainShop()
    try bench.run("train", "--ranking", "train.txt", "--model", "als", "--out", "m.reco").isRefused(
        2, "Labelled rows are for --model boosted-trees, mlp-ranker, wide-deep, not for als.")
    try bench.run("train", "--ranking", "train.txt", "--model", "mlp-rankr", "--out", "m.reco").isRefused(
        2,
        "Labelled rows are for --model boosted-trees, mlp-ranker, wide-deep, not for mlp-rankr (did you mean mlp-ranker?)."
    )
    try bench.run("train", "--ranking", "train.txt", "--set", "boosted-trees.leaves=1", "--out", "m.reco").isRefused(
        2, "boosted-trees: leaves cannot be \"1\"; it takes 2 ... 65536")
    try bench.run("train", "--ranking", "bad.txt", "--out", "m.reco").isRefused(
        1, "bad.txt, line 1: the value of feature 1, \"x\", is no number")
    try bench.run(
        "train", "--ranking", "alone.txt", "--set", "boosted-trees.objective=lambdamart", "--out", "m.reco"
    ).isRefused(
        1,
        "cannot train boosted-trees: the training set says nothing of groups (qid or a .query file), which lambdamart needs"
    )
    try bench.run("evaluate", "shop.reco", "--ranking", "train.txt").isRefused(
        1, "shop.reco was not trained on labelled rows; train it with --ranking or --table")
    try bench.run("train", "--ranking", "train.txt", "--table", "train.txt", "--out", "m.reco").isRefused(
        2, "--ranking and --table exclude each other.")
    #expect(try !bench.files().contains("m.reco"))
}

@Test(arguments: ["mlp-ranker", "wide-deep"])
func networksGoThroughAllCommandsThatTreesDo(model: String) throws {
    let bench = try Bench()
    let isRanking = model == "mlp-ranker"
    if isRanking {
        try bench.write("train.txt", rows(200))
        try bench.write("test.txt", rows(30, from: 200))
    } else {
        for (name, shift) in [("train.txt", 0), ("test.txt", 5)] {
            let lines = (0..<1000).map { row in
                "\((row + shift) % 7 < 3 ? 1 : 0),\((row + shift) % 7),\(["a", "b", "c", "d"][row % 4])\n"
            }
            try bench.write(name, "label,age,job\n" + lines.joined())
        }
    }
    let form = isRanking ? "--ranking" : "--table"
    let trained = try bench.run(
        "train", "--model", model, form, "train.txt", "--validation", "test.txt", "--set", "\(model).epochs=20",
        "--out",
        "m.reco", "--json")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect((try trained.json()["epochs"] as? Int ?? 0) > 0 && trained.errors.contains("epochs"))
    let object = try bench.run("evaluate", "m.reco", form, "test.txt", "--json").json()
    let metrics = try #require(object["metrics"] as? [String: Double])
    #expect(metrics[isRanking ? "ndcg@5" : "auc"]! > 0.95, "\(metrics)")
    let scores = try bench.run("rank", "m.reco", form, "test.txt").output.split(separator: "\n").compactMap {
        Double($0)
    }
    #expect(scores.count == (isRanking ? 240 : 1000) && scores.allSatisfy(\.isFinite))
    if !isRanking { #expect(scores.allSatisfy { $0 >= 0 && $0 <= 1 }) }
    // The same rows without labels, one after the other.
    let text = try String(contentsOfFile: bench.path("test.txt"), encoding: .utf8).split(separator: "\n")
    let lines =
        isRanking
        ? text.map { "0 " + $0.split(separator: " ").dropFirst(2).map { $0.dropFirst(2) }.joined(separator: " ") }
        : text.dropFirst().map { $0.split(separator: ",").dropFirst().joined(separator: ",") }
    let scored = try bench.run("score", "m.reco", input: lines.joined(separator: "\n"))
    #expect(scored.output.split(separator: "\n").compactMap { Double($0) } == scores, "\(scored.errors)")
    let timed = try bench.run("score", "m.reco", "--time", "2", input: lines.joined(separator: "\n")).json()
    #expect((timed["seconds"] as? [Double])?.count == 2 && timed["rows"] as? Int == scores.count)
    #expect(try bench.run("inspect", "m.reco").output.contains("\(model)/output"))
    #expect(try bench.run("verify", "m.reco").code == 0)
    #expect(try bench.run("train", "--model", "als", form, "train.txt", "--out", "n.reco").code != 0)
}
