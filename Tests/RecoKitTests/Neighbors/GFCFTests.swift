import Testing

@testable import RecoKit

struct GFCFTests {
    /// From Tests/Fixtures/linear_reference.py; six digits are printed.
    private static let expected: [[Float]] = [
        [0.081836, 0.182208, 0.235510, 0.204931, 0.243677, 0.000000],
        [0.199809, 0.079794, 0.236785, 0.198872, 0.170750, 0.000000],
        [0.304170, 0.296793, 0.120985, 0.155558, -0.129343, 0.000000],
        [0.238272, 0.217050, 0.130922, 0.051123, 0.161391, 0.000000],
        [0.235015, 0.164865, -0.043114, 0.139621, 0.266261, 0.000000],
        [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
    ]

    @Test func scoresAreWhatNumpySays() throws {
        let model = try Shop.train(GFCF.self, LinearReference.data(), ["factors": "2", "weight": "0.3"])
        for item in 0..<6 {
            let row = LinearReference.row(model, item)
            for other in 0..<6 { #expect(abs(row[other] - Self.expected[item][other]) < 5e-6, "\(item) to \(other)") }
        }
    }

    @Test func aScoreIsTheSumOverTheEventsAndProposalsAgree() throws {
        let model = try Shop.train(GFCF.self, LinearReference.data(), ["factors": "2", "weight": "0.3"])
        let asker = Asker(itemCount: 6)
        let profile: [Profile.Event] = [.init(item: 0, weight: 2), .init(item: 3, weight: -0.5)]
        let scores = asker.score(model, profile, Array(0..<6))
        for other in 0..<6 {
            #expect(abs(scores[other] - (2 * Self.expected[0][other] - 0.5 * Self.expected[3][other])) < 2e-5)
        }
        let hits = asker.propose(model, profile, limit: 10)
        #expect(hits.allSatisfy { abs($0.score - scores[Int($0.row)]) < 1e-6 && $0.score > 0 })
        #expect(hits.count == scores.count { $0 > 0 })
        #expect(asker.scratchIsZero)
    }

    @Test func weightZeroLeavesTheLinearFilterAlone() throws {
        let model = try Shop.train(GFCF.self, LinearReference.data(), ["factors": "2", "weight": "0"])
        let both = try Shop.train(GFCF.self, LinearReference.data(), ["factors": "2", "weight": "0.3"])
        let row = LinearReference.row(model, 0)
        #expect(row[0] == 0 && row[5] == 0)
        for (other, similarity) in model.filter.list(0) { #expect(row[Int(other)] == similarity) }
        #expect(LinearReference.row(both, 0) != row)
    }

    @Test func moreFactorsThanThereArePatternsAreNoMistake() throws {
        let model = try Shop.train(GFCF.self, LinearReference.data(), ["factors": "500"])
        #expect((1...5).contains(model.rank))
        #expect(model.factors.toArray().allSatisfy { $0.isFinite })
    }

    @Test(arguments: [1e-30 as Float, 1e12])
    func valuesFarFromOneGiveTheScoresOfOnes(value: Float) throws {
        func scores(_ value: Float) throws -> [Float] {
            let log = EventLog()
            for user in 0..<20 {
                for item in 0..<6 where (user + item) % 4 != 0 {
                    try log.add(user: "\(user)", item: "\(item)", weight: value)
                }
            }
            let data = TrainingData(
                interactions: try log.interactions(scale: .linear, threads: 1), log: log, catalog: Catalog())
            let model = try Shop.train(GFCF.self, data)
            return Asker(itemCount: 6).score(model, [.init(item: 1, weight: 1)], Array(0..<6))
        }
        #expect(try zip(scores(value), scores(1)).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func aModelThatWasWrittenAnswersTheSameAndOneOfWrongShapeIsDamaged() throws {
        let data = try Shop.random(users: 80, items: 50, events: 1500)
        let model = try Shop.train(GFCF.self, data)
        let file = try Shop.file { try model.write(to: $0) }
        let read = try #require(try GFCF(file, userCount: 80, itemCount: 50))
        let asker = Asker(itemCount: 50)
        let rows = (0..<50).map { UInt32($0) }
        for item in rows {
            let profile = [Profile.Event(item: item, weight: 1)]
            #expect(asker.score(read, profile, rows) == asker.score(model, profile, rows))
        }
        #expect(throws: RecoError.self) { try GFCF(file, userCount: 80, itemCount: 49) }
        for missing in ["gf-cf/rank", "gf-cf/factors", "gf-cf/pulls"] {
            let partial = try Shop.file { writer in
                try model.filter.write(to: writer, name: "gf-cf")
                if missing != "gf-cf/rank" { try writer.add("gf-cf/rank", [UInt32(model.rank)]) }
                if missing != "gf-cf/factors" { try writer.add("gf-cf/factors", model.factors.elements) }
                if missing != "gf-cf/pulls" { try writer.add("gf-cf/pulls", model.pulls.elements) }
            }
            #expect(throws: RecoError.self) { try GFCF(partial, userCount: 80, itemCount: 50) }
        }
    }

    @Test func nonsenseInTheFileGivesAnswersWithinTheCatalogue() throws {
        var generator = SeededGenerator(seed: 3)
        let asker = Asker(itemCount: 20)
        for _ in 0..<100 {
            func floats(_ count: Int) -> Column<Float> {
                Column((0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) })
            }
            let filter = ItemSimilarityTable(
                offsets: RaggedOffsets(offsets: Column((0...20).map { _ in generator.next() % 60 })),
                neighbors: Column((0..<50).map { _ in UInt32(truncatingIfNeeded: generator.next()) % 30 }),
                similarities: floats(50))
            let model = GFCF(filter: filter, rank: 3, factors: floats(60), pulls: floats(20))
            let profile = (0..<20).map { Profile.Event(item: $0, weight: 1) }
            let hits = asker.propose(model, profile, limit: 30)
            #expect(hits.allSatisfy { $0.row < 20 } && Set(hits.map(\.row)).count == hits.count)
            _ = asker.score(model, profile, [0, 19, 4_000_000_000])
            #expect(asker.similar(model, [0, 19], limit: 5).allSatisfy { $0.row < 20 })
            #expect(asker.scratchIsZero)
        }
    }
}
