import Foundation
import Testing

@Test func aTerminalGetsABarThatIsGoneInTheEnd() throws {
    let bench = try Bench()
    try bench.write("m.reco", "old")
    var (terminal, line) = (Int32(0), Int32(0))
    let made = starting.withLock {
        openpty(&terminal, &line, nil, nil, nil) == 0
            && [terminal, line].allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }
    }
    try #require(made)
    let process = bench.process(["train", "--events", "-", "--model", "popularity", "--out", "m.reco"])
    let input = try PrivatePipe()
    process.standardInput = input.reading
    process.standardError = FileHandle(fileDescriptor: line)
    try starting.withLock { try process.run() }
    close(line)
    // More rows than lie between two reports, and a pause that is longer than the bar's.
    let rows = (0..<70_000).map { "\($0),\($0 % 9)\n" }.joined()
    input.writing.write(Data(("user,item\n" + rows).utf8))
    usleep(150_000)
    input.writing.write(Data(rows.utf8))
    try input.writing.close()
    var said: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(terminal, &room, room.count)
        if count <= 0 { break }  // the terminal ends with an error when nobody holds the other side
        said += room[..<count]
    }
    close(terminal)
    process.waitUntilExit()
    let text = String(decoding: said, as: UTF8.self)
    #expect(process.terminationStatus == 0)
    #expect(text.contains("\rreading standard input") || text.contains("\u{1B}[Kreading standard input"))
    #expect(text.contains(" rows/s"))
    #expect(text.contains("\r\u{1B}[Kreco: read 140,000 events"))
}

@Test func withoutATerminalProgressIsAFewPlainLines() throws {
    let bench = try Bench()
    let outcome = try bench.trainShop()
    #expect(!outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
    #expect(outcome.errors.contains("reco: reading events.csv\n"))
    #expect(outcome.errors.filter { $0 == "\n" }.count < 12)
}
