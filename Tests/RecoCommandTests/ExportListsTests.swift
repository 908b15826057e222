import Foundation
import MariaDBServer
import Testing

/// Ids and titles as bad as they come.
private let nastyUsers = [
    "o'brien", "back\\slash", "quote\"d", "two\nlines", "a,b", " spaces ", "ünï-😀", "trailing\\",
    "x'); DROP TABLE t; --",
    // An accent on a quote: one character for people, still a quote for what reads it.
    "o'\u{301}clock", "say\"\u{301}",
]
private let nastyItems = ["it'em", "i\\tem", "i\"tem", "i\ntem", "i,tem", "日本", "i\\"]

extension Bench {
    /// A shop whose ids want quoting everywhere: everybody has bought some of the items.
    fileprivate func trainNastyShop() throws {
        func quoted(_ text: String) -> String {
            "\"" + text.replacingOccurrences(of: "\"", with: "\"\"", options: .literal) + "\""
        }
        var events = "user,item,event\n"
        for (place, user) in nastyUsers.enumerated() {
            for step in 0..<3 {
                events += "\(quoted(user)),\(quoted(nastyItems[(place + step) % nastyItems.count])),purchase\n"
            }
        }
        try write("events.csv", events)
        try write(
            "items.csv", "item,title\n" + nastyItems.map { "\(quoted($0)),\(quoted("The \($0) \\' title"))\n" }.joined()
        )
        let outcome = try run(
            "train", "--events", "events.csv", "--items", "items.csv", "--model", "item-knn", "--out", "shop.reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
    }

    /// What `recommend --json` says for a user.
    fileprivate func answer(_ user: String, limit: Int) throws -> [(item: String, score: Double)] {
        let object = try run("recommend", "shop.reco", "--user", user, "-n", "\(limit)", "--json").json()
        return try #require(object["items"] as? [[String: Any]]).map {
            (try #require($0["id"] as? String), try #require($0["score"] as? Double))
        }
    }

    /// Rows of a database's answer: columns in hexadecimal, so that nothing of them is lost on the way.
    fileprivate func texts(_ output: String) -> [[String]] {
        output.split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map { hex in
                let digits = Array(hex.utf8)
                return String(
                    decoding: stride(from: 0, to: digits.count, by: 2).map {
                        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
                    }, as: UTF8.self)
            }
        }
    }
}

@Test func listsAsCSVSayWhatTheModelRecommends() throws {
    let bench = try Bench()
    try bench.trainShop()
    let outcome = try bench.run("export", "lists", "shop.reco", "--csv", "lists.csv", "-n", "3")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = try String(decoding: bench.bytes("lists.csv"), as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines[0] == "user,rank,item,score,title" && lines.count == 1 + 40 * 3)
    for user in [0, 17, 39] {
        let rows = lines.filter { $0.hasPrefix("\(user),") }.map { $0.split(separator: ",").map(String.init) }
        let expected = try bench.answer("\(user)", limit: 3)
        #expect(rows.map { $0[1] } == ["1", "2", "3"])
        #expect(rows.map { $0[2] } == expected.map(\.item))
        #expect(rows.map { $0[4] } == expected.map { "Thing \($0.item)" })
    }
    for threads in ["1", "2", "7"] {
        try bench.run("export", "lists", "shop.reco", "--csv", "again.csv", "-n", "3", "--threads", threads)
        #expect(try bench.bytes("again.csv") == bench.bytes("lists.csv"))
    }
}

@Test func listsGoToTheUsersOfAFileAndMayBeShort() throws {
    let bench = try Bench()
    try bench.trainShop()
    try bench.write("users.txt", "5\nnobody\n7\n")
    try bench.run("export", "lists", "shop.reco", "--csv", "lists.csv", "--users", "users.txt", "-n", "2")
    let users = try String(decoding: bench.bytes("lists.csv"), as: UTF8.self).split(separator: "\n").dropFirst()
        .map { $0.split(separator: ",")[0] }
    #expect(users == ["5", "5", "nobody", "nobody", "7", "7"])
    try bench.run(
        "export", "lists", "shop.reco", "--csv", "lists.csv", "--users", "users.txt", "-n", "2", "--no-fallback")
    let known = try String(decoding: bench.bytes("lists.csv"), as: UTF8.self)
    #expect(!known.contains("nobody") && known.contains("\n5,1,"))
    // Whole numbers make a column of numbers, which has no room for a name.
    let outcome = try bench.run("export", "lists", "shop.reco", "--sql", "lists.sql", "--users", "users.txt")
    #expect(outcome.code == 0 && outcome.errors.contains("1 user is left out: the ids of this model are whole numbers"))
    #expect(try String(decoding: bench.bytes("lists.sql"), as: UTF8.self).contains("`user` BIGINT"))
    let nobody = try bench.write("none.txt", "")
    try bench.run("export", "lists", "shop.reco", "--sql", "empty.sql", "--users", nobody)
    #expect(
        try String(decoding: bench.bytes("empty.sql"), as: UTF8.self).hasSuffix(
            "DELETE FROM `recommendations`;\nCOMMIT;\n"))
}

