import Foundation
import Testing

@testable import RecoKit

private func shop() throws -> EventLog {
    let log = EventLog()
    for place in 0..<3000 {
        try log.add(
            user: "u\(place % 97)", item: "\(place % 31)", kind: place % 3 == 0 ? "view" : "purchase",
            weight: Float(place % 5 + 1), time: place % 7 == 0 ? EventLog.noTime : Int64(1000 + place),
            basket: place >= 1500 ? "b\(place / 3)" : nil, device: place % 2 == 0 ? "mobile" : "")
    }
    return log
}

private func texts(_ log: EventLog) -> [String] {
    let baskets = log.basketNames
    return log.events.enumerated().map { place, event in
        "\(event) \(baskets.isEmpty ? "" : baskets[place] ?? "-") \(log.devices[Int(log.device(of: place))])"
    }
}

@Test func eventsSurviveAFileWithTheIdsThatTheyName() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("kept.events").path
    let log = try shop()
    try log.write(events: 0..<log.count, note: "so it was", to: path)
    let file = try ModelFile(path: path)
    #expect(file.text("note") == "so it was")
    let copy = EventLog()
    try copy.append(from: file)
    #expect(texts(copy) == texts(log) && copy.latestTime == log.latestTime)
    #expect(copy.users.id(of: 5) == "u5" && copy.items.holdsIntegers)
    // A part, after others, with other rows for the same ids.
    try log.write(events: 2900..<3000, note: "", to: path)
    let other = EventLog()
    try other.add(user: "u96", item: "x", time: 5)
    try other.append(from: ModelFile(path: path))
    #expect(Array(texts(other)[1...]) == Array(texts(log)[2900..<3000]))
    #expect(other.basketNames.first == .some(nil))
}

@Test func idsWhoseEventsAreAllLeftOutAreNotAdded() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("kept.events").path
    let log = EventLog()
    try log.add(user: "1", item: "10", time: 1000)
    try log.add(user: "2", item: "20", time: 3000)
    try log.write(events: 0..<2, note: "", to: path)
    let part = EventLog()
    try part.append(from: ModelFile(path: path), before: 2000)
    #expect(part.events.map(\.user) == ["1"] && part.users.count == 1 && part.items.count == 1)
}

@Test func timesAndForgottenUsersDecideWhatIsTakenFromAFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("kept.events").path
    let log = try shop()
    try log.write(events: 0..<log.count, note: "", to: path)
    let forgotten = IDTable()
    _ = try forgotten.row(for: "u7")
    let part = EventLog()
    try part.append(from: ModelFile(path: path), before: 2000, forgotten: forgotten)
    let expected = log.events.filter { ($0.time ?? 0) < 2000 && $0.user != "u7" }
    #expect(part.events == expected)
    #expect(part.users.count == 96)
    let (earliest, latest) = part.timeRange(of: 0..<part.count)
    #expect(earliest == nil && latest == 1999)
    part.removeEvents(from: 10)
    #expect(part.events == Array(expected.prefix(10)))
}

@Test func aDamagedFileOfEventsIsRefusedAndTheLogCanGoOn() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("kept.events").path
    let log = try shop()
    try log.write(events: 0..<log.count, note: "", to: path)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for place in stride(from: 300, to: bytes.count, by: 7919) {
        var broken = bytes
        broken[place] ^= 0x41
        try broken.write(to: URL(fileURLWithPath: path))
        let copy = EventLog()
        try copy.add(user: "1", item: "2")
        do {
            try copy.append(from: ModelFile(path: path))
        } catch {
            copy.removeEvents(from: 1)
            #expect(copy.events == [Event(user: "1", item: "2")])
            continue
        }
        // What lies between two sections is in no checksum.
        #expect(copy.count == log.count + 1)
    }
    let narrow = EventLog()
    let wide = EventLog()
    try wide.kinds.setWeight(2, of: "share")
    try wide.add(user: "1", item: "2", kind: "share")
    try wide.write(events: 0..<1, note: "", to: path)
    #expect(
        message { try narrow.append(from: ModelFile(path: path)) }
            == "the kind of events \"share\" is unknown; give it a weight to use it, such as weight.share=1")
}
