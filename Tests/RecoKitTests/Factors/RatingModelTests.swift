import Testing

@testable import RecoKit

private let shop = RatingShop()

private func train<M: TrainableModel>(
    _ type: M.Type, _ shop: RatingShop = shop, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2
) throws -> M {
    var settings = ["factors": "3"]
    if type == NMF.self { settings["observed"] = "only" }
    return try M.train(
        shop.data(), settings: M.settings(settings.merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed))
}

@Suite struct RatingModelTests {
    static let all: [any TrainableModel.Type] = [RatingMF.self, SVDPP.self, NMF.self]
    static let names = all.map { $0.name }

    private func type(_ name: String) -> any TrainableModel.Type { Self.all.first { $0.name == name }! }

    /// Fixtures/ratings_reference.py: the same steps from the same start, plainly and in double precision.
    @Test(arguments: [
        ("rating-mf", [2.5121, 1.4743, 2.4726, 1.0433, 2.9168]), ("svdpp", [2.5288, 1.5015, 2.4898, 1.0564, 2.8917]),
        ("nmf", [2.5330, 1.4472, 2.5488, 1.0843, 2.8105]),
    ]) func tenIterationsEndWhereTheReferenceDoes(name: String, expected: [Float]) throws {
        let model = try train(type(name), shop, ["iterations": "10"])
        let pairs = [(0, 0), (1, 0), (7, 20), (40, 35), (23, 9)]
        for ((user, item), value) in zip(pairs, expected) {
            let score = try #require(model.scores([UInt32(item)], user: user, itemCount: 36))[0]
            #expect(abs(score - value) < 5e-4, "user \(user), item \(item)")
            #expect(model.predictedRating(user: user, item: item) == min(5, max(1, score)))
        }
    }

    @Test(arguments: names) func defaultsFitMuchBetterThanTheMean(name: String) throws {
        let model = try train(type(name))
        #expect(shop.error { _, _ in 3.187 } > 1.4)
        #expect(shop.error { model.predictedRating(user: $0, item: $1) } < 0.8)
    }

    /// Twice the stars plus one is the same shop on another scale; a sum of non-negative themes knows no shift.
    @Test(arguments: names) func theScaleOfTheRatingsDoesNotMatter(name: String) throws {
        let other = RatingShop(scale: 20, shift: name == "nmf" ? 0 : -70)
        let model = try train(type(name))
        let scaled = try train(type(name), other)
        for user in 0..<10 {
            let rating = try #require(model.predictedRating(user: user, item: 3))
            let same = try #require(scaled.predictedRating(user: user, item: 3))
            #expect(abs(same - (rating * other.scale + other.shift)) < 0.1)
        }
    }

