import Foundation
import Testing

/// A shop in SQLite whose events come with times, and what a nightly job makes of it.
private final class NightlyShop {
    let bench: Bench

    init(_ more: String = "", rows: Int = 400) throws {
        bench = try Bench()
        try sql(
            """
            CREATE TABLE sales (user INTEGER, item INTEGER, at TEXT);
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows - 1))
            INSERT INTO sales SELECT i % 40, (i % 40 / 2 * 2 + i / 40 * 2) % 20 + i % 2, datetime('2024-01-01', i || ' hours')
            FROM n;
            """)
        try configure(more)
    }

    func configure(_ more: String, condition: String = "at >= :since") throws {
        try bench.write(
            "reco.yaml",
            """
            database: {sqlite: shop.db}
            events:
              purchases: SELECT user, item, at AS time FROM sales WHERE \(condition)
            model: item-knn
            out: m.reco
            \(more)
            """)
    }

    func sql(_ text: String) throws {
        let sqlite = Process()
        sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        sqlite.arguments = [bench.path("shop.db"), text]
        try starting.withLock { try sqlite.run() }
        sqlite.waitUntilExit()
        try #require(sqlite.terminationStatus == 0)
    }

    func train(_ more: String...) throws -> Outcome {
        try bench.run(["train", "--config", "reco.yaml", "--json"] + more)
    }

    func events(_ more: String...) throws -> Int {
        let outcome = try bench.run(["train", "--config", "reco.yaml", "--json"] + more)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try #require(outcome.json()["events"] as? Int)
    }

    /// The same from all rows, without anything kept.
    func inFull() throws -> [String: Any] {
        try configure("state: other")
        defer { try? configure("") }
        let outcome = try bench.run("train", "--config", "reco.yaml", "--json", "--out", "full.reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try outcome.json()
    }

    /// While somebody else holds what a run locks.
    func whileLocked(_ body: () throws -> Void) throws {
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = ["--no-fork", bench.path("m.reco.state/lock"), "sh", "-c", "echo; exec sleep 60"]
        let pipe = try PrivatePipe()
        holder.standardOutput = pipe.writing
        try starting.withLock { try holder.run() }
        _ = pipe.reading.readData(ofLength: 1)
        defer {
            kill(holder.processIdentifier, SIGKILL)  // whatever signals it has inherited as blocked
            holder.waitUntilExit()
        }
        try body()
    }

    func cached() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: bench.path("m.reco.state")).filter {
            $0.hasSuffix(".events")
        }
    }
}

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"), "sqlite3 is not installed"))
struct JobTests {
    @Test func laterRunsReadOnlyWhatIsNew() throws {
        let shop = try NightlyShop()
        #expect(try shop.events() == 400)
        try shop.sql("INSERT INTO sales VALUES (1, 3, datetime('2024-01-01', '401 hours'))")
        let outcome = try shop.train()
        #expect(outcome.code == 0, "\(outcome.errors)")
        // The newest was of hour 399; three days before it begin with hour 327.
        #expect(outcome.errors.contains("purchases: 74 events read, 327 kept from earlier runs"), "\(outcome.errors)")
        #expect(try outcome.json()["events"] as? Int == 401)
        #expect(try shop.cached().count == 2)
        // The answers are those of a model that has read everything.
        let question = ["--user", "1", "-n", "8", "--json"]
        let answer = try shop.bench.run(["recommend", "m.reco"] + question).output
        _ = try shop.inFull()
        #expect(try shop.bench.run(["recommend", "full.reco"] + question).output == answer)
    }

    @Test func whatCameLateOrWasDeletedLatelyIsRight() throws {
        let shop = try NightlyShop()
        #expect(try shop.events() == 400)
        try shop.sql(
            """
            INSERT INTO sales VALUES (77, 3, datetime('2024-01-01', '390 hours'));
            DELETE FROM sales WHERE at > datetime('2024-01-01', '395 hours')
            """)
        #expect(try shop.events() == 397)
        // Older changes show when everything is read again.
        try shop.sql("DELETE FROM sales WHERE at < datetime('2024-01-01', '10 hours')")
        #expect(try shop.events() == 397)
        try shop.configure("incremental: {full: 0h}")
        #expect(try shop.events() == 387)
        #expect(try shop.cached().count == 1)
        for run in 1...20 {
            try shop.configure("")
            try shop.sql("INSERT INTO sales VALUES (1, \(run % 20), datetime('2024-02-01', '\(run) days'))")
            #expect(try shop.events() == 387 + run)
        }
        #expect(try shop.cached().count < 20)
        #expect(try shop.inFull()["events"] as? Int == 407)
    }

