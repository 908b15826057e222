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
    /// Cuts each user's events, in order of time, where more than `gap` seconds lie between two.
    ///
    /// Only events worth something (a positive value) of the kinds in `mask` are looked at. Events without a time stay
    /// with those before them in the log, so a log without times has one basket for each user. O(events log events per
    /// user); 4 bytes an event meanwhile.
    func baskets(gap: Double, kinds mask: UInt8 = .max, scale: WeightScale, threads: Int) throws -> Baskets {
        let order = try eventsByUser(threads: threads)
        var (offsets, items, users, times) = ([0], [UInt32](), [UInt32](), [Int64]())
        var places: [UInt32: Int] = [:]  // of the open basket's items
        func close(_ user: UInt32, _ time: Int64) {
            guard items.count > offsets[offsets.count - 1] else { return }
            // Events that an item had earlier in the basket are marked; close the gaps.
            var end = offsets[offsets.count - 1]
            for place in end..<items.count where places[items[place]] == place {
                items[end] = items[place]
                end += 1
            }
            items.removeSubrange(end...)
            offsets.append(end)
            users.append(user)
            times.append(time)
            places.removeAll(keepingCapacity: true)
        }
        for user in 0..<order.starts.count - 1 {
            var last = Self.noTime
            for place in order.starts[user]..<order.starts[user + 1] {
                let event = Int(order.events[place])
                guard mask & (1 << kindCodes.elements[event]) != 0, value(of: event, scale: scale) > 0 else { continue }
                let time = self.times.elements[event]
                if time != Self.noTime, last != Self.noTime, Double(time) - Double(last) > gap {
                    close(UInt32(user), last)
                }
                if time != Self.noTime { last = time }
                places[itemRows.elements[event]] = items.count
                items.append(itemRows.elements[event])
            }
            close(UInt32(user), last)
        }
        return Baskets(offsets: offsets, items: items, users: users, times: times)
    }

    /// The numbers of all events by user, each user's in order of time and then of the log; `starts` has one more entry
    /// than there are users. Events without a time come where the log has them: right after the event before them.
    func eventsByUser(threads: Int) throws -> (starts: [Int], events: [UInt32]) {
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
        let bounds = starts
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
