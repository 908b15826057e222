import Foundation
import Testing

@testable import RecoKit

/// README.md and docs/ against the sources that they speak about.
@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The cells of the table rows that start with code: "| `a` | b |" as ["a", "b"].
    private static func codeRows(_ path: String) throws -> [[String]] {
        try text(path).split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
    }

    @Test func everyFunctionOnTheWayOfARequestIsWhereThePageSays() throws {
        let steps = try Self.codeRows("docs/following-one-request.md")
        #expect(steps.count > 30)
        for step in steps {
            let source = try Self.text(step[1])
            #expect(
                source.contains("func \(step[0])(") || source.contains("function \(step[0])(")
                    || (step[0].hasPrefix("init(") && source.contains(step[0])), "\(step[0]) is not in \(step[1])")
        }
    }

    @Test func everyLinkLeadsToAFile() throws {
        let docs = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("docs").path)
        for page in ["README.md"] + docs.filter({ $0.hasSuffix(".md") }).map({ "docs/\($0)" }) {
            let folder = Self.root.appendingPathComponent(page).deletingLastPathComponent()
            for part in try Self.text(page).components(separatedBy: "](").dropFirst() {
                let target = String(part.prefix { $0 != ")" && $0 != "#" })
                if target.isEmpty || target.contains("://") { continue }
                let path = folder.appendingPathComponent(target).path
                #expect(FileManager.default.fileExists(atPath: path), "\(page) links to \(target)")
            }
        }
    }

    @Test func theKindsOfEventsAreAsDocumented() throws {
        let rows = try Self.text("docs/training.md").split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for kind in EventKinds().kinds {
            let row = try #require(rows.first { $0.count == 4 && $0[0] == kind.name })
            #expect(Float(row[2]) == kind.weight, "the weight of \(kind.name)")
            #expect(row[3] == (kind.hides ? "yes" : "no"), "whether \(kind.name) hides")
            for synonym in row[1].split(separator: ", ") where !synonym.hasPrefix("(") {
                let code = try #require(EventKinds().code(named: String(synonym)), "\(synonym)")
                #expect(EventKinds()[code].name == kind.name)
            }
        }
    }

    @Test func everyModelIsListedAmongThoseOfTraining() throws {
        let listed = try Self.codeRows("docs/training.md").map { $0[0] }
        for model in Trainer.models { #expect(listed.contains(model.name), "\(model.name)") }
    }
}
