import ArgumentParser
import RecoKit

/// `reco score`: rows of features in, scores out, to look at a model of rows or to compare it with another's.
struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints what boosted trees or a network say of rows of features, one row a line.",
        discussion: """
            Reads standard input: the features of a row in the order of the model, separated by commas, tabs or spaces. \
            An empty field (between commas or tabs) or nan is missing, and so is what a short line leaves out. A feature \
            with categories takes their texts where the model knows those, else the numbers that stand for them. \
            `reco rank --ranking` and --table score whole files by the names of columns, with the same scores.
            """)

    @Argument(help: ArgumentHelp("A file with boosted-trees, mlp-ranker or wide-deep.", valueName: "file.reco"))
    var model: String

    @Flag(help: "Print sums, without what makes answers of them, such as probabilities.")
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
        guard let scorer = try RowScorer(ModelFile(path: model)) else {
            let names = RowModels.all.map { $0.name }.joined(separator: ", ")
            throw RecoError(.unsupported, "\(model) holds nothing that scores rows, which are \(names)")
        }
        let codes = scorer.categories.map { texts in
            texts.map {
                Dictionary(zip($0, (0..<$0.count).lazy.map { Float($0) }), uniquingKeysWith: { first, _ in first })
            }
        }
        let output = Output()
        var rows: [Float] = []
        var number = 0
        while let line = readLine() {
            number += 1
            rows += try row(line, number, codes)
            if time == nil, rows.count >= Self.rowsTogether * max(1, scorer.featureCount) {
                try print(&rows, scorer, output)
            }
        }
        if let time { try measure(rows, scorer, time, output) } else { try print(&rows, scorer, output) }
        try output.flush()
    }

    private static let rowsTogether = 1024

    /// `codes`: of each feature with categories the number that stands for a text.
    private func row(_ line: String, _ number: Int, _ codes: [[String: Float]?]) throws -> [Float] {
        let count = codes.count
        let isSeparated = line.utf8.contains { $0 == UInt8(ascii: ",") || $0 == 9 }
        let fields =
            isSeparated
            ? line.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "\t" } : line.split(separator: " ")
        guard fields.count <= count else {
            throw RecoError(
                .badData, "line \(number) has \(fields.count) numbers, and the model knows \(count) features")
        }
        var row = [Float](repeating: .nan, count: count)
        for (index, field) in fields.enumerated() where !field.allSatisfy({ $0 == " " }) {
            let text = field.last == "\r" ? field.dropLast().trimmingSpaces : field.trimmingSpaces
            if text.isEmpty { continue }
            guard let value = Self.value(text, codes[index]) else {
                throw RecoError(.badData, "line \(number) holds \(Format.plain(String(field))), which is no number")
            }
            row[index] = value
        }
        return row
    }

    /// Nil for what is no number; a text that training did not know belongs to no category.
    private static func value(_ text: String, _ codes: [String: Float]?) -> Float? {
        let number = Float(text)
        guard let codes, number?.isNaN != true else { return number }
        return codes[text] ?? -1
    }

    private func print(_ rows: inout [Float], _ scorer: RowScorer, _ output: Output) throws {
        for score in scorer.scores(rows, raw: raw) { try output.line("\(score)") }
        rows.removeAll(keepingCapacity: true)
    }

    private func measure(_ rows: [Float], _ scorer: RowScorer, _ times: Int, _ output: Output) throws {
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
