import ArgumentParser
import RecoKit
import RecoSources

/// `reco export lists`: a list for every user, for e-mail campaigns and for shops that would rather read a table.
struct ExportLists: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists", abstract: "Writes a list of items for every user, as CSV or as SQL.",
        discussion: """
            CSV has the columns user, rank, item, score and, where items have one, title. SQL makes a table, empties it and \
            fills it in one transaction, so that readers see the old lists or the new: for MariaDB, MySQL and SQLite \
            (mariadb shop <lists.sql, sqlite3 shop.db <lists.sql).

            What a user has bought is left out, unless --repeats is given. Users of whom nothing is known get what is \
            popular; with --no-fallback lists are rather short, or empty and then not written.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @Option(help: ArgumentHelp("The CSV file to write.", valueName: "file"))
    var csv: String?

    @Option(help: ArgumentHelp("The SQL file to write.", valueName: "file"))
    var sql: String?

    @Option(help: ArgumentHelp("The table that the SQL fills.", valueName: "name"))
    var table = "recommendations"

    @Option(
        help: ArgumentHelp("For these users, one id a line, instead of all that the model knows.", valueName: "file"))
    var users: String?

    @OptionGroup var length: Limit
    @OptionGroup var expressions: Expressions

    @Flag(help: "Also list what the user has bought already.")
    var repeats = false

    @Flag(inversion: .prefixedNo, help: "Fill lists up with what is popular.")
    var fallback = true

    @Option(help: "Threads; 0 is one for each processor. The file does not depend on it.")
    var threads = 0

    func validate() throws {
        guard (csv == nil) != (sql == nil) else {
            throw ValidationError("Say what to write: --csv FILE or --sql FILE.")
        }
        if (csv ?? sql) == "" { throw ValidationError("The name of the file to write is empty.") }
        guard !table.isEmpty, table.utf8.count <= 64,
            !table.unicodeScalars.contains(where: { "`\0\n\r".unicodeScalars.contains($0) })
        else {
            throw ValidationError("--table takes the name of a table, of 64 bytes at most and without backquotes.")
        }
        try checkThreads(threads)
    }

    func run() throws {
        let start = Progress.now()
        let out = csv ?? sql ?? ""
        try checkOutput(out, isNoneOf: [model] + (users.map { [$0] } ?? []), called: "The file to write")
        let model = try Model.open(model)
        let live = try expressions.readLive()
        let caps = try expressions.caps
        let file = try StreamedFile(path: out)
        var format: any ListFormat =
            csv != nil ? CSVLists(model) : SQLLists(model, table: table)
        var options: QueryOptions = repeats ? .showBought : []
        if !fallback { options.insert(.noFallback) }
        try file.write(format.head)
        var (lists, rows, strangers) = (0, 0, 0)
        let rowTexts = format.rows
        let answers = BatchAnswers(
            threads: threadCount(threads), total: users == nil ? model.users.count : nil,
            progress: Progress()
        ) { user in
            try rowTexts(
                user,
                model.recommend(
                    user: user, limit: length.limit, filter: expressions.filter, boost: expressions.boost, live: live,
                    diversity: expressions.diversity, caps: caps, options: options))
        } write: { texts in
            if !texts.isEmpty { lists += 1 }
            rows += texts.count
            for text in texts { try file.write(format.next(text)) }
        }
        if let users {
            let badLines = try readIDs(from: users) { user in
                if format.accepts(user) { try answers.add(user) } else { strangers += 1 }
            }
            for line in badLines.lines { complain(line) }
        } else {
            // Not for those who have been forgotten since the training.
            for row in 0..<model.users.count {
                let user = model.users.id(of: row)
                if model.knows(user: user) { try answers.add(user) }
            }
        }
        try answers.finish()
        try file.write(format.foot)
        try file.finish()
        if strangers > 0 {
            complain(
                "\(Format.count(strangers)) \(strangers == 1 ? "user is" : "users are") left out: the ids of this model are "
                    + "whole numbers, and so is the column")
        }
        complain(
            "wrote \(out): \(Format.bytes(file.byteCount)), \(Format.count(lists)) lists, \(Format.count(rows)) rows, "
                + Format.duration(Progress.now() - start))
    }
}

/// How lists are written: what comes before the rows, each row, and what comes after.
private protocol ListFormat {
    var head: String { get }
    var foot: String { get }
    /// The rows of one user's list; may be called on any thread.
    var rows: @Sendable (_ user: String, _ hits: [Hit]) -> [String] { get }
    /// What is written for a row, with what has to stand before it.
    mutating func next(_ row: String) -> String
    /// Whether the id of a user fits.
    func accepts(_ user: String) -> Bool
}

/// The titles of items, where there are any.
private struct Titles: Sendable {
    private let catalog: CatalogIndex
    private let attribute: CatalogIndex.Attribute

    init?(_ model: Model) {
        guard let attribute = model.catalog.attribute(named: "title") ?? model.catalog.attribute(named: "name") else {
            return nil
        }
        (catalog, self.attribute) = (model.catalog, attribute)
    }

    subscript(hit: Hit) -> String { hit.row.map { catalog.text(attribute, row: $0) } ?? "" }
}

/// RFC 4180, with line feeds, as `reco train` and spreadsheets read it.
private struct CSVLists: ListFormat {
    let head: String
    let foot = ""
    let rows: @Sendable (String, [Hit]) -> [String]

    init(_ model: Model) {
        let titles = Titles(model)
        head = titles == nil ? "user,rank,item,score\n" : "user,rank,item,score,title\n"
        rows = { user, hits in
            let user = Self.field(user)
            return hits.enumerated().map { place, hit in
                let title = titles.map { "," + Self.field($0[hit]) } ?? ""
                return "\(user),\(place + 1),\(Self.field(hit.id)),\(hit.score)\(title)\n"
            }
        }
    }

    func next(_ row: String) -> String { row }
    func accepts(_ user: String) -> Bool { true }

    private static func field(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0A && $0 != 0x0D }
        if isPlain, text.first != " ", text.last != " " { return text }
        return "\"" + text.replacing(scalar: "\"", with: "\"\"") + "\""
    }
}

/// A table and its rows in one transaction, for MariaDB and MySQL; to SQLite what only those understand are comments.
///
/// Quotes are doubled and backslashes stand for themselves (NO_BACKSLASH_ESCAPES), which is what all three agree on.
private struct SQLLists: ListFormat {
    /// Rows of a statement: few enough for any server's longest packet.
    private static let rowsPerStatement = 500

    let head: String
    let rows: @Sendable (String, [Hit]) -> [String]
    private let insert: String
    private let usersAreIntegers: Bool
    private var count = 0

    init(_ model: Model, table: String) {
        let titles = Titles(model)
        let (users, items) = (model.users.holdsIntegers, model.items.holdsIntegers)
        usersAreIntegers = users
        func type(_ areIntegers: Bool) -> String { areIntegers ? "BIGINT" : "VARCHAR(255)" }
        head = """
            /*!40101 SET NAMES utf8mb4 */;
            /*!40101 SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES' */;
            CREATE TABLE IF NOT EXISTS `\(table)` (
              `user` \(type(users)) NOT NULL,
              `rank` INT NOT NULL,
              `item` \(type(items)) NOT NULL,
              `score` DOUBLE NOT NULL,
              `title` TEXT,
              PRIMARY KEY (`user`, `rank`)
            ) /*!40101 ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin */;
            BEGIN;
            DELETE FROM `\(table)`;

            """
        insert = "INSERT INTO `\(table)` (`user`, `rank`, `item`, `score`, `title`) VALUES\n"
        rows = { user, hits in
            let user = users ? user : Self.literal(user)
            return hits.enumerated().map { place, hit in
                let item = items ? hit.id : Self.literal(hit.id)
                let title = titles.map { $0[hit] } ?? ""
                return "(\(user),\(place + 1),\(item),\(hit.score),\(title.isEmpty ? "NULL" : Self.literal(title)))"
            }
        }
    }

    mutating func next(_ row: String) -> String {
        let isFirst = count % Self.rowsPerStatement == 0
        let before = isFirst ? (count > 0 ? ";\n" : "") + insert : ",\n"
        count += 1
        return before + row
    }

    var foot: String { (count > 0 ? ";\n" : "") + "COMMIT;\n" }

    /// As `IDTable` has it: "007" is no number, and would become 7.
    func accepts(_ user: String) -> Bool { !usersAreIntegers || IDText.isInteger(user) }

    /// No statement may hold a NUL.
    private static func literal(_ text: String) -> String {
        "'" + text.replacing(scalar: "'", with: "''").replacing(scalar: "\0", with: "") + "'"
    }
}
