/// How a log is cut in two: what models may learn from, and what they are then asked for.
public enum HoldOut: Sendable, Equatable {
    /// What happened in the last days before the latest event: the question a shop asks tomorrow.
    case lastDays(Double)
    /// The last event of each user who has more than one, with whatever else the user did at the same time.
    case lastOfEachUser
    /// Of each user who has more than one item the one bought last, with everything that the user did with it; of those
    /// who bought nothing, nothing. Where no kind of event means buying, any event counts.
    case lastItemOfEachUser
    /// A share of each user's items at random: for logs without times.
    case share(Double)
}

extension EventLog {
    /// Cuts the log in two, both in its own order.
    ///
    /// By date whoever came in the last days only is in the second part alone: in the first, they would tell of days
    /// that it must not know. The other rules leave every user something in the first part. Events without a time stay
    /// there, except for `.share`, which takes all events of a user with an item together: else one part would give
    /// the other away. The parts share this log's tables of ids, so rows mean the same in all three; more ids come in
    /// all three or none. The same seed gives the same parts. O(events).
    public func split(_ rule: HoldOut, seed: UInt64 = 1) throws -> (training: EventLog, validation: EventLog) {
        let held = try heldOut(rule, seed: seed)
        return (try part { !held[$0] }, try part { held[$0] })
    }

    /// The rule that fits the data: by date where times span two weeks or more, so many days that a tenth of the events
    /// or a little more is held out; the last event of each user where there are times of another kind (mere
    /// positions, a single day); a fifth of each user's items where most events have no time. O(events log events).
    public func usualHoldOut() -> HoldOut {
        // One and the same time for all tells as little as none.
        guard let span = timeSpan(), span > 0 else { return .share(0.2) }
        guard span >= Self.calendarSpan else { return .lastOfEachUser }
        let known = times.elements.filter { $0 != Self.noTime }
        let day = 86_400.0
        // Not more than a third of the time: a log that ends in a rush still leaves models something to learn from.
        let sorted = known.sorted()
        let tenth = Double(latestTime) - Double(sorted[sorted.count - 1 - sorted.count / 10])
        return .lastDays(min(max((tenth / day).rounded(.up), 1), (span / day / 3).rounded(.down)))
    }

    /// Seconds from which on times count as dates: shorter ones may be positions, or a single visit.
    static let calendarSpan = 14 * 86_400.0

    /// Seconds between the first event and the last, if nine of ten events have a time. O(events).
    func timeSpan() -> Double? {
        var (first, known) = (Int64.max, 0)
        for time in times.elements where time != Self.noTime {
            first = min(first, time)
            known += 1
        }
        return known > 0 && known * 10 >= count * 9 ? Double(latestTime) - Double(first) : nil
    }

    /// The events for which `isIn` is true, as a log with this log's tables of ids and kinds. O(events).
    func part(_ isIn: (Int) -> Bool) throws -> EventLog {
        let part = EventLog(users: users, items: items, baskets: baskets, kinds: kinds, devices: devices)
        for event in 0..<count where isIn(event) {
            try part.append(
                user: userRows.elements[event], item: itemRows.elements[event], kind: kindCodes.elements[event],
                weight: weights.elements[event], time: times.elements[event],
                basket: basketRows.count > 0 ? basketRows.elements[event] : Self.noBasket,
                device: device(of: event))
        }
        return part
    }

    private func heldOut(_ rule: HoldOut, seed: UInt64) throws -> [Bool] {
        var held = [Bool](repeating: false, count: count)
        switch rule {
        case .lastDays(let days):
            guard days > 0, days.isFinite else {
                throw RecoError(.invalidArgument, "the days to hold out must be a positive number")
            }
            guard latestTime != Self.noTime else {
                throw RecoError(.badData, "no event has a time, so that no last days can be held out")
            }
            let cut = Double(latestTime) - days * 86_400
            for event in 0..<count {
                let time = times.elements[event]
                held[event] = time != Self.noTime && Double(time) > cut
            }
        case .lastOfEachUser:
            guard latestTime != Self.noTime else {
                throw RecoError(.badData, "no event has a time, so that nobody's last event can be held out")
            }
            var last = [Int64](repeating: Self.noTime, count: users.count)
            var keeps = [Bool](repeating: false, count: users.count)
            for event in 0..<count {
                let user = Int(userRows.elements[event])
                last[user] = max(last[user], times.elements[event])
            }
            for event in 0..<count {
                let user = Int(userRows.elements[event])
                if times.elements[event] != last[user] { keeps[user] = true }
            }
            for event in 0..<count {
                let user = Int(userRows.elements[event])
                held[event] = keeps[user] && times.elements[event] == last[user]
            }
        case .lastItemOfEachUser:
            guard latestTime != Self.noTime else {
                throw RecoError(.badData, "no event has a time, so that nobody's last item can be held out")
            }
            var last = [Int](repeating: -1, count: users.count)  // an event
            for event in 0..<count where kinds[kindCodes.elements[event]].hides && times.elements[event] != Self.noTime
            {
                let user = Int(userRows.elements[event])
                if last[user] < 0 || times.elements[event] >= times.elements[last[user]] { last[user] = event }
            }
            var keeps = [Bool](repeating: false, count: users.count)
            for event in 0..<count {
                let user = Int(userRows.elements[event])
                held[event] = last[user] >= 0 && itemRows.elements[event] == itemRows.elements[last[user]]
                if !held[event] { keeps[user] = true }
            }
            for event in 0..<count where !keeps[Int(userRows.elements[event])] { held[event] = false }
        case .share(let share):
            guard share > 0, share < 1 else {
                throw RecoError(.invalidArgument, "the share to hold out must lie between 0 and 1")
            }
            for event in 0..<count {
                held[event] = Double(hash(of: event, seed: seed) >> 11) * 0x1p-53 < share
            }
            giveBack(&held, seed: seed)
        }
        return held
    }

    /// A user of whom nothing would be left to learn from keeps the item with the largest hash.
    private func giveBack(_ held: inout [Bool], seed: UInt64) {
        var keeps = [Bool](repeating: false, count: users.count)
        var largest = [UInt64](repeating: 0, count: users.count)
        for event in 0..<count {
            let user = Int(userRows.elements[event])
            if !held[event] { keeps[user] = true }
            largest[user] = max(largest[user], hash(of: event, seed: seed))
        }
        for event in 0..<count {
            let user = Int(userRows.elements[event])
            if !keeps[user], hash(of: event, seed: seed) == largest[user] { held[event] = false }
        }
    }

    /// Of the pair of user and item.
    private func hash(of event: Int, seed: UInt64) -> UInt64 {
        mix(mix(seed) ^ mix(UInt64(userRows.elements[event]) << 32 | UInt64(itemRows.elements[event])))
    }
}
