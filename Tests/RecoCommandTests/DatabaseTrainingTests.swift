import Foundation
import MariaDBServer
import Testing

/// The shop of `Bench.writeShop` as tables, with a password file.
private func shop(_ bench: Bench, _ name: String, more: String = "") throws -> MariaDBServer {
    let server = try #require(MariaDBServer.shared)
    try server.makeDatabase(
        name,
        """
        CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, ordered_at DATETIME) ENGINE=InnoDB;
        CREATE TABLE order_lines (order_id INT, product_id INT, quantity INT) ENGINE=InnoDB;
        CREATE TABLE products (id INT PRIMARY KEY, name VARCHAR(50), price DECIMAL(8,2), category VARCHAR(20)) ENGINE=InnoDB;
        INSERT INTO orders SELECT seq, seq MOD 40, '2024-01-01' + INTERVAL seq HOUR FROM seq_0_to_239;
        INSERT INTO order_lines SELECT id, (customer_id DIV 2 * 2 + id DIV 40 * 2) MOD 20 + customer_id MOD 2, 1 FROM orders;
        INSERT INTO products SELECT seq, CONCAT('Thing ', seq), seq + 0.5, CONCAT('c', seq MOD 2) FROM seq_0_to_19;
        \(more)
        """)
    try bench.write("password", "secret\n")
    return server
}

private func configuration(_ server: MariaDBServer, _ name: String, _ rest: String? = nil) -> String {
    """
    database:
      socket: \(server.socket)
      name: \(name)
      user: reader
      password-file: password
    \(rest ?? """
    events:
      purchases: |
        SELECT customer_id AS user, product_id AS item, ordered_at AS time, quantity AS weight, order_id AS basket
        FROM order_lines JOIN orders ON orders.id = order_id
    items: SELECT id AS item, name AS title, price, category FROM products
    model: item-knn
    out: m.reco
    """)
    """
}

