/// What people searched for and which item they then clicked or bought.
///
/// Items are kept as text until training: a search says nothing about an item that the catalogue and the events do not
/// know, and must not add it.
public final class SearchLog: @unchecked Sendable {
    /// A longer text than this is not what somebody typed; the rest of it is left out.
    public static let longestText = 1024

    private let texts = IDTable()
    private let items = IDTable()
    private let users = IDTable()
    private let textRows = GrowableBuffer<UInt32>()
    private let itemRows = GrowableBuffer<UInt32>()
    private let userRows = GrowableBuffer<UInt32>()
    private let times = GrowableBuffer<Int64>()  // seconds since 1970, or `EventLog.noTime`
    private(set) var latestTime = EventLog.noTime

    private static let nobody = UInt32.max

    public init() {}

    public var count: Int { textRows.count }

    /// Adds a search; `user` may be empty. A text without anything readable says nothing and is left out.
    /// Throws if `item` cannot be an id, or the time lies outside of `EventLog.times`.
    public func append(
        _ text: UnsafeBufferPointer<UInt8>, item: UnsafeBufferPointer<UInt8>, user: UnsafeBufferPointer<UInt8>,
        time: Int64 = EventLog.noTime
    ) throws {
        try EventLog.check(time: time)
        let readable = String(decoding: text.prefix(Self.longestText), as: UTF8.self).filter { $0 != "\0" }
        guard readable.contains(where: { !$0.isWhitespace }), readable.utf8.count <= IDTable.maximumLength else {
            return
        }
        let itemRow = try items.row(for: item)
        let userRow = IDTable.problem(with: user) == nil ? try users.row(for: user) : Self.nobody
        try textRows.append(texts.row(for: readable))
        try itemRows.append(itemRow)
        try userRows.append(userRow)
        try times.append(time)
        latestTime = max(latestTime, time)
    }

    /// Adds a search by words and ids.
    public func add(_ text: String, item: String, user: String = "", time: Int64 = EventLog.noTime) throws {
        var (text, item, user) = (text, item, user)
        try text.withUTF8 { text in
            try item.withUTF8 { item in try user.withUTF8 { try append(text, item: item, user: $0, time: time) } }
        }
    }

    /// The searches up to a moment; those without a time cannot tell and are left out. O(searches).
    func until(_ moment: Int64) throws -> SearchLog {
        let part = SearchLog()
        for i in 0..<count where times.elements[i] != EventLog.noTime && times.elements[i] <= moment {
            let user = userRows.elements[i]
            try part.add(
                texts.id(of: Int(textRows.elements[i])), item: items.id(of: Int(itemRows.elements[i])),
                user: user == Self.nobody ? "" : users.id(of: Int(user)), time: times.elements[i])
        }
        return part
    }

    /// What somebody searched for in a time, and all that was chosen then.
    struct Search {
        let text: String
        let user: String  // empty: nobody in particular
        let time: Int64
        let items: [String]
    }

    /// The searches after a moment, up to another: those of one user for one text are one. In order of text, then user.
    /// O(searches log searches).
    func between(_ start: Int64, _ end: Int64) -> [Search] {
        var found = (0..<count).filter { times.elements[$0] > start && times.elements[$0] <= end }
        func key(_ i: Int) -> (UInt32, UInt32, Int64) {
            (textRows.elements[i], userRows.elements[i], times.elements[i])
        }
        found.sort { key($0) < key($1) }
        var searches: [Search] = []
        var i = 0
        while i < found.count {
            var j = i + 1
            let first = key(found[i])
            while j < found.count, key(found[j]).0 == first.0, key(found[j]).1 == first.1 { j += 1 }
            searches.append(
                Search(
                    text: texts.id(of: Int(first.0)), user: first.1 == Self.nobody ? "" : users.id(of: Int(first.1)),
                    time: first.2, items: found[i..<j].map { items.id(of: Int(itemRows.elements[$0])) }))
            i = j
        }
        return searches
    }

    /// One text and an item that was chosen after it.
    struct Choice: Equatable {
        let text: Int
        /// The item's row in the table that was asked about.
        let item: UInt32
        /// How many people chose it; each search of nobody in particular counts as somebody.
        let people: Int
    }

    /// Which texts led to which of the items that `known` has, in order of text, then item. O(searches log searches).
    func choices(among known: IDTable) -> [Choice] {
        var rows = [UInt32?](repeating: nil, count: items.count)
        for row in 0..<items.count {
            var id = items.id(of: row)
            rows[row] = id.withUTF8 { known.find($0) }
        }
        var all: [(text: UInt32, item: UInt32, user: UInt32)] = []
        for i in 0..<count {
            guard let item = rows[Int(itemRows[i])] else { continue }
            all.append((textRows[i], item, userRows[i]))
        }
        all.sort { ($0.text, $0.item, $0.user) < ($1.text, $1.item, $1.user) }
        var choices: [Choice] = []
        var i = 0
        while i < all.count {
            var (j, people) = (i, 0)
            while j < all.count, all[j].text == all[i].text, all[j].item == all[i].item {
                if j == i || all[j].user == Self.nobody || all[j].user != all[j - 1].user { people += 1 }
                j += 1
            }
            choices.append(Choice(text: Int(all[i].text), item: all[i].item, people: people))
            i = j
        }
        return choices
    }

    /// A text by its number in `Choice`.
    func text(_ number: Int) -> String { texts.id(of: number) }
}
