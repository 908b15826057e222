import Foundation
import Testing

/// `reco search` and `reco similar --text`.
@Suite struct SearchTests {
    /// The catalogue of README.md.
    private func bench() throws -> Bench {
        let bench = try Bench()
        try bench.write(
            "items.csv",
            "item,title,category,price\n1021,Green tea,Tea,4.50\n1033,Tea cup,Crockery,9.00\n1040,Honey,Food,6.20\n")
        let outcome = try bench.run("train", "--items", "items.csv", "--model", "bm25", "--out", "search.reco")
        #expect(outcome.code == 0, "\(outcome.errors)")
        return bench
    }

    private func ids(_ outcome: Outcome) throws -> [String] {
        (try outcome.json()["items"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }

    @Test func theExampleOfTheReadmeIsCorrected() throws {
        let readme = try Self.readme()
        let words = try #require(readme.components(separatedBy: "reco search search.reco \"").dropFirst().first)
        let query = String(words.prefix { $0 != "\"" })
        #expect(try ids(bench().run("search", "search.reco", query, "--json")) == ["1040"], "\(query)")
        #expect(query.lowercased() != "honey")
    }

    private static func readme() throws -> String {
        try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("README.md"), encoding: .utf8)
    }

    @Test func queriesThatAreNoTextAreAnsweredAndCounted() throws {
        let bench = try bench()
        try Data(Array("tea\n".utf8) + [0xFF] + Array("honey\r\ncup ".utf8) + [0xC3, 0x0A]).write(
            to: URL(fileURLWithPath: bench.path("queries.txt")))
        let outcome = try bench.run("search", "search.reco", "--queries", "queries.txt")
        #expect(
            outcome.errors
                == "reco: queries.txt: 2 lines are not valid UTF-8; the bytes that are not count as U+FFFD\n")
        #expect(outcome.output.contains("\t1040\t") && outcome.output.contains("\t1033\t"))
        try bench.write("one.txt", "tea\n\u{FFFD}\n")
        #expect(try bench.run("search", "search.reco", "--queries", "one.txt").errors == "")
    }

    @Test func similarToATextStopsAfterWhatResemblesIt() throws {
        let bench = try bench()
        #expect(try ids(bench.run("similar", "search.reco", "--text", "Honey from lime trees", "--json")) == ["1040"])
        let explained = try bench.run("similar", "search.reco", "--text", "Honey from lime trees", "--explain")
        #expect(explained.output.contains("similar to the text, by its title"))
        #expect(try bench.run("similar", "search.reco", "--text", "lawnmower").output == "nothing resembles the text\n")
    }
}
