// Events as they are kept between two runs of training, in a file of sections like a model's:
//
//   note                          text, the caller's
//   events/kinds                  text: a line for each code
//   events/devices                text: a line for each code
//   users/..., items/..., baskets/...   ids as in a model (`IDIndex`)
//   events/user, item             u32, rows of those
//   events/kind                   u8
//   events/weight                 f32
//   events/time                   i64
//   events/basket                 u32, `noBasket` for none; empty: no event names one
//   events/device                 u8; empty: no event names one

extension EventLog {
    /// Writes some of the events, with the ids that they name and no others. O(events + ids).
    public func write(events range: Range<Int>, note: String, to path: String) throws {
        let writer = try ModelWriter(path: path, contents: "the events kept in")
        try writer.add("note", text: note)
        try writer.add("events/kinds", lines: kinds.kinds.map(\.name))
        try writer.add("events/devices", lines: devices)
        try writeRows(userRows, of: users, range, to: writer, ids: "users", rows: "events/user")
        try writeRows(itemRows, of: items, range, to: writer, ids: "items", rows: "events/item")
        try writer.add("events/kind", Self.part(kindCodes, range))
        try writer.add("events/weight", Self.part(weights, range))
        try writer.add("events/time", Self.part(times, range))
        if basketRows.count > 0 {
            try writeRows(basketRows, of: baskets, range, to: writer, ids: "baskets", rows: "events/basket")
        }
        if deviceCodes.count > 0 { try writer.add("events/device", Self.part(deviceCodes, range)) }
        try writer.finish()
    }

    private static func part<Element: BitwiseCopyable>(
        _ column: GrowableBuffer<Element>, _ range: Range<Int>
    ) -> UnsafeBufferPointer<Element> {
        UnsafeBufferPointer(rebasing: UnsafeBufferPointer(column.elements)[range])
    }

    /// Writes rows of a table as rows of a new one that holds only ids that occur.
    private func writeRows(
        _ rows: GrowableBuffer<UInt32>, of table: IDTable, _ range: Range<Int>, to writer: ModelWriter, ids: String,
        rows name: String
    ) throws {
        let part = IDTable()
        var local = [UInt32](repeating: .max, count: table.count)
        var renumbered = [UInt32](repeating: .max, count: range.count)
        for (place, row) in Self.part(rows, range).enumerated() where row != .max {
            if local[Int(row)] == .max { local[Int(row)] = try table.row(of: Int(row), in: part) }
            renumbered[place] = local[Int(row)]
        }
        try part.write(to: writer, prefix: ids)
        try writer.add(name, renumbered)
    }

    /// Adds the events of a file that `write` wrote: those before a time (and those without one) and, if given, of users
    /// that are not among `forgotten`. Throws `damaged` for a file that is not whole, and `badData` for one with a kind
    /// of events that this log does not know; then `removeEvents` makes it whole again. O(events).
    public func append(from file: ModelFile, before limit: Int64? = nil, forgotten: IDTable? = nil) throws {
        try file.verify()
        let damage = RecoError(.damaged, "the events kept in \(file.path ?? "memory") are damaged")
        guard let user = file.column("events/user", as: UInt32.self),
            let item = file.column("events/item", as: UInt32.self),
            let kind = file.column("events/kind", as: UInt8.self),
            let weight = file.column("events/weight", as: Float.self),
            let time = file.column("events/time", as: Int64.self)
        else { throw damage }
        let basket = file.column("events/basket", as: UInt32.self)
        let device = file.column("events/device", as: UInt8.self)
        let count = user.count
        guard [item.count, kind.count, weight.count, time.count].allSatisfy({ $0 == count }),
            basket.map({ $0.count == count }) ?? true, device.map({ $0.count == count }) ?? true
        else { throw damage }
        let kindCodes = try file.lines("events/kinds").map { name in
            guard let code = self.kinds.code(named: name) else {
                throw RecoError(.badData, "the kind of events \"\(name)\" is no longer known")
            }
            return code
        }
        let deviceCodes = file.lines("events/devices").map { deviceCode(named: $0) }
        var userIDs = try Renumbering(IDIndex(file, prefix: "users"), into: self.users, without: forgotten)
        var itemIDs = try Renumbering(IDIndex(file, prefix: "items"), into: self.items)
        var basketIDs = try basket.map { _ in try Renumbering(IDIndex(file, prefix: "baskets"), into: self.baskets) }
        let (users, items, kinds) = (user.elements, item.elements, kind.elements)
        let (weights, times) = (weight.elements, time.elements)
        let block = EventBlock()
        for event in 0..<count {
            if let limit, times[event] >= limit { continue }
            guard let userRow = try userIDs.row(users[event]) else { continue }
            guard let itemRow = try itemIDs.row(items[event]), kinds[event] < kindCodes.count, weights[event].isFinite
            else {
                throw damage
            }
            try Self.check(time: times[event])
            let at = block.count
            block.users[at] = userRow
            block.items[at] = itemRow
            block.kinds[at] = kindCodes[Int(kinds[event])]
            block.weights[at] = weights[event]
            block.times[at] = times[event]
            var basketRow = Self.noBasket
            if let basket, basket.elements[event] != Self.noBasket {
                basketRow = try basketIDs?.row(basket.elements[event]) ?? Self.noBasket
            }
            block.baskets[at] = basketRow
            var code: UInt8 = 0
            if let device { code = device.elements[event] }
            block.devices[at] = code < deviceCodes.count ? deviceCodes[Int(code)] : 0
            block.count += 1
            if block.count == EventBlock.capacity { try append(block) }
        }
        try append(block)
    }

    private func append(_ block: EventBlock) throws {
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

    /// Takes the last events away again, down to `count`; ids stay.
    public func removeEvents(from count: Int) {
        // Each by its own length: an error may have left some a block longer than others.
        userRows.removeLast(userRows.count - count)
        itemRows.removeLast(itemRows.count - count)
        kindCodes.removeLast(kindCodes.count - count)
        weights.removeLast(weights.count - count)
        times.removeLast(times.count - count)
        basketRows.removeLast(basketRows.count - count)
        deviceCodes.removeLast(deviceCodes.count - count)
        latestTime = times.elements.max() ?? Self.noTime
    }

    /// The times of some of the events: the earliest (nil if one of them has none) and the latest.
    public func timeRange(of range: Range<Int>) -> (earliest: Int64?, latest: Int64?) {
        let times = Self.part(times, range)
        guard let earliest = times.min(), let latest = times.max(), latest != Self.noTime else { return (nil, nil) }
        return (earliest == Self.noTime ? nil : earliest, latest)
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
    private let ids: IDIndex
    private let table: IDTable
    private let forgotten: IDTable?
    private var rows: [UInt32]
    private static let unknown = UInt32.max
    private static let left = UInt32.max - 1

    init(_ ids: IDIndex, into table: IDTable, without forgotten: IDTable? = nil) {
        self.ids = ids
        self.table = table
        self.forgotten = forgotten
        rows = [UInt32](repeating: Self.unknown, count: ids.count)
    }

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
