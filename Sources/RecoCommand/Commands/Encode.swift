import ArgumentParser
import RecoKit

/// `reco encode`: texts in, vectors out, to look at an encoder or to compare it with another.
struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the vectors of texts, one text a line.",
        discussion: """
            Reads standard input and prints a JSON object a line: {"text":"...","vector":[...]}. A vector has length 1; \
            null stands for a text with nothing to read. Texts are cut like those of visitors.
            """)

    @Argument(
        help: ArgumentHelp("A file that `reco import bert` wrote, or a model with an encoder.", valueName: "file.reco"))
    var model: String

    @Flag(help: "Print the numbers of the pieces too.")
    var tokens = false

    @Flag(help: "Encode all texts together, as training does, with one thread.")
    var together = false

    @Option(
        help: ArgumentHelp(
            "Print no vectors but how many seconds encoding took, N times: a line for each text, or one for all.",
            valueName: "n"))
    var time: Int?

    func validate() throws {
        if let time, time < 1 { throw ValidationError("--time takes a number from 1.") }
    }

    func run() throws {
        guard let encoder = try SentenceEncoder(ModelFile(path: model)) else {
            throw RecoError(.unsupported, "\(model) holds no sentence encoder")
        }
        let output = Output()
        if together {
            try encodeTogether(encoder, output)
        } else {
            while let line = readLine() { try output.line(encoded(line, encoder)) }
        }
        try output.flush()
    }

    private func encoded(_ line: String, _ encoder: SentenceEncoder) -> JSON {
        if let time {
            let seconds = encoder.seconds(of: line, times: time)
            return .object([("text", .string(line)), ("seconds", .array(seconds.map { .number($0) }))])
        }
        var members: [(String, JSON)] = [("text", .string(line))]
        if tokens {
            let numbers = Array(line.utf8).withUnsafeBufferPointer {
                encoder.tokens(of: $0, limit: SentenceEncoder.longestQuery)
            }
            members.append(("tokens", .array(numbers.map { .integer(Int($0)) })))
        }
        return .object(members + [("vector", encoder.encode(line).map(vector) ?? .null)])
    }

    private func encodeTogether(_ encoder: SentenceEncoder, _ output: Output) throws {
        var texts: [String] = []
        while let line = readLine() { texts.append(line) }
        if let time {
            let seconds = try (0..<time).map { _ in
                let start = Progress.now()
                _ = try encoder.encode(texts, threads: 1)
                return JSON.number(Progress.now() - start)
            }
            return try output.line(.object([("texts", .integer(texts.count)), ("seconds", .array(seconds))]))
        }
        let vectors = try encoder.encode(texts, threads: 1)
        for (number, text) in texts.enumerated() {
            let found = vectors[number * encoder.dimension..<(number + 1) * encoder.dimension]
            let isEmpty = found.allSatisfy { $0 == 0 }
            try output.line(.object([("text", .string(text)), ("vector", isEmpty ? .null : vector(Array(found)))]))
        }
    }

    private func vector(_ numbers: [Float]) -> JSON { .array(numbers.map { .float($0) }) }
}
