/// The log summed up: one value per pair of user and item, with what kinds of events it came from.
public struct Interactions: Sendable {
    /// Every pair that has an event, with the sum of its events' values, which may be zero or negative.
    public let history: SparseRows  // (users, items)
    /// Which kinds of events each pair of `history` has: bit k for kind k.
    public let kindBits: LargeArray<UInt8>
    /// The pairs with a positive sum: what models learn taste from.
    public let byUser: SparseRows  // (users, items)
    public let byItem: SparseRows  // (items, users)
    /// How the events' own weights were counted.
    public let scale: WeightScale

    public var userCount: Int { byUser.rowCount }
    public var itemCount: Int { byUser.columnCount }
}

extension EventLog {
    /// Sums repeated events up and drops nothing: a pair with a sum of zero or less stays in the history, but models
    /// do not see it. O(events log events per user).
    public func interactions(scale: WeightScale = .log, threads: Int = processorCount()) throws -> Interactions {
        let userCount = users.count
        let itemCount = items.count
        let (bounds, order) = try eventsGroupedByUser()

        // Within each user, by item; the sum of each run of equal items replaces the run's first place.
        var columns = try LargeArray<UInt32>(uninitialized: count)
        var values = try LargeArray<Float>(uninitialized: count)
        var bits = try LargeArray<UInt8>(uninitialized: count)
        var distinct = [Int](repeating: 0, count: userCount)
        let eventItems = itemRows.elements
        let eventKinds = kindCodes.elements
        try columns.withUnsafeMutableBufferPointer { columns in
            try values.withUnsafeMutableBufferPointer { values in
                try bits.withUnsafeMutableBufferPointer { bits in
                    try distinct.withUnsafeMutableBufferPointer { distinct in
                        let distinct = distinct
                        try order.withUnsafeBufferPointer { order in
                            try parallelFor(userCount, chunk: 1024, threads: threads) { users, _ in
                                var keys: [UInt64] = []
                                for user in users {
                                    keys.removeAll(keepingCapacity: true)
                                    for place in bounds[user]..<bounds[user + 1] {
                                        let event = order[place]
                                        keys.append(UInt64(eventItems[Int(event)]) << 32 | UInt64(event))
                                    }
                                    keys.sort()
                                    var to = bounds[user] - 1
                                    var last: UInt64 = .max
                                    for key in keys {
                                        let event = Int(key & 0xFFFF_FFFF)
                                        if key >> 32 != last {
                                            last = key >> 32
                                            to += 1
                                            columns[to] = UInt32(last)
                                            values[to] = 0
                                            bits[to] = 0
                                        }
                                        values[to] = Self.bounded(values[to] + self.value(of: event, scale: scale))
                                        bits[to] |= 1 << eventKinds[event]
                                    }
                                    distinct[user] = to + 1 - bounds[user]
                                }
                            }
                        }
                    }
                }
            }
        }
        return try Self.gather(bounds, distinct, columns, values, bits, itemCount: itemCount, scale: scale)
    }

    /// The numbers of all events by user, each user's in the order of the log; `starts` has one more entry than there are
    /// users. O(events).
    func eventsGroupedByUser() throws -> (starts: [Int], events: LargeArray<UInt32>) {
        guard count < Int(UInt32.max) else { throw RecoError(.badData, "more than 4 billion events") }
        var starts = [Int](repeating: 0, count: users.count + 1)
        for user in userRows.elements { starts[Int(user) + 1] += 1 }
        for user in 0..<users.count { starts[user + 1] += starts[user] }
        var next = starts
        var events = try LargeArray<UInt32>(uninitialized: count)
        events.withUnsafeMutableBufferPointer { events in
            for event in 0..<count {
                let user = Int(userRows.elements[event])
                events[next[user]] = UInt32(event)
                next[user] += 1
            }
        }
        return (starts, events)
    }

    /// Closes the gaps that summing up left, in place.
    private static func gather(
        _ bounds: [Int], _ distinct: [Int], _ columns: consuming LargeArray<UInt32>,
        _ values: consuming LargeArray<Float>, _ bits: consuming LargeArray<UInt8>, itemCount: Int, scale: WeightScale
    ) throws -> Interactions {
        var offsets = [0]
        offsets.reserveCapacity(bounds.count)
        for count in distinct { offsets.append(offsets[offsets.count - 1] + count) }
        let total = offsets[distinct.count]
        func close<Element>(_ elements: UnsafeMutableBufferPointer<Element>) {
            for user in 0..<distinct.count where bounds[user] != offsets[user] {
                for place in 0..<distinct[user] { elements[offsets[user] + place] = elements[bounds[user] + place] }
            }
        }
        columns.withUnsafeMutableBufferPointer { close($0) }
        values.withUnsafeMutableBufferPointer { close($0) }
        bits.withUnsafeMutableBufferPointer { close($0) }
        columns.removeLast(columns.count - total)
        values.removeLast(values.count - total)
        bits.removeLast(bits.count - total)
        let history = SparseRows(offsets: offsets, columns: columns, values: values, columnCount: itemCount)
        let positive = try history.positive()
        return Interactions(
            history: history, kindBits: bits, byUser: positive, byItem: try positive.transposed(), scale: scale)
    }
}

extension SparseRows {
    /// The entries above zero; the same arrays if that is all of them.
    fileprivate func positive() throws -> SparseRows {
        guard values.contains(where: { $0 <= 0 }) else { return self }
        var offsets = [0]
        offsets.reserveCapacity(rowCount + 1)
        var (columns, values) = (LargeArray<UInt32>(), LargeArray<Float>())
        for row in 0..<rowCount {
            for entry in range(row) where self.values[entry] > 0 {
                try columns.append(self.columns[entry])
                try values.append(self.values[entry])
            }
            offsets.append(columns.count)
        }
        return SparseRows(offsets: offsets, columns: columns, values: values, columnCount: columnCount)
    }
}
