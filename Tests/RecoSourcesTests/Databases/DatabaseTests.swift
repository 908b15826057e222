import Foundation
import MariaDBServer
import Testing

@testable import RecoKit
@testable import RecoSources

private func settings(_ server: MariaDBServer, _ name: String) -> MariaDBSettings {
    var settings = MariaDBSettings()
    (settings.socket, settings.name, settings.user, settings.password) = (server.socket, name, "reader", "secret")
    return settings
}

/// A database of a test's own, gone to with the reading user.
private func mariaDB(_ name: String, _ sql: String) throws -> (server: MariaDBServer, settings: MariaDBSettings) {
    let server = try #require(MariaDBServer.shared)
    try server.makeDatabase(name, sql)
    return (server, settings(server, name))
}

private func events(_ database: any Database, _ sql: String) throws -> (log: EventLog, report: TableReport) {
    let log = EventLog()
    let report = try log.addEvents(from: database.rows(of: sql, name: "the query"), kind: 3)
    return (log, report)
}

@Suite(.enabled(if: MariaDBServer.isInstalled, "MariaDB is not installed"))
struct MariaDBTests {
    @Test func rowsBecomeEventsWhateverTheTypesOfTheirColumns() throws {
        let (_, settings) = try mariaDB(
            "types",
            """
            CREATE TABLE l (u BIGINT UNSIGNED, i VARCHAR(20), q DECIMAL(8,2), d DATETIME, t TIMESTAMP NULL, y DATE, s INT,
                            b BINARY(2));
            SET time_zone = '+02:00';
            INSERT INTO l VALUES (18446744073709551615, 'tea', 2.50, '2024-11-09 10:00:00', '2024-11-09 12:00:00',
                                  '2024-11-09', 1731146400, x'0aff'), (7, 'cup', NULL, NULL, NULL, NULL, NULL, NULL)
            """)
        let database = try MariaDB(settings)
        let time: Int64 = 1_731_146_400
        for (column, expected) in [("d", time), ("t", time), ("y", 1_731_110_400), ("s", time)] {
            let (log, _) = try events(database, "SELECT u AS user, i AS item, q AS quantity, \(column) AS time FROM l")
            #expect(
                log.events == [
                    Event(user: "18446744073709551615", item: "tea", kind: "purchase", weight: 2.5, time: expected),
                    Event(user: "7", item: "cup", kind: "purchase"),
                ], "\(column)")
        }
        let (log, report) = try events(database, "SELECT HEX(b) AS user, i AS sku, b AS other FROM l")
        #expect(log.events.map(\.user) == ["0AFF"] && report.badRows.count == 1)
        #expect(
            report.badRows.lines == [
                "the query: passed over 1 row with an empty user", "  row 2: the user is empty",
            ])
        #expect(report.ignoredColumns == ["other"])
    }

    @Test func datesOfZerosAreNoTimesAndCounted() throws {
        let (_, settings) = try mariaDB(
            "zeros",
            """
            SET sql_mode = ''; CREATE TABLE l (u INT, i INT, d DATETIME, y DATE);
            INSERT INTO l VALUES (1, 1, 0, 0), (1, 2, '2024-11-09 10:00:00', '2024-11-09')
            """)
        let database = try MariaDB(settings)
        for column in ["d", "y"] {
            let (log, report) = try events(database, "SELECT u AS user, i AS item, \(column) AS time FROM l")
            #expect(report.zeroTimes == 1 && report.rows == 2 && report.badRows.count == 0)
            #expect(log.events[0].time == nil && log.events[1].time != nil)
        }
    }

    @Test func textArrivesAsUTF8WhateverItIsStoredIn() throws {
        let (_, settings) = try mariaDB(
            "charsets",
            """
            CREATE TABLE a (id INT, title VARCHAR(20) CHARACTER SET latin1);
            CREATE TABLE b (id INT, title VARCHAR(20) CHARACTER SET utf8mb4);
            CREATE TABLE c (id INT, title VARBINARY(20));
            INSERT INTO a VALUES (1, 'Käse'); INSERT INTO b VALUES (2, 'Tee 🍵'); INSERT INTO c VALUES (3, x'4be473');
            """)
        let (catalog, ids) = (Catalog(), IDTable())
        let report = try catalog.addItems(
            from: MariaDB(settings).rows(
                of: "SELECT id AS item, title FROM a UNION ALL SELECT * FROM b UNION ALL SELECT * FROM c ORDER BY 1",
                name: "items"), ids: ids)
        #expect(report.rows == 3)
        let texts = try MariaDB(settings).texts(of: "SELECT title FROM a UNION ALL SELECT title FROM b", name: "x")
        #expect(texts == [["Käse"], ["Tee 🍵"]])
        let binary = Catalog()
        let repaired = try binary.addItems(
            from: MariaDB(settings).rows(of: "SELECT id AS item, title FROM c", name: "items"), ids: IDTable())
        #expect(repaired.rows == 1 && repaired.repairedTexts == 1)
    }

    @Test func allQueriesSeeOneMoment() throws {
        let (server, settings) = try mariaDB(
            "moment", "CREATE TABLE l (u INT, i INT) ENGINE=InnoDB; INSERT INTO l VALUES (1, 1)")
        let database = try MariaDB(settings)
        try server.run("INSERT INTO l VALUES (2, 2)", in: "moment")
        #expect(try database.texts(of: "SELECT u FROM l", name: "x") == [["1"]])
        #expect(try MariaDB(settings).texts(of: "SELECT u FROM l", name: "x") == [["1"], ["2"]])
    }

    @Test func nothingIsWrittenWhateverTheQuerySays() throws {
        let server = try #require(MariaDBServer.shared)
        try server.makeDatabase("readonly", "CREATE TABLE l (u INT); INSERT INTO l VALUES (1)")
        try server.run("GRANT ALL ON readonly.* TO reader@localhost")
        let database = try MariaDB(settings(server, "readonly"))
        #expect(
            message { _ = try database.rows(of: "DELETE FROM l", name: "the query of views") }
                == "the query of views failed: Cannot execute statement in a READ ONLY transaction (1792)")
        #expect(
            message { _ = try database.rows(of: "SET @a = 1", name: "the query of views") }
                == "the query of views gives no rows because it is no SELECT")
        #expect(
            message { _ = try database.rows(of: "SELECT 1; DELETE FROM l", name: "the query of views") }
                .hasPrefix("the query of views failed: You have an error in your SQL syntax"))
        #expect(try server.run("SELECT count(*) FROM l", in: "readonly") == "1\n")
    }

    @Test func whatCannotBeOpenedIsOneSentence() throws {
        let (server, good) = try mariaDB("locked", "CREATE TABLE l (u INT)")
        var wrong = good
        wrong.password = "sesame"
        #expect(
            message { _ = try MariaDB(wrong) }
                == "cannot open the database locked at \(server.socket) as reader: Access denied for user "
                + "'reader'@'localhost' (using password: YES) (1045)")
        wrong = good
        wrong.name = "nowhere"
        #expect(message { _ = try MariaDB(wrong) }.contains("to database 'nowhere' (1044)"))
        wrong = good
        wrong.socket = "/tmp/no-such-socket"
        #expect(message { _ = try MariaDB(wrong) }.contains("Can't connect to local server through socket"))
        wrong = good
        wrong.encryption = .required
        #expect(
            message { _ = try MariaDB(wrong) }.hasSuffix(
                ": the configuration requires TLS, which the server does not offer"))
        wrong.encryption = .verified
        #expect(message { _ = try MariaDB(wrong) }.hasPrefix("cannot open the database locked at "))
        // What comes after "in" depends on the server's version.
        #expect(
            message { _ = try events(MariaDB(good), "SELECT u AS user, price FROM l") }
                .hasPrefix("the query failed: Unknown column 'price' in "))
        #expect(
            message { _ = try events(MariaDB(good), "SELECT u AS user, u AS x FROM l") }
                == "the query gives no column named item, only user, x; name one with AS item")
        #expect(
            message { _ = try events(MariaDB(good), "SELECT u, u, u AS user, u AS item FROM l") }
                == "the query gives two columns that are named u")
    }

    @Test func aConnectionThatIsCutOffIsAnErrorAndNotAnEnd() throws {
        let (server, settings) = try mariaDB("cut", "CREATE TABLE l (u INT)")
        let database = try MariaDB(settings)
        let id = try database.texts(of: "SELECT CONNECTION_ID()", name: "x")[0][0]
        var options = TableOptions()
        var killed = false
        options.progress = { _ in
            if !killed { try server.run("KILL \(id)") }
            killed = true
        }
        let log = EventLog()
        let problem = message {
            _ = try log.addEvents(
                from: database.rows(of: "SELECT seq AS user, seq AS item FROM seq_1_to_5000000", name: "the query"),
                kind: 3, options)
        }
        #expect(problem.hasPrefix("the query was cut off after ") && killed, "\(problem)")
        #expect(log.count < 5_000_000)
    }

    @Test func tablesAreListedWithTheirColumns() throws {
        let (_, settings) = try mariaDB(
            "listed", "CREATE TABLE orders (id INT, at DATETIME); CREATE VIEW v AS SELECT id AS x FROM orders")
        #expect(
            try MariaDB(settings).tables() == [
                DatabaseTable(name: "orders", columns: [.init("id", "int"), .init("at", "datetime")]),
                DatabaseTable(name: "v", columns: [.init("x", "int")]),
            ])
    }
}

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"), "sqlite3 is not installed"))
struct SQLiteTests {
    private func make(_ folder: TemporaryFolder, _ sql: String) throws -> String {
        let path = folder.url.appendingPathComponent("shop.db").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [path, sql]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return path
    }