@Test func listsAsCSVQuoteWhatHasToBe() throws {
    let bench = try Bench()
    try bench.trainNastyShop()
    try bench.run("export", "lists", "shop.reco", "--csv", "lists.csv", "-n", "4")
    // What was written is read again as events, with the same ids.
    let outcome = try bench.run(
        "train", "--events", "lists.csv", "--model", "popularity", "--json", "--out", "again.reco")
    let object = try outcome.json()
    #expect(object["users"] as? Int == nastyUsers.count && object["bad_rows"] as? Int == 0)
    for user in nastyUsers {
        #expect(!(try bench.run("recommend", "again.reco", "--user", user)).errors.contains("does not know"), "\(user)")
    }
}

@Test(.enabled(if: MariaDBServer.isInstalled)) func listsGoIntoMariaDBAsTheyAre() throws {
    let server = try #require(MariaDBServer.shared)
    let bench = try Bench()
    try bench.trainNastyShop()
    let name = "lists_\(UUID().uuidString.prefix(8))"
    try server.run("CREATE DATABASE \(name)")
    let outcome = try bench.run("export", "lists", "shop.reco", "--sql", "lists.sql", "-n", "4")
    #expect(outcome.code == 0, "\(outcome.errors)")
    // A second time: the table is there, and gets the new lists in place of the old.
    for _ in 0..<2 {
        try server.run("source \(bench.path("lists.sql"))", in: name)
        let rows = try bench.texts(
            server.run(
                "SELECT CONCAT_WS('|', HEX(user), HEX(CAST(`rank` AS CHAR)), HEX(item), HEX(title)) FROM recommendations "
                    + "ORDER BY user, `rank`", in: name))
        for user in nastyUsers {
            let items = try bench.answer(user, limit: 4).map(\.item)
            let own = rows.filter { $0[0] == user }
            #expect(own.map { $0[2] } == items, "\(user)")
            #expect(own.map { $0[3] } == items.map { "The \($0) \\' title" })
            #expect(own.map { $0[1] } == (1...items.count).map(String.init))
        }
        #expect(Set(rows.map { $0[0] }) == Set(nastyUsers))
    }
    #expect(try server.run("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '\(name)'") == "1\n")
}

@Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")))
func listsGoIntoSQLiteAsTheyAre() throws {
    let bench = try Bench()
    try bench.trainNastyShop()
    try bench.run("export", "lists", "shop.reco", "--sql", "lists.sql", "-n", "4", "--table", "my lists")
    func sqlite(_ words: String..., input: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [bench.path("shop.db")] + words
        let output = try PrivatePipe()
        process.standardOutput = output.writing
        process.standardInput = input.flatMap { FileHandle(forReadingAtPath: $0) } ?? FileHandle.nullDevice
        try starting.withLock { try process.run() }
        try output.writing.close()
        let text = output.reading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self)
    }
    for _ in 0..<2 {
        #expect(try sqlite("-bail", input: bench.path("lists.sql")) == "")
        let rows = try bench.texts(
            sqlite("SELECT hex(user) || '|' || hex(item) || '|' || hex(title) FROM \"my lists\" ORDER BY user, rank"))
        for user in nastyUsers {
            #expect(
                try rows.filter { $0[0] == user }.map { $0[1] } == bench.answer(user, limit: 4).map(\.item), "\(user)")
        }
        #expect(Set(rows.map { $0[0] }) == Set(nastyUsers))
    }
}

@Test func listsThatCannotBeWrittenAreRefused() throws {
    let bench = try Bench()
    try bench.trainShop()
    func export(_ words: String...) throws -> Outcome { try bench.run(["export", "lists", "shop.reco"] + words) }
    try export().isRefused(2, "Say what to write: --csv FILE or --sql FILE.")
    try export("--csv", "a", "--sql", "b").isRefused(2, "Say what to write: --csv FILE or --sql FILE.")
    try export("--sql", "b", "--table", "a`b").isRefused(
        2, "--table takes the name of a table, of 64 bytes at most and without backquotes.")
    try export("--csv", "missing/lists.csv").isRefused(1, "cannot write missing/lists.csv: No such file or directory")
    try export("--csv", "shop.reco").isRefused(2, "The file to write would replace the input shop.reco.")
    try export("--csv", "lists.csv", "--users", "none.txt").isRefused(
        1, "cannot open none.txt: No such file or directory")
    try export("--csv", "lists.csv", "--filter", "price <").isRefused(
        1,
        try bench.run("recommend", "shop.reco", "--user", "1", "--filter", "price <").errors
            .split(separator: "\n").last.map { String($0.dropFirst("reco: ".count)) } ?? "")
    #expect(try !bench.files().contains { $0.hasPrefix("lists.csv") })
    let full = try bench.run(
        "export", "lists", "shop.reco", "--csv", "lists.csv", "-n", "1000",
        through: ["/bin/sh", "-c", "ulimit -f 1; exec \"$0\" \"$@\""])
    full.isRefused(1, "cannot write lists.csv: File too large")
    #expect(try !bench.files().contains { $0.hasPrefix("lists.csv") })
}
