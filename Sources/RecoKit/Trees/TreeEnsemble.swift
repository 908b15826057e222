/// Decision trees whose leaves add up to a score: what training makes, what importers read, and what the plain scorer
/// walks. The form in the model file is laid out for speed (`TreeLayout`), this one to be understood.
public struct TreeEnsemble: Sendable, Equatable {
    /// One tree. Inner nodes are numbered from 0, the root first; leaves have a numbering of their own. A child below 0
    /// is the leaf `~child`. A tree of one leaf has no nodes.
    public struct Tree: Sendable, Equatable {
        public var nodes: [Node] = []
        public var leaves: [Double] = [0]
        /// The sum of hessians (or the number of rows) that reached each leaf in training; TreeSHAP weighs by it.
        public var covers: [Double] = [0]

        public init() {}
    }

    public struct Node: Sendable, Equatable {
        public var feature: Int32
        /// Numerical: left where value <= threshold. Unused where `categories` is not nil.
        public var threshold: Double
        public var left: Int32
        public var right: Int32
        /// Where a missing value goes.
        public var missingGoesLeft: Bool
        /// What counts as missing besides NaN: nothing more, or zero too (|x| <= 1e-35, LightGBM's zero_as_missing);
        /// `none`: NaN is read as 0 and compared.
        public var missing: Missing
        /// Categorical: left where the value, cut to a whole number, is a member. Values below 0 and those that are no
        /// members go right; NaN goes where `missingGoesLeft` says.
        public var categories: CategorySet?
        public var gain: Double

        public init(
            feature: Int32, threshold: Double = 0, left: Int32, right: Int32, missingGoesLeft: Bool = false,
            missing: Missing = .nan, categories: CategorySet? = nil, gain: Double = 0
        ) {
            self.feature = feature
            self.threshold = threshold
            self.left = left
            self.right = right
            self.missingGoesLeft = missingGoesLeft
            self.missing = missing
            self.categories = categories
            self.gain = gain
        }
    }

    public enum Missing: UInt8, Sendable { case none, nan, zero }

    /// Small whole numbers, a bit each.
    public struct CategorySet: Sendable, Equatable {
        public var words: [UInt32]
        public init(words: [UInt32]) { self.words = words }

        public func contains(_ category: Int) -> Bool {
            category >= 0 && category >> 5 < words.count && words[category >> 5] >> UInt32(category & 31) & 1 == 1
        }
    }

    /// What becomes of the sum: itself, a probability, a positive number, or 1 if it is above 0 and else 0.
    public enum Link: UInt8, Sendable { case identity, logistic, exponential, step }

    public var trees: [Tree] = []
    public var featureNames: [String] = []
    public var featureCount = 0
    /// Added to the sum of the leaves.
    public var base = 0.0
    public var link = Link.identity
    /// The logistic link multiplies the sum by this first (LightGBM's `sigmoid`).
    public var slope = 1.0
    /// Leaves and their sum are float32, which is how XGBoost adds them up.
    public var isSingle = false
    /// Sum the leaves, or take their mean (a random forest).
    public var averages = false

    public init() {}
}
