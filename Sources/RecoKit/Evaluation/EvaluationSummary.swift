/// What an evaluation comes to: every metric by name, with a confidence interval where it is a mean over users.
public struct EvaluationSummary: Sendable {
    public struct Metric: Sendable, Equatable {
        public let name: String  // "recall@20", "mrr", "coverage@10"
        public let value: Double
        /// Where the mean would lie in 95 of 100 samples of users; nil for coverage, which is no mean.
        public let interval: ClosedRange<Double>?
    }

    public let userCount: Int
    /// How many items were ranked for a user, on average, where candidates were given; nil: the whole catalogue.
    public let meanCandidates: Double?
    /// By kind (recall, ndcg, hit_rate, map, coverage: each by cutoff), mrr before coverage.
    public let metrics: [Metric]

    public subscript(name: String) -> Metric? { metrics.first { $0.name == name } }
}

extension Evaluation {
    /// The share of the bootstrap's means that the interval leaves out, on each side.
    private static let tail = 0.025

    /// Averages over the users, with percentile bootstrap intervals: as many samples of users as `resamples`, each as
    /// large as the evaluation and drawn with replacement; the interval is what holds the middle 95 % of their means
    /// (Efron 1979, "Bootstrap methods: another look at the jackknife", doi:10.1214/aos/1176344552). The same seed
    /// gives the same interval whatever the number of threads. Without resamples there are no intervals.
    /// O(users x resamples x metrics).
    public func summary(resamples: Int = 1000, seed: UInt64 = 1, threads: Int = processorCount()) -> EvaluationSummary {
        summary(resamples: resamples, seed: seed, threads: threads, meanCandidates: nil)
    }

    func summary(
        resamples: Int = 1000, seed: UInt64, threads: Int, meanCandidates: Double?
    ) -> EvaluationSummary {
        let width = self.width
        let userCount = self.userCount
        var means = [Double](repeating: 0, count: width)
        for user in 0..<userCount {
            for metric in 0..<width { means[metric] += Double(values[user * width + metric]) }
        }
        if userCount > 0 { for metric in 0..<width { means[metric] /= Double(userCount) } }
        let intervals = userCount > 0 && resamples > 0 ? intervals(resamples, seed, threads) : []

        func metric(_ name: String, _ column: Int) -> EvaluationSummary.Metric {
            .init(name: name, value: means[column], interval: intervals.isEmpty ? nil : intervals[column])
        }
        var metrics: [EvaluationSummary.Metric] = []
        for (place, name) in ["recall", "ndcg", "hit_rate", "map"].enumerated() {
            for (c, cutoff) in cutoffs.enumerated() {
                metrics.append(metric("\(name)@\(cutoff)", c * Self.perCutoff + place))
            }
        }
        metrics.append(metric("mrr", width - 1))
        for (c, cutoff) in cutoffs.enumerated() {
            metrics.append(.init(name: "coverage@\(cutoff)", value: coverage(at: c), interval: nil))
        }
        return EvaluationSummary(userCount: userCount, meanCandidates: meanCandidates, metrics: metrics)
    }

    private func intervals(_ resamples: Int, _ seed: UInt64, _ threads: Int) -> [ClosedRange<Double>] {
        let width = self.width
        let userCount = self.userCount
        var means = [Double](repeating: 0, count: width * resamples)  // (metrics, resamples)
        values.withUnsafeBufferPointer { values in
            means.withUnsafeMutableBufferPointer { means in
                nonisolated(unsafe) let (values, means) = (values, means)
                // The body throws nothing, so neither does the loop.
                try? parallelFor(resamples, threads: threads) { sample, _ in
                    var generator = SeededGenerator(seed: mix(seed) &+ UInt64(sample))
                    var sums = [Double](repeating: 0, count: width)
                    sums.withUnsafeMutableBufferPointer { sums in
                        for _ in 0..<userCount {
                            let start = generator.nextIndex(userCount) &* width
                            for metric in 0..<width { sums[metric] += Double(values[start &+ metric]) }
                        }
                    }
                    for metric in 0..<width { means[metric * resamples + sample] = sums[metric] / Double(userCount) }
                }
            }
        }
        return (0..<width).map { metric in
            Self.interval(of: Array(means[metric * resamples..<(metric + 1) * resamples]))
        }
    }

    /// What holds the middle 95 % of the samples, of which there is at least one.
    static func interval(of samples: [Double]) -> ClosedRange<Double> {
        let sorted = samples.sorted()
        let low = quantile(sorted, tail)
        return low...max(low, quantile(sorted, 1 - tail))
    }

    /// The value below which the share `q` of sorted values lies, linear between neighbours.
    static func quantile(_ sorted: [Double], _ q: Double) -> Double {
        let place = q * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
}
