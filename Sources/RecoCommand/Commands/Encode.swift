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

    @Argument(help: ArgumentHelp("A file that `reco import bert` wrote, or a model with an encoder.", valueName: "file.reco"))
    var model: String

    @Flag(help: "Print the numbers of the pieces too.")
    var tokens = false

    @Option(
        help: ArgumentHelp(
            "Print no vectors: encode each text N times, one after the other, and print how long each took.",
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
        while let line = readLine() {
            if let time {
                try output.line(.object([("text", .string(line)), ("seconds", .array(seconds(encoder, line, time)))]))
                continue
            }
            var members: [(String, JSON)] = [("text", .string(line))]
            if tokens {
                let numbers = Array(line.utf8).withUnsafeBufferPointer {
                    encoder.tokens(of: $0, limit: SentenceEncoder.longestQuery)
                }
                members.append(("tokens", .array(numbers.map { .integer(Int($0)) })))
            }
            members.append(("vector", encoder.encode(line).map { .array($0.map { .float($0) }) } ?? .null))
            try output.line(.object(members))
        }
        try output.flush()
    }

    private func seconds(_ encoder: SentenceEncoder, _ text: String, _ count: Int) -> [JSON] {
        (0..<count).map { _ in
            let start = Progress.now()
            _ = encoder.encode(text)
            return .number(Progress.now() - start)
        }
    }
}
