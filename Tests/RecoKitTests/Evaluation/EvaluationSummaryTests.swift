import Testing

@testable import RecoKit

struct EvaluationSummaryTests {
    private let evaluation: Evaluation = {
        var evaluation = Evaluation(cutoffs: [10], itemCount: 120)
        for user in RandomUsers.all {
            evaluation.add(ranked: user.ranked, relevant: user.relevant, unknown: user.unknown)
        }
        return evaluation
    }()

    @Test func intervalsHoldTheMeanAndCoverageHasNone() throws {
        for metric in evaluation.summary().metrics {
            if metric.name.hasPrefix("coverage") {
                #expect(metric.interval == nil)
            } else {
                let interval = try #require(metric.interval)
                #expect(interval.lowerBound < metric.value && metric.value < interval.upperBound, "\(metric.name)")
            }
        }
    }

    /// The mean of n users with values of 0 and 1 spreads as sqrt(p (1 - p) / n); the percentile interval is 1.96 of
    /// those to each side, give or take what 4000 resamples leave to chance (2 % of the width) and the steps of 1 / n.
    @Test func theIntervalOfAHitRateHasTheWidthThatTheBinomialGives() throws {
        let n = evaluation.userCount
        let metric = try #require(evaluation.summary(resamples: 4000)["hit_rate@10"])
        let interval = try #require(metric.interval)
        let wanted = 2 * 1.96 * (metric.value * (1 - metric.value) / Double(n)).squareRoot()
        #expect(abs(interval.upperBound - interval.lowerBound - wanted) < 0.1 * wanted)
    }

    @Test func intervalsAreTheSameWhateverTheNumberOfThreadsAndDifferWithTheSeed() {
        let one = evaluation.summary(resamples: 300, seed: 5, threads: 1).metrics
        #expect(one == evaluation.summary(resamples: 300, seed: 5, threads: 2).metrics)
        #expect(one == evaluation.summary(resamples: 300, seed: 5, threads: 7).metrics)
        #expect(one != evaluation.summary(resamples: 300, seed: 6, threads: 1).metrics)
    }

    @Test func aSingleUserHasAnIntervalOfNoWidth() throws {
        var single = Evaluation(cutoffs: [3], itemCount: 9)
        single.add(ranked: [1, 2, 3], relevant: [2, 8])
        let metric = try #require(single.summary()["recall@3"])
        #expect(metric.interval == 0.5...0.5)
    }

    @Test func withoutResamplesThereAreNoIntervals() {
        #expect(evaluation.summary(resamples: 0).metrics.allSatisfy { $0.interval == nil })
    }

    @Test func quantilesLieBetweenNeighbours() {
        #expect(Evaluation.quantile([1, 2, 3, 4, 5], 0.5) == 3)
        #expect(Evaluation.quantile([1, 2, 3, 4, 5], 0.125) == 1.5)
        #expect(Evaluation.quantile([1, 2], 0) == 1)
        #expect(Evaluation.quantile([1, 2], 1) == 2)
        #expect(Evaluation.quantile([7], 0.975) == 7)
    }
}
