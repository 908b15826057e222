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
        var reader = try EventColumnReader(
            into: self, users: IDIndex(file, prefix: "users").ids, items: IDIndex(file, prefix: "items").ids,
            baskets: basket.map { _ in try IDIndex(file, prefix: "baskets").ids }, kinds: file.lines("events/kinds"),
            devices: file.lines("events/devices"), forgotten: forgotten)
        try reader.append(
            EventColumns(
                users: user, items: item, kinds: kind, weights: weight, times: time, baskets: basket,
                devices: file.column("events/device", as: UInt8.self)),
            before: limit, damage: damage)
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
