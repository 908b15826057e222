import RecoSources

/// Loads tables with a progress bar and tells what was noteworthy about each.
final class TableLoader {
    private let strict: Bool
    private let progress: Progress
    private let check: () throws -> Void
    private(set) var badRows = 0
    private(set) var repairedTexts = 0

    /// `check` is called now and then while a table is read; what it throws ends that.
    init(strict: Bool, progress: Progress, check: @escaping () throws -> Void = {}) {
        self.strict = strict
        self.progress = progress
        self.check = check
    }

    func load(_ file: String, _ body: (TableOptions) throws -> TableReport) throws {
        let name = file == "-" ? "standard input" : file
        progress.update("reading \(name)", done: 0, total: nil)
        let (progress, check) = (progress, check)
        let options = TableOptions(strict: strict) {
            try check()
            progress.update(
                "reading \(name)", done: $0.bytesDone, total: $0.bytesTotal, count: $0.rows, unit: "rows")
        }
        defer { progress.finish() }
        let report = try body(options)
        progress.finish()
        tell(report)
    }

    private func tell(_ report: TableReport) {
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
        if let example = report.repairedExample {
            let texts = report.repairedTexts == 1 ? "text has" : "texts have"
            complain(
                "\(report.file): \(Format.count(report.repairedTexts)) \(texts) U+FFFD in place of bytes that are no text"
                    + "\n  line \(example.line): \(example.detail)")
        }
    }
}
