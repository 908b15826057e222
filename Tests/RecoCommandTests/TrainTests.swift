import Foundation
import Testing

@Test func trainingWritesAModelAndLeavesStandardOutputAlone() throws {
    let bench = try Bench()
    let outcome = try bench.trainShop()
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("reco: read 240 events of 40 users with 20 items in "))
    #expect(outcome.errors.contains("reco: wrote shop.reco: "))
    #expect(try bench.files() == ["events.csv", "items.csv", "shop.reco", "test.csv"])
    #expect(try bench.run("verify", "shop.reco").code == 0)
}

@Test func trainingTellsItsFiguresAsOneObject() throws {
    let bench = try Bench()
    try bench.writeShop()
    let object = try bench.run("train", "--events", "events.csv", "--out", "m.reco", "--model", "popularity", "--json")
        .json()
    #expect(object["users"] as? Int == 40 && object["items"] as? Int == 20 && object["events"] as? Int == 240)
    #expect(object["bad_rows"] as? Int == 0 && object["model"] as? String == "m.reco")
    #expect(object["bytes"] as? Int == (try bench.bytes("m.reco")).count)
    #expect(object["read_seconds"] is Double && object["seconds"] is Double && object["read_memory"] is Int)
    let peak = try #require(object["peak_memory"] as? Int)
    #expect(peak > 1_000_000)
    let phases = try #require(object["phases"] as? [String: [String: Double]])
    #expect(phases.keys.sorted() == ["reading events", "summing up events"])
    #expect(phases.values.allSatisfy { $0.keys.sorted() == ["processor_seconds", "seconds"] })
}

@Test func theSameTrainingGivesTheSameBytesWhateverTheThreads() throws {
    let bench = try Bench()
    try bench.writeShop()
    for (threads, name) in [("1", "a.reco"), ("3", "b.reco")] {
        let outcome = try bench.run(
            "train", "--events", "events.csv", "--items", "items.csv", "--model", "item-knn", "--threads", threads,
            "--seed", "7", "--out", name)
        #expect(outcome.code == 0)
    }
    #expect(try bench.bytes("a.reco") == bench.bytes("b.reco"))
}

@Test func settingsReachTheModel() throws {
    let bench = try Bench()
    try bench.write("e.csv", "user,item,event\n1,a,wish\n1,b,view\n2,a,wish\n2,b,view\n")
    let outcome = try bench.run(
        "train", "--events", "e.csv", "--model", "item-knn", "--set", "item-knn.neighbors=7", "--set",
        "weight.wish=2.5",
        "--set", "half-life.view=14d", "--seed", "3", "--out", "m.reco")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let object = try bench.run("inspect", "m.reco", "--json").json()
    let settings = try #require(object["settings"] as? [String: String])
    #expect(settings["item-knn.neighbors"] == "7" && settings["seed"] == "3")
    let kinds = try #require(object["kinds"] as? [[String: Any]])
    #expect(kinds.first { $0["name"] as? String == "wish" }?["weight"] as? Double == 2.5)
    #expect(kinds.first { $0["name"] as? String == "view" }?["half_life"] as? Double == 1_209_600)
}

@Test func severalFilesAndStandardInputAddUp() throws {
    let bench = try Bench()
    try bench.write("a.csv", "user,item\n1,a\n1,b\n")
    try bench.write("b.tsv", "customer_id\tsku\n2\ta\n2\tc\n")
    let outcome = try bench.run(
        "train", "--events", "a.csv", "b.tsv", "--events", "-", "--model", "popularity", "--out", "m.reco", "--json",
        input: "item;user\nd;3\n")
    #expect(try outcome.json()["events"] as? Int == 5)
    #expect(outcome.errors.contains("reco: b.tsv: customer_id is the user, sku is the item\n"))
}

@Test func badRowsAreSummarisedWithExamples() throws {
    let bench = try Bench()
    try bench.write("e.csv", "user,item,weight,colour\n1,a,1,red\n1,b,nan,red\n2,a\n2,b,1,\n,b,1,\n")
    let outcome = try bench.run(
        "train", "--events", "e.csv", "--model", "popularity", "--out", "m.reco", "--json")
    #expect(try outcome.json()["bad_rows"] as? Int == 3)
    #expect(
        outcome.errors.contains(
            """
            reco: e.csv: column not used: colour
            reco: e.csv: passed over 1 row with too few or too many fields
            reco:   line 4: 2 fields where the first line names 4 columns
            reco: e.csv: passed over 1 row with an empty user
            reco:   line 6: the user is empty
            reco: e.csv: passed over 1 row with a weight that is no finite number
            reco:   line 3: the weight "nan" is no finite number

            """), "\(outcome.errors)")
}

@Test func strictStopsAtTheFirstBadRow() throws {
    let bench = try Bench()
    try bench.write("e.csv", "user,item,time\n1,a,1\n1,b,yesterday\n")
    try bench.run("train", "--events", "e.csv", "--out", "m.reco", "--strict").isRefused(
        1,
        "e.csv, line 3: the time \"yesterday\" is no Unix time or date like 2011-11-09 10:00:00 between 1900 and 2100")
    #expect(try bench.files() == ["e.csv"])
}

@Test func numbersOfItemsThatAreNoneAreMentioned() throws {
    let bench = try Bench()
    try bench.writeShop()
    try bench.write("prices.csv", "item,price\n1,2.5\n2,cheap\n")
    let outcome = try bench.run(
        "train", "--events", "events.csv", "--items", "prices.csv", "--model", "popularity", "--out", "m.reco")
    #expect(outcome.errors.contains("reco: price: 1 value is no number and counts as missing, such as \"cheap\"\n"))
}

