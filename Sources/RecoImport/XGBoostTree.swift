import RecoKit

/// A tree as XGBoost writes it: an array for each property of its nodes, leaves among them.
struct XGBoostTree {
    private var left: [Int32] = []
    private var right: [Int32] = []
    private var feature: [Int32] = []
    /// Of a leaf: its value.
    private var condition: [Float] = []
    private var defaultLeft: [Int32] = []
    private var gain: [Float] = []
    private var hessian: [Float] = []
    private var isCategorical: [Int32] = []
    /// Members of sets one after the other; for each node that has one: its number, where they start, how many.
    private var categories: [Int32] = []
    private var categoryNodes: [Int32] = []
    private var categoryStarts: [Int32] = []
    private var categoryCounts: [Int32] = []

    init(_ document: any DocumentReader) throws {
        var leafSize = 1.0
        try document.members { member in
            switch member {
            case "left_children": left = try document.integers()
            case "right_children": right = try document.integers()
            case "split_indices": feature = try document.integers()
            case "split_conditions": condition = try document.numbers().map { Float($0) }
            case "default_left": defaultLeft = try document.integers()
            case "loss_changes": gain = try document.numbers().map { Float($0) }
            case "sum_hessian": hessian = try document.numbers().map { Float($0) }
            case "split_type": isCategorical = try document.integers()
            case "categories": categories = try document.integers()
            case "categories_nodes": categoryNodes = try document.integers()
            case "categories_segments": categoryStarts = try document.integers()
            case "categories_sizes": categoryCounts = try document.integers()
            case "tree_param":
                try document.members {
                    if $0 == "size_leaf_vector" { leafSize = try document.number() } else { try document.skip() }
                }
            default: try document.skip()
            }
        }
        guard leafSize <= 1 else {
            throw RecoError(.unsupported, "has trees with several outputs; models with one can be imported")
        }
    }

    private func wrong(_ what: String) -> RecoError { RecoError(.badData, what) }

    private static let mostCategories = 1 << 20
    private static let mostWords = 1 << 26

    /// - Parameters:
    ///   - weight: of dart; multiplies the leaves.
    ///   - wordsInAll: the size of all sets of categories so far.
    func converted(weight: Float, wordsInAll: inout Int) throws -> TreeEnsemble.Tree {
        let count = left.count
        guard count > 0, right.count == count, feature.count == count, condition.count == count,
            defaultLeft.count == count
        else { throw wrong("the arrays have different lengths") }
        guard weight.isFinite else { throw wrong("its weight is no finite number") }
        let sets = try sets(&wordsInAll)
        var tree = TreeEnsemble.Tree()
        (tree.leaves, tree.covers) = ([], [])
        var isReached = [Bool](repeating: false, count: count)
        // A node of the file, and which child of which of ours it becomes.
        var waiting: [(at: Int32, parent: Int, isRight: Bool)] = [(0, -1, false)]
        while let (at, parent, isRight) = waiting.popLast() {
            guard at >= 0, Int(at) < count else { throw wrong("a node has a child that does not exist") }
            let at = Int(at)
            guard !isReached[at] else { throw wrong("two nodes have the same child, or a node is below itself") }
            isReached[at] = true
            let isLeaf = left[at] == -1
            let number = Int32(isLeaf ? ~tree.leaves.count : tree.nodes.count)
            if parent >= 0 {
                if isRight { tree.nodes[parent].right = number } else { tree.nodes[parent].left = number }
            }
            // Splits by category have none.
            let isSet = at < isCategorical.count && isCategorical[at] == 1 && !isLeaf
            guard isSet || condition[at].isFinite else { throw wrong("node \(at) has a number that is not finite") }
            if isLeaf {
                tree.leaves.append(Double(weight * condition[at]))
                tree.covers.append(at < hessian.count ? Double(hessian[at]) : 0)
                continue
            }
            var node = TreeEnsemble.Node(
                feature: feature[at], left: 0, right: 0, missingGoesLeft: defaultLeft[at] != 0, missing: .nan,
                gain: at < gain.count && gain[at].isFinite ? Double(gain[at]) : 0)
            var (toLeft, toRight) = (left[at], right[at])
            if isSet {
                // There members go right, here they go left.
                guard let words = sets[Int32(at)] else { throw wrong("node \(at) has no categories") }
                node.categories = .init(words: words)
                node.missingGoesLeft.toggle()
                swap(&toLeft, &toRight)
            } else {
                // There what is below goes left, here what is not above.
                node.threshold = Double(condition[at].nextDown)
            }
            waiting.append((toRight, tree.nodes.count, true))
            waiting.append((toLeft, tree.nodes.count, false))
            tree.nodes.append(node)
        }
        return tree
    }

    private func sets(_ wordsInAll: inout Int) throws -> [Int32: [UInt32]] {
        guard categoryStarts.count == categoryNodes.count, categoryCounts.count == categoryNodes.count else {
            throw wrong("the arrays of categories have different lengths")
        }
        var sets: [Int32: [UInt32]] = [:]
        for (index, node) in categoryNodes.enumerated() {
            let (start, length) = (Int(categoryStarts[index]), Int(categoryCounts[index]))
            guard start >= 0, length >= 0, length <= categories.count, start <= categories.count - length else {
                throw wrong("the categories of node \(node) are not there")
            }
            let members = categories[start..<start + length]
            guard members.allSatisfy({ $0 >= 0 && $0 < Int32(Self.mostCategories) }) else {
                throw wrong("node \(node) has a category that is not within 0 to \(Self.mostCategories - 1)")
            }
            var words = [UInt32](repeating: 0, count: (members.max().map { Int($0) } ?? -1) / 32 + 1)
            wordsInAll += words.count
            guard wordsInAll <= Self.mostWords else { throw wrong("the sets of categories are too large") }
            for member in members { words[Int(member) >> 5] |= 1 << UInt32(member & 31) }
            sets[node] = words
        }
        return sets
    }
}
