import Testing

@testable import RecoKit

@Suite struct RatingErrorsTests {
    @Test func errorsThatFitOnPaper() throws {
        var errors = RatingErrors(userCount: 3)  // the last has no rating
        for (user, predicted, actual) in [(0, 3, 5), (0, 4, 4), (1, 2, 1)] as [(Int, Float, Float)] {
            errors.add(user: user, predicted: predicted, actual: actual)
        }
        let metrics = errors.metrics(resamples: 0)
        #expect(metrics.map(\.name) == ["rmse", "mae"])
        #expect(abs(metrics[0].value - (5.0 / 3).squareRoot()) < 1e-12)
        #expect(metrics[1].value == 1)
        #expect(metrics.allSatisfy { $0.interval == nil })
    }

    @Test func intervalsHoldTheMeanAndDependOnTheSeed() throws {
        var errors = RatingErrors(userCount: 50)
        for i in 0..<400 { errors.add(user: i % 50, predicted: 3, actual: Float(1 + i * i % 7)) }
        let metrics = errors.metrics(seed: 3)
        for metric in metrics {
            let interval = try #require(metric.interval)
            #expect(interval.lowerBound < metric.value && metric.value < interval.upperBound)
        }
        #expect(metrics == errors.metrics(seed: 3))
        #expect(metrics != errors.metrics(seed: 4))
    }

    @Test func aModelIsComparedWithTheWeightsOfTheTest() throws {
        let trainer = try Checkerboard.trainer("rating-mf", rated: true)
        try trainer.train()
        let model = try trainer.model()
        let test = EventLog()
        for user in 0..<Checkerboard.size { try test.add(user: "u\(user)", item: "\(user)", weight: 5) }
        let good = try #require(model.ratingErrors(test)).metrics(resamples: 0)
        #expect(good[0].value < 1)
        try test.add(user: "stranger", item: "never seen", weight: 5)
        let worse = try #require(model.ratingErrors(test)).metrics(resamples: 0)
        #expect(worse[0].value > good[0].value && worse[0].value.isFinite)
        #expect(model.predictsRatings)
        #expect(try Checkerboard.model("item-knn").ratingErrors(test) == nil)
    }
}
