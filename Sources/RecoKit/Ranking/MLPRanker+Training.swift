extension MLPRanker {
    /// Trains on a table. O(epochs rows weights); memory: four bytes a row and input, besides the table.
    ///
    /// Training that diverges ends, and the best epoch is kept. Throws `badData` where there is nothing to learn.
    public static func train(
        _ table: RankingTable, validation: RankingTable? = nil,
        settings: Settings = Settings(hyperparameters), run: TrainingRun = TrainingRun(), releasing: Bool = false
    ) throws -> MLPRanker {
        let objective = RowObjective.named(settings.text("objective"), for: table)
        try objective.check(table, "the training set")
        try validation.map { try objective.check($0, "the validation set") }
        guard table.featureCount > 0 else { throw RecoError(.badData, "the training set has no features") }
        let widths = try Perceptron.widths(settings.text("layers"))
        let loss = try RowLoss(objective, table, truncation: settings.integer("truncation"))
        let crew = WorkCrew(threads: run.threads)

        try run.progress("scaling features", 0, 1)
        let scaling = FeatureScaling(table, crew: crew)
        for note in FeatureScaling.notes(table) { run.note("\(name): \(note)") }
        guard scaling.width <= ServingPerceptron.widest else {
            throw RecoError(
                .badData, "\(name) takes up to \(ServingPerceptron.widest) inputs, and the features need more")
        }
        let x = try scaling.matrix(table, crew: crew)
        let names = table.featureNames
        if releasing { for feature in 0..<table.featureCount { table.releaseColumn(feature) } }
        try run.progress("scaling features", 1, 1)

        let patience = settings.integer("early-stopping")
        let split = table.split(
            heldOut: validation == nil && patience > 0 ? settings.number("held-out") : 0, seed: run.seed)
        var generator = SeededGenerator(seed: run.seed)
        let network = try ScoringNetwork(
            inputs: scaling.inputs, widths: widths, batchNormalization: settings.flag("normalization"),
            dropout: Float(settings.number("dropout")), using: &generator)
        // Scores begin where they are best for all rows alike.
        network.weights.values[network.output.weights + network.output.inputs] = loss.base
        let judge = try Judge(
            network, validation ?? table, validation.map { try scaling.matrix($0, crew: crew) } ?? x,
            units: validation.map { Array(0..<UInt32($0.unitCount)) } ?? split.held, loss,
            cutoff: settings.integer("cutoff"), crew: crew)

        let rate = Float(settings.number("learning-rate"))
        let epochs = settings.integer("epochs")
        var batches = UnitBatches(split.learned, table, batchRows: settings.integer("batch"))
        let descent = try GradientDescent(
            network.weights, Adam(rate: rate), batchRows: batches.mostChunks, chunkRows: 1, crew: crew)
        let chunks = try (0..<batches.mostChunks).map { _ in
            try ScoringNetwork.Chunk(network, rows: batches.longestChunk)
        }
        var best = BestEpoch(patience: judge.isEmpty ? 0 : patience, watching: network.regions)
        let decay = Float(settings.number("regularization"))
        var measures: [Double] = []
        var last = 0
        for epoch in 1...epochs {
            try run.progress(name, epoch - 1, epochs)
            last = epoch
            batches.shuffle(using: &generator)
            descent.adam.rate = rate * Float(epochs - epoch + 1) / Float(epochs)
            descent.adam.decay = decay
            var total = 0.0
            batches.forEach { batch in
                let seed = generator.next()
                let share =
                    1 / Float(objective.measure == .ranking ? batch.chunks.reduce(0) { $0 + $1.count } : batch.rows)
                total += descent.step(batch.chunks.count) { number, _, _, gradients in
                    let (units, chunk) = (batch.chunks[number], chunks[number])
                    var draws = SeededGenerator(seed: seed &+ UInt64(number))
                    let rows = Self.copy(units, of: table, x, into: chunk.x)
                    network.forward(chunk, rows, isTraining: true, using: &draws)
                    let loss = loss.derivatives(chunk.scores.base, of: units, share: share, into: chunk.delta.base)
                    network.backward(chunk, rows, gradients: gradients)
                    return loss
                }
                for number in batch.chunks.indices { network.perceptron.absorb(chunks[number].perceptron) }
            }
            let measure = judge.isEmpty ? -total : judge.measure()
            measures.append(objective.measure == .ranking ? measure : -measure)
            let isLost = loss.isLost(total, rows: split.learned.count)
            guard best.shouldContinue(after: epoch, loss: isLost ? .infinity : total, measure: measure) else { break }
        }
        try best.restore()
        try run.progress(name, epochs, epochs)
        let kept = best.best?.epoch ?? last
        if best.hasDiverged {
            run.noteDivergence(of: name, epoch: last, kept: kept)
        }
        let scorer = try PerceptronScorer(
            network, scaling, names: names, scale: loss.scale, offset: loss.offset,
            precision: ServingPerceptron.Precision(rawValue: settings.text("precision")) ?? .float32)
        return MLPRanker(
            scorer, objective: objective, categories: table.categories,
            validation: judge.isEmpty ? [] : measures.filter(\.isFinite), epochs: kept)
    }

    /// Copies the rows of units, one unit after the other; returns how many there are.
    private static func copy(
        _ units: ArraySlice<UInt32>, of table: RankingTable, _ x: DenseMatrix, into out: DenseMatrix
    ) -> Int {
        var done = 0
        for unit in units {
            let range = table.rows(ofUnit: unit)
            out.row(done).update(from: x.row(range.lowerBound), count: range.count * x.columnCount)
            done += range.count
        }
        return done
    }

    /// Measures the network as it stands on units that it does not learn from.
    private final class Judge {
        private let network: ScoringNetwork
        private let validation: RowValidation
        private let x: DenseMatrix
        private let chunks: [(units: ArraySlice<UInt32>, rows: Int)]
        private let starts: [Int]
        private let memory: [ScoringNetwork.Chunk]
        private let crew: WorkCrew

        init(
            _ network: ScoringNetwork, _ table: RankingTable, _ x: DenseMatrix, units: [UInt32], _ loss: RowLoss,
            cutoff: Int,
            crew: WorkCrew
        ) throws {
            (self.network, self.x, self.crew) = (network, x, crew)
            validation = RowValidation(
                table: table, units: units, objective: loss.objective, cutoff: cutoff, scale: loss.scale,
                offset: loss.offset)
            let batches = UnitBatches(units, table, batchRows: 1024)
            chunks = batches.chunks()
            starts = chunks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rows) }
            memory =
                try units.isEmpty
                ? [] : (0..<crew.threads).map { _ in try ScoringNetwork.Chunk(network, rows: batches.longestChunk) }
        }

        var isEmpty: Bool { chunks.isEmpty }

        func measure() -> Double {
            let scores = [Float](unsafeUninitializedCapacity: starts[chunks.count]) { scores, initialized in
                nonisolated(unsafe) let scores = scores
                crew.run(chunks.count) { number, worker in
                    let chunk = self.memory[worker]
                    var nothing = SeededGenerator(seed: 0)
                    let rows = MLPRanker.copy(
                        self.chunks[number].units, of: self.validation.table, self.x, into: chunk.x)
                    self.network.forward(chunk, rows, isTraining: false, using: &nothing)
                    (scores.baseAddress! + self.starts[number]).update(from: chunk.scores.base, count: rows)
                }
                initialized = starts[chunks.count]
            }
            return validation.measure(scores)
        }
    }
}
