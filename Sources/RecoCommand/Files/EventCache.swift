import Glibc
import RecoKit

/// Why what was kept cannot be used.
struct EventCacheDamage: Error { let message: String }

/// The events that a query gave in earlier runs, so that the next one reads only what is new.
///
/// The first file holds all that a full reading gave; each run adds one with what it read, which is everything from a
/// while before the newest event on. A file is valid up to where the next one starts: what was changed, deleted or came
/// late within that while is so replaced. Older changes show when everything is read again.
struct EventCache {
    /// More files than that are made one again.
    private static let mostFiles = 16

    private struct Part {
        let file: ModelFile
        let since: Int64?  // nil: a full reading
        let newest: Int64
    }

    private let prefix: String  // of the files' paths
    private let fingerprint: String
    private let parts: [Part]
    private let readInFull: Int64  // when

    /// - Parameters:
    ///   - title: what the query is for.
    ///   - identity: what the events depend on: the query, where it is asked, the kind.
    init(folder: String, title: String, identity: String) {
        var identity = identity
        fingerprint = identity.withUTF8 { String(XXHash64.hash(UnsafeRawBufferPointer($0)), radix: 16) }
        let plain = title.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(24)
        prefix = "\(folder)/\(plain)-\(fingerprint)"
        var parts: [Part] = []
        var generation: Int64?
        // Files that are damaged, and what comes after them, are as good as not there.
        while let file = try? ModelFile(path: "\(prefix).\(parts.count).events") {
            let words = (file.text("note") ?? "").split(separator: " ").map(String.init)
            guard words.count == 3, let read = Int64(words[0]), let newest = Int64(words[2]),
                generation == nil || generation == read
            else { break }
            generation = read
            parts.append(Part(file: file, since: Int64(words[1]), newest: newest))
        }
        self.parts = parts.first?.since == nil ? parts : []
        readInFull = generation ?? 0
    }

    /// From which time on a run has to read; nil: everything.
    func start(now: Int64, overlap: Int64, full: Int64) -> Int64? {
        guard let last = parts.last, now - readInFull < full, now >= readInFull else { return nil }
        // A time that is yet to come must not keep what happens until then from being read.
        return min(last.newest, now + 86_400) - overlap
    }

    /// Adds the events before `start` to a log. Throws `EventCacheDamage` if they cannot be had.
    func load(into log: EventLog, before start: Int64, forgotten: IDTable?) throws {
        var limit = start
        var limits: [Int64] = []
        for part in parts.reversed() {
            limits.append(limit)
            limit = min(limit, part.since ?? limit)
        }
        for (part, limit) in zip(parts, limits.reversed()) {
            do {
                try log.append(from: part.file, before: limit, forgotten: forgotten)
            } catch let error as RecoError where error.code == .damaged || error.code == .badData {
                throw EventCacheDamage(message: error.message)
            }
        }
    }

    /// Keeps what has been read: `all` are the query's events in the log, `new` those that this run read, from `start` on.
    func keep(_ all: Range<Int>, new: Range<Int>, of log: EventLog, since start: Int64?, now: Int64) throws {
        guard let newest = log.timeRange(of: all).latest else {
            return clear(from: 0)  // without times there is nothing to go on from
        }
        guard let start, parts.count < Self.mostFiles else {
            let read = start == nil ? now : readInFull
            try log.write(events: all, note: "\(read) - \(newest)", to: "\(prefix).0.events")
            return clear(from: 1)
        }
        try log.write(events: new, note: "\(readInFull) \(start) \(newest)", to: "\(prefix).\(parts.count).events")
        clear(from: parts.count + 1)
    }

    private func clear(from first: Int) {
        var number = first
        while unlink("\(prefix).\(number).events") == 0 { number += 1 }
    }

    /// Takes the events of users out of all files in a folder. Returns how many there were.
    static func forget(_ users: IDTable, in folder: String, kinds: EventKinds) throws -> Int {
        var removed = 0
        for path in files(in: folder) {
            let (before, after) = (EventLog(), EventLog())
            (before.kinds, after.kinds) = (kinds, kinds)
            guard let file = try? ModelFile(path: path), let note = file.text("note"),
                (try? before.append(from: file)) != nil, (try? after.append(from: file, forgotten: users)) != nil
            else {
                // What cannot be read cannot be cleaned.
                guard unlink(path) == 0 else { throw RecoError.system("cannot remove \(path)") }
                continue
            }
            guard after.count < before.count else { continue }
            removed += before.count - after.count
            try after.write(events: 0..<after.count, note: note, to: path)
        }
        return removed
    }

    /// Removes what is kept in a folder of queries that are no longer asked.
    static func remove(allBut caches: [EventCache], in folder: String) {
        for path in files(in: folder) where !caches.contains(where: { path.hasPrefix("\($0.prefix).") }) {
            unlink(path)
        }
    }

    private static func files(in folder: String) -> [String] {
        TemporaryFile.names(in: folder, ending: ".events").map { "\(folder)/\($0)" }
    }
}
