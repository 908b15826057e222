import Testing

@testable import RecoKit

@Suite struct MLPRankerTests {
    static func settings(_ values: KeyValuePairs<String, String>) throws -> Settings {
        var settings = Settings(MLPRanker.hyperparameters)
        for (name, value) in values { try settings.set(name, to: value) }
        return settings
    }

    static func file(_ model: some RowModel, _ settings: Settings) throws -> ModelFile {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try model.write(to: writer, settings: settings, seed: 1)
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }

    private static func bytes(_ model: some RowModel, _ settings: Settings) throws -> [UInt8] {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try model.write(to: writer, settings: settings, seed: 1)
        try writer.finish()
        return sink.bytes
    }

    @Test(arguments: ["softmax", "lambdarank", "pairwise"])
    func rankingObjectivesRankBetterThanRegression(objective: String) throws {
        let (table, test) = try (TreeTables.queries(150, seed: 21), TreeTables.queries(300, seed: 22))
        func ndcg(_ objective: String) throws -> Double {
            let model = try MLPRanker.train(
                table, settings: Self.settings(["objective": objective, "epochs": "20", "dropout": "0"]))
            return RankingMetrics.ndcg(test, scores: model.rawScores(test, threads: 1), cutoffs: [5]).mean[0]
        }
        let pointwise = try ndcg("squared-error")
        let listwise = try ndcg(objective)
        #expect(listwise > pointwise - 0.01, "\(listwise) against \(pointwise)")
        #expect(listwise > 0.8)
    }

    @Test(arguments: RowObjective.allCases)
    func derivativesAreThoseOfTheLoss(objective: RowObjective) throws {
        // Pairs weigh by what swapping changes, which jumps where two scores cross: their form has a test of its own.
        if objective == .lambdarank || objective == .pairwise { return }
        var generator = SeededGenerator(seed: 3)
        let labels: [Float] = (0..<12).map { Float(objective == .softmax ? $0 % 3 : $0 % 2) }
        let table = try RankingTable(
            columns: [labels], labels: labels, groupSizes: objective == .softmax ? [5, 7] : nil)
        let loss = try RowLoss(objective, table, truncation: 30)
        var scores = (0..<12).map { _ in generator.nextNormal() }
        var (delta, nothing) = ([Float](repeating: 0, count: 12), [Float](repeating: 0, count: 12))
        let units = Array(0..<UInt32(table.unitCount))[...]
        _ = loss.derivatives(scores, of: units, share: 1, into: &delta)
        scores.withUnsafeMutableBufferPointer { scores in
            let values = scores.baseAddress!
            expectGradient(delta, of: values) { loss.derivatives(values, of: units, share: 1, into: &nothing) }
        }
    }

    @Test func aScoringNetworksGradientsAreThoseOfDifferences() throws {
        var generator = SeededGenerator(seed: 7)
        let network = try ScoringNetwork(
            inputs: 4, widths: [6, 5], batchNormalization: true, dropout: 0, using: &generator)
        // The last layer starts from zeros, behind which no gradient comes through.
        for place in 0..<network.weights.count { network.weights.values[place] += 0.3 * generator.nextNormal() }
        let chunk = try ScoringNetwork.Chunk(network, rows: 9)
        var inputs = SeededGenerator(seed: 8)
        for i in 0..<36 { chunk.x.base[i] = 2 * inputs.nextFloat() - 1 }
        let target = try uniformMatrix(9, 1, seed: 9)
        func loss() -> Double {
            var nothing = SeededGenerator(seed: 0)
            network.forward(chunk, 9, isTraining: true, using: &nothing)
            return weightedSum(MatrixRows(chunk.scores), target)
        }
        _ = loss()
        chunk.delta.base.update(from: target.base, count: 9)
        var gradients = [Float](repeating: 0, count: network.weights.count)
        let inputDelta = try DenseMatrix(rowCount: 9, columnCount: 4)
        network.backward(chunk, 9, gradients: &gradients, into: MatrixRows(inputDelta))
        expectGradient(gradients, of: network.weights.values, loss: loss)
        // The elements live as long as their matrix.
        let byInputs = withExtendedLifetime(inputDelta) { Array(inputDelta.elements) }
        expectGradient(byInputs, of: chunk.x.base, loss: loss)
    }

