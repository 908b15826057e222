import RecoImport
import RecoKit
import RecoSources

/// Loads tables with a progress bar and tells what was noteworthy about each.
final class TableLoader {
    private let strict: Bool
    private let progress: Progress
    private let check: () throws -> Void
    private let samples: Int
    /// Users whose rows are passed over.
    var forgotten: IDTable?
    /// Rows of tables with such a column are passed over where it has another value.
    var only: (column: String, value: String)?
    private var someTableHasColumn = false
    /// Told what came of each file and query that a configuration names.
    var loaded: (DataSource, TableReport) -> Void = { _, _ in }
    private(set) var badRows = 0
    private(set) var repairedTexts = 0

    /// `check` is called now and then while a table is read; what it throws ends that. Of each table, so many `samples`
    /// of rows are kept.
    init(strict: Bool, progress: Progress, samples: Int = 0, check: @escaping () throws -> Void = {}) {
        self.samples = samples
        self.strict = strict
        self.progress = progress
        self.check = check
    }

    func load(_ file: String, _ body: (TableOptions) throws -> TableReport) throws {
        tell(try read(file == "-" ? "standard input" : file, body))
    }

    /// Loads a file or a query. A query that gives nothing is an error unless the configuration allows it: most likely
    /// it is wrong, and a model without what it stands for is worse than yesterday's.
    @discardableResult
    func load(
        _ source: DataSource, mayBeEmpty: Bool = false, _ body: (TableOptions) throws -> TableReport
    ) throws -> TableReport {
        let report = try read(source.name, body)
        tell(report)
        if source.isQuery, report.rows == 0, !mayBeEmpty, !source.mayBeEmpty {
            let what = report.badRows.count == 0 ? "gave no rows" : "gave no row that can be used"
            throw RecoError(.badData, "\(source.name) \(what); where that may be, write empty: allowed")
        }
        loaded(source, report)
        return report
    }

    /// Loads events from a folder of columns.
    func loadFolder(_ path: String, into log: EventLog) throws {
        guard only == nil else {
            throw RecoError(
                .badData, "\(path) is a folder of columns, in which --only cannot choose; choose when it is written")
        }
        let folder = try EventFolder(path: path)
        try check()
        progress.update("reading \(path)", done: 0, total: folder.count)
        defer { progress.finish() }
        try folder.load(into: log, forgotten: forgotten) {
            try check()
            progress.update("reading \(path)", done: $0, total: folder.count)
        }
    }

    private func read(_ name: String, _ body: (TableOptions) throws -> TableReport) throws -> TableReport {
        progress.update("reading \(name)", done: 0, total: nil)
        let (progress, check) = (progress, check)
        var options = TableOptions(strict: strict, samples: samples) {
            try check()
            progress.update(
                "reading \(name)", done: $0.bytesDone, total: $0.bytesTotal, count: $0.rows, unit: "rows")
        }
        defer { progress.finish() }
        options.forgotten = forgotten
        options.only = only
        return try body(options)
    }

    /// Throws if no table has the column whose value chooses rows.
    func checkOnly() throws {
        guard let only, !someTableHasColumn else { return }
        throw RecoError(.badData, "no table has a column named \(only.column), which --only names")
    }

    private func tell(_ report: TableReport) {
        if let only, report.columnNames.contains(where: { $0.lowercased() == only.column.lowercased() }) {
            someTableHasColumn = true
        }
        badRows += report.badRows.count
        repairedTexts += report.repairedTexts
        let renamed = report.columns.filter { $0.role != "attribute" && $0.role != $0.name.lowercased() }
        var parts: [String] = []
        if !renamed.isEmpty {
            parts.append(renamed.map { "\(Format.plain($0.name)) is the \($0.role)" }.joined(separator: ", "))
        }
        if !report.ignoredColumns.isEmpty {
            let names = report.ignoredColumns.map { $0.isEmpty ? "one without a name" : Format.plain($0) }
            parts.append("\(names.count == 1 ? "column" : "columns") not used: \(names.joined(separator: ", "))")
        }
        if !parts.isEmpty { complain("\(report.file): \(parts.joined(separator: "; "))") }
        for line in report.badRows.lines { complain(line) }
        if report.zeroTimes > 0 {
            let what = report.zeroTimes == 1 ? "row has" : "rows have"
            complain(
                "\(report.file): \(Format.count(report.zeroTimes)) \(what) the time 0000-00-00, which counts as none")
        }
        if let example = report.repairedExample {
            let texts = report.repairedTexts == 1 ? "text has" : "texts have"
            complain(
                "\(report.file): \(Format.count(report.repairedTexts)) \(texts) U+FFFD in place of bytes that are no text"
                    + "\n  \(report.badRows.unit) \(example.line): \(example.detail)")
        }
    }
}