    @Test func aDamagedCacheOrAnotherQueryReadsEverything() throws {
        let shop = try NightlyShop()
        #expect(try shop.events() == 400)
        let file = try #require(try shop.cached().first)
        var bytes = try shop.bench.bytes("m.reco.state/\(file)")
        bytes[bytes.count / 2] ^= 0x55
        try bytes.write(to: URL(fileURLWithPath: shop.bench.path("m.reco.state/\(file)")))
        try shop.sql("DELETE FROM sales WHERE user = 1")
        let outcome = try shop.train()
        #expect(outcome.code == 0 && outcome.errors.contains("everything is read again"), "\(outcome.errors)")
        #expect(try outcome.json()["events"] as? Int == 390)
        try shop.configure("", condition: "at >= :since AND user <> 2")
        #expect(try shop.events() == 380)
        #expect(try shop.cached().count == 1 && shop.cached() != [file])
    }

    @Test func aQueryThatMisusesSinceIsFoundOut() throws {
        let shop = try NightlyShop()
        try shop.configure("", condition: "'2030-01-01' >= :since")
        #expect(try shop.events() == 400)
        let outcome = try shop.train()
        #expect(outcome.code == 0 && outcome.errors.contains("it has to compare :since with what it calls time"))
        #expect(try outcome.json()["events"] as? Int == 400)
    }

    @Test func farMoreOrFewerRowsAreRefusedUntilTheyAreAccepted() throws {
        let shop = try NightlyShop()
        #expect(try shop.events() == 400)
        let model = try shop.bench.bytes("m.reco")
        try shop.sql("DELETE FROM sales WHERE user > 2")
        try shop.configure("incremental: {full: 0h}")
        try shop.bench.run("train", "--config", "reco.yaml").isRefused(
            4,
            "reco.yaml, line 3: the query of purchases gave 30 rows, where the last run had 400; if that is right, run once "
                + "with --accept")
        #expect(try shop.bench.bytes("m.reco") == model)
        #expect(try shop.events("--accept") == 30)
        #expect(try shop.events() == 30)
    }

    @Test func aQueryThatHadNoRowsMayBeginWithMany() throws {
        let shop = try NightlyShop()
        try shop.sql("CREATE TABLE looks (user INTEGER, item INTEGER, at TEXT)")
        try shop.bench.write(
            "reco.yaml",
            """
            database: {sqlite: shop.db}
            events:
              purchases: SELECT user, item, at AS time FROM sales WHERE at >= :since
              views: {sql: 'SELECT user, item, at AS time FROM looks WHERE at >= :since', empty: allowed}
            model: item-knn
            out: m.reco
            """)
        #expect(try shop.events() == 400)
        #expect(try shop.events() == 400)
        try shop.sql("INSERT INTO looks SELECT user, item, at FROM sales")
        #expect(try shop.events() == 800)
        #expect(try shop.events() == 800)
    }

    @Test func aWorseModelIsRefusedAndTheOldOneStays() throws {
        let shop = try NightlyShop("publish: {metric: recall@10, worse: 20%, hold-out: 2d}")
        let first = try shop.train()
        #expect(first.code == 0 && first.errors.contains("recall@10 of "), "\(first.errors)")
        let model = try shop.bench.bytes("m.reco")
        // From now on nobody buys what is like what they had.
        try shop.sql("UPDATE sales SET item = abs(random()) % 2000")
        try shop.configure("publish: {metric: recall@10, worse: 20%, hold-out: 2d}\nincremental: {full: 0h}")
        let second = try shop.bench.run("train", "--config", "reco.yaml")
        #expect(second.code == 4 && second.errors.contains("the old model stays"), "\(second.errors)")
        #expect(try shop.bench.bytes("m.reco") == model)
        #expect(try !shop.bench.files().contains("m.reco.candidate"))
        try shop.configure("publish: {coverage: 100%, hold-out: 2d}\nincremental: {full: 0h}")
        let third = try shop.bench.run("train", "--config", "reco.yaml")
        #expect(third.code == 4 && third.errors.contains("in anybody's first 20, less than 100.0 %"), "\(third.errors)")
    }

