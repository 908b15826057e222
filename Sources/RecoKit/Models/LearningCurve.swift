/// What held-out data said after each step of a training, for those who watch it.
public struct LearningCurve: Sendable, Equatable {
    /// What was trained: "boosted-trees".
    public let model: String
    /// What was measured: "NDCG@10", "loss".
    public let measure: String
    /// What a step is: "trees", "epochs".
    public let unit: String
    /// One after each step.
    public let values: [Double]
    /// How many steps were kept: the best ones.
    public let kept: Int

    init(model: String, measure: String, unit: String, values: [Double], kept: Int) {
        self.model = model
        self.measure = measure
        self.unit = unit
        self.values = values.filter(\.isFinite)
        self.kept = kept
    }
}
