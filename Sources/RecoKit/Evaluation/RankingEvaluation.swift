/// How good the scores of a table's rows are: NDCG@k by groups, or AUC, log loss and accuracy by rows.
///
/// Intervals are percentile bootstraps over groups or rows, as `Evaluation` has them.
public enum RankingEvaluation {
    /// `ndcg@k`, over the groups with something relevant in them.
    public static func ranking(
        _ table: RankingTable, scores: [Double], cutoffs: [Int], resamples: Int = 1000, seed: UInt64 = 1
    ) throws -> (groups: Int, metrics: [EvaluationSummary.Metric]) {
        guard table.hasGroups else {
            throw RecoError(
                .badData, "the rows are in no groups (qid or a .query file), so there is no ranking to measure")
        }
        let (values, means) = RankingMetrics.ndcg(table, scores: scores, cutoffs: cutoffs)
        guard !values.isEmpty else { throw RecoError(.badData, "no group has a row with a label above 0") }
        var samples = cutoffs.map { _ in [Double]() }
        var generator = SeededGenerator(seed: mix(seed))
        for _ in 0..<resamples {
            var sums = cutoffs.map { _ in 0.0 }
            for _ in values.indices {
                let drawn = values[generator.nextIndex(values.count)]
                for place in sums.indices { sums[place] += drawn[place] }
            }
            for place in sums.indices { samples[place].append(sums[place] / Double(values.count)) }
        }
        let metrics = cutoffs.indices.map { place in
            EvaluationSummary.Metric(
                name: "ndcg@\(cutoffs[place])", value: means[place],
                interval: resamples > 0 ? Evaluation.interval(of: samples[place]) : nil)
        }
        return (values.count, metrics)
    }

    /// `auc`, `logloss` and `accuracy` of raw scores for labels 0 and 1. O(rows log rows + rows x resamples).
    public static func classification(
        _ table: RankingTable, scores: [Double], resamples: Int = 200, seed: UInt64 = 1
    ) throws -> [EvaluationSummary.Metric] {
        guard table.labels.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            throw RecoError(.badData, "a label is neither 0 nor 1")
        }
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let losses = scores.indices.map { RankingMetrics.logLoss(Double(table.labels[$0]), raw: scores[$0]) }
        let hits = scores.indices.map { (scores[$0] > 0) == (table.labels[$0] == 1) }

        // Each row as often as `counts` says.
        func measure(_ counts: [Int32]) -> [Double] {
            var (area, negatives, positives, loss, right) = (0.0, 0.0, 0.0, 0.0, 0.0)
            var start = 0
            while start < order.count {
                var (tiedPositives, tiedNegatives) = (0.0, 0.0)
                var end = start
                while end < order.count, scores[order[end]] == scores[order[start]] || end == start {
                    let row = order[end]
                    let count = Double(counts[row])
                    if table.labels[row] == 1 { tiedPositives += count } else { tiedNegatives += count }
                    loss += count * losses[row]
                    right += hits[row] ? count : 0
                    end += 1
                }
                area += tiedPositives * (negatives + tiedNegatives / 2)
                positives += tiedPositives
                negatives += tiedNegatives
                start = end
            }
            let rows = positives + negatives
            // With one class alone there is no pair to be right about.
            return [positives * negatives > 0 ? area / (positives * negatives) : 0.5, loss / rows, right / rows]
        }

        let values = measure([Int32](repeating: 1, count: scores.count))
        var samples: [[Double]] = [[], [], []]
        var generator = SeededGenerator(seed: mix(seed))
        for _ in 0..<resamples {
            var counts = [Int32](repeating: 0, count: scores.count)
            for _ in scores.indices { counts[generator.nextIndex(scores.count)] += 1 }
            for (place, value) in measure(counts).enumerated() { samples[place].append(value) }
        }
        return ["auc", "logloss", "accuracy"].enumerated().map { place, name in
            EvaluationSummary.Metric(
                name: name, value: values[place],
                interval: resamples > 0 ? Evaluation.interval(of: samples[place]) : nil)
        }
    }

    /// `rmse` and `mae` of raw scores for labels that are numbers.
    public static func regression(
        _ table: RankingTable, scores: [Double], resamples: Int = 200, seed: UInt64 = 1
    ) -> [EvaluationSummary.Metric] {
        let errors = scores.indices.map { scores[$0] - Double(table.labels[$0]) }
        let count = Double(errors.count)
        func measure(_ rows: some Sequence<Int>) -> (Double, Double) {
            var (squares, magnitudes) = (0.0, 0.0)
            for row in rows {
                squares += errors[row] * errors[row]
                magnitudes += errors[row].magnitude
            }
            return ((squares / count).squareRoot(), magnitudes / count)
        }
        let (rmse, mae) = measure(errors.indices)
        var samples: ([Double], [Double]) = ([], [])
        var generator = SeededGenerator(seed: mix(seed))
        for _ in 0..<resamples {
            let (a, b) = measure((0..<errors.count).lazy.map { _ in generator.nextIndex(errors.count) })
            samples.0.append(a)
            samples.1.append(b)
        }
        return [("rmse", rmse, samples.0), ("mae", mae, samples.1)].map { name, value, samples in
            .init(name: name, value: value, interval: samples.isEmpty ? nil : Evaluation.interval(of: samples))
        }
    }
}
