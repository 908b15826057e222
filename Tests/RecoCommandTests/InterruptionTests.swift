import Foundation
import Testing

/// Reads standard error of a running command until it holds `text`.
private func wait(for text: String, in pipe: PrivatePipe) -> String {
    var said = Data()
    while true {
        let more = pipe.reading.availableData
        said += more
        let string = String(decoding: said, as: UTF8.self)
        if more.isEmpty || string.contains(text) { return string }
    }
}

@Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
func aSignalWhileReadingLeavesNothingBehind(number: Int32, code: Int32) throws {
    let bench = try Bench()
    try bench.write("m.reco", "the old model")
    let process = bench.process(["train", "--events", "-", "--model", "popularity", "--out", "m.reco"])
    let (input, errors) = (try PrivatePipe(), try PrivatePipe())
    process.standardInput = input.reading
    process.standardError = errors.writing
    try starting.withLock { try process.run() }
    input.writing.write(Data("user,item\n1,a\n".utf8))
    #expect(wait(for: "reading standard input", in: errors).contains("reading standard input"))
    // Another writer of the same model, which is none of our business.
    try bench.write("m.reco.\(process.processIdentifier).tmp", "half a model")
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == code)
    #expect(wait(for: "stopped", in: errors) == "\nreco: stopped; nothing was written\n")
    #expect(try bench.files().sorted() == ["m.reco", "m.reco.\(process.processIdentifier).tmp"])
    #expect(try bench.bytes("m.reco") == Data("the old model".utf8))
}

@Test func aSignalWhileTrainingEndsItAtOnce() throws {
    let bench = try Bench()
    var events = "user,item\n"
    for user in 0..<600 {
        for place in 0..<500 { events += "\(user),\((user &* 7919 &+ place &* 31) % 3000)\n" }
    }
    try bench.write("e.csv", events)
    let process = bench.process([
        "train", "--events", "e.csv", "--model", "item-knn", "--threads", "2", "--out", "m.reco",
    ])
    let errors = try PrivatePipe()
    process.standardError = errors.writing
    try starting.withLock { try process.run() }
    #expect(wait(for: "reco: comparing items", in: errors).contains("reco: comparing items"))
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(try bench.files() == ["e.csv"])
}
