import RecoKit

/// Trees as the text that LightGBM loads (version v4), so that nobody is held fast.
///
/// LightGBM adds up in float64: of trees that add up in float32, such as those of XGBoost, its sums are the more exact
/// ones, and differ in the last digits.
public struct LightGBMText {
    public let text: String

    /// Throws `unsupported` for what LightGBM's format cannot say.
    public init(_ ensemble: TreeEnsemble) throws {
        if let problem = ensemble.problem { throw RecoError(.badData, "these are no usable trees: \(problem)") }
        guard ensemble.featureCount > 0 else {
            throw RecoError(.unsupported, "LightGBM knows no model without features")
        }
        let objective: String
        switch ensemble.link {
        case .identity: objective = "regression"
        case .logistic: objective = "binary sigmoid:\(ensemble.slope)"
        case .exponential: objective = "poisson"
        case .step: throw RecoError(.unsupported, "LightGBM has no objective that answers 0 or 1, as binary:hinge does")
        }
        var trees = try ensemble.trees.map { try LightGBMSplits($0) }
        // There the base is part of the leaves. A sum begins with it here too, so that it is the same to the bit.
        if ensemble.base != 0 {
            if trees.isEmpty { trees.append(try LightGBMSplits(.init())) }
            for index in ensemble.averages ? Array(trees.indices) : [0] {
                for leaf in trees[index].leaves.indices { trees[index].leaves[leaf] += ensemble.base }
            }
        }
        let parts = trees.enumerated().map { "Tree=\($0)\n\($1.text)\n\n" }
        var lines = ["tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0"]
        lines.append("max_feature_idx=\(ensemble.featureCount - 1)")
        lines.append("objective=\(objective)")
        if ensemble.averages { lines.append("average_output") }
        lines.append("feature_names=\(Self.names(ensemble).joined(separator: " "))")
        lines.append("feature_infos=\(Self.ranges(ensemble).joined(separator: " "))")
        lines.append("tree_sizes=\(parts.map { "\($0.utf8.count)" }.joined(separator: " "))")
        text =
            lines.joined(separator: "\n") + "\n\n" + parts.joined() + "end of trees\n\nfeature_importances:\n\n"
            + "parameters:\n\nend of parameters\n\npandas_categorical:null\n"
    }

    /// Names without what separates them in the file, each of its own.
    private static func names(_ ensemble: TreeEnsemble) -> [String] {
        var taken: Set<String> = []
        return (0..<ensemble.featureCount).map { number in
            let given = number < ensemble.featureNames.count ? ensemble.featureNames[number] : ""
            var name = String(
                given.unicodeScalars.map {
                    $0.value <= 32 || $0.value == 127 || "\",:[]{}=".unicodeScalars.contains($0) ? "_" : Character($0)
                })
            if name.isEmpty || taken.contains(name) { name += "_\(number)" }
            while taken.contains(name) { name += "_" }
            taken.insert(name)
            return name
        }
    }

    /// What is known of each feature's values: the range of its thresholds, or its categories.
    private static func ranges(_ ensemble: TreeEnsemble) -> [String] {
        var ranges: [Int32: (low: Double, high: Double)] = [:]
        var members: [Int32: [UInt32]] = [:]
        for tree in ensemble.trees {
            for node in tree.nodes {
                if let words = node.categories?.words {
                    var all = members[node.feature] ?? []
                    while all.count < words.count { all.append(0) }
                    for (index, word) in words.enumerated() { all[index] |= word }
                    members[node.feature] = all
                } else if node.threshold.isFinite {
                    let range = ranges[node.feature] ?? (node.threshold, node.threshold)
                    ranges[node.feature] = (min(range.low, node.threshold), max(range.high, node.threshold))
                }
            }
        }
        return (0..<Int32(ensemble.featureCount)).map { feature in
            if let words = members[feature] {
                let set = TreeEnsemble.CategorySet(words: words)
                return (["-1"] + (0..<words.count * 32).filter { set.contains($0) }.map { "\($0)" }).joined(
                    separator: ":")
            }
            return ranges[feature].map { "[\($0.low):\($0.high)]" } ?? "none"
        }
    }
}

/// The splits and leaves of a tree as LightGBM numbers them.
private struct LightGBMSplits {
    private var nodes: [TreeEnsemble.Node] = []
    var leaves: [Double] = []
    private var covers: [Double] = []

