import Testing

@testable import RecoKit

@Suite struct BoostedTreesFileTests {
    private static func trained() throws -> (BoostedTrees, RankingTable) {
        var columns = TreeTables.noise(3, 2000, seed: 51)
        columns[2] = columns[2].map { ($0 * 8).rounded(.down) }
        let labels = columns[0].indices.map {
            columns[0][$0] + (columns[2][$0] == 5 ? Float(1) : 0) > 0.6 ? Float(1) : 0
        }
        let table = try RankingTable(
            columns: columns, labels: labels, names: ["price", "rating", "colour"],
            categories: [nil, nil, ["red", "green", "blue", "grey", "black", "", "two\nlines", "white"]])
        return (try BoostedTrees.train(table, settings: TreeTables.settings(["trees": "6"])), table)
    }

    private static func written(_ trees: BoostedTrees) throws -> ModelFile {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try trees.write(to: writer, settings: Settings(BoostedTrees.hyperparameters), seed: 1)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }

    @Test func whatIsWrittenIsRead() throws {
        let (trees, table) = try Self.trained()
        let read = try #require(try BoostedTrees(Self.written(trees)))
        // Thresholds are rounded so that every float32 goes the same way.
        #expect(read.ensemble.rawScores(table) == trees.ensemble.rawScores(table))
        #expect(read.objective == .logistic)
        #expect(read.categories[0] == nil && read.categories[2]?.count == 8)
        #expect(read.categories[2]?[1] == "green" && read.categories[2]?[6] == "two lines")
    }

    @Test func importanceNamesWhatMattered() throws {
        let (trees, _) = try Self.trained()
        let importances = trees.ensemble.importances()
        #expect(Set(importances.prefix(2).map(\.feature)) == [0, 2])
        #expect(importances.reduce(0) { $0 + $1.splits } == trees.ensemble.trees.reduce(0) { $0 + $1.nodes.count })
    }
}