    @Test func theSameBytesWhateverTheThreads() throws {
        let table = try TreeTables.queries(60, seed: 4)
        let settings = try Self.settings(["epochs": "3", "dropout": "0.2", "normalization": "yes"])
        func trained(_ threads: Int) throws -> [UInt8] {
            try Self.bytes(
                MLPRanker.train(table, settings: settings, run: TrainingRun(threads: threads, seed: 5)), settings)
        }
        #expect(try trained(1) == trained(4))
    }

    /// Labels that follow a number with gaps and a category.
    static func rows(_ count: Int, seed: UInt64) throws -> RankingTable {
        var generator = SeededGenerator(seed: seed)
        var columns = [[Float]](repeating: [], count: 3)
        var labels: [Float] = []
        for row in 0..<count {
            let (size, category) = (power(Float(10), 3 * generator.nextFloat()), Float(generator.nextIndex(5)))
            columns[0].append(row % 7 == 0 ? .nan : size)
            columns[1].append(category)
            columns[2].append(generator.nextFloat())
            let bySize: Float = row % 7 == 0 ? 0.3 : size > 60 ? 1.5 : -1
            let merit: Float = bySize + (category == 3 ? 1.5 : -0.4)
            labels.append(generator.nextFloat() < Activation.sigmoid(2 * merit) ? 1 : 0)
        }
        return try RankingTable(
            columns: columns, labels: labels, names: ["price", "colour", "noise"],
            categories: [nil, ["red", "green", "blue", "grey", "two\nlines"], nil])
    }

    @Test(arguments: ["float32", "float16", "int8"])
    func whatIsWrittenIsReadAndScoresAlike(precision: String) throws {
        let (table, test) = try (Self.rows(2000, seed: 11), Self.rows(1000, seed: 12))
        let settings = try Self.settings(["epochs": "8", "precision": precision])
        let model = try MLPRanker.train(table, settings: settings)
        let read = try #require(try RowModels.open(Self.file(model, settings)))
        #expect(read is MLPRanker && read.featureNames == ["price", "colour", "noise"])
        #expect(read.categories[0] == nil && read.categories[1]?[4] == "two lines" && read.measure == .classification)
        let scores = read.rawScores(test, threads: 1)
        #expect(scores == model.rawScores(test, threads: 3))
        let auc = try RankingEvaluation.classification(test, scores: scores, resamples: 0)[0].value
        #expect(auc > 0.75, "\(auc)")
        let exact = try MLPRanker.train(table, settings: Self.settings(["epochs": "8"])).rawScores(test, threads: 1)
        let furthest = zip(scores, exact).map { abs($0 - $1) }.max()!
        #expect(furthest <= (precision == "float32" ? 0 : precision == "float16" ? 0.01 : 0.3), "\(furthest)")
    }

    /// Rows of 46 numbered features, of which a few say something.
    private static func numbered(_ count: Int) throws -> RankingTable {
        var generator = SeededGenerator(seed: 31)
        let columns = (0..<46).map { _ in (0..<count).map { _ in generator.nextNormal() } }
        let labels: [Float] = (0..<count).map { columns[3][$0] + columns[7][$0] > 0 ? 1 : 0 }
        return try RankingTable(columns: columns, labels: labels, names: (0..<46).map { "\($0)" })
    }

    @Test func aFileOfBytesIsAThirdOfOneOfFloats() throws {
        let table = try Self.numbered(300)
        let sizes = try ["float32", "int8"].map { precision in
            let settings = try Self.settings(["epochs": "2", "layers": "64,32", "precision": precision])
            return try Self.bytes(MLPRanker.train(table, settings: settings), settings).count
        }
        #expect(sizes[1] * 3 <= sizes[0], "\(sizes[1]) of \(sizes[0]) bytes")
    }

