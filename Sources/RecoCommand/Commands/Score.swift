import ArgumentParser
import RecoKit

/// `reco score`: rows of features in, scores out, to look at trees or to compare them with another's.
struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what boosted trees say of rows of numbers, one row a line.",
        discussion: """
            Reads standard input: the features of a row in the order of the model, separated by commas, tabs or spaces. \
            An empty field (between commas or tabs) or nan is missing, and so is what a short line leaves out.
            """)

    @Argument(help: ArgumentHelp("A file with boosted trees.", valueName: "file.reco"))
    var model: String

    @Flag(help: "Print sums of leaves, without what the model's link makes of them.")
    var raw = false

    @Option(
        help: ArgumentHelp("Print no scores but how many seconds a call took, N times: a JSON object.", valueName: "n"))
    var time: Int?

    @Option(
        help: ArgumentHelp(
            "With --time: how many rows a call scores; the next call takes the next rows.", valueName: "n"))
    var atOnce: Int?

    func validate() throws {
        if let time, time < 1 { throw ValidationError("--time takes a number from 1.") }
        if let atOnce, atOnce < 1 || time == nil {
            throw ValidationError("--at-once takes a number from 1, with --time.")
        }
    }

    func run() throws {
        guard let layout = try TreeLayout(ModelFile(path: model)) else {
            throw RecoError(
                .unsupported,
                "\(model) holds no trees, which are all that reco score reads; reco evaluate measures networks")
        }
        let scorer = TreeScorer(layout)
        let output = Output()
        var rows: [Float] = []
        var number = 0
        while let line = readLine() {
            number += 1
            rows += try row(line, number, layout.featureCount)
            if time == nil, rows.count >= Self.rowsTogether * max(1, layout.featureCount) {
                try print(&rows, scorer, output)
            }
        }
        if let time { try measure(rows, scorer, time, output) } else { try print(&rows, scorer, output) }
        try output.flush()
    }

    private static let rowsTogether = 1024

    private func row(_ line: String, _ number: Int, _ count: Int) throws -> [Float] {
        let isSeparated = line.utf8.contains { $0 == UInt8(ascii: ",") || $0 == 9 }
        let fields =
            isSeparated
            ? line.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "\t" } : line.split(separator: " ")
        guard fields.count <= count else {
            throw RecoError(
                .badData, "line \(number) has \(fields.count) numbers, and the trees know \(count) features")
        }
        var row = [Float](repeating: .nan, count: count)
        for (index, field) in fields.enumerated() where !field.allSatisfy({ $0 == " " }) {
            guard let value = Float(field.filter { $0 != " " && $0 != "\r" }) else {
                throw RecoError(.badData, "line \(number) holds \(Format.plain(String(field))), which is no number")
            }
            row[index] = value
        }
        return row
    }

    private func print(_ rows: inout [Float], _ scorer: TreeScorer, _ output: Output) throws {
        for score in scorer.scores(rows, raw: raw) { try output.line("\(score)") }
        rows.removeAll(keepingCapacity: true)
    }

    private func measure(_ rows: [Float], _ scorer: TreeScorer, _ times: Int, _ output: Output) throws {
        let all = rows.count / max(1, scorer.featureCount)
        let count = min(atOnce ?? all, all)
        guard count > 0 else { throw RecoError(.badData, "there are no rows to score") }
        var scores = [Double](repeating: 0, count: count)
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: scorer.scratchBytes, alignment: 64)
        defer { scratch.deallocate() }
        var seconds: [JSON] = []
        for call in 0..<times {
            let first = call % (all / count) * count * scorer.featureCount
            rows.withUnsafeBufferPointer { rows in
                scores.withUnsafeMutableBufferPointer { scores in
                    guard let row = rows.baseAddress, let out = scores.baseAddress else { return }
                    let start = Progress.now()
                    scorer.score(row + first, count: count, into: out, scratch: scratch, raw: raw)
                    seconds.append(.number(Progress.now() - start))
                }
            }
        }
        try output.line(.object([("rows", .integer(count)), ("seconds", .array(seconds))]))
    }
}
