import Testing

@testable import RecoKit

/// Every instruction set against the plain walk over the plain form: the same bits.
@Suite struct TreeScorerTests {
    private static let available = TreeKernels.Level.allCases.map { TreeKernels(upTo: $0) }

    private func expectEqual(
        _ forest: inout RandomForest, rows counts: [Int] = [1, 3, 4, 5, 31, 64, 65, 200, 256, 300]
    ) throws {
        let layout = try TreeLayout(forest.ensemble)
        for count in counts {
            let rows = forest.rows(count)
            let expected = forest.expected(rows)
            for kernels in Self.available {
                var scorer = TreeScorer(layout)
                scorer.kernels = kernels
                let scores = scorer.scores(rows, raw: true)
                let equal = scores.count == expected.count && zip(scores, expected).allSatisfy { $0 == $1 }
                #expect(equal, "\(kernels.level), \(count) rows")
            }
        }
    }

    @Test func theFastestSetIsTheBestThatExists() {
        #expect(TreeKernels.best.level == Self.available.last?.level)
        #expect(Self.available.first?.level == .plain)
    }

    @Test(arguments: [1...31, 2...2, 32...32, 33...64, 60...70, 200...256, 250...300])
    func smallAndLargeTreesScoreAsTheyRead(leaves: ClosedRange<Int>) throws {
        for single in [false, true] {
            var forest = RandomForest(seed: UInt64(leaves.upperBound), leaves: leaves, single: single)
            try expectEqual(&forest)
        }
    }

    @Test func treesWithThousandsOfLeavesAndDeepOnesScoreAsTheyRead() throws {
        for single in [false, true] {
            var forest = RandomForest(seed: 9, trees: 12, leaves: 1...3000, single: single, chains: true)
            try expectEqual(&forest, rows: [1, 5, 70])
        }
    }

    @Test func featuresWithThousandsOfThresholdsTakeSeveralColumns() throws {
        for values in [15, 16, 17, 255, 256, 257, 2000] {
            var forest = RandomForest(seed: UInt64(values), trees: 300, features: 2, values: values, categorical: false)
            try expectEqual(&forest, rows: [1, 128, 256])
            let distinct = Set(forest.ensemble.trees.flatMap { $0.nodes.map { TreeColumns.floor($0.threshold) } }).count
            #expect(try TreeLayout(forest.ensemble).columnCount >= 2 * (distinct / 510))
        }
    }

    @Test func missingValuesGoWhereTheSplitSays() throws {
        for missing in [[TreeEnsemble.Missing.none], [.nan], [.zero]] {
            var forest = RandomForest(seed: 4, missing: missing)
            try expectEqual(&forest, rows: [1, 64, 100])
        }
    }

    @Test func everyThresholdDecidesEveryFloatAsTheDoubleWould() throws {
        for threshold in [0.1, -0.1, 1e300, -1e300, 1e-50, 16_777_217, 0, Double(Float(0.1))] {
            var ensemble = TreeEnsemble()
            ensemble.featureCount = 1
            var tree = TreeEnsemble.Tree()
            tree.nodes = [.init(feature: 0, threshold: threshold, left: ~0, right: ~1)]
            (tree.leaves, tree.covers) = ([1, 2], [1, 1])
            ensemble.trees = [tree]
            let near = Float(threshold)
            let rows = [near, near.nextUp, near.nextDown, .infinity, -.infinity, 0, 1, -1]
            for kernels in Self.available {
                var scorer = TreeScorer(try TreeLayout(ensemble))
                scorer.kernels = kernels
                #expect(scorer.scores(rows) == rows.map { Double($0) <= threshold ? 1 : 2 })
            }
        }
    }

    @Test func linksAndMeansAreApplied() throws {
        var forest = RandomForest(seed: 5)
        let rows = forest.rows(50)
        let raw = forest.expected(rows)
        for link in [TreeEnsemble.Link.identity, .logistic, .exponential, .step] {
            forest.ensemble.link = link
            forest.ensemble.slope = 0.7
            let scores = TreeScorer(try TreeLayout(forest.ensemble)).scores(rows)
            #expect(scores == raw.map { forest.ensemble.value(ofRaw: $0) })
        }
        forest.ensemble.averages = true
        #expect(TreeScorer(try TreeLayout(forest.ensemble)).scores(rows, raw: true) == forest.expected(rows))
    }

    @Test func ensemblesWithoutTreesOrSplitsScoreTheirBase() throws {
        var ensemble = TreeEnsemble()
        ensemble.featureCount = 2
        ensemble.base = 1.5
        #expect(TreeScorer(try TreeLayout(ensemble)).scores([1, 2, 3, 4]) == [1.5, 1.5])
        ensemble.trees = [TreeEnsemble.Tree()]
        ensemble.trees[0].leaves = [0.25]
        #expect(TreeScorer(try TreeLayout(ensemble)).scores([1, 2, 3, 4]) == [1.75, 1.75])
    }
}
