/// The log summed up: one value per pair of user and item, with what kinds of events it came from.
public struct Interactions: Sendable {
    /// Every pair that has an event, with the sum of its events' values, which may be zero or negative.
    public let history: SparseRows  // (users, items)
    /// Which kinds of events each pair of `history` has: bit k for kind k.
    public let kindBits: [UInt8]
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
        let columns = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: count)
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        let bits = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
        let distinct = UnsafeMutableBufferPointer<Int>.allocate(capacity: userCount)
        defer {
            columns.deallocate()
            values.deallocate()
            bits.deallocate()
            distinct.deallocate()
        }
        let eventItems = itemRows.elements
        let eventKinds = kindCodes.elements
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
        return Self.gather(bounds, distinct, columns, values, bits, itemCount: itemCount, scale: scale)
    }

    /// The numbers of all events by user, each user's in the order of the log; `starts` has one more entry than there are
    /// users. O(events).
    func eventsGroupedByUser() throws -> (starts: [Int], events: [UInt32]) {
        guard count < Int(UInt32.max) else { throw RecoError(.badData, "more than 4 billion events") }
        var starts = [Int](repeating: 0, count: users.count + 1)
        for user in userRows.elements { starts[Int(user) + 1] += 1 }
        for user in 0..<users.count { starts[user + 1] += starts[user] }
        var next = starts
        var events = [UInt32](repeating: 0, count: count)
        for event in 0..<count {
            let user = Int(userRows.elements[event])
            events[next[user]] = UInt32(event)
            next[user] += 1
        }
        return (starts, events)
    }

    private static func gather(
        _ bounds: [Int], _ distinct: UnsafeMutableBufferPointer<Int>, _ columns: UnsafeMutableBufferPointer<UInt32>,
        _ values: UnsafeMutableBufferPointer<Float>, _ bits: UnsafeMutableBufferPointer<UInt8>, itemCount: Int,
        scale: WeightScale
    ) -> Interactions {
        let total = distinct.reduce(0, +)
        var history = SparseRows(offsets: [0], columns: [], values: [], columnCount: itemCount)
        var positive = history
        var kindBits: [UInt8] = []
        history.offsets.reserveCapacity(bounds.count)
        positive.offsets.reserveCapacity(bounds.count)
        history.columns.reserveCapacity(total)
        history.values.reserveCapacity(total)
        kindBits.reserveCapacity(total)
        for user in 0..<distinct.count {
            for place in bounds[user]..<bounds[user] + distinct[user] {
                history.columns.append(columns[place])
                history.values.append(values[place])
                kindBits.append(bits[place])
                if values[place] > 0 {
                    positive.columns.append(columns[place])
                    positive.values.append(values[place])
                }
            }
            history.offsets.append(history.columns.count)
            positive.offsets.append(positive.columns.count)
        }
        return Interactions(
            history: history, kindBits: kindBits, byUser: positive, byItem: positive.transposed(), scale: scale)
    }
}