    @Test func rowsBecomeEvents() throws {
        let folder = try TemporaryFolder()
        let path = try make(
            folder,
            """
            CREATE TABLE l (u INTEGER, i TEXT, q REAL, t INTEGER);
            INSERT INTO l VALUES (1, 'tea', 2.5, 1731146400), (2, 'Tee 🍵', NULL, NULL), (NULL, 'x', 1, 1);
            """)
        let database = try SQLite(path: path)
        let (log, report) = try events(database, "SELECT u AS user, i AS item, q AS weight, t AS time FROM l")
        #expect(
            log.events == [
                Event(user: "1", item: "tea", kind: "purchase", weight: 2.5, time: 1_731_146_400),
                Event(user: "2", item: "Tee 🍵", kind: "purchase"),
            ])
        #expect(report.badRows.count == 1)
        #expect(
            try database.tables() == [
                DatabaseTable(
                    name: "l",
                    columns: [.init("u", "integer"), .init("i", "text"), .init("q", "real"), .init("t", "integer")])
            ])
    }

    @Test func badQueriesAndFilesAreOneSentence() throws {
        let folder = try TemporaryFolder()
        let path = try make(folder, "CREATE TABLE l (u INTEGER); INSERT INTO l VALUES (1)")
        let database = try SQLite(path: path)
        #expect(
            message { _ = try database.rows(of: "SELECT price FROM l", name: "the query") }
                == "the query failed: no such column: price")
        #expect(
            message { _ = try database.rows(of: "DELETE FROM l", name: "the query") }
                == "the query gives no rows because it is no SELECT")
        let missing = folder.url.appendingPathComponent("none.db").path
        #expect(
            message { _ = try SQLite(path: missing) }
                == "cannot open the database \(missing): unable to open database file")
        let text = try folder.write("text.db", String(repeating: "no database at all ", count: 100))
        #expect(message { _ = try SQLite(path: text) } == "cannot open the database \(text): file is not a database")
        #expect(message { _ = try database.rows(of: "-- nothing", name: "the query") } == "the query is empty")
        #expect(
            message { _ = try database.rows(of: "SELECT 1; SELECT 2", name: "the query") }
                == "the query is more than one statement")
    }
}
