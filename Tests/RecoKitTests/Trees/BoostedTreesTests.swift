import Testing

@testable import RecoKit

@Suite struct BoostedTreesTests {
    @Test(arguments: 1...8) func theSplitFoundInHistogramsIsTheExactOne(seed: UInt64) throws {
        let columns = TreeTables.noise(4, 60, seed: seed)
        let labels = TreeTables.noise(1, 60, seed: seed + 100)[0]
        let table = try RankingTable(columns: columns, labels: labels)
        let trees = try BoostedTrees.train(
            table, settings: TreeTables.smallSettings(["objective": "squared-error", "trees": "1", "leaves": "2"]))
        let exact = TreeTables.exactSplit(columns, labels)
        let tree = trees.ensemble.trees[0]
        let root = try #require(tree.nodes.first)
        #expect(Int(root.feature) == exact.feature)
        #expect(abs(root.gain - exact.gain) < 1e-5 * exact.gain)
        let left = columns[exact.feature].indices.filter { Double(columns[exact.feature][$0]) <= root.threshold }
        #expect(Set(left) == exact.left)
        let mean = exact.left.reduce(0) { $0 + Double(labels[$1]) } / Double(exact.left.count)
        #expect(abs(trees.ensemble.base + tree.leaves[Int(~root.left)] - mean) < 1e-6)
        #expect(tree.covers == [Double(exact.left.count), Double(60 - exact.left.count)])
    }

    @Test func enoughLeavesLearnATableByHeart() throws {
        let columns = TreeTables.noise(2, 64, seed: 3)
        let labels = TreeTables.noise(1, 64, seed: 4)[0]
        let table = try RankingTable(columns: columns, labels: labels)
        let trees = try BoostedTrees.train(
            table, settings: TreeTables.smallSettings(["objective": "squared-error", "trees": "1", "leaves": "64"]))
        for (score, label) in zip(trees.ensemble.rawScores(table), labels) {
            #expect(abs(score - Double(label)) < 1e-5)
        }
    }

    @Test func missingValuesGoWhereTheyBelong() throws {
        // High where missing, and where above 5.
        for isHigh in [true, false] {
            let column: [Float] = (0..<40).map { $0 % 4 == 0 ? .nan : Float($0 % 10) }
            let labels: [Float] = column.map { $0.isNaN ? (isHigh ? 1 : 0) : $0 > 5 ? 1 : 0 }
            let table = try RankingTable(columns: [column], labels: labels)
            let trees = try BoostedTrees.train(
                table, settings: TreeTables.smallSettings(["objective": "squared-error", "trees": "1", "leaves": "2"]))
            let root = try #require(trees.ensemble.trees[0].nodes.first)
            #expect(root.missingGoesLeft != isHigh)
            for (score, label) in zip(trees.ensemble.rawScores(table), labels) {
                #expect(abs(score - Double(label)) < 1e-6)
            }
        }
    }

    @Test func aValueThatWasNeverMissingFollowsTheLargerSideWhenItIs() throws {
        let column = (0..<40).map { Float($0) }
        let table = try RankingTable(columns: [column], labels: column.map { $0 < 10 ? 1 : 0 })
        let trees = try BoostedTrees.train(
            table, settings: TreeTables.smallSettings(["objective": "squared-error", "trees": "1", "leaves": "2"]))
        #expect(trees.ensemble.trees[0].nodes[0].missingGoesLeft == false)
    }

