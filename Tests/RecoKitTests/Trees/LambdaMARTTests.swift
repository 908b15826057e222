import Testing

@testable import RecoKit

@Suite struct LambdaMARTTests {
    private static func ndcg(_ objective: String, _ table: RankingTable, _ test: RankingTable) throws -> Double {
        let settings = try TreeTables.settings(["objective": objective])
        let trees = try BoostedTrees.train(table, settings: settings)
        return RankingMetrics.ndcg(test, scores: trees.ensemble.rawScores(test), cutoffs: [5]).mean[0]
    }

    @Test func rankingObjectivesRankBetterThanRegression() throws {
        let (table, test) = try (TreeTables.queries(150, seed: 21), TreeTables.queries(300, seed: 22))
        let pointwise = try Self.ndcg("squared-error", table, test)
        let pairwise = try Self.ndcg("pairwise", table, test)
        let listwise = try Self.ndcg("lambdamart", table, test)
        #expect(pairwise > pointwise)
        #expect(listwise > pointwise)
        #expect(listwise > pairwise - 0.01)
    }

    @Test func gradientsOfOnePairAreThoseOfTheFormula() throws {
        // Labels 1 and 0, scores 0.5 and 1: the pair stands the wrong way round.
        let table = try RankingTable(columns: [[0, 1]], labels: [1, 0], groupSizes: [2])
        let crew = WorkCrew(threads: 1)
        var (gradients, hessians) = ([Float](repeating: 0, count: 2), [Float](repeating: 0, count: 2))
        let scores = [0.5, 1.0]
        let p = 1 / (1 + exponential(-0.5))
        try RankingLoss(table, isLambdaMART: false, .init()).gradients(scores, &gradients, &hessians, crew)
        #expect(abs(Double(gradients[0]) + p) < 1e-6 && abs(Double(gradients[1]) - p) < 1e-6)
        #expect(abs(Double(hessians[0]) - p * (1 - p)) < 1e-6)
        // Swapping the two would change DCG by 1 - 1/log2(3).
        let swap = 1 - 1 / binaryLog(3)
        try RankingLoss(table, isLambdaMART: true, .init(normalizes: false)).gradients(
            scores, &gradients, &hessians, crew)
        #expect(abs(Double(gradients[0]) + p * swap) < 1e-6)
        #expect(abs(Double(hessians[1]) - p * (1 - p) * swap) < 1e-6)
    }

    @Test func truncationLeavesPairsBehindItAlone() throws {
        let table = try RankingTable(columns: [[0, 1, 2, 3]], labels: [0, 0, 2, 1], groupSizes: [4])
        var (gradients, hessians) = ([Float](repeating: 0, count: 4), [Float](repeating: 0, count: 4))
        try RankingLoss(table, isLambdaMART: true, .init(truncation: 1)).gradients(
            [4, 3, 2, 1], &gradients, &hessians, WorkCrew(threads: 1))
        #expect(gradients[0] > 0 && gradients[1] == 0 && gradients[2] < 0 && gradients[3] < 0)
    }

    @Test func aPlaceThatDrawsClicksIsNotTakenForMerit() throws {
        // Merit is the feature; the first places are chosen whatever stands there.
        var generator = SeededGenerator(seed: 23)
        var (merits, shown, labels): ([Float], [Float], [Float]) = ([], [], [])
        var positions: [UInt32] = []
        for _ in 0..<400 {
            for place in 0..<6 {
                let merit = generator.nextFloat()
                merits.append(merit)
                shown.append(Float(place))
                positions.append(UInt32(place))
                labels.append(generator.nextFloat() < merit * (place < 2 ? 0.9 : 0.3) ? 1 : 0)
            }
        }
        func pull(_ positions: [UInt32]) throws -> Double {
            let table = try RankingTable(
                columns: [merits, shown], labels: labels, groupSizes: [Int](repeating: 6, count: 400),
                positions: positions)
            let trees = try BoostedTrees.train(
                table, settings: TreeTables.settings(["trees": "50", "leaves": "7", "objective": "lambdamart"]))
            return trees.ensemble.importances().first { $0.feature == 1 }?.gain ?? 0
        }
        #expect(try pull(positions) < pull([]))
    }

    @Test func ndcgIsThatOfTheFormula() throws {
        let table = try RankingTable(
            columns: [[0, 0, 0, 0, 0]], labels: [2, 0, 1, 0, 0], groupSizes: [3, 2])
        let (values, mean) = RankingMetrics.ndcg(table, scores: [1, 2, 3, 1, 2], cutoffs: [1, 10])
        #expect(values.count == 1)  // the second group has nothing relevant
        #expect(abs(mean[0] - 1.0 / 3) < 1e-12)
        #expect(abs(mean[1] - (1 + 3 / 2.0) / (3 + 1 / binaryLog(3))) < 1e-12)
        // Equal scores share their places.
        let tied = RankingMetrics.ndcg(table, scores: [1, 1, 1, 0, 0], cutoffs: [1]).mean[0]
        #expect(abs(tied - (4.0 / 3) / 3) < 1e-12)
    }
}