    @Test func aMuchSmallerModelIsRefused() throws {
        let shop = try NightlyShop("publish: {smaller: 1%, rows: 100}")
        #expect(try shop.events() == 400)
        let model = try shop.bench.bytes("m.reco")
        try shop.sql("DELETE FROM sales WHERE user > 4")
        try shop.configure("publish: {smaller: 1%, rows: 100}\nincremental: {full: 0h}")
        let outcome = try shop.bench.run("train", "--config", "reco.yaml")
        #expect(outcome.code == 4 && outcome.errors.contains("where the old one has"), "\(outcome.errors)")
        #expect(try shop.bench.bytes("m.reco") == model)
    }

    @Test func idsThatBecomeTextsAreRefusedUntilTheyAreAccepted() throws {
        let shop = try NightlyShop()
        #expect(try shop.events() == 400)
        let model = try shop.bench.bytes("m.reco")
        try shop.sql("UPDATE sales SET item = 'sku-' || item")
        let outcome = try shop.bench.run("train", "--config", "reco.yaml")
        #expect(outcome.code == 4, "\(outcome.errors)")
        #expect(
            outcome.errors.contains("item ids are integers in the last model, and now there are texts, such as \"sku-"),
            "\(outcome.errors)")
        #expect(try shop.bench.bytes("m.reco") == model)
        #expect(try shop.train("--accept").code == 0)
        #expect(try shop.train().code == 0, "texts they are from now on")
    }

    @Test func aFullDiskIsToldOfTheFileThatWasWritten() throws {
        let shop = try NightlyShop(rows: 8000)
        let limited = ["/bin/sh", "-c", "ulimit -f 8; exec \"$@\"", "sh"]
        let outcome = try shop.bench.run("train", "--config", "reco.yaml", through: limited)
        #expect(outcome.code == 1)
        let said = outcome.errors.split(separator: "\n").last.map(String.init) ?? ""
        #expect(said.hasPrefix("reco: cannot write the events kept in m.reco.state/purchases-"), "\(said)")
        #expect(said.hasSuffix(".0.events: File too large"), "\(said)")
    }

    @Test func aNewModelMayBeReadByWhomTheOldOneMay() throws {
        let shop = try NightlyShop()
        func mode() throws -> Int {
            var status = stat()
            try #require(stat(shop.bench.path("m.reco"), &status) == 0)
            return Int(status.st_mode & 0o777)
        }
        let masked = ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"]
        func train() throws {
            try #require(try shop.bench.run("train", "--config", "reco.yaml", through: masked).code == 0)
        }
        try train()
        #expect(try mode() == 0o600, "the first one is as the umask says")
        for wanted in [0o644, 0o640, 0o664] {
            chmod(shop.bench.path("m.reco"), mode_t(wanted))
            try train()
            #expect(try mode() == wanted)
        }
    }

    @Test func earlierModelsAreKeptAndComeBack() throws {
        let shop = try NightlyShop("publish: {keep: 2}")
        var models: [Data] = []
        for run in 0..<4 {
            try shop.sql("INSERT INTO sales VALUES (\(100 + run), 3, datetime('2024-01-01', '410 hours'))")
            #expect(try shop.train().code == 0)
            models.append(try shop.bench.bytes("m.reco"))
        }
        #expect(try shop.bench.bytes("m.reco.1") == models[2] && shop.bench.bytes("m.reco.2") == models[1])
        #expect(try !shop.bench.files().contains("m.reco.3"))
        #expect(try shop.bench.run("rollback", "m.reco").code == 0)
        #expect(try shop.bench.bytes("m.reco") == models[2] && shop.bench.bytes("m.reco.1") == models[1])
        #expect(try shop.bench.bytes("m.reco.rejected") == models[3])
        #expect(try shop.bench.run("rollback", "m.reco").code == 0)
        #expect(try shop.bench.bytes("m.reco") == models[1])
        try shop.bench.run("rollback", "m.reco").isRefused(
            1, "there is no earlier model m.reco.1: No such file or directory")
    }

    @Test func twoRunsDoNotCollide() throws {
        let shop = try NightlyShop()
        #expect(try shop.train().code == 0)
        let model = try shop.bench.bytes("m.reco")
        try shop.whileLocked {
            try shop.bench.run("train", "--config", "reco.yaml").isRefused(
                3, "another run is at work: it holds m.reco.state")
        }
        #expect(try shop.bench.bytes("m.reco") == model)
    }

    @Test func aForgottenUserIsGoneFromWhatIsKeptAndFromTheNextModel() throws {
        let shop = try NightlyShop()
        #expect(try shop.events() == 400)
        let outcome = try shop.bench.run("forget", "7", "--config", "reco.yaml")
        #expect(
            outcome.code == 0 && outcome.errors.contains("1 user forgotten: 10 events removed"), "\(outcome.errors)")
        // The model in place has the user and no longer knows them; the next one has not.
        let question = ["recommend", "m.reco", "--user", "7", "-n", "3", "--json"]
        #expect(try shop.bench.run(question).errors.contains("the model does not know the user 7"))
        #expect(try shop.bench.files().contains("m.reco.forgotten"))
        let trained = try shop.train().json()
        #expect(trained["events"] as? Int == 390 && trained["users"] as? Int == 39)
        // Nor does a full reading bring the user back, nor an earlier model.
        try shop.configure("incremental: {full: 0h}")
        #expect(try shop.events() == 390)
        for _ in 0..<2 {
            #expect(try shop.bench.run("rollback", "m.reco").code == 0)
            #expect(try shop.bench.run(question).errors.contains("the model does not know the user 7"))
        }
        #expect(try shop.bench.run("forget", "7", "--models").code == 0)
        #expect(try shop.bench.files().contains("m.reco.forgotten"))
        #expect(try shop.events() == 390)
        #expect(try shop.bench.run("forget", "7", "--models").code == 0)
        #expect(try !shop.bench.files().contains("m.reco.forgotten"))
        #expect(try shop.bench.run(question).errors.contains("the model does not know the user 7"))
    }

    @Test func nobodyWaitsForARunToBeForgotten() throws {
        let shop = try NightlyShop("set: {weight.share: 2}")
        #expect(try shop.events() == 400)
        try shop.whileLocked {
            try shop.bench.run("forget", "7").isRefused(
                3,
                "another run is at work: it holds m.reco.state; the model no longer answers for who was forgotten; run this "
                    + "again when that run has ended, to remove their events")
        }
        #expect(try shop.bench.run("recommend", "m.reco", "--user", "7").errors.contains("does not know the user 7"))
        #expect(try shop.events() == 390)
        let again = try shop.bench.run("forget", "7")
        #expect(again.code == 0 && again.errors.contains("1 user forgotten: 10 events removed"), "\(again.errors)")
    }

    @Test func messagesComeAsJSON() throws {
        let shop = try NightlyShop()
        let outcome = try shop.train("--log", "json")
        #expect(outcome.code == 0)
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count > 1)
        for line in lines {
            let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            #expect(entry?["level"] == "info" && entry?["message"] != nil && entry?["time"]?.hasSuffix("Z") == true)
        }
    }

    @Test(arguments: [
        "incremental: {overlap: 3}", "publish: {keep: many}", "publish: {metric: beauty}", "publish: {wrose: 5%}",
    ])
    func badConfigurationOfAJobIsRefused(line: String) throws {
        let shop = try NightlyShop(line)
        let outcome = try shop.train()
        #expect(outcome.code == 1 && outcome.errors.hasPrefix("reco: reco.yaml, line 6: "), "\(outcome.errors)")
    }
}

@Test func checkNamesIDsThatAreNoIntegersAndLinesTakenForProducts() throws {
    let bench = try Bench()
    try bench.write("reco.yaml", "events: {purchases: {file: events.csv}}\nout: m.reco\n")
    let rows = (0..<1200).map { "\($0 % 50),\($0)\n" }.joined()
    try bench.write("events.csv", "user,item\n\(rows)7,n/a\n")
    let outcome = try bench.run("check")
    #expect(outcome.code == 0)
    for part in [
        "warning: of 1,201 item ids 1 are no integers, such as n/a: are these mistakes?",
        "warning: nearly every event has an item of its own",
    ] { #expect(outcome.output.contains(part), "\(outcome.output)\(outcome.errors)") }
    #expect(!outcome.output.contains("user ids") && !outcome.output.contains("nothing looks wrong"))
    // Where most are texts, that is how the shop names things.
    try bench.write("events.csv", "user,item\n" + (0..<40).map { "u\($0),\($0)\n" }.joined())
    #expect(try !bench.run("check").output.contains("no integers"))
}
