import Testing

@testable import RecoKit

struct EASETests {
    /// From Tests/Fixtures/linear_reference.py; six digits are printed.
    private static let expected: [[Float]] = [
        [0.000000, 0.002601, 0.246831, 0.178628, 0.440093, 0.000000],
        [0.003335, 0.000000, 0.088430, 0.195508, 0.320354, 0.000000],
        [0.754217, 0.210722, 0.000000, 0.074296, -0.475296, 0.000000],
        [0.269881, 0.230356, 0.036736, 0.000000, 0.077744, 0.000000],
        [0.226875, 0.128791, -0.080188, 0.026527, 0.000000, 0.000000],
        [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
    ]

    @Test(arguments: ["0", "5"])
    func weightsAreWhatNumpySays(neighbors: String) throws {
        let model = try Shop.train(
            EASE.self, LinearReference.data(), ["regularization": "0.5", "neighbors": neighbors])
        for item in 0..<6 {
            let row = LinearReference.row(model, item)
            for other in 0..<6 { #expect(abs(row[other] - Self.expected[item][other]) < 2e-6, "\(item) to \(other)") }
        }
    }

    @Test func theStrongestWeightsAreKeptWhateverTheirSign() throws {
        let model = try Shop.train(EASE.self, LinearReference.data(), ["regularization": "0.5", "neighbors": "2"])
        guard case .strongest(let table) = model.weights else {
            Issue.record("all weights were kept")
            return
        }
        #expect(table.list(2).map(\.row) == [0, 4])
        #expect(table.list(0).map(\.row) == [4, 2])
        #expect(table.list(5).isEmpty)
    }

    @Test func bothFormsAnswerTheSame() throws {
        let data = try Shop.random(users: 120, items: 70, events: 2000)
        let all = try Shop.train(EASE.self, data, ["neighbors": "0", "regularization": "20"])
        let table = try Shop.train(EASE.self, data, ["neighbors": "4000", "regularization": "20"])
        let asker = Asker(itemCount: 70)
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<20 {
            let items = Set((0..<9).map { _ in UInt32(generator.nextIndex(70)) })
            let profile = items.sorted().map { Profile.Event(item: $0, weight: generator.nextNormal()) }
            let rows = (0..<72).map { UInt32($0) }
            for (a, b) in zip(asker.score(all, profile, rows), asker.score(table, profile, rows)) {
                #expect(abs(a - b) < 1e-5)
            }
            let (a, b) = (asker.propose(all, profile, limit: 5), asker.propose(table, profile, limit: 5))
            #expect(zip(a, b).allSatisfy { abs($0.score - $1.score) < 1e-5 } && a.count == b.count)
            #expect(
                asker.similar(all, [3, 9], limit: 1).map(\.row) == asker.similar(table, [3, 9], limit: 1).map(\.row))
            #expect(asker.scratchIsZero)
        }
    }

    @Test func theUnitOfTheValuesDoesNotMatter() throws {
        func scores(unit: Float) throws -> [Float] {
            let log = EventLog()
            for user in 0..<30 {
                for item in 0..<8 where (user * 7 + item * item) % 3 != 0 {
                    try log.add(user: "\(user)", item: "\(item)", weight: unit)
                }
            }
            let data = TrainingData(
                interactions: try log.interactions(scale: .linear, threads: 1), log: log, catalog: Catalog())
            let model = try Shop.train(EASE.self, data, ["regularization": "5"])
            return Asker(itemCount: 8).score(model, [.init(item: 1, weight: 1)], Array(0..<8))
        }
        let one = try scores(unit: 1)
        #expect(one.contains { $0 > 0.01 })
        for unit in [1e-15 as Float, 1e12] {
            #expect(try zip(scores(unit: unit), one).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test func aCatalogueThatIsTooLargeIsRefusedBeforeAnythingIsAllocated() throws {
        let log = EventLog()
        // 400,000 items would take 640 GB.
        for item in 0..<400_000 { try log.append(user: 0, item: UInt32(item), kind: EventKinds.interaction) }
        _ = try log.users.row(for: "one")
        for item in 0..<400_000 { _ = try log.items.row(for: "\(item)") }
        let data = TrainingData(
            interactions: try log.interactions(scale: .linear, threads: 1), log: log, catalog: Catalog())
        do {
            _ = try Shop.train(EASE.self, data)
            Issue.record("it trained")
        } catch let error as RecoError {
            #expect(error.code == .badData)
            #expect(error.message.contains("640.0 GB") && error.message.contains("sparse-ease"))
            #expect(error.message.contains("ease.memory"))
        }
    }

    @Test func itemsThatAreTooMuchAlikeForTheRegularizationAreAnError() throws {
        let log = EventLog()
        for user in 0..<2000 { for item in ["a", "b", "c"] { try log.add(user: "\(user)", item: item) } }
        let data = try Shop.data(log)
        do {
            _ = try Shop.train(EASE.self, data, ["regularization": "0.001"])
        } catch let error as RecoError {
            #expect(error.message.contains("ease.regularization"))
        }
        let model = try Shop.train(EASE.self, data)
        let scores = Asker(itemCount: 3).score(model, [.init(item: 0, weight: 1)], [0, 1, 2])
        #expect(scores[0] == 0 && scores[1] > 0.3 && abs(scores[1] - scores[2]) < 1e-4)
    }

    @Test func aModelThatWasWrittenAnswersTheSameAndOneOfWrongShapeIsDamaged() throws {
        let data = try Shop.random(users: 80, items: 50, events: 1500)
        let rows = (0..<50).map { UInt32($0) }
        for neighbors in ["0", "7"] {
            let model = try Shop.train(EASE.self, data, ["neighbors": neighbors])
            let file = try Shop.file { try model.write(to: $0) }
            let read = try #require(try EASE(file, userCount: 80, itemCount: 50))
            let asker = Asker(itemCount: 50)
            for item in rows {
                let profile = [Profile.Event(item: item, weight: 1)]
                #expect(asker.score(read, profile, rows) == asker.score(model, profile, rows))
            }
            #expect(throws: RecoError.self) { try EASE(file, userCount: 80, itemCount: 20) }
        }
        let uneven = try Shop.file {
            try $0.add("ease/items", [0 as UInt32, 1])
            try $0.add("ease/weights", [0 as Float, 1, 1])
        }
        #expect(throws: RecoError.self) { try EASE(uneven, userCount: 1, itemCount: 2) }
        let nothing = try Shop.file { try $0.add("other/section", [1 as UInt8]) }
        #expect(try EASE(nothing, userCount: 1, itemCount: 1) == nil)
    }

    @Test func nonsenseInTheFileGivesAnswersWithinTheCatalogue() throws {
        var generator = SeededGenerator(seed: 3)
        let asker = Asker(itemCount: 20)
        for _ in 0..<200 {
            let items = (0..<12).map { _ in
                UInt32(generator.nextIndex(3) == 0 ? generator.nextIndex(1 << 32) : generator.nextIndex(20))
            }
            let values = (0..<144).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
            let model = EASE(weights: .all(ItemWeightMatrix(items: Column(items), weights: Column(values))))
            let profile = (0..<20).map { Profile.Event(item: $0, weight: 1) }
            let hits = asker.propose(model, profile, limit: 30)
            #expect(hits.allSatisfy { $0.row < 20 } && Set(hits.map(\.row)).count == hits.count)
            _ = asker.score(model, profile, [0, 19, 4_000_000_000])
            #expect(asker.similar(model, [0, 19], limit: 5).allSatisfy { $0.row < 20 })
            #expect(asker.scratchIsZero)
        }
    }
}
