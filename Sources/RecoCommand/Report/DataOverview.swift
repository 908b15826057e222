import RecoKit

/// What the events look like: how many of what, when, by whom, and who of those held out was there before.
struct DataOverview {
    /// Bars of a time line, of equal length.
    struct Timeline {
        struct Bar {
            let start: Int64  // seconds since 1970
            var learned = 0
            var heldOut = 0
        }

        let daysPerBar: Int
        fileprivate(set) var bars: [Bar]
    }

    let kinds: [(name: String, events: Int)]
    let learnedEvents: Int
    let heldOutEvents: Int
    /// With events.
    let users: Int
    let items: Int
    /// All items that could be recommended.
    let catalogued: Int
    let eventsPerUser: Distribution
    let eventsPerItem: Distribution
    let timeline: Timeline?
    /// Users of the held-out part, and how many of them were there before.
    let heldOutUsers: Int
    let knownUsers: Int
    /// The same for items.
    let heldOutItems: Int
    let knownItems: Int

    /// O(events).
    init(learned: EventLog, heldOut: EventLog) {
        let (userCount, itemCount) = (learned.users.count, learned.items.count)
        var (usersBefore, usersAfter) = ([Int](repeating: 0, count: userCount), [Int](repeating: 0, count: userCount))
        var (itemsBefore, itemsAfter) = ([Int](repeating: 0, count: itemCount), [Int](repeating: 0, count: itemCount))
        var perKind = [Int](repeating: 0, count: learned.kinds.kinds.count)
        var (first, last) = (Int64.max, Int64.min)
        for (log, isHeld) in [(learned, false), (heldOut, true)] {
            for place in 0..<log.count {
                let event = log[place]
                perKind[Int(event.kind)] += 1
                if isHeld {
                    usersAfter[event.user] += 1
                    itemsAfter[event.item] += 1
                } else {
                    usersBefore[event.user] += 1
                    itemsBefore[event.item] += 1
                }
                if let time = event.time { (first, last) = (min(first, time), max(last, time)) }
            }
        }
        kinds = zip(learned.kinds.kinds, perKind).filter { $1 > 0 }.map { ($0.name, $1) }
            .sorted { $0.events > $1.events }
        learnedEvents = learned.count
        heldOutEvents = heldOut.count
        let (users, items) = (zip(usersBefore, usersAfter).map(+), zip(itemsBefore, itemsAfter).map(+))
        eventsPerUser = Distribution(users)
        eventsPerItem = Distribution(items)
        self.users = eventsPerUser.total
        self.items = eventsPerItem.total
        catalogued = itemCount
        heldOutUsers = usersAfter.count { $0 > 0 }
        knownUsers = zip(usersBefore, usersAfter).count { $0 > 0 && $1 > 0 }
        heldOutItems = itemsAfter.count { $0 > 0 }
        knownItems = zip(itemsBefore, itemsAfter).count { $0 > 0 && $1 > 0 }
        timeline = first < last ? Self.timeline(learned, heldOut, from: first, to: last) : nil
    }

    /// Days per bar, so that a screen of a phone has room for all.
    private static let lengths = [1, 7, 28, 91, 364]
    private static let mostBars = 60

    private static func timeline(_ learned: EventLog, _ heldOut: EventLog, from first: Int64, to last: Int64)
        -> Timeline
    {
        let day: Int64 = 86_400
        let start = first >= 0 ? first / day * day : (first - day + 1) / day * day
        let days = Int((last - start) / day) + 1
        let length = lengths.first { ($0 * mostBars) >= days } ?? days / mostBars + 1
        var bars = (0...(days - 1) / length).map { Timeline.Bar(start: start + Int64($0 * length) * day) }
        for (log, isHeld) in [(learned, false), (heldOut, true)] {
            for place in 0..<log.count {
                guard let time = log[place].time else { continue }
                let bar = Int((time - start) / day) / length
                if isHeld { bars[bar].heldOut += 1 } else { bars[bar].learned += 1 }
            }
        }
        return Timeline(daysPerBar: length, bars: bars)
    }
}
