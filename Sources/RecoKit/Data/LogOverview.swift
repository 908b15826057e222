/// What a log looks like at a glance, for those who wonder whether it is what they meant. O(events log events).
public struct LogOverview: Sendable {
    public struct User: Sendable, Equatable {
        public let id: String
        public let events: Int
    }

    /// Events of each kind that occurs.
    public private(set) var kinds: [(name: String, events: Int)] = []
    public private(set) var eventsWithoutTime = 0
    public private(set) var firstTime: Int64?
    public private(set) var latestTime: Int64?
    /// Who has the most events.
    public private(set) var busiestUser: User?
    /// Those who did more within a day than people do, the busiest first.
    public private(set) var robots: [User] = []

    /// More events than that within 24 hours are no person's.
    public static let mostInADay = 1000

    public init(_ log: EventLog) {
        var perKind = [Int](repeating: 0, count: log.kinds.kinds.count)
        var perUser = [Int](repeating: 0, count: log.users.count)
        for event in 0..<log.count {
            perKind[Int(log.kindCodes.elements[event])] += 1
            perUser[Int(log.userRows.elements[event])] += 1
            let time = log.times.elements[event]
            if time == EventLog.noTime {
                eventsWithoutTime += 1
            } else {
                firstTime = min(firstTime ?? time, time)
                latestTime = max(latestTime ?? time, time)
            }
        }
        kinds = zip(log.kinds.kinds, perKind).filter { $1 > 0 }.map { ($0.name, $1) }
        if let most = perUser.indices.max(by: { perUser[$0] < perUser[$1] }) {
            busiestUser = User(id: log.users.id(of: most), events: perUser[most])
        }
        robots = Self.robots(log, among: perUser)
    }

    private static func robots(_ log: EventLog, among perUser: [Int]) -> [User] {
        var times: [Int: [Int64]] = [:]
        for (user, count) in perUser.enumerated() where count > mostInADay { times[user] = [] }
        guard !times.isEmpty else { return [] }
        for event in 0..<log.count where log.times.elements[event] != EventLog.noTime {
            times[Int(log.userRows.elements[event])]?.append(log.times.elements[event])
        }
        let found = times.filter { _, times in
            let sorted = times.sorted()
            return sorted.indices.dropLast(min(mostInADay, sorted.count)).contains {
                sorted[$0 + mostInADay] - sorted[$0] <= 86_400
            }
        }
        return found.keys.sorted { (perUser[$1], $0) < (perUser[$0], $1) }
            .map { User(id: log.users.id(of: $0), events: perUser[$0]) }
    }
}

extension EventLog {
    /// Which items of events another table of ids does not have: how many, how many events they have, and the first few.
    /// O(events).
    public func items(missingFrom known: IDTable) -> (items: Int, events: Int, examples: [String]) {
        var perItem = [Int](repeating: 0, count: items.count)
        for event in 0..<count { perItem[Int(itemRows.elements[event])] += 1 }
        var (missing, events, examples) = (0, 0, [String]())
        for row in 0..<items.count where perItem[row] > 0 {
            var id = items.id(of: row)
            if id.withUTF8({ known.find($0) }) != nil { continue }
            missing += 1
            events += perItem[row]
            if examples.count < 3 { examples.append(items.id(of: row)) }
        }
        return (missing, events, examples)
    }
}
