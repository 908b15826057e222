@testable import RecoKit

/// Ensembles with a bit of everything, and rows that hit their thresholds.
struct RandomForest {
    var ensemble = TreeEnsemble()
    private var generator: SeededGenerator
    private let thresholds: [Float]
    private let categorical: Bool

    /// - Parameters:
    ///   - leaves: of each tree, at most.
    ///   - values: distinct thresholds of a feature, at most.
    init(
        seed: UInt64, trees: Int = 40, leaves: ClosedRange<Int> = 1...31, features: Int = 7, values: Int = 40,
        single: Bool = false, categorical: Bool = true, missing: [TreeEnsemble.Missing] = [.none, .nan, .zero],
        chains: Bool = false
    ) {
        generator = SeededGenerator(seed: seed)
        self.categorical = categorical
        thresholds = (0..<values).map { Float($0 - values / 2) / 8 }
        ensemble.featureCount = features
        ensemble.featureNames = (0..<features).map { "f\($0)" }
        ensemble.isSingle = single
        ensemble.base = Double(Float(0.3))
        for _ in 0..<trees {
            ensemble.trees.append(
                tree(leaves: leaves.lowerBound + below(leaves.count), missing, chain: chains && below(2) == 0))
        }
    }

    private mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

    private mutating func tree(leaves: Int, _ missing: [TreeEnsemble.Missing], chain: Bool) -> TreeEnsemble.Tree {
        var tree = TreeEnsemble.Tree()
        tree.leaves = (0..<leaves).map { _ in Double(generator.nextFloat() - 0.5) }
        tree.covers = (0..<leaves).map { Double($0 + 1) }
        var nodes: [TreeEnsemble.Node] = []
        // Leaves are split one after the other, so that nodes and leaves stand in no particular order.
        var place: [(node: Int, right: Bool)?] = [nil]
        for next in 1..<max(leaves, 2) where leaves > 1 {
            let split = chain ? next - 1 : below(next)
            var node = TreeEnsemble.Node(
                feature: Int32(below(ensemble.featureCount)), left: Int32(~split), right: Int32(~next),
                missingGoesLeft: below(2) == 0, missing: missing[below(missing.count)], gain: Double(next))
            if categorical && node.feature == 0 {
                node.missing = .nan
                node.categories = .init(
                    words: (0..<1 + below(3)).map { _ in UInt32(truncatingIfNeeded: generator.next()) })
            } else {
                let nudge = [0, 1e-9, -1e-9][below(3)]
                node.threshold = Double(thresholds[below(thresholds.count)]) + nudge
            }
            if let parent = place[split] {
                if parent.right {
                    nodes[parent.node].right = Int32(nodes.count)
                } else {
                    nodes[parent.node].left = Int32(nodes.count)
                }
            }
            place[split] = (nodes.count, false)
            place.append((nodes.count, true))
            nodes.append(node)
        }
        tree.nodes = nodes
        return tree
    }

    /// Rows of features: thresholds, numbers beside them, categories, and what else a number can be.
    mutating func rows(_ count: Int) -> [Float] {
        let odd: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 1e-36, .greatestFiniteMagnitude, -1, 95, 4e9]
        return (0..<count * ensemble.featureCount).map { _ in
            switch below(8) {
            case 0: odd[below(odd.count)]
            case 1: Float(below(100))
            case 2: generator.nextFloat() * 10 - 5
            case 3: thresholds[below(thresholds.count)].nextUp
            default: thresholds[below(thresholds.count)]
            }
        }
    }

    /// What the plain walk says of each row.
    func expected(_ rows: [Float]) -> [Double] {
        stride(from: 0, to: rows.count, by: ensemble.featureCount).map {
            ensemble.rawScore(Array(rows[$0..<$0 + ensemble.featureCount]))
        }
    }
}