    /// A tree that has grown to more than so many times its size is not worth its file.
    private static let mostGrowth = 8

    init(_ tree: TreeEnsemble.Tree) throws {
        guard !tree.nodes.isEmpty else {
            (leaves, covers) = (tree.leaves, tree.covers)
            return
        }
        // LightGBM sends missing categories right. Where they go left, the number is asked first whether it is there, and
        // what is missing goes to a copy of what lies left.
        let most = tree.nodes.count * Self.mostGrowth + 1000
        var waiting: [(at: Int32, parent: Int, isRight: Bool)] = [(0, -1, false)]
        while let (at, parent, isRight) = waiting.popLast() {
            let number = Int32(at < 0 ? ~leaves.count : nodes.count)
            if parent >= 0 {
                if isRight { nodes[parent].right = number } else { nodes[parent].left = number }
            }
            if at < 0 {
                leaves.append(tree.leaves[Int(~at)])
                covers.append(Int(~at) < tree.covers.count ? tree.covers[Int(~at)] : 0)
                continue
            }
            var node = tree.nodes[Int(at)]
            guard nodes.count < most else {
                throw RecoError(.unsupported, "LightGBM's format says too little of missing categories for these trees")
            }
            if node.categories != nil, node.missingGoesLeft {
                nodes.append(.init(feature: node.feature, threshold: .infinity, left: 0, right: 0))
                waiting.append((node.left, nodes.count - 1, true))
                nodes[nodes.count - 1].left = Int32(nodes.count)
                node.missingGoesLeft = false
            }
            waiting.append((node.right, nodes.count, true))
            waiting.append((node.left, nodes.count, false))
            nodes.append(node)
        }
    }

    private func decision(_ node: TreeEnsemble.Node) -> Int {
        if node.categories != nil { return 1 }
        let missing =
            switch node.missing {
            case .none: 0
            case .zero: 1
            case .nan: 2
            }
        return missing << 2 | (node.missingGoesLeft ? 2 : 0)
    }

    var text: String {
        let sets = nodes.compactMap { $0.categories?.words.isEmpty == true ? [0] : $0.categories?.words }
        var lines = ["num_leaves=\(leaves.count)", "num_cat=\(sets.count)"]
        func add<Values: Sequence>(_ key: String, _ values: Values) {
            lines.append("\(key)=\(values.map { "\($0)" }.joined(separator: " "))")
        }
        if !nodes.isEmpty {
            var set = -1
            add("split_feature", nodes.map(\.feature))
            add("split_gain", nodes.map { Float($0.gain) })
            add(
                "threshold",
                nodes.map { node in
                    if node.categories == nil { return "\(node.threshold)" }
                    set += 1
                    return "\(set)"
                })
            add("decision_type", nodes.map { decision($0) })
            add("left_child", nodes.map(\.left))
            add("right_child", nodes.map(\.right))
        }
        add("leaf_value", leaves)
        if !nodes.isEmpty {
            let counts = covers.map { Int(max(0, min($0, 1e9)).rounded()) }
            add("leaf_weight", covers)
            add("leaf_count", counts)
            let (weights, values) = inner
            add("internal_value", values.map { Float($0) })
            add("internal_weight", weights.map { Float($0) })
            add("internal_count", weights.map { Int(max(0, min($0, 2e9)).rounded()) })
            if !sets.isEmpty {
                add("cat_boundaries", sets.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
                add("cat_threshold", sets.joined())
            }
        }
        lines += ["is_linear=0", "shrinkage=1"]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What reached each node, and the mean of the leaves below it. Nodes stand parents first.
    private var inner: (weights: [Double], values: [Double]) {
        var weights = [Double](repeating: 0, count: nodes.count)
        var sums = weights
        for number in nodes.indices.reversed() {
            for child in [nodes[number].left, nodes[number].right] {
                let (leaf, node) = (Int(~child), Int(child))
                weights[number] += child < 0 ? covers[leaf] : weights[node]
                sums[number] += child < 0 ? covers[leaf] * leaves[leaf] : sums[node]
            }
        }
        return (weights, zip(sums, weights).map { $1 > 0 ? $0 / $1 : 0 })
    }
}
