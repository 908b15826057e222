/// How far predicted ratings are from those that users gave: rmse = √(mean e²), mae = mean |e|, over all test ratings.
///
/// Intervals are percentile bootstraps over users, as a user's ratings are not independent of each other. O(ratings +
/// users x resamples).
public struct RatingErrors: Sendable {
    /// Per user: number of ratings, sum of squared errors, sum of magnitudes.
    private var sums: [(count: Double, squares: Double, magnitudes: Double)]

    init(userCount: Int) { sums = Array(repeating: (0, 0, 0), count: userCount) }

    mutating func add(user: Int, predicted: Float, actual: Float) {
        let error = Double(predicted) - Double(actual)
        sums[user].count += 1
        sums[user].squares += error * error
        sums[user].magnitudes += error.magnitude
    }

    /// `rmse` and `mae`, with intervals if `resamples` > 0.
    public func metrics(resamples: Int = 1000, seed: UInt64 = 1) -> [EvaluationSummary.Metric] {
        let sums = sums.filter { $0.count > 0 }
        guard !sums.isEmpty else { return [] }
        let whole = Self.means(sums)
        var samples: (rmse: [Double], mae: [Double]) = ([], [])
        var generator = SeededGenerator(seed: mix(seed))
        for _ in 0..<resamples {
            let means = Self.means((0..<sums.count).lazy.map { _ in sums[generator.nextIndex(sums.count)] })
            samples.rmse.append(means.rmse)
            samples.mae.append(means.mae)
        }
        return [("rmse", whole.rmse, samples.rmse), ("mae", whole.mae, samples.mae)].map { name, value, samples in
            .init(name: name, value: value, interval: samples.isEmpty ? nil : Evaluation.interval(of: samples))
        }
    }

    private static func means(
        _ sums: some Sequence<(count: Double, squares: Double, magnitudes: Double)>
    ) -> (rmse: Double, mae: Double) {
        let total = sums.reduce((0.0, 0.0, 0.0)) { ($0.0 + $1.count, $0.1 + $1.squares, $0.2 + $1.magnitudes) }
        return ((total.1 / total.0).squareRoot(), total.2 / total.0)
    }
}

extension Model {
    /// Whether the preferred model predicts ratings.
    public var predictsRatings: Bool { pipeline.sources.first?.predictedRating(user: nil, item: nil) != nil }

    /// Compares what the preferred model predicts with the weights of the test events; nil if it predicts no ratings.
    ///
    /// Users and items that training did not know count as well: the model then predicts from what it knows.
    public func ratingErrors(_ test: EventLog) -> RatingErrors? {
        guard let source = pipeline.sources.first, predictsRatings, test.count > 0 else { return nil }
        let userRows = (0..<test.users.count).map { users.row(of: test.users.id(of: $0)) }
        let itemRows = (0..<test.items.count).map { items.row(of: test.items.id(of: $0)) }
        var errors = RatingErrors(userCount: test.users.count)
        for event in 0..<test.count {
            let (user, item) = (Int(test.userRows[event]), Int(test.itemRows[event]))
            guard let rating = source.predictedRating(user: userRows[user], item: itemRows[item]) else { continue }
            errors.add(user: user, predicted: rating, actual: test.weights[event])
        }
        return errors
    }
}
