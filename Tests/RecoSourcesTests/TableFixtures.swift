import Foundation

@testable import RecoKit
@testable import RecoSources

/// The records of a text, as the reader sees it when bytes come `pieces` at a time into a buffer of `capacity`.
func records(
    _ bytes: [UInt8], separator: Character = ",", pieces: Int = .max, capacity: Int = 256 << 10
) throws -> [[String]] {
    let source = MemoryBytes(bytes, name: "test.csv", pieces: pieces)
    var reader = RecordReader(source, separator: separator.asciiValue!, capacity: capacity)
    var all: [[String]] = []
    while try reader.advance() { all.append((0..<reader.count).map { reader.text($0) }) }
    return all
}

func records(_ text: String, separator: Character = ",", pieces: Int = .max, capacity: Int = 256 << 10) throws
    -> [[String]]
{
    try records(Array(text.utf8), separator: separator, pieces: pieces, capacity: capacity)
}

/// An event as a test wants to compare it.
struct Event: Equatable {
    var user: String
    var item: String
    var kind = "interaction"
    var weight: Float = 1
    var time: Int64?
}

extension EventLog {
    var events: [Event] {
        (0..<count).map { i in
            Event(
                user: users.id(of: Int(userRows[i])), item: items.id(of: Int(itemRows[i])),
                kind: kinds[kindCodes[i]].name, weight: weights[i], time: times[i] == Self.noTime ? nil : times[i])
        }
    }
}

extension EventLog {
    /// The baskets that events name; empty if none does.
    var basketNames: [String?] { basketRows.elements.map { $0 == Self.noBasket ? nil : baskets.id(of: Int($0)) } }
}

/// Loads events from text.
func load(_ text: String, strict: Bool = false, into log: EventLog = EventLog()) throws -> (EventLog, TableReport) {
    try load(Array(text.utf8), strict: strict, into: log)
}

func load(_ bytes: [UInt8], strict: Bool = false, into log: EventLog = EventLog()) throws -> (EventLog, TableReport) {
    let source = MemoryBytes(bytes, name: "events.csv")
    return (log, try log.addEvents(from: source, TableOptions(strict: strict)))
}

/// The message of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "(no error)"
    } catch {
        return "\(error)"
    }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("reco-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = url.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return file.path
    }

    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}
