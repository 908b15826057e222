/// Trees as plain memory, to score the rows of a table with: for training and evaluation.
final class TreeWalk: @unchecked Sendable {
    private struct Node: BitwiseCopyable {
        var threshold: Double
        var feature: Int32
        var left: Int32  // in the walk's nodes; below 0 the leaf ~left
        var right: Int32
        var words: Int32  // where the categories start
        var wordCount: Int32  // -1: numerical
        var missing: UInt8
        var missingGoesLeft: Bool
    }

    private let nodes: [Node]
    private let words: [UInt32]
    private let leaves: [Double]
    private let roots: [Int32]
    private let columns: [UnsafePointer<Float>?]
    private let table: RankingTable

    init(_ trees: [TreeEnsemble.Tree], _ table: RankingTable) {
        var (nodes, words, leaves, roots): ([Node], [UInt32], [Double], [Int32]) = ([], [], [], [])
        for tree in trees {
            let (firstNode, firstLeaf) = (Int32(nodes.count), Int32(leaves.count))
            roots.append(tree.nodes.isEmpty ? ~firstLeaf : firstNode)
            leaves += tree.leaves
            func place(_ child: Int32) -> Int32 { child < 0 ? ~(~child + firstLeaf) : child + firstNode }
            for node in tree.nodes {
                nodes.append(
                    Node(
                        threshold: node.threshold, feature: node.feature, left: place(node.left),
                        right: place(node.right), words: Int32(words.count),
                        wordCount: node.categories.map { Int32($0.words.count) } ?? -1, missing: node.missing.rawValue,
                        missingGoesLeft: node.missingGoesLeft))
                words += node.categories?.words ?? []
            }
        }
        (self.nodes, self.words, self.leaves, self.roots) = (nodes, words, leaves, roots)
        self.table = table
        columns = (0..<table.featureCount).map { table.column($0).baseAddress }
    }

    /// Adds the trees' values to the scores of some rows; a feature that the table does not have is 0.
    func add(_ rows: Range<Int>, to scores: UnsafeMutableBufferPointer<Double>, scale: Double) {
        nodes.withUnsafeBufferPointer { nodes in
            columns.withUnsafeBufferPointer { columns in
                for root in roots {
                    for row in rows {
                        var at = root
                        while at >= 0 {
                            let node = nodes[Int(at)]
                            let column =
                                Int(node.feature) < columns.count ? columns[Int(node.feature)] : nil
                            let value = column.map { Double($0[row]) } ?? 0
                            at = goesLeft(node, value) ? node.left : node.right
                        }
                        scores[row] += leaves[Int(~at)] * scale
                    }
                }
            }
        }
    }

    @inline(__always)
    private func goesLeft(_ node: Node, _ value: Double) -> Bool {
        let missing = TreeEnsemble.Missing(rawValue: node.missing) ?? .nan
        if node.wordCount < 0 { return missing.goesLeft(value, node.threshold, isMissingLeft: node.missingGoesLeft) }
        if value.isNaN { return node.missingGoesLeft }
        guard let category = TreeEnsemble.category(value), category >> 5 < Int(node.wordCount) else { return false }
        return words[Int(node.words) + category >> 5] >> UInt32(category & 31) & 1 == 1
    }
}

extension TreeEnsemble {
    /// The raw scores of all rows of a table, before the link: for evaluation. O(rows x trees x depth).
    public func rawScores(_ table: RankingTable, threads: Int = processorCount()) -> [Double] {
        var scores = [Double](repeating: base, count: table.rowCount)
        let scale = averages && !trees.isEmpty ? 1 / Double(trees.count) : 1
        let walk = TreeWalk(trees, table)
        scores.withUnsafeMutableBufferPointer { scores in
            nonisolated(unsafe) let scores = scores
            // The body throws nothing, so neither does the loop.
            try? parallelFor(table.rowCount, chunk: 512, threads: threads) { rows, _ in
                walk.add(rows, to: scores, scale: scale)
            }
        }
        return scores
    }
}
