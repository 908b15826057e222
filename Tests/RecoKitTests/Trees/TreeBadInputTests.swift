import Testing

@testable import RecoKit

/// Data that nobody should have, and somebody will: an error that says so, or a model that makes sense.
@Suite struct TreeBadInputTests {
    private static func refuses(
        _ table: RankingTable, _ part: String, _ settings: KeyValuePairs<String, String> = [:],
        _ location: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try BoostedTrees.train(table, settings: TreeTables.settings(settings))
            Issue.record("it was trained", sourceLocation: location)
        } catch let error as RecoError {
            #expect(error.message.contains(part), "\(error.message)", sourceLocation: location)
        } catch {
            Issue.record(error, sourceLocation: location)
        }
    }

    @Test func featuresThatSayNothingGiveTheMean() throws {
        let table = try RankingTable(
            columns: [[Float](repeating: .nan, count: 50), [Float](repeating: 3, count: 50)],
            labels: (0..<50).map { Float($0 % 2) })
        let trees = try BoostedTrees.train(table)
        #expect(trees.ensemble.trees.isEmpty)
        #expect(trees.ensemble.rawScores(table).allSatisfy { $0 == 0 })  // as many ones as zeros
    }

    @Test func infiniteValuesAreLargeAndSmall() throws {
        let column: [Float] = (0..<60).map { $0 < 20 ? -.infinity : $0 < 40 ? 1 : .infinity }
        let table = try RankingTable(
            columns: [column], labels: (0..<60).map { $0 < 20 ? 1 : $0 < 40 ? 5 : 9 })
        let trees = try BoostedTrees.train(
            table, settings: TreeTables.smallSettings(["objective": "squared-error", "trees": "1"]))
        for (score, label) in zip(trees.ensemble.rawScores(table), table.labels) {
            #expect(abs(score - Double(label)) < 1e-5)
        }
    }

    @Test func labelsOutOfRangeAreNamed() throws {
        let column = (0..<10).map { Float($0) }
        func table(_ label: Float, groups: [Int]? = nil) throws -> RankingTable {
            try RankingTable(
                columns: [column], labels: [label] + [Float](repeating: 1, count: 9), groupSizes: groups)
        }
        try Self.refuses(
            table(-1, groups: [10]), "the label of row 1 is -1.0; for lambdamart it must be a grade from 0")
        try Self.refuses(table(32, groups: [10]), "must be a grade from 0 to 31")
        try Self.refuses(table(.nan, groups: [10]), "must be a grade")
        try Self.refuses(table(.infinity), "must be finite", ["objective": "squared-error"])
        try Self.refuses(table(2), "must be between 0 and 1", ["objective": "logistic"])
    }

    @Test func rankingsWithoutAnOrderAreRefused() throws {
        let column = (0..<10).map { Float($0) }
        let labels = column.map { $0 > 4 ? Float(1) : 0 }
        let alone = [Int](repeating: 1, count: 10)
        try Self.refuses(
            RankingTable(columns: [column], labels: labels, groupSizes: alone),
            "no group has two rows of different labels")
        try Self.refuses(
            RankingTable(columns: [column], labels: labels), "says nothing of groups", ["objective": "lambdamart"])
        try Self.refuses(RankingTable(columns: [[]], labels: [], groupSizes: []), "has no rows")
        try Self.refuses(RankingTable(columns: [], labels: labels), "has no features")
    }

    @Test func oneGroupIsEnough() throws {
        let column = (0..<200).map { Float($0) }
        let table = try RankingTable(
            columns: [column], labels: column.map { Float(Int($0) / 50) }, groupSizes: [200])
        let trees = try BoostedTrees.train(table)
        let ndcg = RankingMetrics.ndcg(table, scores: trees.ensemble.rawScores(table), cutoffs: [10]).mean[0]
        #expect(ndcg > 0.99)
    }

    @Test func oneClassAloneIsThatClass() throws {
        let column = (0..<100).map { Float($0) }
        let table = try RankingTable(columns: [column], labels: column.map { _ in 1 })
        let trees = try BoostedTrees.train(table)
        #expect(trees.ensemble.rawScores(table).allSatisfy { trees.ensemble.value(ofRaw: $0) > 0.99 })
    }

    @Test func weightsThatAreNoneAreRefused() throws {
        let column = (0..<4).map { Float($0) }
        for weights: [Float] in [[1, 1], [1, -1, 1, 1], [1, .nan, 1, 1]] {
            #expect(throws: RecoError.self) {
                _ = try RankingTable(columns: [column], labels: column, weights: weights)
            }
        }
        try Self.refuses(
            RankingTable(columns: [column], labels: column, weights: [0, 0, 0, 0]), "all weights are zero",
            ["objective": "squared-error"])
    }

    @Test func aLearningRateThatRunsAwayEnds() throws {
        let table = try RankingTable(
            columns: TreeTables.noise(2, 100, seed: 41), labels: TreeTables.noise(1, 100, seed: 42)[0])
        let settings: KeyValuePairs = ["objective": "squared-error", "learning-rate": "10", "trees": "2000"]
        Self.refuses(table, "beyond all numbers", settings)
    }

    @Test func moreCategoriesThanBinsLeaveTheRareOnesTogether() throws {
        var generator = SeededGenerator(seed: 43)
        let column = (0..<5000).map { _ in Float(generator.nextIndex(2000)) }
        let table = try RankingTable(
            columns: [column], labels: column.map { Int($0) % 2 == 0 ? 1 : 0 },
            categories: [(0..<2000).map { "\($0)" }])
        let trees = try BoostedTrees.train(table)
        #expect(trees.ensemble.rawScores(table).allSatisfy { $0.isFinite })
    }

    @Test func manyFeaturesOfFewRowsAreNoTrouble() throws {
        let table = try RankingTable(
            columns: TreeTables.noise(600, 30, seed: 44), labels: TreeTables.noise(1, 30, seed: 45)[0])
        let settings = try TreeTables.smallSettings([
            "objective": "squared-error", "trees": "5", "learning-rate": "0.5",
        ])
        let trees = try BoostedTrees.train(table, settings: settings, run: TrainingRun(threads: 3))
        #expect(trees.ensemble.trees.count == 5)
    }
}
