extension TreeEnsemble {
    /// One sentence if this is no forest that can be scored: numbers that are not finite, features and children that do
    /// not exist, nodes that are reached twice or never. O(nodes).
    public var problem: String? {
        guard featureCount >= 0, featureCount < 1 << 31 else { return "it has \(featureCount) features" }
        guard base.isFinite, slope.isFinite else { return "its base score is no finite number" }
        for (number, tree) in trees.enumerated() {
            if let problem = tree.problem(featureCount: featureCount) { return "in tree \(number), \(problem)" }
        }
        return nil
    }
}

extension TreeEnsemble.Tree {
    func problem(featureCount: Int) -> String? {
        guard leaves.count == nodes.count + 1 else { return "\(nodes.count) splits have \(leaves.count) leaves" }
        guard covers.isEmpty || covers.count == leaves.count else { return "not every leaf has its cover" }
        guard leaves.allSatisfy(\.isFinite) else { return "a leaf is no finite number" }
        var nodeIsReached = [Bool](repeating: false, count: nodes.count)
        var leafIsReached = [Bool](repeating: false, count: leaves.count)
        if nodes.isEmpty { leafIsReached[0] = true } else { nodeIsReached[0] = true }
        for (number, node) in nodes.enumerated() {
            guard node.feature >= 0, Int(node.feature) < featureCount else {
                return "split \(number) asks for feature \(node.feature) of \(featureCount)"
            }
            guard node.categories != nil || !node.threshold.isNaN else {
                return "the threshold of split \(number) is no number"
            }
            for child in [node.left, node.right] {
                let place = Int(child < 0 ? ~child : child)
                guard place < (child < 0 ? leaves.count : nodes.count) else {
                    return "split \(number) has a child that does not exist"
                }
                let isReached = child < 0 ? leafIsReached[place] : nodeIsReached[place]
                guard !isReached else { return "two splits have the same child, or a split is below itself" }
                if child < 0 { leafIsReached[place] = true } else { nodeIsReached[place] = true }
            }
        }
        // Every node but the root has one parent, by counting; what hangs together in a circle never reaches a leaf,
        // but counts right. So the tree is walked too.
        return preorder().count == nodes.count ? nil : "splits hang together in a circle"
    }

    /// The nodes as a walk meets them: parent, left subtree, right subtree. Every child has one parent.
    func preorder() -> [Int32] {
        guard !nodes.isEmpty else { return [] }
        var order: [Int32] = []
        order.reserveCapacity(nodes.count)
        var waiting: [Int32] = [0]
        while let at = waiting.popLast() {
            order.append(at)
            let node = nodes[Int(at)]
            if node.right >= 0 { waiting.append(node.right) }
            if node.left >= 0 { waiting.append(node.left) }
        }
        return order
    }
}
