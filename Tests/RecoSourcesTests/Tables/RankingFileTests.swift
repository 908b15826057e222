import Foundation
import RecoKit
import Testing

@testable import RecoSources

@Suite struct RankingFileTests {
    private static func read(_ text: String) throws -> RankingTable {
        let table = RankingTable()
        try table.read(MemoryBytes(Array(text.utf8), name: "rows", pieces: 7), TableOptions())
        return table
    }

    private static func refuses(_ text: String, _ message: String, _ location: SourceLocation = #_sourceLocation) {
        do {
            _ = try read(text)
            Issue.record("it was read", sourceLocation: location)
        } catch let error as RecoError {
            #expect(error.message == message, sourceLocation: location)
        } catch {
            Issue.record(error, sourceLocation: location)
        }
    }

    @Test func linesOfSvmlightAreRows() throws {
        let table = try Self.read(
            "2 qid:7 1:0.5 3:-1e2 #docid = GX\n# nothing\n0 qid:7 3:nan\r\n\n1  qid:9\t2:4 \n")
        #expect(table.rowCount == 3 && table.featureCount == 4)
        #expect(Array(table.labels) == [2, 0, 1])
        #expect(table.groupOffsets == [0, 2, 3])
        #expect(Array(table.column(1)) == [0.5, 0, 0])
        #expect(Array(table.column(2)) == [0, 0, 4])
        #expect(table.column(3)[0] == -100 && table.column(3)[1].isNaN && table.column(3)[2] == 0)
        #expect(try !Self.read("1 0:2\n0 0:3").hasGroups)
    }

    @Test func whatMakesNoSenseIsNamedWithItsLine() {
        Self.refuses("one 1:2\n", "rows, line 1: the label \"one\" is no finite number")
        Self.refuses("1 1:2\n0 2\n", "rows, line 2: \"2\" is not of the form feature:value")
        Self.refuses("1 1:two\n", "rows, line 1: the value of feature 1, \"two\", is no number")
        Self.refuses("1 -1:2\n", "rows, line 1: \"-1\" is no number of a feature below 65536")
        Self.refuses("1 999999999:2\n", "rows, line 1: \"999999999\" is no number of a feature below 65536")
        Self.refuses("1 1:2 1:3\n", "rows, line 1: feature 1 has two values")
        Self.refuses(
            "1 qid:1 1:2\n0 qid:2\n0 qid:1\n",
            "rows, line 3: qid \"1\" was seen before; the lines of a group must stand together")
        Self.refuses("1 qid:1 1:2\n0 1:2\n", "rows, line 2: the line has no qid, which others have")
        Self.refuses("", "rows has no rows")
    }

    @Test func filesBesideGiveGroupsWeightsAndPositions() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reco-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("data").path
        func write(_ kind: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + kind))
        }
        try write("", "1 0:1\n0 0:2\n2 0:3\n")
        try write(".query", "1\n2\n")
        try write(".weight", "1\n0.5\n2\n")
        try write(".position", "0\n0\n1\n")
        let table = try RankingTable(ranking: path)
        #expect(table.groupOffsets == [0, 1, 3])
        #expect(table.weights == [1, 0.5, 2] && table.positions == [0, 0, 1])
        try write(".query", "1\n3\n")
        #expect(throws: RecoError(.badData, "\(path): the sizes of the groups add up to more than the 3 rows")) {
            _ = try RankingTable(ranking: path)
        }
    }

    @Test func columnsOfTextAreCategories() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reco-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("rows.csv").path
        // The second column shows only in the last row that it is one of texts.
        try Data("label,age,code,job\n1,39, 7,clerk\n0,?,8,\n1,50,7, clerk\n0,28,x,farmer\n".utf8).write(
            to: URL(fileURLWithPath: path))
        let table = try RankingTable(table: path)
        #expect(table.featureNames == ["age", "code", "job"])
        #expect(Array(table.labels) == [1, 0, 1, 0])
        #expect(table.categories == [nil, ["7", "8", "x"], ["clerk", "farmer"]])
        #expect(Array(table.column(1)) == [0, 1, 0, 2])
        #expect(table.column(0)[1].isNaN && table.column(2)[1].isNaN && table.column(2)[3] == 1)
        // Another file, other columns: the names decide, and an unknown text is none.
        try Data("job,label,code,age\nbaker,1,8,3\n".utf8).write(to: URL(fileURLWithPath: path))
        let other = try RankingTable(
            table: path, schema: .init(names: table.featureNames, categories: table.categories))
        #expect((0..<3).map { other.column($0)[0] } == [3, 1, -1])
    }
}
