/// What scores are measured by, on a table.
public enum RankingMetrics {
    /// The NDCG of every group that has something relevant in it, at each cutoff, and the means: 0 where there is none.
    public static func ndcg(
        _ table: RankingTable, scores: [Double], cutoffs: [Int]
    ) -> (values: [[Double]], mean: [Double]) {
        let offsets = table.groupOffsets
        let ndcg = NDCG(longest: zip(offsets.dropFirst(), offsets).map { $0 - $1 }.max() ?? 0)
        var values: [[Double]] = []  // (groups, cutoffs)
        scores.withUnsafeBufferPointer { scores in
            for group in 0..<table.groupCount {
                let range = offsets[group]..<offsets[group + 1]
                let measured = ndcg.values(
                    scores: UnsafeBufferPointer(rebasing: scores[range]),
                    labels: UnsafeBufferPointer(rebasing: table.labels[range]), cutoffs: cutoffs)
                if let measured { values.append(measured) }
            }
        }
        let mean = cutoffs.indices.map { cutoff in
            values.isEmpty ? 0 : values.reduce(0) { $0 + $1[cutoff] } / Double(values.count)
        }
        return (values, mean)
    }

    /// -log of the probability that a raw score gives a label from 0 to 1.
    static func logLoss(_ label: Double, raw: Double) -> Double {
        // log(1 + e^x), without overflow.
        func softPlus(_ x: Double) -> Double { max(x, 0) + naturalLog(1 + exponential(-x.magnitude)) }
        return label * softPlus(-raw) + (1 - label) * softPlus(raw)
    }
}
