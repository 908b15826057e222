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

    @Test(arguments: ["yes", "no"])
    func gradientsOfBothSidesAreThoseOfDifferences(normalization: String) throws {
        let count = 24
        var generator = SeededGenerator(seed: 17)
        let table = try RankingTable(
            columns: [
                (0..<count).map { _ in generator.nextNormal() }, (0..<count).map { _ in Float(generator.nextIndex(3)) },
                (0..<count).map { _ in Float(generator.nextIndex(2)) },
            ],
            labels: (0..<count).map { _ in Float(generator.nextIndex(2)) },
            categories: [nil, ["a", "b", "c"], ["x", "y"]])
        let settings = try Self.settings(["normalization": normalization, "dropout": "0", "batch": "\(count)"])
        let (crew, width) = (WorkCrew(threads: 1), 3)
        let levels = FeatureLevels(table, buckets: 3, mostLevels: 10, fewest: 1, crew: crew)
        let scaling = FeatureScaling(table, withCategories: false, crew: crew)
        let columns = WideColumns(
            try WideColumns.chosen("auto", table.featureNames, levels), levels, hashed: 100)
        let loss = try RowLoss(.logistic, table, truncation: 1)
        let network = try WideDeepNetwork(
            levels, scaling, columns, embedding: width, widths: [6, 5], settings, base: loss.base, crew: crew,
            using: &generator)
        let embeddings = try #require(network.embeddings)
        // Nothing stays at zero, behind which no gradient comes through.
        let weights = network.deep.weights
        for place in 0..<weights.count { weights.values[place] += 0.3 * generator.nextNormal() }
        for place in 0..<embeddings.region.count { embeddings.values.base[place] += 0.3 * generator.nextNormal() }
        for place in 0..<columns.weightCount { network.wide.values[place] = 0.3 * generator.nextNormal() }
        let rows = try WideAndDeep.Rows(table, levels, scaling, crew)
        let units = Array(0..<UInt32(count))[...]
        func sum(_ gradients: inout [Float]) -> Double {
            network.learn(units, 0, 0..<count, of: rows, loss, seed: 1, gradients: &gradients)
        }
        var (byDeep, nothing) = (
            [Float](repeating: 0, count: weights.count), [Float](repeating: 0, count: weights.count)
        )
        _ = sum(&byDeep)
        var byEmbedding = [Float](repeating: 0, count: embeddings.region.count)
        for (mention, row) in network.mentions[0..<2 * count].enumerated() {
            for k in 0..<width { byEmbedding[Int(row) * width + k] += network.mentionDelta.row(mention)[k] }
        }
        var byWide = [Float](repeating: 0, count: columns.weightCount)
        for column in 0..<columns.count {
            for row in 0..<count { byWide[Int(network.indices[column * count + row])] += network.delta.base[row] }
        }
        // The deep side learns from the mean of the rows, FTRL from their sum.
        expectGradient(byDeep, of: weights.values) { sum(&nothing) / Double(count) }
        expectGradient(byEmbedding, of: embeddings.values.base) { sum(&nothing) / Double(count) }
        expectGradient(byWide, of: network.wide.values) { sum(&nothing) }
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
        let read = try #require(try RowModels.open(MLPRankerTests.file(model, Self.settings([:]))))
        #expect(read.categories[0] == [], "names that say nothing are not in the file")
        #expect(read.rawScores(table, threads: 1) == model.rawScores(table, threads: 1))
    }

    @Test func ofTooManyCategoriesTheMostFrequentAreKept() throws {
        // Every fifth of 200 is frequent.
        var all: [Float] = []
        for category in 0..<200 { all += [Float](repeating: Float(category), count: category % 5 == 0 ? 20 : 3) }
        let labels = all.map { Float(Int($0) / 5 % 2) }
        let texts = (0..<200).map { "c\($0)" }
        let table = try RankingTable(columns: [all], labels: labels, categories: [texts])
        let settings = try Self.settings(["epochs": "2", "levels": "40"])
        var notes: [String] = []
        let model = try WideAndDeep.train(table, settings: settings, run: TrainingRun(note: { notes.append($0) }))
        #expect(
            notes == [
                "wide-deep: f0 has 200 categories; the 40 that most rows have are learned, the others say nothing"
            ])
        let read = try #require(try RowModels.open(MLPRankerTests.file(model, settings)))
        #expect(read.categories[0] == stride(from: 0, to: 200, by: 5).map { "c\($0)" })
        let renumbered = try RankingTable(
            columns: [all.map { Int($0) % 5 == 0 ? $0 / 5 : -1 }], labels: labels, categories: read.categories)
        #expect(read.rawScores(renumbered, threads: 1) == model.rawScores(table, threads: 1))
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