@Suite(.enabled(if: MariaDBServer.isInstalled, "MariaDB is not installed"))
struct DatabaseTrainingTests {
    @Test func aShopTrainsFromItsDatabaseAsFromFiles() throws {
        let bench = try Bench()
        let server = try shop(bench, "trains")
        try bench.write("reco.yaml", configuration(server, "trains"))
        let outcome = try bench.run("train", "--config", "reco.yaml", "--json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        let result = try outcome.json()
        #expect(result["events"] as? Int == 240 && result["users"] as? Int == 40 && result["items"] as? Int == 20)
        let similar = try bench.run("similar", "m.reco", "--item", "4", "-n", "3", "--json").json()
        let items = try #require(similar["items"] as? [[String: Any]]).compactMap { $0["id"] as? String }
        #expect(items.count == 3 && items.allSatisfy { (Int($0) ?? 1) % 2 == 0 })
        // The same rows as a file give the same model.
        try bench.write(
            "events.csv",
            "user,item,event,time,weight,basket\n"
                + server.run(
                    """
                    SELECT CONCAT_WS(',', customer_id, product_id, 'purchase', ordered_at, quantity, order_id)
                    FROM order_lines JOIN orders ON orders.id = order_id
                    """, in: "trains"))
        try bench.write(
            "items.csv",
            "item,title,price,category\n"
                + server.run("SELECT CONCAT_WS(',', id, name, price, category) FROM products", in: "trains"))
        let files = try bench.run(
            "train", "--events", "events.csv", "--items", "items.csv", "--model", "item-knn", "--out", "f.reco")
        #expect(files.code == 0, "\(files.errors)")
        #expect(try bench.bytes("m.reco") == bench.bytes("f.reco"))
    }

    @Test func weightsHalfLivesAndAttributesStandBesideTheQueries() throws {
        let bench = try Bench()
        let server = try shop(
            bench, "settings", more: "CREATE TABLE clicks (v INT, p INT); INSERT INTO clicks VALUES (1, 3), (1, 5)")
        try bench.write("shares.csv", "user,item\n1,7\n")
        try bench.write(
            "reco.yaml",
            configuration(
                server, "settings",
                """
                events:
                  views:
                    sql: SELECT v AS user, p AS item FROM clicks
                    weight: 0.25
                    half-life: 14d
                  share: {file: shares.csv, weight: 2}
                items:
                  sql: SELECT id AS item, name AS label, category AS shelf FROM products
                  attributes: {label: text, shelf: tags}
                model: popularity
                out: m.reco
                """))
        let outcome = try bench.run("train", "--config", "reco.yaml", "--json")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(try outcome.json()["events"] as? Int == 3)
        let inspected = try bench.run("inspect", "m.reco").output
        #expect(inspected.contains("share") && inspected.contains("14"), "\(inspected)")
    }

    @Test(
        arguments: [
            (
                "name: refused", "name: nowhere",
                "cannot open the database nowhere at SOCKET as reader: Access denied for user 'reader'@'localhost' to database 'nowhere' (1044)"
            ),
            (
                "password-file: password", "password-env: RECO_NO_SUCH_VARIABLE",
                "reco.yaml, line 5: the environment variable RECO_NO_SUCH_VARIABLE with the password is not set"
            ),
            (
                "password-file: password", "password: secret",
                "reco.yaml, line 5: a password does not belong into this file; use password-env or password-file"
            ),
            (
                "FROM order_lines", "FROM order_rows",
                "reco.yaml, line 7: the query of purchases failed: Table 'refused.order_rows' doesn't exist (1146)"
            ),
            (
                "product_id AS item", "product_id AS thing",
                "reco.yaml, line 7: the query of purchases gives no column named item, only user, thing, time, weight, basket; name one with AS item"
            ),
            (
                "orders.id = order_id", "orders.id = order_id WHERE 1 = 0",
                "reco.yaml, line 7: the query of purchases gave no rows; where that may be, write empty: allowed"
            ),
            (
                "  purchases:", "  bookings:",
                "reco.yaml, line 7: the query of bookings: the kind of event \"bookings\" is unknown; known are interaction, view, cart, purchase, like, dislike; give it a weight to use it"
            ),
            (
                "  socket:", "  sokcet:",
                "reco.yaml, line 2: there is no key \"sokcet\" (did you mean socket?); there are sqlite, socket, host, port, name, user, password-env, password-file, tls, tls-ca"
            ),
            (
                "events:\n", "event:\n",
                "reco.yaml, line 6: there is no key \"event\" (did you mean events?); there are database, events, items, users, searches, encoder, continue, model, set, threads, seed, out, state, incremental, publish"
            ),
        ] as [(String, String, String)])
    func whatIsWrongIsOneSentenceAndTheOldModelStays(from: String, to: String, message: String) throws {
        let bench = try Bench()
        let server = try Self.refusedShop.get()
        try bench.write("password", "secret\n")
        let good = configuration(server, "refused")
        try #require(good.contains(from))
        try bench.write("reco.yaml", good.replacingOccurrences(of: from, with: to))
        try bench.write("m.reco", "the old model")
        try bench.run("train", "--config", "reco.yaml").isRefused(
            1, message.replacingOccurrences(of: "SOCKET", with: server.socket))
        #expect(try bench.bytes("m.reco") == Data("the old model".utf8))
        #expect(try bench.files().filter { $0 != "m.reco.state" } == ["m.reco", "password", "reco.yaml"])
    }

    private static let refusedShop = Result { try shop(Bench(), "refused") }

    @Test func aWrongPasswordIsRefused() throws {
        let bench = try Bench()
        let server = try Self.refusedShop.get()
        try bench.write("password", "sesame\n")
        try bench.write("reco.yaml", configuration(server, "refused"))
        try bench.run("train", "--config", "reco.yaml").isRefused(
            1,
            "cannot open the database refused at \(server.socket) as reader: Access denied for user 'reader'@'localhost' (using password: YES) (1045)"
        )
    }

    @Test func aDatabaseThatGoesAwayLeavesTheOldModel() throws {
        let bench = try Bench()
        let server = try shop(bench, "away")
        try bench.write(
            "reco.yaml",
            configuration(
                server, "away",
                """
                events:
                  purchases: SELECT seq AS user, seq AS item FROM seq_1_to_200000000
                model: popularity
                out: m.reco
                """))
        try bench.write("m.reco", "the old model")
        let process = bench.process(["train", "--config", "reco.yaml"])
        let errors = try PrivatePipe()
        process.standardError = errors.writing
        try starting.withLock { try process.run() }
        var id = ""
        for _ in 0..<300 where id.isEmpty {
            id = try server.run(
                "SELECT id FROM information_schema.processlist WHERE db = 'away' AND user = 'reader' AND info LIKE '%seq_1_to_2%'"
            )
            if id.isEmpty { usleep(20_000) }
        }
        usleep(200_000)
        try server.run("KILL \(id)")
        process.waitUntilExit()
        try errors.writing.close()
        let text = String(decoding: errors.reading.readDataToEndOfFile(), as: UTF8.self)
        #expect(process.terminationStatus == 1)
        #expect(text.contains("reco: reco.yaml, line 7: the query of purchases was cut off after "), "\(text)")
        #expect(try bench.bytes("m.reco") == Data("the old model".utf8))
    }

    @Test func checkCountsShowsAndWarns() throws {
        let bench = try Bench()
        let server = try shop(
            bench, "checked",
            more: """
                INSERT INTO orders VALUES (1000, 999, '2024-03-01 10:00:00');
                INSERT INTO order_lines SELECT 1000, 700 + seq MOD 10, 1 FROM seq_1_to_1500
                """)
        try bench.write("reco.yaml", configuration(server, "checked"))
        let outcome = try bench.run("check")
        #expect(outcome.code == 0, "\(outcome.errors)")
        for part in [
            "purchases: 1,740 rows\n", "items: 20 rows\n", "2024-01-01 00:00:00", "from 2024-01-01 to 2024-03-01",
            "warning: the user 999 has 86.2 % of all events", "may be robots: 999 with 1,500 events",
            "warning: 10 items with 86.2 % of the events are not in the catalogue, such as 70",
        ] { #expect(outcome.output.contains(part), "\(part): \(outcome.output)") }
        #expect(try !bench.files().contains("m.reco"))
        let json = try bench.run("check", "--config", "reco.yaml", "--samples", "1", "--json").json()
        #expect((json["warnings"] as? [String])?.count == 3 && json["events"] as? Int == 1740)
        let sources = try #require(json["sources"] as? [[String: Any]])
        #expect((sources[0]["samples"] as? [[String]])?.count == 1)
    }

    @Test func checkFindsNothingWrongInAGoodShop() throws {
        let bench = try Bench()
        let server = try shop(bench, "fine")
        try bench.write("reco.yaml", configuration(server, "fine"))
        let outcome = try bench.run("check")
        #expect(
            outcome.code == 0 && outcome.output.hasSuffix("nothing looks wrong\n"), "\(outcome.output)\(outcome.errors)"
        )
    }

    @Test func initDraftsWhatCheckAcceptsAndTrainTrains() throws {
        let bench = try Bench()
        let server = try shop(bench, "drafted")
        let options = [
            "--socket", server.socket, "--name", "drafted", "--user", "reader", "--password-file", "password",
        ]
        let outcome = try bench.run(["init"] + options)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("purchases: from order_lines and orders\n"))
        #expect(outcome.errors.contains("carts: no table looks like it\n"))
        #expect(try bench.run("check").code == 0)
        let trained = try bench.run("train", "--config", "reco.yaml", "--model", "item-knn", "--json")
        #expect(trained.code == 0, "\(trained.errors)")
        #expect(try trained.json()["events"] as? Int == 240)
        try bench.run(["init"] + options).isRefused(1, "reco.yaml is there already; --force replaces it")
        #expect(try bench.run(["init", "--force"] + options).code == 0)
    }
}

