import Testing

@testable import RecoKit

struct EvaluationTests {
    @Test func metricsOfAListThatFitsOnPaper() {
        var evaluation = Evaluation(cutoffs: [1, 3, 5], itemCount: 10)
        evaluation.add(ranked: [4, 7, 1, 9, 2], relevant: [7, 9, 5, 6])
        let summary = evaluation.summary()
        let (second, fourth) = (1 / 1.584962500721156, 1 / 2.321928094887362)  // 1 / log2(3), 1 / log2(5)
        expect(summary, "recall", [1: 0, 3: 0.25, 5: 0.5])
        expect(summary, "hit_rate", [1: 0, 3: 1, 5: 1])
        expect(
            summary, "ndcg",
            [1: 0, 3: second / (1 + second + 0.5), 5: (second + fourth) / (1 + second + 0.5 + fourth)])
        expect(summary, "map", [1: 0, 3: (1.0 / 2) / 3, 5: (1.0 / 2 + 2.0 / 4) / 4])
        expect(summary, "coverage", [1: 0.1, 3: 0.3, 5: 0.5])
        #expect(summary["mrr"]?.value == 0.5)
        #expect(summary.userCount == 1)
    }

    @Test func aPerfectListScoresOneAndAnUnrelatedOneZero() {
        var perfect = Evaluation(cutoffs: [2, 10], itemCount: 20)
        perfect.add(ranked: [3, 1, 2, 9], relevant: [1, 2, 3])
        for metric in perfect.summary().metrics where !metric.name.hasPrefix("coverage") && metric.name != "recall@2" {
            #expect(metric.value == 1, "\(metric.name)")
        }
        var useless = Evaluation(cutoffs: [2, 10], itemCount: 20)
        useless.add(ranked: [4, 5, 6], relevant: [1, 2, 3])
        for metric in useless.summary().metrics where !metric.name.hasPrefix("coverage") {
            #expect(metric.value == 0, "\(metric.name)")
        }
    }

    @Test func unknownItemsCountAsMissedAndUsersWithNothingRelevantDoNotCount() {
        var evaluation = Evaluation(cutoffs: [4], itemCount: 10)
        evaluation.add(ranked: [1, 2], relevant: [], unknown: 0)
        #expect(evaluation.userCount == 0)
        evaluation.add(ranked: [1, 2], relevant: [2], unknown: 3)
        #expect(evaluation.summary()["recall@4"]?.value == 0.25)
        evaluation.add(ranked: [], relevant: [], unknown: 1)
        #expect(evaluation.userCount == 2)
        #expect(evaluation.summary()["recall@4"]?.value == 0.125)
    }

    @Test func theReciprocalRankLooksAtTheWholeList() {
        var evaluation = Evaluation(cutoffs: [2], itemCount: 100)
        evaluation.add(ranked: (0..<50).map { UInt32($0) }, relevant: [39])
        #expect(evaluation.summary()["mrr"]?.value == Double(Float(1.0 / 40)))
        #expect(evaluation.summary()["recall@2"]?.value == 0)
        #expect(evaluation.summary()["coverage@2"]?.value == 0.02)
    }

    @Test func cutoffsAreSortedAndSenselessOnesDropped() {
        var evaluation = Evaluation(cutoffs: [20, 5, 0, -3, 5, 1_000_000_000], itemCount: 10)
        #expect(evaluation.cutoffs == [5, 20, 1_000_000_000])
        evaluation.add(ranked: [1], relevant: [1])
        #expect(evaluation.summary()["ndcg@1000000000"]?.value == 1)
        var none = Evaluation(cutoffs: [], itemCount: 10)
        none.add(ranked: [2, 1], relevant: [1])
        #expect(none.summary().metrics.map(\.name) == ["mrr"])
        #expect(none.summary()["mrr"]?.value == 0.5)
    }

