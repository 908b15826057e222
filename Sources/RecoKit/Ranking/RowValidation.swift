/// How good scores of some units of a table are: the mean NDCG of groups, or else minus the mean loss. Larger is better.
struct RowValidation {
    let table: RankingTable
    let units: [UInt32]
    let objective: RowObjective
    let cutoff: Int
    /// Scores stand for (label - offset) / scale.
    var scale: Float = 1
    var offset: Float = 0

    /// `scores`: of the units' rows, one unit after the other.
    func measure(_ scores: [Float]) -> Double {
        guard !scores.contains(where: { !$0.isFinite }) else { return .nan }
        return objective.measure == .ranking ? ndcg(scores) : -meanLoss(scores)
    }

    private func ndcg(_ scores: [Float]) -> Double {
        let longest = units.reduce(0) { max($0, table.rows(ofUnit: $1).count) }
        let ndcg = NDCG(longest: longest)
        var (sum, groups, start) = (0.0, 0.0, 0)
        for unit in units {
            let range = table.rows(ofUnit: unit)
            let own = scores[start..<start + range.count].map { Double($0) }
            start += range.count
            let values = own.withUnsafeBufferPointer {
                ndcg.values(scores: $0, labels: UnsafeBufferPointer(rebasing: table.labels[range]), cutoffs: [cutoff])
            }
            if let values { (sum, groups) = (sum + values[0], groups + 1) }
        }
        return groups > 0 ? sum / groups : 0
    }

    private func meanLoss(_ scores: [Float]) -> Double {
        var (sum, weights, place) = (0.0, 0.0, 0)
        for unit in units {
            for row in table.rows(ofUnit: unit) {
                let weight = table.weights.isEmpty ? 1 : Double(table.weights[row])
                let label = Double(table.labels[row])
                let raw = Double(scores[place] * scale + offset)
                sum +=
                    weight
                    * (objective == .logistic ? RankingMetrics.logLoss(label, raw: raw) : (raw - label) * (raw - label))
                weights += weight
                place += 1
            }
        }
        return weights > 0 ? sum / weights : 0
    }
}