@Test func aShopTrainsFromSQLite() throws {
    let bench = try Bench()
    try bench.writeShop()
    let database = bench.path("shop.db")
    let sqlite = Process()
    sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    sqlite.arguments = [
        database, ".mode csv", ".import \(bench.path("events.csv")) purchases",
        ".import \(bench.path("items.csv")) products",
    ]
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3") else { return }
    try starting.withLock { try sqlite.run() }
    sqlite.waitUntilExit()
    try bench.write(
        "reco.yaml",
        """
        database: {sqlite: shop.db}
        events: SELECT user, item, event, weight, time FROM purchases
        items: SELECT * FROM products
        model: item-knn
        out: m.reco
        """)
    let outcome = try bench.run("train", "--config", "reco.yaml")
    #expect(outcome.code == 0, "\(outcome.errors)")
    try bench.trainShop()
    #expect(try bench.bytes("m.reco") == bench.bytes("shop.reco"))
    #expect(try bench.run("init", "--sqlite", "shop.db", "--out", "draft.yaml").code == 0)
    #expect(try bench.run("check", "--config", "draft.yaml").code == 0)
}

@Test func aQueryNeedsADatabase() throws {
    let bench = try Bench()
    try bench.write("reco.yaml", "model: als\nevents: SELECT a AS user, b AS item FROM c\nout: m.reco\n")
    try bench.run("train", "--config", "reco.yaml").isRefused(
        1, "reco.yaml, line 2: a query needs a database; say which under the key database")
    try bench.write("reco.yaml", "database: {host: h, socket: s, name: n, user: u}\nevents: e.csv\n")
    try bench.run("train", "--config", "reco.yaml", "--out", "m").isRefused(
        1, "reco.yaml, line 1: a database has a socket or a host, not both")
}
