import RecoKit

/// Why a row cannot be used.
public enum BadRowReason: Int, Sendable, CaseIterable {
    case fieldCount, noUser, noItem, badUser, badItem, unknownKind, badWeight, badTime, badBasket, badText, noQuery,
        badNumber

    /// What such rows have in common, after "3 rows with ".
    public var summary: String {
        switch self {
        case .fieldCount: "too few or too many fields"
        case .noUser: "an empty user"
        case .noItem: "an empty item"
        case .badUser: "a user id that cannot be one"
        case .badItem: "an item id that cannot be one"
        case .unknownKind: "an unknown kind of event"
        case .badWeight: "a weight that is no finite number"
        case .badTime: "a time that cannot be read"
        case .badBasket: "a basket that cannot be one"
        case .noQuery: "an empty query"
        case .badNumber: "a value that is no number"
        case .badText: "text that is not valid UTF-8 or holds a NUL byte"
        }
    }
}

/// The rows of one file that were passed over, counted by reason, with the first few of each.
public struct BadRows: Sendable {
    public struct Example: Sendable, Equatable {
        public let line: Int
        public let detail: String  // "the time \"yesterday\" is neither Unix time nor a date like 2011-11-09 10:00:00"
    }

    public struct Group: Sendable {
        public let reason: BadRowReason
        public internal(set) var count = 0
        public internal(set) var examples: [Example] = []
    }

    static let examplesKept = 3

    public let file: String
    /// What `Example.line` counts: "line" of a file, "row" of a query.
    public let unit: String
    /// One group for each reason that occurred, the most frequent first.
    public var groups: [Group] { all.filter { $0.count > 0 }.sorted { $0.count > $1.count } }
    public private(set) var count = 0
    private var all = BadRowReason.allCases.map { Group(reason: $0) }
    let isStrict: Bool

    init(file: String, strict: Bool, unit: String = "line") {
        self.file = file
        self.unit = unit
        isStrict = strict
    }

    /// Counts a bad row; throws if not a single one is tolerated.
    mutating func add(_ reason: BadRowReason, line: Int, _ detail: @autoclosure () -> String) throws {
        if isStrict { throw RecoError(.badData, "\(file), \(unit) \(line): \(detail())") }
        count += 1
        all[reason.rawValue].count += 1
        if all[reason.rawValue].examples.count < Self.examplesKept {
            all[reason.rawValue].examples.append(Example(line: line, detail: detail()))
        }
    }

    /// Lines for a person; none if there were no bad rows.
    public var lines: [String] {
        groups.flatMap { group in
            ["\(file): passed over \(group.count) \(group.count == 1 ? "row" : "rows") with \(group.reason.summary)"]
                + group.examples.map { "  \(unit) \($0.line): \($0.detail)" }
        }
    }
}

/// Text from a file for use in a message: cut after 40 characters, without control characters.
func quoted(_ text: UnsafeBufferPointer<UInt8>) -> String {
    let readable = String(decoding: text.prefix(200), as: UTF8.self)
    let shown = String(
        readable.prefix(40).map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0 })
    return "\"\(shown)\(readable.count > 40 || text.count > 200 ? "…" : "")\""
}
