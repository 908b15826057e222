/// How a log is cut in two: what models may learn from, and what they are then asked for.
public enum HoldOut: Sendable, Equatable {
    /// What happened in the last days before the latest event: the question a shop asks tomorrow.
    case lastDays(Double)
    /// The last event of each user who has more than one, with whatever else the user did at the same time.
    case lastOfEachUser
    /// A share of each user's items at random: for logs without times.
    case share(Double)
}

extension EventLog {
    /// Cuts the log in two, both in its own order; no user loses all events to the second part.
    ///
    /// Events without a time stay in the first part, except for `.share`, which takes all events of a user with an item
    /// together: else the first part would tell the second. The parts share this log's tables of ids, so rows mean the
    /// same in all three. The same seed gives the same parts. O(events log events per user).
    public func split(_ rule: HoldOut, seed: UInt64 = 1) throws -> (training: EventLog, validation: EventLog) {
        let held = try heldOut(rule, seed: seed)
        return (try part { !held[$0] }, try part { held[$0] })
    }

    /// The rule that fits the data: by date where times span two weeks or more, so many days that a tenth of the events
    /// or a little more is held out; the last event of each user where there are times of another kind (mere
    /// positions, a single day); a fifth of each user's items where most events have no time. O(events log events).
    public func usualHoldOut() -> HoldOut {
        let known = times.elements.filter { $0 != Self.noTime }
        guard let first = known.min(), known.count * 10 >= count * 9 else { return .share(0.2) }
        let day = 86_400.0
        let span = Double(latestTime) - Double(first)
        guard span >= 14 * day else { return .lastOfEachUser }
        // Not more than a third of the time: a log that ends in a rush still leaves models something to learn from.
        let sorted = known.sorted()
        let tenth = Double(latestTime) - Double(sorted[sorted.count - 1 - sorted.count / 10])
        return .lastDays(min(max((tenth / day).rounded(.up), 1), (span / day / 3).rounded(.down)))
    }

    /// The events for which `isIn` is true, as a log with this log's tables of ids and kinds. O(events).
    func part(_ isIn: (Int) -> Bool) throws -> EventLog {
        let part = EventLog(users: users, items: items, kinds: kinds)
        for event in 0..<count where isIn(event) {
            try part.append(
                user: userRows.elements[event], item: itemRows.elements[event], kind: kindCodes.elements[event],
                weight: weights.elements[event], time: times.elements[event])
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
            for event in 0..<count {
                let user = Int(userRows.elements[event])
                last[user] = max(last[user], times.elements[event])
            }
            for event in 0..<count {
                let time = times.elements[event]
                held[event] = time != Self.noTime && time == last[Int(userRows.elements[event])]
            }
        case .share(let share):
            guard share > 0, share < 1 else {
                throw RecoError(.invalidArgument, "the share to hold out must lie between 0 and 1")
            }
            for event in 0..<count {
                held[event] = Double(hash(of: event, seed: seed) >> 11) * 0x1p-53 < share
            }
        }
        giveBackLast(&held, rule, seed: seed)
        return held
    }

    /// A user of whom nothing would be left to learn from keeps something: by date everything, for there is no use in
    /// asking about a stranger; at random the item with the largest hash.
    private func giveBackLast(_ held: inout [Bool], _ rule: HoldOut, seed: UInt64) {
        var keeps = [Bool](repeating: false, count: users.count)
        var largest = [UInt64](repeating: 0, count: users.count)
        for event in 0..<count {
            let user = Int(userRows.elements[event])
            if !held[event] { keeps[user] = true }
            largest[user] = max(largest[user], hash(of: event, seed: seed))
        }
        var isRandom = false
        if case .share = rule { isRandom = true }
        for event in 0..<count {
            let user = Int(userRows.elements[event])
            if !keeps[user], !isRandom || hash(of: event, seed: seed) == largest[user] { held[event] = false }
        }
    }

    /// Of the pair of user and item.
    private func hash(of event: Int, seed: UInt64) -> UInt64 {
        mix(mix(seed) ^ mix(UInt64(userRows.elements[event]) << 32 | UInt64(itemRows.elements[event])))
    }
}
