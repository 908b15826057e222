import Testing

@testable import RecoKit

@Suite struct WideAndDeepTests {
    private static func settings(_ values: KeyValuePairs<String, String>) throws -> Settings {
        var settings = Settings(WideAndDeep.hyperparameters)
        for (name, value) in values { try settings.set(name, to: value) }
        return settings
    }

    /// The label is whether two categories agree: neither alone says anything.
    private static func agreement(_ count: Int, levels: Int, seed: UInt64) throws -> RankingTable {
        var generator = SeededGenerator(seed: seed)
        let a = (0..<count).map { _ in Float(generator.nextIndex(levels)) }
        let b = (0..<count).map { row in generator.nextIndex(2) == 0 ? a[row] : Float(generator.nextIndex(levels)) }
        let noise = (0..<count).map { _ in generator.nextFloat() }
        let texts = (0..<levels).map { "t\($0)" }
        return try RankingTable(
            columns: [a, b, noise], labels: zip(a, b).map { $0 == $1 ? 1 : 0 }, names: ["a", "b", "noise"],
            categories: [texts, texts, nil])
    }

    private static func auc(_ model: WideAndDeep, _ table: RankingTable) throws -> Double {
        try RankingEvaluation.classification(table, scores: model.rawScores(table, threads: 1), resamples: 0)[0].value
    }

    @Test func crossesSayWhatNoFeatureSaysAlone() throws {
        let (table, test) = try (Self.agreement(4000, levels: 12, seed: 1), Self.agreement(1000, levels: 12, seed: 2))
        let quick: KeyValuePairs = ["epochs": "6", "wide-rate": "0.1", "layers": "8", "embedding": "2"]
        var settings = try Self.settings(quick)
        #expect(try Self.auc(WideAndDeep.train(table, settings: settings), test) > 0.98)
        // Where pairs share weights by a hash, some are wrong.
        try settings.set("hashed", to: "40")
        let hashed = try WideAndDeep.train(table, settings: settings)
        #expect(hashed.scorer.columns.weightCount <= 13 + 13 + 18 + 3 * 40)
        #expect(try Self.auc(hashed, test) > 0.7)
    }

    @Test func theDeepSideLearnsNumbersByItself() throws {
        let (table, test) = try (MLPRankerTests.rows(3000, seed: 3), MLPRankerTests.rows(1000, seed: 4))
        let settings = try Self.settings(["epochs": "10", "l1": "1000000"])
        let model = try WideAndDeep.train(table, settings: settings)
        #expect(model.scorer.wide.elements.allSatisfy { $0 == 0 })
        #expect(try Self.auc(model, test) > 0.8)
    }

    @Test func theSameBytesWhateverTheThreads() throws {
        let table = try MLPRankerTests.rows(1500, seed: 5)
        let settings = try Self.settings(["epochs": "2"])
        func written(_ threads: Int) throws -> [UInt8] {
            let sink = MemorySink()
            let writer = try ModelWriter(sink: sink)
            try WideAndDeep.train(table, settings: settings, run: TrainingRun(threads: threads, seed: 5))
                .write(to: writer, settings: settings, seed: 5)
            try writer.finish()
            return sink.bytes
        }
        #expect(try written(1) == written(4))
    }

    @Test func whatIsWrittenIsReadAndScoresAlike() throws {
        let (table, test) = try (MLPRankerTests.rows(2000, seed: 6), MLPRankerTests.rows(500, seed: 7))
        let settings = try Self.settings(["epochs": "3"])
        let model = try WideAndDeep.train(table, settings: settings)
        let read = try #require(try RowModels.open(MLPRankerTests.file(model, settings)))
        #expect(read is WideAndDeep && read.featureNames == ["price", "colour", "noise"])
        #expect(read.rawScores(test, threads: 1) == model.rawScores(test, threads: 2))
    }

