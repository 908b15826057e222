/// Trees as the kernels read them, from memory or from a model file: see `trees.h` for what stands where.
///
/// A threshold is kept as the largest float32 that is not above it, which decides every float32 in the same way. Trees
/// hold no thresholds but their numbers among the feature's, in one byte, so that a row's numbers are looked up once for
/// all trees.
///
/// The arrays may lie: whoever uses them bounds what they say.
public struct TreeLayout: Sendable {
    public internal(set) var featureNames: [String]
    public internal(set) var featureCount: Int
    public internal(set) var base: Double
    public internal(set) var slope: Double
    public internal(set) var link: TreeEnsemble.Link
    public internal(set) var averages: Bool

    let sizes: Column<UInt32>  // (trees) inner nodes
    let nodes: Column<UInt64>  // (nodes + padding)
    let leaves: Leaves  // (leaves + padding)
    let columns: Column<UInt32>  // (columns, 4)
    let thresholds: Column<Float>
    let sets: Column<UInt32>
    /// What each split gained, in the order of the nodes.
    let gains: Column<Float>  // (nodes)
    /// How much of the training data reached each leaf.
    let covers: Column<Float>  // (leaves)

    enum Leaves: Sendable {
        case double(Column<Double>)
        case single(Column<Float>)

        var count: Int {
            switch self {
            case .double(let column): column.count
            case .single(let column): column.count
            }
        }

        var isSingle: Bool {
            if case .single = self { true } else { false }
        }
    }

    public var treeCount: Int { sizes.count }
    public var columnCount: Int { columns.count / 4 }
    public var nodeCount: Int { max(0, nodes.count - TreeKernels.padding) }
    public var leafCount: Int { max(0, leaves.count - TreeKernels.padding) }

    /// More columns than this would ask for more working memory than a request should have.
    static let mostColumns = 1 << 20

    /// Lays out an ensemble; throws `badData` where it has a `problem`. O(nodes log nodes).
    public init(_ ensemble: TreeEnsemble) throws {
        if let problem = ensemble.problem { throw RecoError(.badData, "these are no usable trees: \(problem)") }
        let columns = TreeColumns(ensemble)
        guard columns.count <= Self.mostColumns else {
            throw RecoError(
                .unsupported, "these trees ask \(columns.count) different things of a row, which is too much")
        }
        featureNames = ensemble.featureNames
        featureCount = ensemble.featureCount
        (base, slope, link, averages) = (ensemble.base, ensemble.slope, ensemble.link, ensemble.averages)
        var nodes: [UInt64] = []
        var leaves: [Double] = []
        var gains: [Float] = []
        var covers: [Float] = []
        for tree in ensemble.trees {
            let order = tree.preorder()
            let leafCounts = tree.leafCounts(order)
            // Leaves to the left of each node that waits for its turn.
            var firstLeaves = [Int32](repeating: 0, count: tree.nodes.count)
            for (place, number) in order.enumerated() {
                let node = tree.nodes[Int(number)]
                let before = Int(firstLeaves[Int(number)])
                let left = node.left < 0 ? 1 : Int(leafCounts[Int(node.left)])
                if node.left >= 0 { firstLeaves[Int(node.left)] = Int32(before) }
                if node.right >= 0 { firstLeaves[Int(node.right)] = Int32(before + left) }
                let word = columns.word(node)
                let below: UInt32
                if order.count <= TreeKernels.narrow {
                    below =
                        UInt32(before) | UInt32(before + left) << 8
                        | UInt32(node.left < 0 ? place : place + 1) << 16
                        | UInt32(node.right < 0 ? place : place + left) << 24
                } else {
                    below = UInt32(left) << 2 | (node.right < 0 ? 2 : 0) | (node.left < 0 ? 1 : 0)
                }
                nodes.append(UInt64(word) | UInt64(below) << 32)
                gains.append(Float(node.gain))
            }
            for leaf in tree.leavesFromTheLeft() {
                leaves.append(tree.leaves[leaf])
                covers.append(leaf < tree.covers.count ? Float(tree.covers[leaf]) : 0)
            }
        }
        sizes = Column(ensemble.trees.map { UInt32($0.nodes.count) })
        self.nodes = Column(nodes + [UInt64](repeating: 0, count: TreeKernels.padding))
        leaves += [Double](repeating: 0, count: TreeKernels.padding)
        self.leaves = ensemble.isSingle ? .single(Column(leaves.map { Float($0) })) : .double(Column(leaves))
        self.columns = Column(columns.columns)
        thresholds = Column(columns.thresholds)
        sets = Column(columns.sets)
        self.gains = Column(gains)
        self.covers = Column(covers)
    }

    init(
        featureNames: [String], featureCount: Int, base: Double, slope: Double, link: TreeEnsemble.Link, averages: Bool,
        sizes: Column<UInt32>, nodes: Column<UInt64>, leaves: Leaves, columns: Column<UInt32>,
        thresholds: Column<Float>, sets: Column<UInt32>, gains: Column<Float>, covers: Column<Float>
    ) {
        (self.featureNames, self.featureCount, self.base, self.slope) = (featureNames, featureCount, base, slope)
        (self.link, self.averages, self.sizes, self.nodes) = (link, averages, sizes, nodes)
        (self.leaves, self.columns, self.thresholds) = (leaves, columns, thresholds)
        (self.sets, self.gains, self.covers) = (sets, gains, covers)
    }
}

extension TreeEnsemble.Tree {
    /// How many leaves are below each node. `order`: parents before children.
    fileprivate func leafCounts(_ order: [Int32]) -> [Int32] {
        var counts = [Int32](repeating: 0, count: nodes.count)
        for number in order.reversed() {
            let node = nodes[Int(number)]
            counts[Int(number)] =
                (node.left < 0 ? 1 : counts[Int(node.left)]) + (node.right < 0 ? 1 : counts[Int(node.right)])
        }
        return counts
    }

    /// Numbers of leaves from left to right.
    fileprivate func leavesFromTheLeft() -> [Int] {
        guard !nodes.isEmpty else { return [0] }
        var found: [Int] = []
        found.reserveCapacity(leaves.count)
        var waiting: [Int32] = [0]
        while let at = waiting.popLast() {
            if at < 0 {
                found.append(Int(~at))
            } else {
                waiting.append(nodes[Int(at)].right)
                waiting.append(nodes[Int(at)].left)
            }
        }
        return found
    }
}