    @Test(arguments: names) func ratingsDoNotDependOnTheNumberOfThreadsButOnTheSeed(name: String) throws {
        let large = RatingShop(users: 200, items: 150)
        func bytes(seed: UInt64, threads: Int) throws -> [UInt8] {
            let sink = MemorySink()
            let writer = try ModelWriter(sink: sink)
            try train(type(name), large, ["iterations": "3"], seed: seed, threads: threads).write(to: writer)
            try writer.finish()
            return sink.bytes
        }
        let one = try bytes(seed: 1, threads: 1)
        for threads in [2, 5] { #expect(try bytes(seed: 1, threads: threads) == one) }
        #expect(try bytes(seed: 2, threads: 1) != one)
    }

    @Test(arguments: names) func whoIsUnknownIsTakenForAverage(name: String) throws {
        let model = try train(type(name))
        func mean(_ ratings: some Sequence<Float?>) -> Float {
            let known = ratings.compactMap { $0 }
            return known.reduce(0, +) / Float(known.count)
        }
        let stranger = mean((0..<36).map { model.predictedRating(user: nil, item: $0) })
        #expect(abs(stranger - 3.2) < 0.3)
        #expect(abs(mean((0..<48).map { model.predictedRating(user: $0, item: nil) }) - 3.2) < 0.3)
        #expect(abs(try #require(model.predictedRating(user: nil, item: nil)) - 3.2) < 0.4)
        #expect(model.predictedRating(user: 999, item: -1) == model.predictedRating(user: nil, item: nil))
    }

    @Test(arguments: names) func likesAndDislikesMoveAStrangersTaste(name: String) throws {
        let model = try train(type(name))
        func gain(_ weight: Float) throws -> Float {
            let events = [2, 8, 14, 20, 26].map { Profile.Event(item: $0, weight: weight) }
            let scores = try #require(model.scores((0..<36).map { UInt32($0) }, events: events, itemCount: 36))
            return (0..<36).reduce(0) { $0 + ($1 % 2 == 0 ? scores[$1] : -scores[$1]) } / 18
        }
        let (liked, disliked) = (try gain(4), try gain(-4))
        #expect(liked > disliked + 0.05)
        #expect(model.best(5, itemCount: 36) == nil)
        #expect(model.best(5, events: [.init(item: 3, weight: .nan), .init(item: 4, weight: 0)], itemCount: 36) == nil)
        #expect(model.best(5, events: [.init(item: .max, weight: 1)], itemCount: 36) == nil)
    }

    @Test(arguments: names) func aSessionMovesAKnownUserFromWhatIsStored(name: String) throws {
        let model = try train(type(name))
        let session = (0..<12).map { Profile.Event(item: UInt32(2 * $0 + 1), weight: 5) }
        let before = try #require(model.best(36, user: 0, itemCount: 36))
        let after = try #require(model.best(36, user: 0, events: session, session: session.count, itemCount: 36))
        func odd(_ hits: [Candidate]) -> Float { hits.filter { $0.row % 2 == 1 }.reduce(0) { $0 + $1.score } / 18 }
        #expect(odd(after) > odd(before) + 0.1)
    }

    @Test(arguments: names) func ratingModelsSurviveWritingAndReading(name: String) throws {
        let model = try train(type(name))
        let again = try #require(try model.reopened(userCount: 48, itemCount: 36))
        let events = [Profile.Event(item: 4, weight: 2), Profile.Event(item: 10, weight: -1)]
        #expect(
            model.scores([1, 2, 3], events: events, itemCount: 36)
                == again.scores([1, 2, 3], events: events, itemCount: 36))
        #expect(model.predictedRating(user: 3, item: 5) == again.predictedRating(user: 3, item: 5))
        #expect(throws: RecoError.self) { try model.reopened(userCount: 49, itemCount: 36) }
    }

    /// Ratings that are all equal, a single one included, teach no taste; they are predicted, others propose.
    @Test(arguments: names) func equalRatingsArePredictedAndNothingIsProposed(name: String) throws {
        for (users, items) in [(1, 1), (1, 5), (5, 1), (8, 8)] {
            let log = EventLog()
            for user in 0..<users { for item in 0..<items { try log.add(user: "\(user)", item: "\(item)", weight: 4) } }
            let data = TrainingData(interactions: try log.interactions(), log: log, catalog: Catalog())
            var settings = ["factors": "5"]
            if name == "nmf" { settings["observed"] = "only" }
            let model = try type(name).train(data, settings: type(name).settings(settings), run: TrainingRun())
            #expect(model.predictedRating(user: 0, item: 0) == 4)
            #expect(model.predictedRating(user: nil, item: nil) == 4)
            #expect(model.best(5, user: 0, itemCount: items) == nil)
            #expect(model.best(5, events: [.init(item: 0, weight: 1)], itemCount: items) == nil)
            #expect(model.similar(5, to: [0], itemCount: items) == nil)
        }
    }

    @Test(arguments: names) func moreFactorsThanUsersAreNoHarm(name: String) throws {
        let small = RatingShop(users: 6, items: 5)
        let model = try train(type(name), small, ["factors": "40"])
        #expect(small.error { model.predictedRating(user: $0, item: $1) } < 1.4)
    }

    @Test(arguments: names) func ratingsBeyondAllMeasureAreAnErrorOrFiniteFactors(name: String) throws {
        do {
            let model = try train(type(name), RatingShop(scale: 3e37))
            #expect(model.predictedRating(user: 0, item: 0)?.isFinite == true)
        } catch let error as RecoError {
            #expect(error.code == .badData)
        }
    }

    @Test func ratingsBelowZeroAreNothingForSumsOfThemes() throws {
        #expect(throws: RecoError.self) { try train(NMF.self, RatingShop(shift: -3)) }
        #expect(try train(RatingMF.self, RatingShop(shift: -3)).predictedRating(user: 0, item: 0) != nil)
    }

