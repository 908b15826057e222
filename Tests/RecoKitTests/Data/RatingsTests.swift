import Testing

@testable import RecoKit

@Suite struct RatingsTests {
    private func ratings(_ events: [(user: String, item: String, rating: Float, time: Int64)]) throws -> Ratings {
        let log = EventLog()
        for event in events {
            try log.add(
                user: event.user, item: event.item, kind: "like", weight: event.rating, time: event.time)
        }
        return try log.ratings(threads: 2)
    }

    @Test func theLatestRatingOfAPairCountsAsItStands() throws {
        let ratings = try ratings([
            ("ann", "tea", 2, 300), ("bob", "tea", -1.5, 100), ("ann", "tea", 5, 100), ("ann", "cup", 4, 200),
        ])
        #expect(ratings.byUser.offsets == [0, 2, 3])
        #expect(ratings.byUser.columns == [0, 1, 0])
        #expect(ratings.byUser.values == [2, 4, -1.5])
        #expect(ratings.byItem.values == [2, -1.5, 4])
        #expect(ratings.count == 3)
        #expect(ratings.mean == 1.5 && ratings.lowest == -1.5 && ratings.highest == 4)
        #expect(abs(ratings.spread - Float(31.0 / 6).squareRoot()) < 1e-6)
    }

    @Test func withoutTimesTheLaterInTheLogCounts() throws {
        let ratings = try ratings([("ann", "tea", 2, EventLog.noTime), ("ann", "tea", 5, EventLog.noTime)])
        #expect(ratings.byUser.values == [5])
    }

    @Test func equalRatingsHaveNoSpread() throws {
        #expect(try ratings([("ann", "tea", 0.1, 1), ("bob", "tea", 0.1, 1), ("bob", "cup", 0.1, 1)]).spread == 0)
    }

    @Test func aLogWithoutEventsHasNoRatings() throws {
        let ratings = try EventLog().ratings(threads: 1)
        #expect(ratings.count == 0 && ratings.mean == 0 && ratings.lowest == 0 && ratings.highest == 0)
    }
}