    @Test(arguments: ["float32", "int8"])
    func filesOfBeforeAreReadAndScoreAlike(precision: String) throws {
        let table = try Self.numbered(300)
        let settings = try Self.settings(["epochs": "2", "precision": precision])
        let file = try Self.file(MLPRanker.train(table, settings: settings), settings)
        // They had empty sections, names that are numbers, and biases of 32 bits.
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try file.copySections(to: writer, without: ["mlp-ranker/layers/biases"])
        if let halves = file.column("mlp-ranker/layers/biases", as: UInt16.self) {
            try writer.add("mlp-ranker/layers/biases", halves.elements.map(ReducedPrecision.number))
        } else {
            try writer.add(
                "mlp-ranker/layers/biases", file.column("mlp-ranker/layers/biases", as: Float.self)!.elements)
        }
        try writer.add("mlp-ranker/feature-names", lines: (0..<46).map { "\($0)" })
        for name in ["missing", "columns"] { try writer.add("mlp-ranker/\(name)", [UInt32]()) }
        try writer.add("mlp-ranker/categories", lines: [String](repeating: "-1", count: 46))
        try writer.finish()
        let before = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        #expect(before.sections.count > file.sections.count)
        let (old, new) = try (#require(try RowModels.open(before)), #require(try RowModels.open(file)))
        #expect(old.featureNames == new.featureNames && new.featureNames[45] == "45")
        #expect(old.rawScores(table, threads: 1) == new.rawScores(table, threads: 1))
    }

    @Test func halfPrecisionNumbersComeBack() {
        for half in (0..<UInt16(0x7C00)) where half % 7 == 0 {
            let number = ReducedPrecision.number(ofHalf: half)
            #expect(ReducedPrecision.half(number) == half && ReducedPrecision.half(-number) == half | 0x8000)
        }
        #expect(ReducedPrecision.number(ofHalf: 0x3C00) == 1 && ReducedPrecision.number(ofHalf: 0xC500) == -5)
        #expect(ReducedPrecision.number(ofHalf: 1) == 0x1p-24 && !ReducedPrecision.isHalf(0.1))
    }

    @Test func aRowsScoreDoesNotDependOnTheRowsBesideIt() throws {
        let table = try Self.rows(1500, seed: 13)
        let scorer = try MLPRanker.train(table, settings: Self.settings(["epochs": "1"])).scorer
        let rows = (0..<100).flatMap { row in (0..<3).map { table.column($0)[row] } }
        let all = RankingScorer.perceptron(scorer).scores(rows)
        for row in [0, 63, 64, 99] {
            #expect(RankingScorer.perceptron(scorer).scores(Array(rows[row * 3..<row * 3 + 3])) == [all[row]])
        }
    }

    @Test func numbersOfAllSizesAreLearnedAndComeBackInTheirUnit() throws {
        let x = (0..<600).map { Float($0) }
        let table = try RankingTable(columns: [x], labels: x.map { 1e6 + 300 * $0 })
        let model = try MLPRanker.train(table, settings: Self.settings(["epochs": "150", "dropout": "0"]))
        let errors = zip(model.rawScores(table, threads: 1), table.labels).map { abs($0 - Double($1)) }
        #expect(errors.reduce(0, +) / 600 < 10_000)
    }

    // MARK: bad input

    @Test func labelsThatTellNothingApartAreRefused() throws {
        for groups in [nil, [2, 2]] {
            let table = try RankingTable(columns: [[1, 2, 3, 4]], labels: [1, 1, 1, 1], groupSizes: groups)
            #expect(throws: RecoError.self) { try MLPRanker.train(table) }
        }
        #expect(throws: RecoError.self) { try MLPRanker.train(RankingTable(columns: [], labels: [0, 1])) }
        let empty = try RankingTable(columns: [[]], labels: [])
        #expect(throws: RecoError.self) { try MLPRanker.train(empty) }
    }

    @Test func aLearningRateThatDivergesIsFoundOutAndNothingOfItIsKept() throws {
        let table = try Self.rows(2000, seed: 14)
        var notes: [String] = []
        // Without dropout or normalisation, numbers grow from layer to layer until they are none.
        let settings = try Self.settings([
            "learning-rate": "10", "layers": "64,64,64,64,64,64,64,64,64,64,64,64,64,64,64,64", "dropout": "0",
            "epochs": "40",
            "normalization": "no", "early-stopping": "0", "regularization": "0", "batch": "64",
        ])
        do {
            let model = try MLPRanker.train(table, settings: settings, run: TrainingRun(note: { notes.append($0) }))
            let scores = model.rawScores(table, threads: 1)
            #expect(scores.allSatisfy { $0.isFinite })
            #expect(notes.allSatisfy { $0.contains("diverged") })
        } catch let error as RecoError {
            #expect(error.code == .badData && error.message.contains("learning"))
        }
    }

    @Test func extremeAndMissingNumbersGiveFiniteScores() throws {
        let values: [Float] = [.nan, .infinity, -.infinity, 3e38, -3e38, 0, 1, 1e-38]
        let columns: [[Float]] = (1...3).map { step in
            (0..<400).map { (row: Int) -> Float in values[(row * step + row / 8) % 8] }
        }
        let labels = (0..<400).map { Float($0 % 2) }
        let constant = [Float](repeating: 5, count: 400)
        let nothing = [Float](repeating: .nan, count: 400)
        let table = try RankingTable(columns: columns + [constant, nothing], labels: labels)
        let model = try MLPRanker.train(table, settings: Self.settings(["epochs": "3"]))
        #expect(model.rawScores(table, threads: 1).allSatisfy { $0.isFinite })
    }

    @Test func aCategoryForEveryRowDoesNotBlowUpTheModel() throws {
        let count = 3000
        let table = try RankingTable(
            columns: [(0..<count).map { Float($0) }, (0..<count).map { Float($0 % 2) }],
            labels: (0..<count).map { Float($0 % 2) }, categories: [(0..<count).map { "id \($0)" }, nil])
        let settings = try Self.settings(["epochs": "2"])
        var notes: [String] = []
        let model = try MLPRanker.train(table, settings: settings, run: TrainingRun(note: { notes.append($0) }))
        #expect(model.scorer.scaling.inputs <= 2 + 64)
        #expect(
            notes == [
                "mlp-ranker: f0 has 3000 categories; the 64 that most rows have are learned, the others say nothing"
            ])
        // Nor does the file have their names.
        let read = try #require(try RowModels.open(Self.file(model, settings)))
        let kept = try #require(read.categories[0])
        #expect(kept.count == 64 && Set(kept).isSubset(of: (0..<count).map { "id \($0)" }))
        let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, Float($0)) })
        let renumbered = try RankingTable(
            columns: [(0..<count).map { numbers["id \($0)"] ?? -1 }, (0..<count).map { Float($0 % 2) }],
            labels: (0..<count).map { Float($0 % 2) }, categories: [kept, nil])
        #expect(read.rawScores(renumbered, threads: 1) == model.rawScores(table, threads: 1))
    }

    @Test func settingsThatMakeNoSenseAreRefusedWithTheirName() throws {
        let table = try Self.rows(200, seed: 15)
        for layers in ["", "a", "64,", "0", "64,-1", "5000"] {
            #expect(throws: RecoError.self) { try MLPRanker.train(table, settings: Self.settings(["layers": layers])) }
        }
    }

    @Test(arguments: [MLPRanker.self, WideAndDeep.self] as [any RowModel.Type])
    func damagedFilesAreRefusedOrScoreWithoutHarm(_ type: any RowModel.Type) throws {
        let table = try Self.rows(500, seed: 16)
        var settings = Settings(type.hyperparameters)
        try settings.set("epochs", to: "1")
        try settings.set("precision", to: "int8")
        let model = try type.train(
            table, validation: nil, settings: settings, run: TrainingRun(threads: 1), releasing: false)
        let file = try Self.file(model, settings)
        for section in file.sections where section.name.hasPrefix("\(type.name)/") {
            for change in 0..<3 {
                let damaged = try? file.rewritten { name, bytes in
                    guard name == section.name else { return }
                    switch change {
                    case 0: bytes.removeAll()
                    case 1: bytes.removeLast(min(bytes.count, 4))
                    default: for i in bytes.indices { bytes[i] = 0xFF }
                    }
                }
                guard let damaged, let model = try? RowModels.open(damaged) else { continue }
                _ = model.rawScores(table, threads: 1)
            }
        }
    }
}