    @Test func aFileFullOfNonsenseGivesAnswersWithoutNumbersThatAreNone() throws {
        let nonsense: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 1, 0, -1, 1e-45]
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        func numbers(_ count: Int) -> [Float] { (0..<count).map { nonsense[$0 * 5 % 8] } }
        try writer.add("svdpp/rank", [4 as UInt32])
        for (name, count) in [
            ("user-factors", 160), ("item-factors", 160), ("item-norms", 40), ("metric", 4), ("user-prior", 4),
            ("item-prior", 4), ("scale", 5), ("implicit-factors", 160),
        ] { try writer.add("svdpp/\(name)", numbers(count)) }
        try writer.finish()
        let file = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        let model = try #require(try SVDPP(file, userCount: 40, itemCount: 40))
        for user in 0..<40 {
            let events = [Profile.Event(item: UInt32(user), weight: 3), Profile.Event(item: .max, weight: -1)]
            let hits = model.best(40, user: user, events: events, session: 2, itemCount: 40) ?? []
            #expect(hits.allSatisfy { !$0.score.isNaN })
            _ = model.predictedRating(user: user, item: user)
        }
    }
}

/// One element after the other ends at the solution of the normal equations, and at zero where that is negative.
@Test func aRatingSystemSolvesItsRidgeProblem() {
    let rows: [[Float]] = [[1, 2, 0.5], [0.3, -1, 2], [2, 0.1, 0.7], [-1, 1, 1]]
    let (values, confidences): ([Float], [Float]) = ([3, -1, 2, 0.5], [1, 4, 0.5, 1])
    let prior: [Float] = [0.2, -0.1, 0.4]
    for nonNegative in [false, true] {
        var x: [Float] = [1, 1, 1]
        withUnsafeTemporaryAllocation(of: Float.self, capacity: RatingSystem.workCount(rank: 3, capacity: 4)) { work in
            var system = RatingSystem(
                rank: 3, fixed: 2..<3, nonNegative: nonNegative, floats: work.baseAddress!, capacity: 4)
            for i in 0..<4 { system.observe(rows[i], values[i], confidence: confidences[i]) }
            system.observe(rows[0], 1000)  // beyond the capacity
            system.solve(&x, prior: prior, stiffness: 0.3, sweeps: RatingSystem.exactSweeps)
        }
        #expect(x[2] == 1)
        for k in 0..<2 {
            var slope = 0.3 * (x[k] - prior[k])
            for i in 0..<4 {
                let error = (0..<3).reduce(-values[i]) { $0 + x[$1] * rows[i][$1] }
                slope += confidences[i] * error * rows[i][k]
            }
            if nonNegative { #expect(x[k] >= 0) }
            #expect(abs(slope) < 1e-3 || (nonNegative && x[k] == 0 && slope > 0))
        }
    }
}

/// Conjugate gradients reach the solution of the normal equations.
@Test func theImplicitPartIsARidgeRegressionOnWhatUsersHave() throws {
    let pairs = SparseRows(
        offsets: [0, 2, 3, 3, 6], columns: [0, 2, 1, 0, 1, 2], values: [9, 9, 9, 9, 9, 9], columnCount: 3)
    let targets = try DenseMatrix(rowCount: 4, columnCount: 2)
    for i in 0..<8 { targets.base[i] = Float(i * i % 5) - 1.5 }
    let base = try DenseMatrix(rowCount: 1, columnCount: 2)
    base.base[1] = 1
    let regression = try ImplicitRegression(
        pairs, stiffness: { 0.7 * Float($0) }, regularization: 0.5, rank: 2, threads: 2)
    try regression.improve(towards: targets, base: base, steps: 12)
    let predictions = try regression.predictions(base: base)
    for column in 0..<2 {
        #expect(predictions.row(2)[column] == base.base[column])
        for item in 0..<3 {
            var slope = 0.5 * regression.weights.row(item)[column]
            for user in 0..<4 {
                let entries = pairs.range(user)
                guard pairs.columns[entries].contains(UInt32(item)) else { continue }
                let count = Float(entries.count)
                slope += 0.7 * count * (predictions.row(user)[column] - targets.row(user)[column]) / count.squareRoot()
            }
            #expect(abs(slope) < 1e-4)
        }
    }
}
