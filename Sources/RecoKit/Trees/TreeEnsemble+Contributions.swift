/// What each feature of a row adds to its score, by TreeSHAP on the paths of the trees (Lundberg, Erion and Lee 2018,
/// arXiv:1802.03888, algorithm 2).
///
/// A contribution is the feature's Shapley value, where the value of a set of features is what the tree answers when
/// only these are known: a split on another one is both ways at once, by the share of training rows that went there.
/// Contributions and the expected value add up to the raw score. O(trees x leaves x depth²) for a row.
extension TreeEnsemble {
    /// How many splits lie on the longest way to a leaf: walking it takes as many steps of the stack.
    var depth: Int { trees.reduce(0) { max($0, $1.depth) } }

    /// The contributions of each feature, and the expected value at the end: (features + 1).
    public func contributions(_ row: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: featureCount + 1)
        for tree in trees {
            let shares = tree.nodeCovers()
            sums[featureCount] += tree.expectedValue(shares)
            guard !tree.nodes.isEmpty else { continue }
            let walk = Contributor(tree: tree, covers: shares, row: row)
            walk.visit(0, path: [], zero: 1, one: 1, feature: -1, into: &sums)
        }
        if averages, !trees.isEmpty { for place in sums.indices { sums[place] /= Double(trees.count) } }
        sums[featureCount] += base
        return sums
    }
}

extension TreeEnsemble.Tree {
    fileprivate var depth: Int {
        var depths = [Int](repeating: 1, count: nodes.count)
        for number in preorder() {
            let node = nodes[Int(number)]
            for child in [node.left, node.right] where child >= 0 { depths[Int(child)] = depths[Int(number)] + 1 }
        }
        return depths.max() ?? 0
    }

    /// The cover of a child: a node's or a leaf's.
    fileprivate func cover(_ child: Int32, _ nodeCovers: [Double]) -> Double {
        child < 0 ? covers[Int(~child)] : nodeCovers[Int(child)]
    }

    /// The sum of the covers below each node. Children come after their parents.
    fileprivate func nodeCovers() -> [Double] {
        var sums = [Double](repeating: 0, count: nodes.count)
        for node in nodes.indices.reversed() {
            sums[node] = cover(nodes[node].left, sums) + cover(nodes[node].right, sums)
        }
        return sums
    }

    /// The mean of the leaves, by cover.
    fileprivate func expectedValue(_ nodeCovers: [Double]) -> Double {
        let total = covers.reduce(0, +)
        guard total > 0, leaves.count > 1 else { return leaves.first ?? 0 }
        return zip(leaves, covers).reduce(0) { $0 + $1.0 * $1.1 } / total
    }
}

/// One row on its way through one tree, to all leaves at once.
private struct Contributor {
    /// A feature on the path: the share of rows that pass where it is unknown (`zero`) and where it is known (`one`), and
    /// the weight of all sets of so many features.
    struct Step {
        var feature: Int
        var zero: Double
        var one: Double
        var weight: Double
    }

    let tree: TreeEnsemble.Tree
    let covers: [Double]
    let row: [Double]

    func visit(
        _ child: Int32, path above: [Step], zero: Double, one: Double, feature: Int, into sums: inout [Double]
    ) {
        var path = above
        Self.extend(&path, zero: zero, one: one, feature: feature)
        if child < 0 {
            let value = tree.leaves[Int(~child)]
            for place in path.indices.dropFirst() {
                let weight = Self.unwoundSum(path, place)
                let feature = path[place].feature
                if feature < sums.count - 1 { sums[feature] += weight * (path[place].one - path[place].zero) * value }
            }
            return
        }
        let node = tree.nodes[Int(child)]
        let split = Int(node.feature)
        let isLeft = node.goesLeft(split < row.count ? row[split] : 0)
        let (hot, cold) = isLeft ? (node.left, node.right) : (node.right, node.left)
        // The feature was split before on this path: what it did there is taken out, and its shares multiply.
        var (zeroBefore, oneBefore) = (1.0, 1.0)
        if let place = path.indices.dropFirst().first(where: { path[$0].feature == split }) {
            (zeroBefore, oneBefore) = (path[place].zero, path[place].one)
            Self.unwind(&path, place)
        }
        let whole = covers[Int(child)]
        let share = { (child: Int32) in whole > 0 ? tree.cover(child, covers) / whole : 0.5 }
        visit(hot, path: path, zero: zeroBefore * share(hot), one: oneBefore, feature: split, into: &sums)
        visit(cold, path: path, zero: zeroBefore * share(cold), one: 0, feature: split, into: &sums)
    }

    private static func extend(_ path: inout [Step], zero: Double, one: Double, feature: Int) {
        let length = path.count
        path.append(Step(feature: feature, zero: zero, one: one, weight: length == 0 ? 1 : 0))
        for i in stride(from: length - 1, through: 0, by: -1) {
            path[i + 1].weight += one * path[i].weight * Double(i + 1) / Double(length + 1)
            path[i].weight = zero * path[i].weight * Double(length - i) / Double(length + 1)
        }
    }

    /// Takes a step out of the path, as if it had never been there.
    private static func unwind(_ path: inout [Step], _ place: Int) {
        let last = path.count - 1
        let (zero, one) = (path[place].zero, path[place].one)
        var next = path[last].weight
        for i in stride(from: last - 1, through: 0, by: -1) {
            if one != 0 {
                let weight = path[i].weight
                path[i].weight = next * Double(last + 1) / (Double(i + 1) * one)
                next = weight - path[i].weight * zero * Double(last - i) / Double(last + 1)
            } else {
                path[i].weight = zero == 0 ? 0 : path[i].weight * Double(last + 1) / (zero * Double(last - i))
            }
        }
        for i in place..<last {
            path[i].feature = path[i + 1].feature
            path[i].zero = path[i + 1].zero
            path[i].one = path[i + 1].one
        }
        path.removeLast()
    }

    /// The sum of the weights that `unwind` would leave.
    private static func unwoundSum(_ path: [Step], _ place: Int) -> Double {
        let last = path.count - 1
        let (zero, one) = (path[place].zero, path[place].one)
        var next = path[last].weight
        var sum = 0.0
        for i in stride(from: last - 1, through: 0, by: -1) {
            if one != 0 {
                let weight = next * Double(last + 1) / (Double(i + 1) * one)
                sum += weight
                next = path[i].weight - weight * zero * Double(last - i) / Double(last + 1)
            } else if zero != 0 {
                sum += path[i].weight * Double(last + 1) / (zero * Double(last - i))
            }
        }
        return sum
    }
}