/// Input that cannot be used: what is written to e.csv (nil: nothing), and what is said.
@Test(
    arguments: [
        (nil, "cannot open e.csv: No such file or directory"),
        ("", "e.csv is empty; its first line must name the columns, such as user,item,time"),
        (
            "name,item\n1,a\n",
            "e.csv, line 1: no column is named user; the first line must name the columns, and here it reads: name, item"
        ),
        ("user,item\n", "there are no events to train on"),
        ("user,item\n1\n", "there are no events to train on"),
        ("user,item,weight\n1,a,-1\n", "no event has a positive weight, so there is nothing to learn from"),
        ("user,item\n1,\"a\n", "e.csv, line 2: a quote that is opened in this row is never closed"),
        ("user,item,user\n1,a,2\n", "e.csv, line 1: two columns are named user"),
    ] as [(String?, String)])
func badInputIsOneSentenceAndTheOldModelStays(text: String?, message: String) throws {
    let bench = try Bench()
    try bench.write("m.reco", "the old model")
    if let text { try bench.write("e.csv", text) }
    try bench.run("train", "--events", "e.csv", "--out", "m.reco").isRefused(1, message)
    #expect(try bench.bytes("m.reco") == Data("the old model".utf8))
    #expect(try bench.files() == (text == nil ? ["m.reco"] : ["e.csv", "m.reco"]))
}

@Test func aFullDiskLeavesTheOldModelAndNothingElse() throws {
    let bench = try Bench()
    let rows = (0..<4000).map { "\($0),\($0 % 50)\n" }.joined()
    try bench.write("e.csv", "user,item\n" + rows)
    try bench.write("m.reco", "the old model")
    // A limit on the size of files acts like a disk that is full after 8 blocks.
    let limited = ["/bin/sh", "-c", "ulimit -f 8; exec \"$@\"", "sh"]
    try bench.run("train", "--events", "e.csv", "--model", "popularity", "--out", "m.reco", through: limited)
        .isRefused(1, "cannot write the model m.reco: File too large")
    #expect(try bench.bytes("m.reco") == Data("the old model".utf8))
    #expect(try bench.files() == ["e.csv", "m.reco"])
}

@Test func whereNoModelCanBeWrittenNothingIsTrained() throws {
    let bench = try Bench()
    try bench.writeShop()
    try bench.run("train", "--events", "events.csv", "--out", "nowhere/m.reco").isRefused(
        1, "cannot write the model nowhere/m.reco: No such file or directory")
    try bench.run("train", "--events", "events.csv", "--out", ".").isRefused(
        1, "cannot write the model .: it exists and is no regular file")
    try #require(mkfifo(bench.path("pipe"), 0o600) == 0)
    try bench.run("train", "--events", "events.csv", "--out", "pipe").isRefused(
        1, "cannot write the model pipe: it exists and is no regular file")
}

private let setpriv = "/usr/bin/setpriv"

@Test(.enabled(if: geteuid() != 0 || FileManager.default.isExecutableFile(atPath: setpriv)))
func aFolderThatMayNotBeWrittenToKeepsItsModel() throws {
    let bench = try Bench()
    try bench.writeShop()
    try bench.write("m.reco", "the old model")
    let before = try bench.files()
    // Root may write anywhere, so it becomes nobody; what it runs and reads must then be in reach.
    let command = "/bin/sh"
    let copy = bench.path("reco-copy")
    try FileManager.default.copyItem(atPath: Bench.command.path, toPath: copy)
    defer { unlink(copy) }
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: bench.folder.path)
    let script = "'\(copy)' train --events events.csv --out m.reco 2>&1"
    let process = Process()
    let words =
        (geteuid() == 0 ? [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"] : []) + [command, "-c", script]
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = bench.folder
    let pipe = Pipe()
    process.standardOutput = pipe
    try starting.withLock { try process.run() }
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bench.folder.path)
    #expect(said == "reco: cannot write the model m.reco: Permission denied\n")
    #expect(process.terminationStatus == 1)
    #expect(try bench.bytes("m.reco") == Data("the old model".utf8))
    unlink(copy)
    #expect(try bench.files() == before)
}

@Test func trainingGoesOnFromAnEarlierModelInItsOwnPlace() throws {
    let bench = try Bench()
    try bench.writeShop()
    try bench.write("users.csv", "user,club\n1,tea\n2,tea\nnobody,tea\nanother,cups\n")
    let arguments = [
        "train", "--events", "events.csv", "--users", "users.csv", "--out", "m.reco", "--set", "lightfm.epochs=3",
    ]
    #expect(try bench.run(arguments + ["--model", "lightfm"]).code == 0)
    let earlier = try bench.bytes("m.reco")
    let outcome = try bench.run(arguments + ["--model", "lightfm,item-knn", "--continue", "m.reco", "--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let note = "item-knn cannot go on from an earlier model and is trained anew"
    #expect(outcome.errors.contains("reco: \(note)\n"))
    #expect(try outcome.json()["notes"] as? [String] == [note])
    #expect(try bench.bytes("m.reco") != earlier)
    #expect(try bench.run("verify", "m.reco").code == 0)
    #expect(try bench.run(arguments + ["--continue", "nothing.reco"]).code == 1)
    #expect(
        try bench.run(arguments + ["--model", "lightfm", "--set", "lightfm.user-features=age"]).errors.contains(
            "user-features names age, but users have no such attribute; they have club"))
}
