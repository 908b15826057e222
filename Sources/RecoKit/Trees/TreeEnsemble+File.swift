// The plain form of an ensemble in a model file: every array of `TreeEnsemble` as a section, tree after tree. This file is
// all that knows it.

extension TreeEnsemble {
    private static let prefix = "boosted-trees/"

    /// Writes sections `boosted-trees/...`.
    func write(to writer: ModelWriter) throws {
        var treeNodes: [UInt64] = [0]  // (trees + 1): where each tree's nodes start
        var treeLeaves: [UInt64] = [0]
        var (features, lefts, rights, flags): ([UInt32], [UInt32], [UInt32], [UInt8]) = ([], [], [], [])
        var (thresholds, gains, leaves, covers): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        var (wordStarts, words): ([UInt64], [UInt32]) = ([0], [])
        for tree in trees {
            for node in tree.nodes {
                features.append(UInt32(bitPattern: node.feature))
                lefts.append(UInt32(bitPattern: node.left))
                rights.append(UInt32(bitPattern: node.right))
                flags.append(
                    node.missing.rawValue | (node.missingGoesLeft ? 4 : 0) | (node.categories != nil ? 8 : 0))
                thresholds.append(node.threshold)
                gains.append(node.gain)
                words += node.categories?.words ?? []
                wordStarts.append(UInt64(words.count))
            }
            leaves += tree.leaves
            covers += tree.covers
            treeNodes.append(UInt64(features.count))
            treeLeaves.append(UInt64(leaves.count))
        }
        let prefix = Self.prefix
        try writer.add(prefix + "tree-nodes", treeNodes)
        try writer.add(prefix + "tree-leaves", treeLeaves)
        try writer.add(prefix + "node-features", features)
        try writer.add(prefix + "node-lefts", lefts)
        try writer.add(prefix + "node-rights", rights)
        try writer.add(prefix + "node-flags", flags)
        try writer.add(prefix + "node-thresholds", thresholds)
        try writer.add(prefix + "node-gains", gains)
        try writer.add(prefix + "node-words", wordStarts)
        try writer.add(prefix + "words", words)
        try writer.add(prefix + "leaves", leaves)
        try writer.add(prefix + "covers", covers)
        try writer.add(prefix + "base", [base])
        try writer.add(
            prefix + "shape", [UInt32(featureCount), UInt32(link.rawValue), averages ? 1 : 0])
        try writer.add(prefix + "features", text: featureNames.map(BoostedTrees.line).joined(separator: "\n"))
    }

    /// Reads what `write` wrote; nil if the file holds none. Throws `damaged` where a tree cannot be right: every child
    /// comes after its parent, so that each walk ends.
    init?(_ file: ModelFile) throws {
        let prefix = Self.prefix
        guard let shape: Column<UInt32> = file.column(prefix + "shape") else { return nil }
        func column<Element: ColumnElement>(_ name: String, _ count: Int? = nil) throws -> [Element] {
            guard let column: Column<Element> = file.column(prefix + name), count == nil || column.count == count
            else { throw Self.damaged("section \(prefix)\(name) is missing or has the wrong length") }
            return column.toArray()
        }
        let features: [UInt32] = try column("node-features")
        let nodeCount = features.count
        let lefts: [UInt32] = try column("node-lefts", nodeCount)
        let rights: [UInt32] = try column("node-rights", nodeCount)
        let flags: [UInt8] = try column("node-flags", nodeCount)
        let thresholds: [Double] = try column("node-thresholds", nodeCount)
        let gains: [Double] = try column("node-gains", nodeCount)
        let words: [UInt32] = try column("words")
        let wordStarts: [UInt64] = try column("node-words", nodeCount + 1)
        let leaves: [Double] = try column("leaves")
        let covers: [Double] = try column("covers", leaves.count)
        let treeNodes: [UInt64] = try column("tree-nodes")
        let treeLeaves: [UInt64] = try column("tree-leaves", treeNodes.count)
        let base: [Double] = try column("base", 1)
        guard shape.count == 3, let link = Link(rawValue: UInt8(truncatingIfNeeded: shape[1])),
            Int(shape[0]) <= RankingTable.maximumFeatures
        else { throw Self.damaged("its shape is none") }

        self.init()
        featureCount = Int(shape[0])
        self.link = link
        averages = shape[2] == 1
        self.base = base[0]
        featureNames = BoostedTrees.lines(file.text(prefix + "features") ?? "")
        guard featureNames.count == featureCount else { throw Self.damaged("it names a wrong number of features") }
        func range(_ starts: [UInt64], _ index: Int, _ limit: Int) throws -> Range<Int> {
            guard let start = Int(exactly: starts[index]), let end = Int(exactly: starts[index + 1]), start <= end,
                end <= limit
            else { throw Self.damaged("its parts overlap") }
            return start..<end
        }
        for tree in 0..<max(0, treeNodes.count - 1) {
            let (nodeRange, leafRange) = try (range(treeNodes, tree, nodeCount), range(treeLeaves, tree, leaves.count))
            guard leafRange.count == nodeRange.count + 1 else { throw Self.damaged("tree \(tree) lacks leaves") }
            var made = Tree()
            made.leaves = Array(leaves[leafRange])
            made.covers = Array(covers[leafRange])
            for (place, index) in nodeRange.enumerated() {
                let (left, right) = (Int32(bitPattern: lefts[index]), Int32(bitPattern: rights[index]))
                for child in [left, right] {
                    guard child < 0 ? Int(~child) < leafRange.count : Int(child) > place && Int(child) < nodeRange.count
                    else { throw Self.damaged("tree \(tree) has a child that is nowhere") }
                }
                guard let missing = Missing(rawValue: flags[index] & 3), Int(features[index]) < featureCount else {
                    throw Self.damaged("tree \(tree) splits what is no feature")
                }
                made.nodes.append(
                    Node(
                        feature: Int32(features[index]), threshold: thresholds[index], left: left, right: right,
                        missingGoesLeft: flags[index] & 4 != 0, missing: missing,
                        categories: flags[index] & 8 == 0
                            ? nil : CategorySet(words: Array(words[try range(wordStarts, index, words.count)])),
                        gain: gains[index]))
            }
            trees.append(made)
        }
    }

    private static func damaged(_ what: String) -> RecoError {
        RecoError(.damaged, "the file holds boosted trees that cannot be right: \(what)")
    }
}
