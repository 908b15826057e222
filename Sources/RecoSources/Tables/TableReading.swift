import RecoKit

/// How a table is read.
public struct TableOptions {
    /// Stop at the first bad row instead of passing over it.
    public var strict = false
    /// Users whose rows are passed over without a word.
    public var forgotten: IDTable?
    /// Pass over rows whose column of that name has another value; tables without such a column are read whole.
    public var only: (column: String, value: String)?
    /// How many of the first rows to keep for a look, as they came.
    public var samples = 0
    /// Told after every few thousand rows how far reading has come; throw from it to cancel.
    public var progress: ((TableProgress) throws -> Void)?

    public init(strict: Bool = false, samples: Int = 0, progress: ((TableProgress) throws -> Void)? = nil) {
        self.strict = strict
        self.samples = samples
        self.progress = progress
    }
}

/// How far the reading of a table has come.
public struct TableProgress: Sendable {
    public let file: String
    public let rows: Int
    /// Bytes of the file, compressed if it is; rows of a query.
    public let bytesDone: Int
    /// Nil for a pipe and a query.
    public let bytesTotal: Int?
}

/// What came out of a table.
public struct TableReport: Sendable {
    public let file: String
    /// Rows that were taken over.
    public internal(set) var rows = 0
    public internal(set) var badRows: BadRows
    /// Texts in which U+FFFD stands for bytes that were no text, and the first of them.
    public internal(set) var repairedTexts = 0
    public internal(set) var repairedExample: BadRows.Example?
    /// Which column was taken for what: ("user", "customer_id").
    public internal(set) var columns: [(role: String, name: String)] = []
    /// Times of 0000-00-00, which say that there is none.
    public internal(set) var zeroTimes = 0
    /// The names of all columns, and the first rows as they came where that was asked for.
    public internal(set) var columnNames: [String] = []
    public internal(set) var samples: [[String]] = []
    /// Columns that mean nothing here.
    public internal(set) var ignoredColumns: [String] = []
}

/// The part that all tables share: header, number of fields, bad rows, progress.
struct TableReader: ~Copyable {
    private static let progressInterval = 1 << 16  // rows

    var records: RecordReader
    let columns: Columns
    var report: TableReport
    private let progress: ((TableProgress) throws -> Void)?
    private var rowsUntilProgress = Self.progressInterval
    private var samplesWanted: Int
    private let forgotten: IDTable?
    private let only: (place: Int, value: [UInt8])?

    /// - Parameter example: the names of columns that such a table has.
    init(
        _ source: any TableSource, _ options: TableOptions, suchAs example: String = "user,item,time",
        capacity: Int = 256 << 10
    ) throws {
        var records = RecordReader(source, capacity: capacity)
        columns = try Columns(&records, suchAs: example)
        self.records = records
        report = TableReport(
            file: source.name, badRows: BadRows(file: source.name, strict: options.strict, unit: self.records.unit))
        report.columnNames = columns.names
        progress = options.progress
        samplesWanted = options.samples
        forgotten = options.forgotten
        let names = columns.names
        only = options.only.flatMap { only in
            names.firstIndex { $0.lowercased() == only.column.lowercased() }.map { ($0, Array(only.value.utf8)) }
        }
    }

    /// Whether a row is one of those that are wanted.
    @inline(__always)
    private func isWanted() -> Bool {
        guard let only else { return true }
        return records[only.place].elementsEqual(only.value)
    }

    /// Whether a row's user is one of those who are to be forgotten.
    @inline(__always)
    func isForgotten(_ user: Int?) -> Bool {
        guard let forgotten, let user else { return false }
        return forgotten.find(records[user]) != nil
    }

    /// Moves on to the next row that has as many fields as the header; false at the end.
    @inline(__always)
    mutating func advance() throws -> Bool {
        while true {
            rowsUntilProgress &-= 1
            if rowsUntilProgress <= 0 { try tellProgress() }
            guard try records.advance() else {
                try tellProgress()
                return false
            }
            if samplesWanted > 0 { keepSample() }
            if records.count == columns.count {
                if isWanted() { return true }
            } else if try acceptsFieldCount(), isWanted() {
                return true
            }
        }
    }

    private mutating func keepSample() {
        samplesWanted -= 1
        report.samples.append((0..<records.count).map { records.text($0) })
    }

    /// Separators without anything behind them, at the end of a row, do no harm.
    private mutating func acceptsFieldCount() throws -> Bool {
        let count = records.count
        if count > columns.count, (columns.count..<count).allSatisfy({ records[$0].isEmpty }) { return true }
        let expected = columns.count
        try report.badRows.add(
            .fieldCount, line: records.line,
            "\(count) \(count == 1 ? "field" : "fields") where the first line names \(expected) columns")
        return false
    }

