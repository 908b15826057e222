import Testing

@testable import RecoKit

private let day: Int64 = 86_400

/// "user item time" of each event, in order.
private func rows(_ log: EventLog) -> [String] {
    (0..<log.count).map { event in
        let time = log.times[event] == EventLog.noTime ? "-" : "\(log.times[event] / day)"
        return "\(log.users.id(of: Int(log.userRows[event]))) \(log.items.id(of: Int(log.itemRows[event]))) \(time)"
    }
}

private func log(_ events: [(String, String, Int64?)]) throws -> EventLog {
    let log = EventLog()
    for (user, item, time) in events {
        try log.add(user: user, item: item, kind: "purchase", weight: 2, time: time.map { $0 * day } ?? EventLog.noTime)
    }
    return log
}

@Test func theLastDaysAreHeldOutByDate() throws {
    let all = try log([("a", "x", 1), ("b", "x", 30), ("a", "y", 28), ("c", "z", 29), ("a", "z", nil)])
    let (training, validation) = try all.split(.lastDays(2))
    // Day 28 is two days before day 30, and so the last one that may be learned from.
    #expect(rows(training) == ["a x 1", "a y 28", "a z -"])
    #expect(rows(validation) == ["b x 30", "c z 29"])
    #expect(training.latestTime == 28 * day && validation.latestTime == 30 * day)
    #expect(training.weights[0] == 2 && training.kinds[training.kindCodes[0]].name == "purchase")
}

@Test func partsShareTheTablesOfIDs() throws {
    let all = try log([("a", "x", 1), ("a", "y", 2)])
    let (training, validation) = try all.split(.lastOfEachUser)
    #expect(training.users === all.users && validation.items === all.items)
    #expect(validation.itemRows[0] == 1)
}

@Test func everyUsersLastEventIsHeldOutUnlessItIsTheOnlyOne() throws {
    let all = try log([
        ("a", "x", 3), ("b", "x", 9), ("a", "y", 5), ("a", "z", 5), ("c", "x", nil), ("c", "y", 1), ("d", "x", nil),
    ])
    let (training, validation) = try all.split(.lastOfEachUser)
    #expect(rows(training) == ["a x 3", "b x 9", "c x -", "d x -"])
    #expect(rows(validation) == ["a y 5", "a z 5", "c y 1"])
}

@Test func aShareIsTakenByPairsAndTheSameForTheSameSeed() throws {
    var events: [(String, String, Int64?)] = []
    for user in 0..<200 { for item in 0..<10 { events.append(("u\(user)", "\(item)", nil)) } }
    events += events  // everything happens twice
    let all = try log(events)
    let (training, validation) = try all.split(.share(0.3), seed: 7)
    #expect(training.count + validation.count == 4000)
    #expect((1000...1400).contains(validation.count))
    #expect(Set(rows(training)).isDisjoint(with: rows(validation)))
    #expect(try rows(all.split(.share(0.3), seed: 7).validation) == rows(validation))
    #expect(try rows(all.split(.share(0.3), seed: 8).validation) != rows(validation))
}

@Test func atRandomNobodyIsLeftWithNothing() throws {
    let all = try log((0..<500).map { ("u\($0)", "x", nil) } + [("v", "x", nil), ("v", "y", nil)])
    let (training, validation) = try all.split(.share(0.99))
    #expect(Set(rows(training).map { $0.split(separator: " ")[0] }).count == 501)
    #expect(validation.count <= 1)
}

@Test func theUsualRuleFollowsTheTimes() throws {
    #expect(try log([("a", "x", nil), ("a", "y", nil)]).usualHoldOut() == .share(0.2))
    // Positions instead of dates.
    let positions = EventLog()
    for place in 0..<50 { try positions.add(user: "a", item: "\(place)", time: Int64(place)) }
    #expect(positions.usualHoldOut() == .lastOfEachUser)
    // An event a day for 100 days: a tenth of them is ten days.
    #expect(try log((0..<100).map { ("a", "\($0)", $0) }).usualHoldOut() == .lastDays(10))
    // Nearly all of it in a rush at the end: a day. All of it at the start: a third of the time.
    #expect(try log([("a", "x", 0)] + (0..<99).map { ("a", "\($0)", 99) }).usualHoldOut() == .lastDays(1))
    #expect(
        try log((0..<9).map { ("a", "\($0)", 0) } + [("a", "x", 60), ("a", "y", 90)]).usualHoldOut() == .lastDays(30))
    // Half of the times are missing.
    #expect(try log((0..<100).map { ("a", "x", $0 % 2 == 0 ? $0 : nil) }).usualHoldOut() == .share(0.2))
}

@Test func rulesThatCannotBeAreRefused() throws {
    let timeless = try log([("a", "x", nil), ("a", "y", nil)])
    for rule in [HoldOut.lastDays(3), .lastOfEachUser] {
        #expect { try timeless.split(rule) } throws: { ($0 as? RecoError)?.code == .badData }
    }
    for rule in [HoldOut.lastDays(0), .lastDays(.nan), .share(0), .share(1), .share(.nan)] {
        #expect { try timeless.split(rule) } throws: { ($0 as? RecoError)?.code == .invalidArgument }
    }
}
