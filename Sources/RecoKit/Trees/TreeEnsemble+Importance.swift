extension TreeEnsemble {
    /// How much a feature did in all trees: what its splits gained together, and how many they were.
    public struct Importance: Sendable, Equatable {
        public let feature: Int
        public var gain = 0.0
        public var splits = 0
    }

    /// The features that were split, the largest gain first. O(nodes).
    public func importances() -> [Importance] {
        var all = (0..<featureCount).map { Importance(feature: $0) }
        for tree in trees {
            for node in tree.nodes where all.indices.contains(Int(node.feature)) {
                all[Int(node.feature)].gain += node.gain
                all[Int(node.feature)].splits += 1
            }
        }
        return all.filter { $0.splits > 0 }.sorted { ($1.gain, $0.feature) < ($0.gain, $1.feature) }
    }
}
