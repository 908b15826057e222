import Testing

@testable import RecoKit

@Suite struct TreeContributionsTests {
    /// What a tree answers when only some features are known: the others go both ways, by cover.
    private static func value(_ tree: TreeEnsemble.Tree, _ row: [Double], known: Set<Int>) -> Double {
        func cover(_ child: Int32) -> Double {
            child < 0
                ? tree.covers[Int(~child)]
                : cover(tree.nodes[Int(child)].left) + cover(tree.nodes[Int(child)].right)
        }
        func visit(_ child: Int32) -> Double {
            if child < 0 { return tree.leaves[Int(~child)] }
            let node = tree.nodes[Int(child)]
            if known.contains(Int(node.feature)) {
                return visit(node.goesLeft(row[Int(node.feature)]) ? node.left : node.right)
            }
            let (left, right) = (cover(node.left), cover(node.right))
            return (left * visit(node.left) + right * visit(node.right)) / (left + right)
        }
        return visit(tree.nodes.isEmpty ? ~0 : 0)
    }

    /// Shapley values by all subsets: (features).
    private static func shapley(_ ensemble: TreeEnsemble, _ row: [Double]) -> [Double] {
        let count = ensemble.featureCount
        func factorial(_ n: Int) -> Double { n < 2 ? 1 : Double(n) * factorial(n - 1) }
        return (0..<count).map { feature in
            (0..<1 << count).filter { $0 >> feature & 1 == 0 }.reduce(0) { sum, mask in
                let known = Set((0..<count).filter { mask >> $0 & 1 == 1 })
                let weight = factorial(known.count) * factorial(count - known.count - 1) / factorial(count)
                return sum
                    + weight
                    * ensemble.trees.reduce(0) {
                        $0 + value($1, row, known: known.union([feature])) - value($1, row, known: known)
                    }
            }
        }
    }

    @Test func contributionsAreShapleyValues() throws {
        var columns = TreeTables.noise(5, 300, seed: 31)
        for row in stride(from: 0, to: 300, by: 7) { columns[1][row] = .nan }
        columns[4] = columns[4].map { ($0 * 6).rounded(.down) }
        let labels = columns[0].indices.map { row in
            columns[0][row] * (columns[1][row].isNaN ? 2 : columns[1][row]) + (columns[4][row] == 3 ? 1 : 0)
        }
        let table = try RankingTable(
            columns: columns, labels: labels, categories: [nil, nil, nil, nil, ["a", "b", "c", "d", "e", "f"]])
        let trees = try BoostedTrees.train(
            table,
            settings: TreeTables.settings([
                "objective": "squared-error", "trees": "8", "leaves": "9", "min-data-in-leaf": "5",
            ]))
        let scores = trees.ensemble.rawScores(table)
        for row in 0..<25 {
            let values = columns.map { Double($0[row]) }
            let contributions = trees.ensemble.contributions(values)
            #expect(contributions.count == 6)
            for (a, b) in zip(contributions, Self.shapley(trees.ensemble, values)) { #expect(abs(a - b) < 1e-9) }
            #expect(abs(contributions.reduce(0, +) - scores[row]) < 1e-9)
        }
    }

    @Test func aTreeOfOneLeafContributesItsValueToAll() {
        var ensemble = TreeEnsemble()
        ensemble.featureCount = 2
        ensemble.base = 1
        ensemble.trees = [.init()]
        ensemble.trees[0].leaves = [0.5]
        #expect(ensemble.contributions([0, 0]) == [0, 0, 1.5])
    }
}