    @Test func categoriesAreSplitWhateverTheirNumbers() throws {
        var generator = SeededGenerator(seed: 5)
        let column = (0..<4000).map { _ in Float(generator.nextIndex(40)) }
        let good: Set<Float> = [1, 7, 8, 19, 22, 31, 39]
        let table = try RankingTable(
            columns: [column], labels: column.map { good.contains($0) ? 1 : 0 },
            categories: [(0..<40).map { "c\($0)" }])
        let trees = try BoostedTrees.train(
            table,
            settings: TreeTables.settings([
                "objective": "squared-error", "trees": "1", "leaves": "2", "learning-rate": "1",
            ]))
        let root = try #require(trees.ensemble.trees[0].nodes.first)
        let categories = try #require(root.categories)
        #expect(
            Set((0..<40).filter { categories.contains($0) }.map { Float($0) }) == good
                || {
                    Set((0..<40).filter { !categories.contains($0) }.map { Float($0) }) == good
                }())
        // One that training never saw is none of them, and so is a missing one.
        let other = try RankingTable(columns: [[77, .nan, -1]], labels: [0, 0, 0])
        let scores = trees.ensemble.rawScores(other)
        #expect(scores[0] == scores[1] && scores[1] == scores[2])
    }

    @Test func fewCategoriesAreTriedOneAgainstTheRest() throws {
        let column = (0..<90).map { Float($0 % 3) }
        let table = try RankingTable(
            columns: [column], labels: column.map { $0 == 1 ? 5 : 2 }, categories: [["a", "b", "c"]])
        let trees = try BoostedTrees.train(
            table, settings: TreeTables.smallSettings(["objective": "squared-error", "trees": "1", "leaves": "2"]))
        for (score, label) in zip(trees.ensemble.rawScores(table), table.labels) {
            #expect(abs(score - Double(label)) < 1e-5)
        }
    }

    @Test(arguments: ["rising", "falling"]) func scoresNeverTurnInAMonotoneFeature(direction: String) throws {
        let columns = TreeTables.noise(3, 800, seed: 6)
        var generator = SeededGenerator(seed: 7)
        let labels = columns[0].indices.map { row in
            let (x, y) = (columns[0][row], columns[1][row])
            return (direction == "rising" ? 1 : -1) * (x + 0.4 * (12 * x).remainder(dividingBy: 2)) + y
                + 0.2 * generator.nextNormal()
        }
        let table = try RankingTable(columns: columns, labels: labels, names: ["x", "y", "z"])
        func turns(_ monotone: String) throws -> Int {
            let trees = try BoostedTrees.train(
                table,
                settings: TreeTables.settings([
                    "objective": "squared-error", "monotone": monotone, "min-data-in-leaf": "5",
                ]))
            var count = 0
            for row in 0..<20 {
                let line = (0...100).map { Float($0) / 100 }
                let probe = try RankingTable(
                    columns: [line, line.map { _ in columns[1][row] }, line.map { _ in columns[2][row] }],
                    labels: line.map { _ in 0 })
                let scores = trees.ensemble.rawScores(probe)
                for (a, b) in zip(scores, scores.dropFirst()) {
                    if direction == "rising" ? b < a - 1e-9 : b > a + 1e-9 { count += 1 }
                }
            }
            return count
        }
        #expect(try turns("") > 0)
        #expect(try turns("x:\(direction)") == 0)
    }

    @Test(arguments: ["lambdamart", "pairwise", "squared-error"]) func anyNumberOfThreadsGivesTheSameTrees(
        objective: String
    ) throws {
        let table = try TreeTables.queries(1500, seed: 8)  // more than one piece of rows
        let settings = try TreeTables.settings([
            "objective": objective, "trees": "12", "row-sampling": "0.7", "feature-sampling": "0.6",
        ])
        let one = try BoostedTrees.train(table, settings: settings, run: TrainingRun(threads: 1, seed: 3))
        let two = try BoostedTrees.train(table, settings: settings, run: TrainingRun(threads: 2, seed: 3))
        let five = try BoostedTrees.train(table, settings: settings, run: TrainingRun(threads: 5, seed: 3))
        #expect(one.ensemble == two.ensemble)
        #expect(one.ensemble == five.ensemble)
        let other = try BoostedTrees.train(table, settings: settings, run: TrainingRun(threads: 2, seed: 4))
        #expect(one.ensemble != other.ensemble)
    }

    @Test func trainingStopsWhereTheValidationSetNoLongerImproves() throws {
        let (table, validation) = try (TreeTables.queries(60, seed: 9), TreeTables.queries(40, seed: 10))
        let settings = try TreeTables.settings(["trees": "500", "learning-rate": "0.3", "early-stopping": "10"])
        let trees = try BoostedTrees.train(table, validation: validation, settings: settings)
        let best = try #require(trees.validation.max())
        #expect(trees.validation.count < 500)
        #expect(trees.ensemble.trees.count == trees.validation.count - 10)
        #expect(trees.validation[trees.ensemble.trees.count - 1] == best)
        // What was watched is what the kept trees give.
        let measured = RankingMetrics.ndcg(
            validation, scores: trees.ensemble.rawScores(validation), cutoffs: [10]
        ).mean[0]
        #expect(abs(measured - best) < 1e-12)
    }

    @Test func aWeightOfThreeIsThreeRows() throws {
        let columns = TreeTables.noise(3, 50, seed: 11)
        let labels = TreeTables.noise(1, 50, seed: 12)[0].map { $0 > 0.5 ? Float(1) : 0 }
        let weights = labels.indices.map { Float(1 + $0 % 3) }
        let rows = labels.indices.flatMap { [Int](repeating: $0, count: 1 + $0 % 3) }
        let weighted = try RankingTable(columns: columns, labels: labels, weights: weights)
        let repeated = try RankingTable(
            columns: columns.map { column in rows.map { column[$0] } }, labels: rows.map { labels[$0] })
        for objective in ["squared-error", "logistic"] {
            let settings = try TreeTables.smallSettings([
                "objective": objective, "trees": "5", "leaves": "4", "min-hessian-in-leaf": "2", "learning-rate": "0.3",
            ])
            let a = try BoostedTrees.train(weighted, settings: settings).ensemble.rawScores(weighted)
            let b = try BoostedTrees.train(repeated, settings: settings).ensemble.rawScores(weighted)
            for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-5) }
        }
    }

    @Test func limitsOfGrowthAreKept() throws {
        let table = try TreeTables.queries(100, seed: 13)
        let settings = try TreeTables.settings([
            "objective": "squared-error", "trees": "3", "depth": "3", "min-data-in-leaf": "50", "leaves": "7",
        ])
        for tree in try BoostedTrees.train(table, settings: settings).ensemble.trees {
            #expect(tree.leaves.count <= 7)
            #expect(tree.covers.allSatisfy { $0 >= 50 })
            func depth(_ child: Int32) -> Int {
                child < 0 ? 0 : 1 + max(depth(tree.nodes[Int(child)].left), depth(tree.nodes[Int(child)].right))
            }
            #expect(depth(0) <= 3)
        }
    }

    @Test func l1AndL2DrawLeavesTowardsZero() throws {
        let table = try RankingTable(columns: [[0, 0, 1, 1]], labels: [0, 0, 2, 2])
        func leaf(_ more: KeyValuePairs<String, String>) throws -> Double {
            var settings = try TreeTables.smallSettings(["objective": "squared-error", "trees": "1", "leaves": "2"])
            for (name, value) in more { try settings.set(name, to: value) }
            return try BoostedTrees.train(table, settings: settings).ensemble.trees[0].leaves.max() ?? 0
        }
        #expect(try abs(leaf([:]) - 1) < 1e-6)  // gradient -2, hessian 2
        #expect(try abs(leaf(["l2": "2"]) - 0.5) < 1e-6)
        #expect(try abs(leaf(["l1": "1"]) - 0.5) < 1e-6)
    }

    @Test func sampledRowsStillTeachTheRest() throws {
        let table = try TreeTables.queries(200, seed: 14)
        let settings = try TreeTables.settings(["row-sampling": "0.5", "feature-sampling": "0.5"])
        let trees = try BoostedTrees.train(table, settings: settings)
        let ndcg = RankingMetrics.ndcg(table, scores: trees.ensemble.rawScores(table), cutoffs: [10]).mean[0]
        #expect(ndcg > 0.85)
    }
}
