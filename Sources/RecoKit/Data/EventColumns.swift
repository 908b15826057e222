/// A part of a log in columns that somebody else holds: a file that was kept, a folder that a cluster wrote. What the
/// numbers mean is the reader's.
package struct EventColumns {
    package let users: Column<UInt32>  // (events): rows of the reader's ids
    package let items: Column<UInt32>
    package let kinds: Column<UInt8>
    package let weights: Column<Float>
    package let times: Column<Int64>  // seconds since 1970, or `EventLog.noTime`
    package let baskets: Column<UInt32>?
    package let devices: Column<UInt8>?

    package init(
        users: Column<UInt32>, items: Column<UInt32>, kinds: Column<UInt8>, weights: Column<Float>,
        times: Column<Int64>, baskets: Column<UInt32>? = nil, devices: Column<UInt8>? = nil
    ) {
        (self.users, self.items, self.kinds, self.weights) = (users, items, kinds, weights)
        (self.times, self.baskets, self.devices) = (times, baskets, devices)
    }

    /// Whether all columns have the same length.
    fileprivate var areEven: Bool {
        let lengths = [items.count, kinds.count, weights.count, times.count, baskets?.count, devices?.count]
        return lengths.allSatisfy { $0 ?? users.count == users.count }
    }
}

/// Adds columns of events to a log, whose rows and codes differ from theirs. One reader takes all parts of what shares
/// its ids; ids that no event names are not added, unless the log takes all of them as they are.
package struct EventColumnReader {
    private let log: EventLog
    private var users: Renumbering
    private var items: Renumbering
    private var baskets: Renumbering?
    /// The log has the ids under their own rows: columns need no renumbering.
    private let sharesRows: Bool
    private let kinds: [UInt8]
    private let devices: [UInt8]
    private let block = EventBlock()

    /// Throws `badData` for a kind of events that the log does not know.
    ///
    /// - Parameter forgotten: users whose events are left out.
    /// - Parameter mayShareRows: an empty log may take all ids with their rows, whether events name them or not; then every
    ///   part is taken whole.
    package init(
        into log: EventLog, users: IDColumn, items: IDColumn, baskets: IDColumn?, kinds: [String],
        devices: [String] = [], forgotten: IDTable? = nil, mayShareRows: Bool = false
    ) throws {
        self.log = log
        let sharesRows =
            mayShareRows && forgotten == nil && log.count == 0 && log.users.count == 0 && log.items.count == 0
            && log.baskets.count == 0
        self.sharesRows = sharesRows
        if sharesRows {
            try log.users.adopt(users)
            try log.items.adopt(items)
            if let baskets { try log.baskets.adopt(baskets) }
        }
        self.users = Renumbering(users, into: log.users, without: forgotten, isNeeded: !sharesRows)
        self.items = Renumbering(items, into: log.items, isNeeded: !sharesRows)
        self.baskets = baskets.map { Renumbering($0, into: log.baskets, isNeeded: !sharesRows) }
        self.kinds = try kinds.map { name in
            guard let code = log.kinds.code(named: name) else {
                throw RecoError(
                    .badData,
                    "the kind of events \"\(name)\" is unknown; give it a weight to use it, such as weight.\(name)=1")
            }
            return code
        }
        self.devices = devices.map { log.deviceCode(named: $0) }
    }

    /// Adds a part: events before a time, and those without one. Throws `damage` where numbers make no sense; then part
    /// of it has been added. O(events).
    package mutating func append(_ part: EventColumns, before limit: Int64? = nil, damage: RecoError) throws {
        guard part.areEven else { throw damage }
        if sharesRows { return try appendAsTheyAre(part, damage) }
        let (userRows, itemRows, kindCodes) = (part.users.elements, part.items.elements, part.kinds.elements)
        let (weights, times) = (part.weights.elements, part.times.elements)
        for event in 0..<userRows.count {
            if let limit, times[event] >= limit { continue }
            guard let user = try users.row(userRows[event]) else {
                guard users.has(userRows[event]) else { throw damage }
                continue
            }
            guard let item = try items.row(itemRows[event]), kindCodes[event] < kinds.count, weights[event].isFinite
            else { throw damage }
            try EventLog.check(time: times[event])
            let at = block.count
            block.users[at] = user
            block.items[at] = item
            block.kinds[at] = kinds[Int(kindCodes[event])]
            block.weights[at] = weights[event]
            block.times[at] = times[event]
            var basket = EventLog.noBasket
            if let column = part.baskets, column.elements[event] != EventLog.noBasket {
                guard let row = try baskets?.row(column.elements[event]) else { throw damage }
                basket = row
            }
            block.baskets[at] = basket
            var code: UInt8 = 0
            if let column = part.devices { code = column.elements[event] }
            block.devices[at] = code < devices.count ? devices[Int(code)] : 0
            block.count += 1
            if block.count == EventBlock.capacity { try log.append(block) }
        }
        try log.append(block)
    }

    /// Copies whole columns, checked.
    private func appendAsTheyAre(_ part: EventColumns, _ damage: RecoError) throws {
        func areRows(_ rows: Column<UInt32>, of table: IDTable, orNone none: UInt32? = nil) -> Bool {
            let limit = UInt32(table.count)
            var bad: UInt32 = 0
            for row in rows.elements { bad |= row >= limit && row != none ? 1 : 0 }
            return bad == 0
        }
        var (unknown, infinite, outside): (UInt8, UInt32, UInt32) = (0, 0, 0)
        let known = UInt8(kinds.count)
        for kind in part.kinds.elements { unknown |= kind >= known ? 1 : 0 }
        for weight in part.weights.elements { infinite |= weight.bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
        let (earliest, latest) = (EventLog.times.lowerBound, EventLog.times.upperBound)
        for time in part.times.elements {
            outside |= (time < earliest || time > latest) && time != EventLog.noTime ? 1 : 0
        }
        if outside != 0 { for time in part.times.elements { try EventLog.check(time: time) } }
        guard areRows(part.users, of: log.users), areRows(part.items, of: log.items), unknown == 0, infinite == 0,
            part.baskets.map({ areRows($0, of: log.baskets, orNone: EventLog.noBasket) }) ?? true
        else { throw damage }
        try log.append(part, kinds: kinds)
    }
}

extension EventLog {
    fileprivate func append(_ part: EventColumns, kinds: [UInt8]) throws {
        func take<Element: ColumnElement>(_ column: Column<Element>, _ buffer: GrowableBuffer<Element>) throws {
            if buffer.count == 0, let owner = column.owner {
                buffer.borrow(column.elements, from: owner)
            } else {
                try buffer.append(contentsOf: column.elements)
            }
        }
        try take(part.users, userRows)
        try take(part.items, itemRows)
        if kinds.enumerated().allSatisfy({ $0.offset == Int($0.element) }) {
            try take(part.kinds, kindCodes)
        } else {
            try part.kinds.elements.map { kinds[Int($0)] }.withUnsafeBufferPointer {
                try kindCodes.append(contentsOf: $0)
            }
        }
        try take(part.weights, weights)
        try take(part.times, times)
        if let baskets = part.baskets { try append(baskets.elements, to: basketRows, none: Self.noBasket) }
        if part.baskets == nil, basketRows.count > 0 {
            for _ in 0..<part.users.count { try basketRows.append(Self.noBasket) }
        }
        latestTime = part.times.elements.reduce(latestTime) { max($0, $1) }
    }

    fileprivate func append(_ block: EventBlock) throws {
        let count = block.count
        func part<Element>(_ base: UnsafeMutablePointer<Element>) -> UnsafeBufferPointer<Element> {
            UnsafeBufferPointer(start: base, count: count)
        }
        try userRows.append(contentsOf: part(block.users))
        try itemRows.append(contentsOf: part(block.items))
        try kindCodes.append(contentsOf: part(block.kinds))
        try weights.append(contentsOf: part(block.weights))
        try times.append(contentsOf: part(block.times))
        try append(part(block.baskets), to: basketRows, none: Self.noBasket)
        try append(part(block.devices), to: deviceCodes, none: 0)
        latestTime = part(block.times).reduce(latestTime) { max($0, $1) }
        block.count = 0
    }
}

/// Some thousand events on their way from a file into a log, whose columns are each filled at once.
private final class EventBlock {
    static let capacity = 4096

    let users = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
    let items = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
    let kinds = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    let weights = UnsafeMutablePointer<Float>.allocate(capacity: capacity)
    let times = UnsafeMutablePointer<Int64>.allocate(capacity: capacity)
    let baskets = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
    let devices = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    var count = 0

    deinit {
        users.deallocate()
        items.deallocate()
        kinds.deallocate()
        weights.deallocate()
        times.deallocate()
        baskets.deallocate()
        devices.deallocate()
    }
}

/// Rows of a file's ids as rows of a log's, found when they are first asked for: ids that no event names are not added.
private struct Renumbering {
    private let ids: IDColumn
    private let table: IDTable
    private let forgotten: IDTable?
    private var rows: [UInt32]
    private static let unknown = UInt32.max
    private static let left = UInt32.max - 1

    init(_ ids: IDColumn, into table: IDTable, without forgotten: IDTable? = nil, isNeeded: Bool) {
        self.ids = ids
        self.table = table
        self.forgotten = forgotten
        rows = [UInt32](repeating: Self.unknown, count: isNeeded ? ids.count : 0)
    }

    /// Whether there is such a row.
    func has(_ local: UInt32) -> Bool { Int(local) < rows.count }

    /// Nil for one that is left out, and for a row that does not exist.
    @inline(__always)
    mutating func row(_ local: UInt32) throws -> UInt32? {
        guard Int(local) < rows.count else { return nil }
        let known = rows[Int(local)]
        if known < Self.left { return known }
        return known == Self.left ? nil : try find(local)
    }

    private mutating func find(_ local: UInt32) throws -> UInt32? {
        var isLeft = false
        if let forgotten { ids.withID(of: Int(local)) { isLeft = forgotten.find($0) != nil } }
        rows[Int(local)] = isLeft ? Self.left : try ids.row(of: Int(local), in: table)
        return isLeft ? nil : rows[Int(local)]
    }
}

extension EventLog {
    /// All that the log holds, as it lies there; valid until the next change.
    package var columns: EventColumns {
        func column<Element: ColumnElement>(_ buffer: GrowableBuffer<Element>) -> Column<Element> {
            Column(base: UnsafePointer(buffer.elements.baseAddress), count: buffer.count, owner: buffer)
        }
        return EventColumns(
            users: column(userRows), items: column(itemRows), kinds: column(kindCodes), weights: column(weights),
            times: column(times), baskets: basketRows.count > 0 ? column(basketRows) : nil,
            devices: deviceCodes.count > 0 ? column(deviceCodes) : nil)
    }

    package var hasBaskets: Bool { basketRows.count > 0 }
}

extension IDTable {
    /// The ids by row, as they lie here; valid until the next change.
    package var column: IDColumn {
        switch storage {
        case .integers(let values):
            return .integers(
                Column(base: UnsafePointer(values.elements.baseAddress), count: values.count, owner: values))
        case .strings(let bytes, let ends):
            let text = Column(base: UnsafePointer(bytes.elements.baseAddress), count: bytes.count, owner: bytes)
            return .texts(text, offsets: Column([0] + Array(ends.elements)))
        }
    }
}
