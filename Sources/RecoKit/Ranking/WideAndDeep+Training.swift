extension WideAndDeep {
    /// Trains on a table with labels 0 and 1, or between. O(epochs rows (crosses + weights)).
    ///
    /// Training that diverges ends, and the best epoch is kept. Throws `badData` where there is nothing to learn.
    public static func train(
        _ table: RankingTable, validation: RankingTable? = nil,
        settings: Settings = Settings(hyperparameters), run: TrainingRun = TrainingRun(), releasing: Bool = false
    ) throws -> WideAndDeep {
        try RowObjective.logistic.check(table, "the training set")
        try validation.map { try RowObjective.logistic.check($0, "the validation set") }
        guard table.featureCount > 0 else { throw RecoError(.badData, "the training set has no features") }
        guard !table.hasGroups else {
            throw RecoError(.unsupported, "\(name) does not rank within groups; mlp-ranker and boosted-trees do")
        }
        let loss = try RowLoss(.logistic, table, truncation: 1)
        let widths = try Perceptron.widths(settings.text("layers"))
        let crew = WorkCrew(threads: run.threads)
        try run.progress("counting categories", 0, 1)
        let (mostLevels, fewest) = (settings.integer("levels"), settings.integer("fewest"))
        let levels = FeatureLevels(
            table, buckets: settings.integer("buckets"), mostLevels: mostLevels, fewest: fewest, crew: crew)
        for note in levels.notes(table, mostLevels: mostLevels, fewest: fewest) { run.note("\(name): \(note)") }
        let scaling = FeatureScaling(table, withCategories: false, crew: crew)
        let hashed = settings.integer("hashed")
        let columns = WideColumns(
            try WideColumns.chosen(settings.text("crosses"), table.featureNames, levels), levels, hashed: hashed)
        let embedding = settings.integer("embedding")
        let embedded = WideAndDeepScorer.embedded(levels)
        let inputs = scaling.inputs + embedded.features.count * embedding
        guard ServingPerceptron.filled(inputs) <= ServingPerceptron.widest, columns.weightCount < Int(UInt32.max) else {
            throw RecoError(.badData, "\(name) cannot take so many features: there would be \(inputs) inputs")
        }
        let learned = try Rows(table, levels, scaling, crew)
        let names = table.featureNames
        if releasing { for feature in 0..<table.featureCount { table.releaseColumn(feature) } }
        try run.progress("counting categories", 1, 1)

        let patience = settings.integer("early-stopping")
        let split = table.split(
            heldOut: validation == nil && patience > 0 ? settings.number("held-out") : 0, seed: run.seed)
        let judged = try validation.map { try Rows($0, levels, scaling, crew) } ?? learned
        let judge = RowValidation(
            table: validation ?? table,
            units: validation.map { Array(0..<UInt32($0.rowCount)) } ?? split.held, objective: .logistic, cutoff: 1)
        let epochs = settings.integer("epochs")
        var generator = SeededGenerator(seed: run.seed)
        let network = try WideDeepNetwork(
            levels, scaling, columns, embedding: embedding, widths: widths, settings, base: loss.base,
            crew: crew, using: &generator)
        var batches = MiniBatches(units: split.learned, batchRows: settings.integer("batch"))
        let hasJudge = !judge.units.isEmpty
        var best = BestEpoch(patience: hasJudge ? patience : 0, watching: network.regions)
        var measures: [Double] = []
        var last = 0
        for epoch in 1...epochs {
            try run.progress(name, epoch - 1, epochs)
            last = epoch
            batches.shuffle(using: &generator)
            network.rate = Float(settings.number("learning-rate")) * Float(epochs - epoch + 1) / Float(epochs)
            var total = 0.0
            for number in 0..<batches.count {
                total += network.step(batches[number], of: learned, loss, seed: generator.next())
            }
            let measure = hasJudge ? judge.measure(network.scores(of: judge.units, judged)) : -total
            measures.append(-measure)
            let isLost = loss.isLost(total, rows: split.learned.count)
            guard best.shouldContinue(after: epoch, loss: isLost ? .infinity : total, measure: measure) else { break }
        }
        try best.restore()
        try run.progress(name, epochs, epochs)
        let kept = best.best?.epoch ?? last
        if best.hasDiverged {
            run.noteDivergence(of: name, epoch: last, kept: kept, remedy: "learning-rate or wide-rate")
        }
        let scorer = try WideAndDeepScorer(
            network, levels, scaling, columns, names: names, embedding: embedding, hashed: hashed,
            precision: ServingPerceptron.Precision(rawValue: settings.text("precision")) ?? .float32)
        return WideAndDeep(
            scorer, categories: table.categories, validation: hasJudge ? measures.filter(\.isFinite) : [], epochs: kept)
    }

    /// A table as the network takes it.
    struct Rows {
        let numbers: DenseMatrix  // (rows, scaled inputs)
        let levels: UnsafeMutableBufferPointer<UInt32>  // (rows, features)
        private let owner: Owner

        private final class Owner {
            let memory: UnsafeMutableBufferPointer<UInt32>
            init(_ count: Int) { memory = .allocate(capacity: count) }
            deinit { memory.deallocate() }
        }

        init(_ table: RankingTable, _ levels: FeatureLevels, _ scaling: FeatureScaling, _ crew: WorkCrew) throws {
            numbers = try scaling.matrix(table, crew: crew)
            let features = levels.featureCount
            owner = Owner(table.rowCount * features)
            self.levels = owner.memory
            nonisolated(unsafe) let out = owner.memory
            crew.run(table.rowCount, chunk: 1024) { rows, _ in
                for feature in 0..<features {
                    let column = feature < table.featureCount ? table.column(feature) : .init(start: nil, count: 0)
                    for row in rows {
                        out[row * features + feature] = UInt32(
                            levels.level(feature, row < column.count ? column[row] : 0))
                    }
                }
            }
        }
    }
}
