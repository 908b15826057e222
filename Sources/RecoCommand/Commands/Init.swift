import ArgumentParser
import Glibc
import RecoKit
import RecoSources

/// `reco init`: a first configuration, from what the database calls its tables.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a commented reco.yaml after looking at the tables of a database.",
        discussion: """
            Looks at the names of tables and columns, never at rows, and drafts a query for purchases, views, carts, items, \
            users and searches where something looks like them. Read the draft, then run `reco check`.

            The password comes from the environment or a file; so it will for `reco train`.
            """)

    @Option(help: ArgumentHelp("An SQLite database.", valueName: "file"))
    var sqlite: String?

    @Option(help: ArgumentHelp("MariaDB or MySQL by its socket.", valueName: "file"))
    var socket: String?

    @Option(help: ArgumentHelp("MariaDB or MySQL by its host.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("The port of the host.", valueName: "number"))
    var port = 3306

    @Option(help: ArgumentHelp("The database on the server.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Who to log in as; a user that may only SELECT.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("The environment variable that holds the password.", valueName: "variable"))
    var passwordEnv: String?

    @Option(help: ArgumentHelp("The file whose first line is the password.", valueName: "file"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("off, preferred, required or verified.", valueName: "how"))
    var tls: String?

    @Option(help: ArgumentHelp("The configuration to write.", valueName: "file"))
    var out = "reco.yaml"

    @Flag(help: "Replace the configuration that is there.")
    var force = false

    func validate() throws {
        guard [sqlite, socket, host].compactMap({ $0 }).count == 1 else {
            throw ValidationError("Say where the database is: --host, --socket or --sqlite, one of them.")
        }
        if sqlite == nil, name == nil || user == nil { throw ValidationError("A database needs --name and --user.") }
        if out.isEmpty { throw ValidationError("--out takes the name of a file.") }
        for value in [sqlite, socket, host, name, user, passwordEnv, passwordFile, tls].compactMap({ $0 })
        where value.isEmpty || value.contains(where: \.isNewline) {
            throw ValidationError("An option is empty or has more than one line.")
        }
    }

    func run() throws {
        if !force, access(out, F_OK) == 0 {
            throw RecoError(.invalidArgument, "\(out) is there already; --force replaces it")
        }
        let lines = try database()
        // Read back, so that what is written is what was tried.
        let file = try TrainingFile(path: out, text: lines.joined(separator: "\n") + "\n")
        guard let settings = file.database else { throw RecoError(.invalidArgument, "there is no database") }
        let tables = try settings.open().tables()
        guard !tables.isEmpty else { throw RecoError(.badData, "the database has no tables that can be seen") }
        let guess = SchemaGuess(tables, quote: sqlite == nil ? "`" : "\"")
        let text = Self.text(database: lines, guess)
        _ = try TrainingFile(path: out, text: text)
        try TextFile.replace(out, with: text)
        complain("wrote \(out) after a look at \(Format.count(tables.count)) tables")
        for (what, query) in Self.parts(guess) {
            complain(
                "\(what): \(query.map { "from \($0.tables.joined(separator: " and "))" } ?? "no table looks like it")")
        }
        complain("read it, then run `reco check --config \(out)`")
    }

    /// The key `database` as lines.
    private func database() throws -> [String] {
        var lines = ["database:"]
        func add(_ key: String, _ value: String?) {
            if let value { lines.append("  \(key): \(Self.quoted(value))") }
        }
        let path = { (file: String?) throws -> String? in
            // The configuration's paths are relative to itself, those of the command line are not.
            guard let file, !file.hasPrefix("/"), out.contains("/") else { return file }
            guard let full = realpath(file, nil) else { throw RecoError.system("cannot find \(file)") }
            defer { free(full) }
            return String(cString: full)
        }
        add("sqlite", try path(sqlite))
        add("socket", try path(socket))
        add("host", host)
        if host != nil, port != 3306 { add("port", String(port)) }
        if sqlite == nil {
            add("name", name)
            add("user", user)
            add("password-env", passwordEnv)
            add("password-file", try path(passwordFile))
            add("tls", tls)
        }
        return lines
    }

    private static func quoted(_ value: String) -> String {
        let plain = value.utf8.allSatisfy { byte in
            byte < 0x80
                && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
                    || "/._-".utf8.contains(byte))
        }
        return plain && !value.hasPrefix("-")
            ? value : "'\(value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    }

    private static func parts(_ guess: SchemaGuess) -> [(what: String, query: SchemaGuess.Query?)] {
        [
            ("purchases", guess.purchases), ("views", guess.views), ("carts", guess.carts), ("items", guess.items),
            ("users", guess.users), ("searches", guess.searches),
        ]
    }

    private static func text(database: [String], _ guess: SchemaGuess) -> String {
        var lines = [
            "# What `reco train --config` reads. Paths are relative to this file. `reco init` drafted the queries by the",
            "# names of tables and columns: read them, above all what they should leave out (cancelled orders, staff).",
            "",
        ]
        lines += database
        lines += [
            "",
            "# Who did what with which item. A query names its columns: user, item, and as far as there are such, time,",
            "# weight (a quantity), basket (the order or session).", "events:",
        ]
        for (what, query, note) in [
            ("purchases", guess.purchases, "orders"), ("views", guess.views, "who looked at which product"),
            ("carts", guess.carts, "what was put into carts"),
        ] {
            if let query {
                lines += block(what, query, indent: "  ")
            } else {
                lines += [
                    "  # No table looks like \(note).", "  # \(what): |",
                    "  #   SELECT customer_id AS user, product_id AS item, created_at AS time FROM ...",
                ]
            }
        }
        lines += ["", "# Products: an id and attributes, for filters, search and what nobody has bought yet."]
        lines +=
            guess.items.map { block("items", $0, indent: "") } ?? [
                "# items: |", "#   SELECT id AS item, name AS title, price, category FROM ...",
            ]
        lines += [
            "",
            "# Customers: the id as in the events, and what may say something about taste. It goes into the model file: no",
            "# names, no addresses.",
        ]
        lines +=
            guess.users.map { block("users", $0, indent: "") } ?? [
                "# users: |", "#   SELECT id AS user, country, customer_group FROM ...",
            ]
        lines += ["", "# What was searched for and chosen then: query, item, and if there is one, user and time."]
        lines +=
            guess.searches.map { block("searches", $0, indent: "") } ?? [
                "# searches: |", "#   SELECT phrase AS query, product_id AS item, customer_id AS user FROM ...",
            ]
        lines += [
            "", "# hybrid, the default, chooses by the data; `reco models` lists all.", "model: hybrid", "",
            "# set:", "#   weight.view: 0.5", "#   half-life.view: 14d", "", "out: shop.reco",
        ]
        lines += nightly(guess)
        if guess.purchases == nil, guess.views == nil, guess.carts == nil {
            // A key without anything below it is an error, and should be one only when training starts.
            lines = lines.map { $0 == "events:" ? "# events:" : $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What makes a run every night quick and safe, in comments: it is for whoever knows the shop to switch on.
    private static func nightly(_ guess: SchemaGuess) -> [String] {
        let time = [guess.purchases, guess.views, guess.carts].lazy.compactMap { $0?.time }.first ?? "created_at"
        return [
            "",
            "# Only what is new: a query of events that ends with a condition on what it calls time, as in",
            "#   WHERE \(Format.plain(time)) >= :since",
            "# is asked for what came since the last run, and the rest is kept in shop.reco.state. So much before the newest",
            "# event is read again each time (overlap), for what comes late or is changed; everything is, after so long (full).",
            "# incremental: {overlap: 3d, full: 7d}",
            "",
            "# What a new model has to fulfil before it takes the old one's place; if it does not, the old one stays and the",
            "# exit code is 4, until a run with --accept. keep: earlier models that stay, for `reco rollback`. rows: how many",
            "# times as many rows as last time, or as few, a query may give. smaller: how much smaller the file may be. metric:",
            "# measured on the last part of the events; it doubles the time. worse: how far the metric may fall.",
            "# publish: {keep: 2, rows: 10, smaller: 50%, metric: ndcg@10, worse: 10%}",
        ]
    }

    private static func block(_ key: String, _ query: SchemaGuess.Query, indent: String) -> [String] {
        ["\(indent)# from \(query.tables.map { Format.plain($0) }.joined(separator: " and "))", "\(indent)\(key): |"]
            + query.sql.split(separator: "\n").map { "\(indent)  \($0)" }
    }
}
