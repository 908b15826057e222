import Foundation
import Testing

/// What a run of the command left behind.
struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    /// Standard output as one JSON object.
    func json() throws -> [String: Any] {
        #expect(output.hasSuffix("\n") && output.filter { $0 == "\n" }.count == 1, "one line: \(output)")
        return try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }

    /// Nothing on standard output, and one sentence that says so.
    func isRefused(_ code: Int32, _ message: String, _ location: SourceLocation = #_sourceLocation) {
        #expect(self.code == code, "\(errors)", sourceLocation: location)
        #expect(output == "", sourceLocation: location)
        #expect(errors.split(separator: "\n").last.map(String.init) == "reco: \(message)", sourceLocation: location)
    }
}

/// Held while a process starts and while a descriptor is made that other children must not inherit: one of them that
/// holds the writing end of a pipe would keep its reader waiting for ever.
let starting = NSLock()

/// A pipe that other children do not inherit.
struct PrivatePipe {
    let reading: FileHandle
    let writing: FileHandle

    init() throws {
        var ends: [Int32] = [0, 0]
        let made = starting.withLock {
            pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
        }
        try #require(made)
        reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}

/// The built command and a folder for its files, which is gone after the test.
final class Bench {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("reco-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        try? FileManager.default.removeItem(at: folder)
    }

    /// `reco` stands beside the tests.
    static let command = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("reco")

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    /// Prepares a run inside the folder.
    func process(_ arguments: [String], through wrapper: [String] = []) -> Process {
        let words = wrapper + [Self.command.path] + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = folder
        // Under AddressSanitizer: what is still held when the command exits is no error of the command.
        process.environment = ProcessInfo.processInfo.environment.merging(["ASAN_OPTIONS": "detect_leaks=0"]) { $1 }
        return process
    }

    func run(_ arguments: String..., input: String? = nil, through wrapper: [String] = []) throws -> Outcome {
        try run(arguments, input: input, through: wrapper)
    }

    func run(_ arguments: [String], input: String? = nil, through wrapper: [String] = []) throws -> Outcome {
        let process = process(arguments, through: wrapper)
        // Files instead of pipes: nobody has to read while the command writes.
        let names = (output: path(".stdout"), errors: path(".stderr"), input: path(".stdin"))
        for name in [names.output, names.errors] { try Data().write(to: URL(fileURLWithPath: name)) }
        try Data((input ?? "").utf8).write(to: URL(fileURLWithPath: names.input))
        process.standardOutput = FileHandle(forWritingAtPath: names.output)
        process.standardError = FileHandle(forWritingAtPath: names.errors)
        process.standardInput = FileHandle(forReadingAtPath: names.input)
        try starting.withLock { try process.run() }
        process.waitUntilExit()
        defer { for name in [names.output, names.errors, names.input] { unlink(name) } }
        return try Outcome(
            code: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(contentsOfFile: names.output, encoding: .utf8),
            errors: String(contentsOfFile: names.errors, encoding: .utf8))
    }

    /// A shop whose right answers are known: users of even number buy even items, the others odd ones.
    func writeShop() throws {
        var events = "user,item,event,weight,time\n"
        for user in 0..<40 {
            for place in 0..<6 {
                let item = (user / 2 * 2 + place * 2) % 20 + user % 2
                events += "\(user),\(item),purchase,1,\(1_300_000_000 + user * 60 + place)\n"
            }
        }
        try write("events.csv", events)
        try write("items.csv", "item,title,category\n" + (0..<20).map { "\($0),Thing \($0),c\($0 % 2)\n" }.joined())
        var test = "user,item\n"
        for user in 0..<40 { test += "\(user),\((user / 2 * 2 + 12) % 20 + user % 2)\n" }
        try write("test.csv", test)
    }

    /// Trains `shop.reco` on it.
    @discardableResult
    func trainShop() throws -> Outcome {
        try writeShop()
        let outcome = try run(
            "train", "--events", "events.csv", "--items", "items.csv", "--model", "item-knn", "--out", "shop.reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
        return outcome
    }
}
