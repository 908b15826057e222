import Foundation
import Testing

private let short = ["tune", "--events", "events.csv", "--model", "item-knn", "--time", "1h", "--threads", "1"]

/// A shop of five weeks: users of even number buy even items, the others odd ones.
private func writeMonths(_ bench: Bench) throws {
    var events = "user,item,event,time\n"
    for user in 0..<60 {
        for place in 0..<8 {
            let item = (user * 7 + place * 6) % 40 / 2 * 2 + user % 2
            events += "\(user),\(item),purchase,\(1_300_000_000 + place * 5 * 86_400 + user)\n"
        }
    }
    try bench.write("events.csv", events)
}

@Test func tuningWritesAConfigurationThatTrainReads() throws {
    let bench = try Bench()
    try writeMonths(bench)
    // Everything fixed but one choice: three trials and the bestsellers.
    let arguments =
        short + ["--set", "item-knn.neighbors=9", "--set", "item-knn.shrinkage=5", "--set", "item-knn.bm25-k1=1"]
    let outcome = try bench.run(arguments + ["--set", "item-knn.bm25-b=0.5", "--seed", "3", "--out", "best.yaml"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("held out: the last "))
    #expect(outcome.output.contains("wrote best.yaml: item-knn; now: reco train --config best.yaml --out FILE"))
    #expect(outcome.errors.contains("reco: popularity: ndcg@10 "))
    let rows = outcome.output.split(separator: "\n").filter { $0.contains(" – ") }.map { $0.split(separator: " ")[0] }
    #expect(rows == ["item-knn", "bestsellers"])
    let trained = try bench.run("train", "--config", "best.yaml", "--out", "m.reco")
    #expect(trained.code == 0, "\(trained.errors)")
    let settings = try #require(try bench.run("inspect", "m.reco", "--json").json()["settings"] as? [String: String])
    #expect(settings["item-knn.neighbors"] == "9" && settings["seed"] == "3")
    #expect(try bench.files() == ["best.yaml", "best.yaml.journal", "events.csv", "m.reco"])
}

@Test func whatUsersAreMadeOfIsSearchedWithAndNamedInTheConfiguration() throws {
    let bench = try Bench()
    try writeMonths(bench)
    try bench.write("users.csv", "user,club\n" + (0..<60).map { "\($0),\($0 % 2 == 0 ? "tea" : "cups")\n" }.joined())
    let fixed = [
        "factors=2", "loss=bpr", "epochs=2", "learning-rate=0.1", "user-regularization=0", "sample-weights=no",
    ]
    let outcome = try bench.run(
        [
            "tune", "--events", "events.csv", "--users", "users.csv", "--model", "lightfm", "--time", "1h", "--threads",
            "1",
        ]
            + (fixed + ["item-regularization=0", "max-sampled=5", "user-features=club"]).flatMap {
                ["--set", "lightfm.\($0)"]
            }
            + ["--out", "best.yaml"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let trained = try bench.run("train", "--config", "best.yaml", "--out", "m.reco")
    #expect(trained.code == 0, "\(trained.errors)")
}

@Test func theSameCommandGoesOnAndRepeatsNothing() throws {
    let bench = try Bench()
    try writeMonths(bench)
    let first = try bench.run(short)
    #expect(first.code == 0)
    let journal = try bench.bytes("reco-tuned.yaml.journal")
    let again = try bench.run(short)
    #expect(again.errors.contains("trials in reco-tuned.yaml.journal"))
    #expect(try bench.bytes("reco-tuned.yaml.journal") == journal)
    // A journal cut in the middle of a line, as after a crash: that trial is made again.
    try journal.dropLast(20).write(to: URL(fileURLWithPath: bench.path("reco-tuned.yaml.journal")))
    let object = try bench.run(short + ["--json"]).json()
    #expect(object["stopped"] as? Bool == false && object["trials"] as? Int == 64)
    let lines = try bench.bytes("reco-tuned.yaml.journal").split(separator: 10)
    #expect(lines.count == journal.split(separator: 10).count)
    #expect(lines.dropLast() == journal.split(separator: 10).dropLast())
    let best = try #require(object["best"] as? [String: Any])
    #expect(best["model"] as? String == "item-knn" && (best["interval"] as? [Double])?.count == 2)
}

@Test func aJournalOfAnotherSearchIsRefused() throws {
    let bench = try Bench()
    try writeMonths(bench)
    let fixed = ["neighbors", "shrinkage", "bm25-k1"].flatMap { ["--set", "item-knn.\($0)=1"] }
    #expect(try bench.run(short + fixed).code == 0)
    try bench.run(short + fixed + ["--metric", "recall@5"]).isRefused(
        1,
        "reco-tuned.yaml.journal is the journal of a search on other events, settings or another metric; remove it or "
            + "choose another --out")
    try bench.write("reco-tuned.yaml.journal", "groceries\n")
    try bench.run(short).isRefused(
        1, "reco-tuned.yaml.journal is no journal of reco tune; choose another --out")
}

@Test func interruptingASearchKeepsWhatWasFound() throws {
    let bench = try Bench()
    try writeMonths(bench)
    let process = bench.process(Array(short) + ["--model", "item-knn,als,svd,rp3beta,gf-cf,ease"])
    let (output, errors) = (try PrivatePipe(), try PrivatePipe())
    process.standardOutput = output.writing
    process.standardError = errors.writing
    try starting.withLock { try process.run() }
    try output.writing.close()
    try errors.writing.close()
    var said = Data()
    while !String(decoding: said, as: UTF8.self).contains("reco: item-knn: ndcg@10 ") {
        let more = errors.reading.availableData
        if more.isEmpty { break }
        said += more
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    let table = String(decoding: output.reading.readDataToEndOfFile(), as: UTF8.self)
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(table.contains(", stopped\n") && table.contains("item-knn") && table.contains("wrote reco-tuned.yaml"))
    #expect(try bench.files() == ["events.csv", "reco-tuned.yaml", "reco-tuned.yaml.journal"])
}

@Test(
    arguments: [
        (["tune"], "Name a file of events: --events FILE."),
        (
            ["tune", "--events", "-"],
            "What is found names its files, so that they cannot come from standard input."
        ),
        (
            ["tune", "--events", "e", "--model", "item-knn,mlp-ranker"],
            "item-knn,mlp-ranker orders what several models propose, and a search tries each model alone: name those, "
                + "and the ranker when training"
        ),
        (["tune", "--events", "e", "--time", "soon"], "--time takes a time such as 90s, 10m or 2h; not \"soon\"."),
        (["tune", "--events", "e", "--time", "0m"], "--time takes a time such as 90s, 10m or 2h; not \"0m\"."),
        (
            ["tune", "--events", "e", "--hold-out", "120%"],
            "--hold-out takes days (28d), last, or a share (20%); not \"120%\"."
        ),
        (["tune", "--events", "e", "--set", "model=als"], "Say which models to search with --model."),
        (
            ["tune", "--events", "e", "--metric", "speed"],
            "there is no metric \"speed\" to tune for; there are ndcg@10, recall@20 and hit_rate, map at any length of "
                + "list, and mrr"
        ),
        (
            ["tune", "--events", "e", "--set", "als"],
            "--set takes KEY=VALUE, such as als.factors=64; \"als\" has no =."
        ),
    ] as [([String], String)])
func wrongUsageOfTuneIsOneSentence(arguments: [String], message: String) throws {
    try Bench().run(arguments).isRefused(2, message)
}