    @Test func anEvaluationOfNobodyIsZeroWithoutIntervals() {
        let summary = Evaluation(cutoffs: [10], itemCount: 0).summary()
        #expect(summary.userCount == 0)
        #expect(summary.metrics.allSatisfy { $0.value == 0 && $0.interval == nil })
    }

    /// Expected values: Tests/Fixtures/evaluation_reference.py, numpy in double precision. Per-user values are kept as
    /// Float, so a mean may be off by 6e-8 of itself.
    @Test func metricsEqualAnIndependentEvaluationToSixDigits() {
        let expected: [String: Double] = [
            "recall@1": 0.010131343, "recall@5": 0.065809055, "recall@10": 0.115779900, "recall@20": 0.190347045,
            "recall@100": 0.273168849, "ndcg@1": 0.073469388, "ndcg@5": 0.087862828, "ndcg@10": 0.097835135,
            "ndcg@20": 0.132464937, "ndcg@100": 0.165063348, "hit_rate@1": 0.073469388, "hit_rate@5": 0.367346939,
            "hit_rate@10": 0.534693878, "hit_rate@20": 0.669387755, "hit_rate@100": 0.718367347,
            "map@1": 0.073469388, "map@5": 0.044307256, "map@10": 0.040168612, "map@20": 0.050584722,
            "map@100": 0.059734255, "mrr": 0.202300598, "coverage@1": 0.675000000, "coverage@5": 0.833333333,
            "coverage@10": 0.941666667, "coverage@20": 0.975000000, "coverage@100": 0.983333333,
        ]
        var evaluation = Evaluation(cutoffs: [1, 5, 10, 20, 100], itemCount: 120)
        for user in RandomUsers.all {
            evaluation.add(ranked: user.ranked, relevant: user.relevant, unknown: user.unknown)
        }
        let summary = evaluation.summary(resamples: 0)
        #expect(summary.userCount == 245)
        #expect(Set(summary.metrics.map(\.name)) == Set(expected.keys))
        for metric in summary.metrics {
            #expect(abs(metric.value - expected[metric.name]!) < 5e-7, "\(metric.name)")
        }
    }

    @Test func partsThatAreMergedInOrderEqualTheWhole() {
        let users = RandomUsers.all
        var whole = Evaluation(cutoffs: [5, 20], itemCount: 120)
        for user in users { whole.add(ranked: user.ranked, relevant: user.relevant, unknown: user.unknown) }
        var merged = Evaluation(cutoffs: [5, 20], itemCount: 120)
        for start in stride(from: 0, to: users.count, by: 37) {
            var part = Evaluation(cutoffs: [20, 5], itemCount: 120)
            for user in users[start..<min(start + 37, users.count)] {
                part.add(ranked: user.ranked, relevant: user.relevant, unknown: user.unknown)
            }
            merged.merge(part)
        }
        #expect(merged.values == whole.values)
        #expect(merged.summary(seed: 3).metrics == whole.summary(seed: 3).metrics)
    }

    private func expect(_ summary: EvaluationSummary, _ kind: String, _ values: [Int: Double]) {
        for (k, value) in values {
            let found = summary["\(kind)@\(k)"]?.value ?? .nan
            #expect(abs(found - value) < 1e-6, "\(kind)@\(k)")
        }
    }
}

/// The lists and sets of evaluation_reference.py, from the same generator.
enum RandomUsers {
    struct User {
        let ranked: [UInt32]
        let relevant: Set<UInt32>
        let unknown: Int
    }

    static let all: [User] = {
        var state: UInt64 = 2024
        func below(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        func item() -> UInt32 {
            let first = below(120)
            return UInt32(first * below(120) / 120)
        }
        return (0..<250).map { _ in
            let length = Int(below(51))
            var ranked: [UInt32] = []
            while ranked.count < length {
                let item = item()
                if !ranked.contains(item) { ranked.append(item) }
            }
            let relevant = Set((0..<below(12)).map { _ in item() })
            return User(ranked: ranked, relevant: relevant, unknown: Int(below(3)))
        }
    }()
}
