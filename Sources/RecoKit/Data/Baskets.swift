/// Events that belong together: the lines of one order, the clicks of one visit. Each basket belongs to one user and has
/// an item once, where its latest event in the basket stands.
struct Baskets: Sendable {
    let offsets: [Int]  // (baskets + 1)
    let items: [UInt32]  // (entries): within a basket in order of time
    let users: [UInt32]  // (baskets), ascending; a user's baskets in order of time
    let times: [Int64]  // (baskets): of the latest event, or EventLog.noTime

    var count: Int { users.count }

    func range(_ basket: Int) -> Range<Int> { offsets[basket]..<offsets[basket + 1] }
}

extension EventLog {
    /// Puts the events of each user that name the same basket together, and cuts the others, in order of time, where more
    /// than `gap` seconds lie between two.
    ///
    /// Only events worth something (a positive value) of the kinds in `mask` are looked at. Events without a time stay
    /// with those before them in the log, so a log without times and baskets has one basket for each user. Two users who
    /// name the same basket have one each. O(events log events per user); 4 bytes an event meanwhile.
    func baskets(gap: Double, kinds mask: UInt8 = .max, scale: WeightScale, threads: Int) throws -> Baskets {
        let order = try eventsByUser(threads: threads)
        let names = basketRows.elements  // may be empty
        var (offsets, items, users, times) = ([0], [UInt32](), [UInt32](), [Int64]())
        var cut = CutEvents()
        for user in 0..<order.starts.count - 1 {
            cut.removeAll()
            for place in order.starts[user]..<order.starts[user + 1] {
                let event = Int(order.events[place])
                guard mask & (1 << kindCodes.elements[event]) != 0, value(of: event, scale: scale) > 0 else { continue }
                cut.add(
                    itemRows.elements[event], time: self.times.elements[event],
                    name: names.isEmpty ? Self.noBasket : names[event], gap: gap)
            }
            cut.forEach { time, basket in
                items.append(contentsOf: basket)
                offsets.append(items.count)
                users.append(UInt32(user))
                times.append(time)
            }
        }
        return Baskets(offsets: offsets, items: items, users: users, times: times)
    }

    /// The numbers of all events by user, each user's in order of time and then of the log; `starts` has one more entry
    /// than there are users. Events without a time come where the log has them: right after the event before them.
    package func eventsByUser(threads: Int) throws -> (starts: [Int], events: LargeArray<UInt32>) {
        let (starts, grouped) = try eventsGroupedByUser()
        let bounds = starts
        var events = grouped
        try events.withUnsafeMutableBufferPointer { events in
            nonisolated(unsafe) let events = events
            try parallelFor(users.count, chunk: 256, threads: threads) { users, _ in
                for user in users {
                    var last = Self.noTime
                    var keyed = events[bounds[user]..<bounds[user + 1]].map { event in
                        let time = self.times.elements[Int(event)]
                        if time != Self.noTime { last = time }
                        return (time: last, event: event)
                    }
                    keyed.sort { $0.time != $1.time ? $0.time < $1.time : $0.event < $1.event }
                    for (place, key) in keyed.enumerated() { events[bounds[user] + place] = key.event }
                }
            }
        }
        return (starts, events)
    }
}

/// One user's events on their way into baskets.
private struct CutEvents {
    private var events: [(basket: Int, item: UInt32)] = []  // in order of time
    private var latest: [Int64] = []  // (baskets)
    private var named: [UInt32: Int] = [:]  // baskets by the row of their name
    private var open: Int?  // the basket of events that name none
    private var lastTime = EventLog.noTime  // of those

    mutating func removeAll() {
        events.removeAll(keepingCapacity: true)
        latest.removeAll(keepingCapacity: true)
        named.removeAll(keepingCapacity: true)
        open = nil
        lastTime = EventLog.noTime
    }

    mutating func add(_ item: UInt32, time: Int64, name: UInt32, gap: Double) {
        let known: Int?
        if name != EventLog.noBasket {
            known = named[name]
        } else {
            let isLater = time != EventLog.noTime && lastTime != EventLog.noTime
            if isLater, Double(time) - Double(lastTime) > gap { open = nil }
            if time != EventLog.noTime { lastTime = time }
            known = open
        }
        let basket = known ?? latest.count
        if known == nil {
            latest.append(EventLog.noTime)
            if name != EventLog.noBasket { named[name] = basket } else { open = basket }
        }
        latest[basket] = max(latest[basket], time)
        events.append((basket, item))
    }

    /// Hands out the baskets by their latest time, each with its items once, where the latest event with them stands.
    func forEach(_ body: (_ time: Int64, _ items: [UInt32]) -> Void) {
        var baskets = [[UInt32]](repeating: [], count: latest.count)
        for (basket, item) in events { baskets[basket].append(item) }
        // Baskets that only a gap divides are in order already.
        let order =
            named.isEmpty ? Array(latest.indices) : latest.indices.sorted { (latest[$0], $0) < (latest[$1], $1) }
        for basket in order {
            var seen: Set<UInt32> = []
            body(latest[basket], Array(baskets[basket].reversed().filter { seen.insert($0).inserted }.reversed()))
        }
    }
}