    /// Counts the current row as bad. `detail` is asked for only where it is shown.
    mutating func bad(_ reason: BadRowReason, _ detail: (borrowing RecordReader) -> String) throws {
        try report.badRows.add(reason, line: records.line, detail(records))
    }

    /// The time in a field; nil if it is none, and then its row has been counted as bad.
    mutating func time(_ index: Int) throws -> Int64? {
        if let time = Timestamp.parse(records[index]), EventLog.times.contains(time) { return time }
        if isZeroDate(records[index]) {
            report.zeroTimes += 1
            return EventLog.noTime
        }
        try bad(.badTime) {
            "the time \(quoted($0[index])) is no Unix time or date like 2011-11-09 10:00:00 between 1900 and 2100"
        }
        return nil
    }

    /// Counts a text that was not valid UTF-8 or held NUL and has been taken over all the same; not where the reader is
    /// strict.
    mutating func repaired(_ what: (borrowing RecordReader) -> String) throws {
        let detail = "\(what(records)) is not valid UTF-8 or holds a NUL byte"
        if report.badRows.isStrict { return try report.badRows.add(.badText, line: records.line, detail) }
        report.repairedTexts += 1
        if report.repairedExample == nil { report.repairedExample = .init(line: records.line, detail: detail) }
    }

    /// Whether a field is an id; if not, its row is counted as bad.
    @inline(__always)
    mutating func isID(_ index: Int, missing: BadRowReason, unusable: BadRowReason) throws -> Bool {
        let id = records[index]
        if !isAbsent(id), id.count <= IDTable.maximumLength, isPlainASCII(id) { return true }
        return try isUnusualID(id, missing, unusable)
    }

    @inline(never)
    private mutating func isUnusualID(
        _ id: UnsafeBufferPointer<UInt8>, _ missing: BadRowReason, _ unusable: BadRowReason
    ) throws -> Bool {
        let role = missing == .noUser ? "user" : "item"
        if isAbsent(id) {
            try bad(missing) { _ in "the \(role) is empty" }
            return false
        }
        guard let problem = IDTable.problem(with: id) else { return true }
        try bad(unusable) { _ in "the \(role) \(quoted(id)) cannot be used: \(problem)" }
        return false
    }

    /// Notes which column was taken for what.
    mutating func use(_ place: Int?, as role: String) {
        if let place { report.columns.append((role, columns.names[place])) }
    }

    private mutating func tellProgress() throws {
        rowsUntilProgress = Self.progressInterval
        guard let progress else { return }
        let position = records.source.position
        try progress(
            TableProgress(
                file: report.file, rows: report.rows, bytesDone: position.done, bytesTotal: position.total))
    }
}

/// Neither NUL nor anything beyond 127. O(length), eight bytes at a time: `text` is a field of a `RecordReader`, whose
/// buffer may be read that far beyond it.
@inline(__always)
func isPlainASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = UnsafeRawPointer(text.baseAddress) else { return true }
    var odd: UInt64 = 0
    var at = 0
    while at < text.count {
        var word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        let rest = text.count &- at
        if rest < 8 {
            // Ones instead of what lies beyond the text.
            let beyond = UInt64.max &<< UInt64(rest &* 8)
            word = (word & ~beyond) | (0x0101_0101_0101_0101 & beyond)
        }
        // A byte of zero borrows into its top bit; the top bits of the others are clear already.
        odd |= word | (word &- 0x0101_0101_0101_0101)
        at &+= 8
    }
    return odd & 0x8080_8080_8080_8080 == 0
}

/// 0000-00-00, with or without a time of day: what MySQL has where a date was never set.
func isZeroDate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.count >= 10 && text.starts(with: "0000-00-00".utf8)
        && text.dropFirst(10).allSatisfy { $0 == UInt8(ascii: "0") || " T:.".utf8.contains($0) }
}

/// What databases write for "no value" besides nothing at all.
@inline(__always)
func isAbsent(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if text.isEmpty { return true }
    if text.count == 2 { return text[0] == UInt8(ascii: "\\") && text[1] == UInt8(ascii: "N") }
    guard text.count == 4, text[0] == UInt8(ascii: "N") else { return false }
    return text[1] == UInt8(ascii: "U") && text[2] == UInt8(ascii: "L") && text[3] == UInt8(ascii: "L")
}
