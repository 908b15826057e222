import Testing

@Test(
    arguments: [
        (["train", "--out", "m.reco"], "Name a file of events, --events FILE, or of items, --items FILE."),
        (["train", "--events", "e.csv"], "Name the model file to write: --out FILE."),
        (["train", "--events", "-", "--items", "-", "--out", "m"], "Standard input can be read only once."),
        (
            ["train", "--events", "e.csv", "--out", "m", "--set", "als"],
            "--set takes KEY=VALUE, such as als.factors=64; \"als\" has no =."
        ),
        (
            ["train", "--events", "e.csv", "--out", "m", "--set", "item-knn.neighbors=many"],
            "item-knn: neighbors cannot be \"many\"; it takes 1 ... 4000"
        ),
        (
            ["train", "--events", "e.csv", "--out", "m", "--set", "speed=9"],
            "there is no setting \"speed\" (did you mean seed?); there are threads, seed, weight-scale, encoder, continue"
        ),
        (
            ["recommend", "m.reco"],
            "Say for whom: --user ID, --session ID,ID... or both; or --users FILE for many users."
        ),
        (["recommend", "m.reco", "--user", "1", "-n", "0"], "-n takes a number from 1 on."),
        (["recommend", "m.reco", "--user", "1", "-n", "x"], "The value 'x' is invalid for '-n <limit>'"),
        (["similar", "m.reco"], "Say what to compare with: --item ID, or --text TEXT for a product that is new."),
        (["rank", "m.reco", "--user", "1"], "Say what to rank: --items ID,ID..."),
        (["rank", "m.reco", "--items", "1"], "Say for whom: --user ID, --session ID,ID... or both."),
        (
            ["evaluate", "m.reco"],
            "Name what to measure on: --test FILE, or for labelled rows --ranking or --table FILE."
        ),
        (["evaluate", "m.reco", "--test", "t", "--threads", "2000"], "--threads takes a number from 0 to 1024."),
        (["inspect"], "Missing expected argument '<file.reco>'"),
        (["verify", "a", "b"], "Unexpected argument 'b'"),
        (["fly"], "Unexpected argument 'fly'"),
    ] as [([String], String)])
func wrongUsageIsOneSentenceAndExitCode2(arguments: [String], message: String) throws {
    try Bench().run(arguments).isRefused(2, message)
}

@Test func anUnknownModelIsWrongUsageThatListsTheKnown() throws {
    let bench = try Bench()
    for outcome in [
        try bench.run("train", "--events", "e.csv", "--out", "m", "--model", "magic"), try bench.run("models", "magic"),
    ] {
        #expect(outcome.code == 2 && outcome.output == "")
        #expect(outcome.errors.contains("here is no model \"magic\"; there are popularity, "))
    }
    for (name, meant) in [("item-kn", "item-knn"), ("boosted-tree", "boosted-trees"), ("Hybrid", "hybrid")] {
        let errors = try bench.run("train", "--events", "e.csv", "--out", "m", "--model", name).errors
        #expect(errors.contains("here is no model \"\(name)\" (did you mean \(meant)?); there are "), "\(errors)")
    }
    try bench.run("train", "--events", "e.csv", "--out", "m", "--set", "item-nn.neighbors=3").isRefused(
        2,
        "there is no option \"item-nn.neighbors\" (did you mean item-knn.neighbors?); it would start with a model's name, "
            + "weight or half-life")
}

@Test func helpAndVersionGoToStandardOutput() throws {
    let bench = try Bench()
    let help = try bench.run("--help")
    #expect(help.code == 0 && help.errors == "")
    for name in ["train", "tune", "evaluate", "recommend", "similar", "rank", "inspect", "verify", "models"] {
        #expect(help.output.contains("  \(name) "))
        #expect(try bench.run(name, "--help").code == 0)
    }
    #expect(try bench.run("--version").output.split(separator: ".").count == 3)
}

@Test func modelsListsSettingsWithDefaultsRangesAndHelp() throws {
    let bench = try Bench()
    let all = try bench.run("models").output
    #expect(all.contains("item-knn: ") && all.contains("popularity: ") && all.contains("weight.view"))
    let one = try bench.run("models", "item-knn").output
    let line = one.split(separator: "\n").first { $0.contains("item-knn.neighbors ") }?.split(separator: " ")
    #expect(line?.prefix(5) == ["item-knn.neighbors", "20", "1", "...", "4000"])
    #expect(!one.contains("popularity:"))
    let object = try bench.run("models", "item-knn", "--json").json()
    let models = try #require(object["models"] as? [[String: Any]])
    let settings = try #require(models.first?["settings"] as? [[String: String]])
    #expect(models.count == 1 && Set(settings[0].keys) == ["name", "default", "range", "help"])
}
