import ArgumentParser
import Glibc
import RecoKit
import RecoSources

/// `reco check`: is the configuration right, and is what it reads what was meant?
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads all that a configuration names, and tells what looks wrong, without training.",
        discussion: """
            Counts the rows of every file and query, shows the first of each, and warns of what makes models bad: no times, \
            items that the catalogue does not know, one user with most events, robots. Exit code 0 if training could start, \
            warnings or not, and 1 if it could not.
            """)

    @Option(help: ArgumentHelp("The YAML file that says what to train on.", valueName: "file"))
    var config = "reco.yaml"

    @Option(help: ArgumentHelp("How many rows to show of each file and query.", valueName: "n"))
    var samples = 3

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (0...100).contains(samples) else { throw ValidationError("--samples takes a number from 0 to 100.") }
    }

    func run() throws {
        let file = try TrainingFile(path: config)
        guard !file.events.isEmpty || !file.items.isEmpty else {
            throw RecoError(.badData, "\(config) names neither events nor items")
        }
        let trainer = Trainer()
        try file.apply { try trainer.set($0, to: $1) }
        let progress = Progress(quiet: isatty(STDERR_FILENO) == 0)
        let tables = TableLoader(strict: false, progress: progress, samples: samples)
        let sources = TrainingSources(
            database: file.database, events: file.events, items: file.items, users: file.users, searches: file.searches)
        var shown: [(title: String, report: TableReport)] = []
        tables.loaded = { shown.append(($0.title, $1)) }
        try sources.loadEvents(into: trainer, tables)
        // A table of its own: which items are in the catalogue, and not only in events?
        let catalogued = IDTable()
        try sources.loadItems(into: trainer.catalog, ids: catalogued, tables)
        try sources.loadUsersAndSearches(into: trainer, tables)
        progress.finish()

        let overview = LogOverview(trainer.log)
        let warnings = Self.warnings(overview, trainer.log, catalogued: file.items.isEmpty ? nil : catalogued)
        let output = Output()
        if json {
            try output.line(Self.json(shown, overview, trainer.log, warnings))
        } else {
            for (title, report) in shown { try Self.show(title, report, output) }
            for line in Self.lines(overview, trainer.log) { try output.line(line) }
            for warning in warnings { try output.line("warning: \(warning)") }
            let isClean = warnings.isEmpty && shown.allSatisfy { $0.report.badRows.count == 0 }
            try output.line(isClean ? "nothing looks wrong" : "")
        }
        try output.flush()
    }

    private static func show(_ title: String, _ report: TableReport, _ output: Output) throws {
        let bad = report.badRows.count > 0 ? ", \(Format.count(report.badRows.count)) passed over" : ""
        try output.line("\(title): \(Format.count(report.rows)) rows\(bad)")
        guard !report.samples.isEmpty else { return }
        let rows = [report.columnNames] + report.samples
        let cells = rows.map { $0.map { Format.plain($0, atMost: 24) } }
        for line in Format.table(report.columnNames.map { _ in .left }, cells) { try output.line("  \(line)") }
        try output.line()
    }

    private static func lines(_ overview: LogOverview, _ log: EventLog) -> [String] {
        guard log.count > 0 else { return [] }
        var lines = [
            "\(Format.count(log.count)) events of \(Format.count(log.users.count)) users with "
                + "\(Format.count(log.items.count)) items: "
                + overview.kinds.map { "\(Format.count($0.events)) \($0.name)" }.joined(separator: ", ")
        ]
        if let first = overview.firstTime, let latest = overview.latestTime {
            lines.append("from \(date(first)) to \(date(latest))")
        }
        return lines
    }

    /// What makes models bad, most of it mistakes in a query.
    static func warnings(_ overview: LogOverview, _ log: EventLog, catalogued: IDTable?) -> [String] {
        var warnings: [String] = []
        let count = Double(max(log.count, 1))
        func share(_ events: Int) -> String { "\(Format.fixed(100 * Double(events) / count, 1)) %" }
        if overview.eventsWithoutTime * 10 > log.count {
            warnings.append(
                "\(share(overview.eventsWithoutTime)) of the events have no time: nothing can fade, and visits, trends and "
                    + "what comes next cannot be learned from them")
        }
        if let latest = overview.latestTime, latest > Int64(time(nil)) + 86_400 {
            warnings.append(
                "the latest event is of \(date(latest)), which is yet to come: ages are counted back from there")
        }
        if let busiest = overview.busiestUser, log.users.count > 1, busiest.events * 5 > log.count {
            warnings.append(
                "the user \(Format.plain(busiest.id)) has \(share(busiest.events)) of all events: is that everybody without "
                    + "an account? Leave out what nobody in particular did")
        }
        if !overview.robots.isEmpty {
            let names = overview.robots.prefix(3).map {
                "\(Format.plain($0.id)) with \(Format.count($0.events)) events"
            }
            warnings.append(
                "\(Format.count(overview.robots.count)) \(overview.robots.count == 1 ? "user has" : "users have") more than "
                    + "\(Format.count(LogOverview.mostInADay)) events within a day and may be robots: "
                    + names.joined(separator: ", "))
        }
        if let catalogued, log.count > 0 {
            let missing = log.items(missingFrom: catalogued)
            if missing.events * 100 > log.count {
                warnings.append(
                    "\(Format.count(missing.items)) items with \(share(missing.events)) of the events are not in the "
                        + "catalogue, such as \(missing.examples.map { Format.plain($0) }.joined(separator: ", ")): are "
                        + "these the same ids?")
            }
        }
        for (name, ids) in [("user", log.users), ("item", log.items)] {
            if let odd = oddIDs(ids) {
                warnings.append(
                    "of \(Format.count(ids.count)) \(name) ids \(Format.count(odd.count)) are no integers, such as "
                        + odd.examples.map { Format.plain($0) }.joined(separator: ", ")
                        + ": are these mistakes? With them, PHP gets all of these ids as strings")
            }
        }
        if log.count >= 1000, log.items.count * 10 > log.count * 9 {
            warnings.append(
                "nearly every event has an item of its own: is \"item\" the product, or the line of the order?")
        }
        return warnings
    }

    /// The ids that keep the others from being integers, if these are few.
    private static func oddIDs(_ ids: IDTable) -> (count: Int, examples: [String])? {
        var (count, examples) = (0, [String]())
        for row in 0..<ids.count {
            let id = ids.id(of: row)
            if IDText.isInteger(id) { continue }
            count += 1
            guard count * 10 <= ids.count else { return nil }
            if examples.count < 3 { examples.append(id) }
        }
        return count > 0 ? (count, examples) : nil
    }

    private static func json(
        _ shown: [(title: String, report: TableReport)], _ overview: LogOverview, _ log: EventLog, _ warnings: [String]
    ) -> JSON {
        .object([
            (
                "sources",
                .array(
                    shown.map { title, report in
                        .object([
                            ("name", .string(title)), ("rows", .integer(report.rows)),
                            ("bad_rows", .integer(report.badRows.count)), ("zero_times", .integer(report.zeroTimes)),
                            ("columns", .array(report.columnNames.map { .string($0) })),
                            ("samples", .array(report.samples.map { .array($0.map { .string($0) }) })),
                        ])
                    })
            ),
            ("events", .integer(log.count)), ("users", .integer(log.users.count)), ("items", .integer(log.items.count)),
            ("kinds", .object(overview.kinds.map { ($0.name, .integer($0.events)) })),
            ("events_without_time", .integer(overview.eventsWithoutTime)),
            ("first_time", overview.firstTime.map { .integer(Int($0)) } ?? .null),
            ("latest_time", overview.latestTime.map { .integer(Int($0)) } ?? .null),
            ("warnings", .array(warnings.map { .string($0) })),
        ])
    }

    /// "2024-11-09", in UTC.
    private static func date(_ seconds: Int64) -> String { String(utcText(seconds).prefix(10)) }
}
