import Foundation
import Testing

private func trained(_ bench: Bench, _ yaml: String, _ more: String...) throws -> [String: String] {
    try bench.write("reco.yaml", yaml)
    let outcome = try bench.run(["train", "--config", "reco.yaml"] + more)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try #require(try bench.run("inspect", "m.reco", "--json").json()["settings"] as? [String: String])
}

@Test func aConfigurationSaysWhatFlagsSay() throws {
    let bench = try Bench()
    try bench.writeShop()
    let settings = try trained(
        bench,
        """
        # the shop
        events: [events.csv]
        items: items.csv
        model: item-knn, svd
        set:
          item-knn.neighbors: 7
          svd:
            factors: 3
          weight.view: 0.5
        threads: 1
        seed: 4
        out: m.reco
        """)
    #expect(settings["item-knn.neighbors"] == "7" && settings["svd.factors"] == "3" && settings["seed"] == "4")
    let bytes = try bench.bytes("m.reco")
    let outcome = try bench.run(
        "train", "--events", "events.csv", "--items", "items.csv", "--model", "item-knn,svd", "--set",
        "item-knn.neighbors=7", "--set", "svd.factors=3", "--set", "weight.view=0.5", "--seed", "4", "--out", "f.reco")
    #expect(outcome.code == 0)
    #expect(try bench.bytes("f.reco") == bytes)
}

@Test func flagsComeBeforeTheConfiguration() throws {
    let bench = try Bench()
    try bench.writeShop()
    let settings = try trained(
        bench,
        """
        events:
          - missing.csv
        model: [als]
        settings: {item-knn.neighbors: 7, item-knn.shrinkage: 3}
        seed: 4
        out: other.reco
        """, "--events", "events.csv", "--model", "item-knn", "--seed", "5", "--set", "item-knn.neighbors=9", "--out",
        "m.reco")
    #expect(settings["item-knn.neighbors"] == "9" && settings["item-knn.shrinkage"] == "3" && settings["seed"] == "5")
    #expect(try !bench.files().contains("other.reco"))
}

@Test func pathsAreRelativeToTheConfiguration() throws {
    let bench = try Bench()
    try bench.writeShop()
    try FileManager.default.createDirectory(atPath: bench.path("jobs"), withIntermediateDirectories: true)
    try bench.write("jobs/reco.yaml", "events: ../events.csv\nmodel: popularity\nout: m.reco\n")
    let outcome = try bench.run("train", "--config", "jobs/reco.yaml")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(FileManager.default.fileExists(atPath: bench.path("jobs/m.reco")))
    // Absolute ones stay as they are.
    try bench.write("jobs/reco.yaml", "events: \(bench.path("events.csv"))\nmodel: popularity\n")
    #expect(try bench.run("train", "--config", "jobs/reco.yaml", "--out", "n.reco").code == 0)
    #expect(try bench.files().contains("n.reco"))
}

@Test(
    arguments: [
        (
            "events: e.csv\nevnts: f.csv\n",
            "reco.yaml, line 2: there is no key \"evnts\" (did you mean events?); there are database, events, items, users, searches, encoder, continue, model, set, threads, seed, out, state, incremental, publish"
        ),
        ("", "reco.yaml is empty"),
        ("just words\n", "reco.yaml, line 1: a configuration has lines of \"key: value\""),
        ("events: e.csv\nseed:\n  - 1\n", "reco.yaml, line 3: seed takes a single value"),
        ("events: e.csv\nset: 5\n", "reco.yaml, line 2: set takes lines such as \"als.factors: 64\""),
        (
            "events: e.csv\nout: m\nset:\n  als.factors: many\n",
            "reco.yaml, line 4: als: factors cannot be \"many\"; it takes 1 ... 1024"
        ),
        ("events: e.csv\nout: m\nthreads: -1\n", "reco.yaml, line 3: threads cannot be \"-1\"; it takes 0 ... 1024"),
        ("events: e.csv\nout: m\nevents: f.csv\n", "reco.yaml, line 1: events is given twice"),
        ("events: [a, b\nout: m\n", "reco.yaml, line 2: did not find expected ',' or ']'"),
        (
            "events: e.csv\ndatabase:\n  host: h\n  name: n\n  user: u\n  password-file: nowhere\n",
            "reco.yaml, line 6: password-file: cannot open nowhere: No such file or directory"
        ),
    ] as [(String, String)])
func aBadConfigurationIsRefusedWithItsLine(yaml: String, message: String) throws {
    let bench = try Bench()
    try bench.write("reco.yaml", yaml)
    try bench.run("train", "--config", "reco.yaml").isRefused(1, message)
}

@Test func anUnknownModelIsNamedWithItsLineAndTheNearestOne() throws {
    let bench = try Bench()
    try bench.write("reco.yaml", "events: e.csv\nout: m\nmodel: item-kn\n")
    let outcome = try bench.run("train", "--config", "reco.yaml")
    #expect(outcome.code == 1)
    #expect(
        outcome.errors.hasPrefix(
            "reco: reco.yaml, line 3: there is no model \"item-kn\" (did you mean item-knn?); there are popularity, "),
        "\(outcome.errors)")
}

@Test func aConfigurationMustBeThereAndNameWhatIsNeeded() throws {
    let bench = try Bench()
    try bench.run("train", "--config", "reco.yaml").isRefused(
        1, "cannot open reco.yaml: No such file or directory")
    try bench.write("reco.yaml", "model: als\n")
    try bench.run("train", "--config", "reco.yaml", "--out", "m").isRefused(
        2, "Name a file of events, --events FILE, or of items, --items FILE.")
    try bench.write("reco.yaml", "events: reco.yaml\nout: reco.yaml\n")
    try bench.run("train", "--config", "reco.yaml").isRefused(2, "--out would replace the input reco.yaml.")
}

@Test func autoSaysWhichModelsAndWhy() throws {
    let bench = try Bench()
    try bench.writeShop()
    let outcome = try bench.run("train", "--events", "events.csv", "--model", "auto", "--out", "m.reco")
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains(", for: 40 users, 20 items, 6.0 items for a user: "), "\(outcome.errors)")
    let settings = try #require(try bench.run("inspect", "m.reco", "--json").json()["settings"] as? [String: String])
    #expect(settings["auto"]?.hasPrefix("40 users, 20 items") == true)
}

@Test func theConfigurationInTheManualTrains() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/training.md"), encoding: .utf8)
    let block = try #require(page.components(separatedBy: "```yaml\n").dropFirst().first)
    let bench = try Bench()
    try bench.writeShop()
    try bench.write("reco.yaml", String(block.components(separatedBy: "```")[0]))
    try FileManager.default.moveItem(atPath: bench.path("events.csv"), toPath: bench.path("orders.csv"))
    try FileManager.default.moveItem(atPath: bench.path("items.csv"), toPath: bench.path("products.csv"))
    try bench.write("clicks.csv.gz", "user,item,event\n1,3,view\n")
    try bench.write("customers.csv", "user,city\n1,Ghent\n")
    let outcome = try bench.run("train", "--config", "reco.yaml")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try bench.files().contains("shop.reco"))
}
