/// The metric that a search maximises: "ndcg@10", "recall@20", "mrr".
public struct TuningMetric: Sendable, Equatable {
    /// As `EvaluationSummary` names it.
    public let name: String
    public let cutoff: Int

    public static let usual = TuningMetric(name: "ndcg@10", cutoff: 10)
    private static let kinds = ["recall", "ndcg", "hit_rate", "map"]
    private static let largestCutoff = 10_000

    private init(name: String, cutoff: Int) { (self.name, self.cutoff) = (name, cutoff) }

    /// Throws one sentence if there is no such metric, or none that says how good a model is.
    public init(_ name: String) throws {
        if name == "mrr" {
            self.init(name: name, cutoff: 10)
            return
        }
        let parts = name.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, Self.kinds.contains(parts[0]), let cutoff = Int(parts[1]), "\(cutoff)" == parts[1],
            (1...Self.largestCutoff).contains(cutoff)
        else {
            throw RecoError(
                .invalidArgument,
                "there is no metric \"\(name)\" to tune for; there are ndcg@10, recall@20 and hit_rate, map at any "
                    + "length of list, and mrr")
        }
        self.init(name: name, cutoff: cutoff)
    }
}
