import RecoKit

/// All that a report says of one model.
struct ModelMeasures {
    /// What was asked for: "item-knn", "hybrid".
    let name: String
    let isBaseline: Bool
    let summary: EvaluationSummary
    /// The same for each of the activity groups; nil where nobody of it counts.
    let byActivity: [EvaluationSummary?]
    let purchases: PurchaseShare
    let reach: Reach
    let curves: [LearningCurve]
    let times: QuestionTimes
    /// As they stand in the model's file.
    let settings: [(name: String, value: String)]
}

extension ActivityGroups {
    /// An evaluation of each group alone.
    func summaries(_ lists: [JudgedList], itemCount: Int, seed: UInt64, threads: Int) -> [EvaluationSummary?] {
        var evaluations = groups.map { _ in Evaluation(cutoffs: [ReportData.length], itemCount: itemCount) }
        for list in lists {
            guard let place = place(of: list.user) else { continue }
            evaluations[place].add(ranked: list.ranked, relevant: list.relevant, unknown: list.unknown)
        }
        return evaluations.map { $0.userCount > 0 ? $0.summary(seed: seed, threads: threads) : nil }
    }
}