    @Test func ftrlTakesTheStepsOfTheFormula() throws {
        let rates = FTRL.Rates(alpha: 0.5, beta: 1, l1: 0.1, l2: 0.2)
        let ftrl = try FTRL(count: 3, rates)
        var touched = [UInt32](repeating: 0, count: 4)
        var (w, z, n): (Double, Double, Double) = (0, 0, 0)
        for gradients: [Float] in [[0.5, -0.25, 1, 0], [-1, -1, 0.5, 2], [0.3, 0.1, 0, 0.6]] {
            ftrl.step([1, 1, 2, 1], gradients, 4, touched: &touched)
            let g = Double(gradients[0] + gradients[1] + gradients[3])
            let sigma = ((n + g * g).squareRoot() - n.squareRoot()) / 0.5
            z += g - sigma * w
            n += g * g
            w = z.magnitude <= 0.1 ? 0 : -(z - (z < 0 ? -0.1 : 0.1)) / ((1 + n.squareRoot()) / 0.5 + 0.2)
            #expect(abs(Double(ftrl.values[1]) - w) < 1e-6)
        }
        #expect(ftrl.values[0] == 0 && ftrl.values[2] != 0)
    }

    @Test func frequentNumbersHaveABucketToThemselves() throws {
        let numbers = (0..<1000).map { $0 < 920 ? Float(0) : Float($0) } + [.nan]
        let labels = (0...1000).map { Float($0 % 2) }
        let table = try RankingTable(columns: [numbers], labels: labels)
        let levels = FeatureLevels(table, buckets: 9, mostLevels: 10, fewest: 1, crew: WorkCrew(threads: 1))
        #expect(levels.level(0, .nan) == 0 && levels.level(0, 0) == 1 && levels.level(0, -5) == 1)
        #expect(levels.level(0, 1) == 2 && levels.level(0, 5000) == 9 && levels.count(0) == 10)
    }

    // MARK: bad input

    @Test func badTablesAreRefused() throws {
        let constant = try RankingTable(columns: [[1, 2, 3]], labels: [1, 1, 1])
        let other = try RankingTable(columns: [[1, 2, 3]], labels: [0, 1, 7])
        let groups = try RankingTable(columns: [[1, 2, 3, 4]], labels: [0, 1, 0, 1], groupSizes: [2, 2])
        for table in try [constant, other, groups, RankingTable(columns: [], labels: [0, 1])] {
            #expect(throws: RecoError.self) { try WideAndDeep.train(table) }
        }
        for crosses in ["price", "price*none", "price*price", "*"] {
            let settings = try Self.settings(["crosses": crosses])
            let table = try MLPRankerTests.rows(100, seed: 8)
            #expect(throws: RecoError.self) { try WideAndDeep.train(table, settings: settings) }
        }
    }

    @Test func aCategoryForEveryRowIsRareAndSaysNothing() throws {
        let count = 5000
        let table = try RankingTable(
            columns: [(0..<count).map { Float($0) }, (0..<count).map { Float($0 % 2) }],
            labels: (0..<count).map { Float($0 % 2) }, categories: [(0..<count).map { "id \($0)" }, nil])
        let model = try WideAndDeep.train(table, settings: Self.settings(["epochs": "3"]))
        #expect(model.scorer.levels.count(0) == 1)
        #expect(try Self.auc(model, table) > 0.99)
    }

    @Test func learningRatesThatDivergeAreFoundOut() throws {
        let table = try MLPRankerTests.rows(1500, seed: 9)
        let settings = try Self.settings([
            "learning-rate": "10", "wide-rate": "100", "l1": "0", "l2": "0", "epochs": "10", "normalization": "no",
            "early-stopping": "0",
        ])
        var notes: [String] = []
        do {
            let run = TrainingRun(threads: 2, note: { notes.append($0) })
            let model = try WideAndDeep.train(table, settings: settings, run: run)
            #expect(notes.count == 1 && notes.allSatisfy { $0.contains("diverged") })
            #expect(model.rawScores(table, threads: 1).allSatisfy { $0.isFinite })
            #expect(model.scorer.wide.elements.allSatisfy { $0.isFinite })
        } catch let error as RecoError {
            #expect(error.code == .badData && error.message.contains("diverged"))
        }
    }
}
