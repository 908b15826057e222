extension SASRec {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> SASRec {
        let sequences = try ItemSequences(data.log, scale: data.interactions.scale, threads: run.threads)
        // Items that stand in a sequence get numbers without gaps.
        var numbers = [UInt32](repeating: .max, count: data.log.items.count)
        for item in sequences.items { numbers[Int(item)] = 0 }
        var known: [UInt32] = []
        for item in numbers.indices where numbers[item] == 0 {
            numbers[item] = UInt32(known.count)
            known.append(UInt32(item))
        }
        let drawn =
            settings.isSet("negatives")
            ? settings.integer("negatives") : known.count > mostCompared ? usuallyDrawn : 0
        let training = try SequenceTraining(
            SequenceNetwork(shape(settings, data.interactions.byUser)), sequences.items.map { numbers[Int($0)] },
            itemCount: known.count, drawn: drawn < known.count ? drawn : 0,
            dropout: Float(settings.number("dropout")), rate: Float(settings.number("learning-rate")), run: run)
        try learn(training, sequences, settings: settings, run: run)
        return try SASRec(training, sequences, known, itemCount: data.log.items.count, threads: run.threads)
    }

    private static func shape(_ settings: Settings, _ pairs: SparseRows) -> SequenceShape {
        let unit = SequenceEncoder.widthUnit
        return SequenceShape(
            length: settings.integer("length"), width: (FactorTable.rank(settings, pairs) + unit - 1) / unit * unit,
            blocks: settings.integer("blocks"), heads: settings.integer("heads"))!
    }

    /// More users than this do not make the measure better.
    private static let mostJudges = 10_000

    private static func learn(
        _ training: SequenceTraining, _ sequences: ItemSequences, settings: Settings, run: TrainingRun
    ) throws {
        let length = settings.integer("length")
        let patience = settings.integer("patience")
        let judges = patience > 0 ? sequences.lastItems(length: length, atMost: mostJudges) : []
        let isJudged = judges.count >= fewestJudges
        let epochs = isJudged || settings.isSet("epochs") ? settings.integer("epochs") : unjudgedEpochs
        var best = BestEpoch(
            patience: isJudged ? patience : 0, watching: [training.weights.region, training.vectors.region])
        var generator = SeededGenerator(seed: mix(run.seed))
        // Far above the loss of one who knows nothing, a training has lost its way even if its numbers are finite.
        let worst = 2 * naturalLog(Double(max(2, training.vectors.rowCount))) + 2
        let rate = training.rate
        var measures: [Double] = []
        for epoch in 1...epochs {
            var windows = sequences.windows(length: length, without: isJudged ? 1 : 0, using: &generator)
            guard !windows.isEmpty else { return }
            windows.shuffle(using: &generator)
            training.rate = rate * Float(epochs - epoch + 1) / Float(epochs)
            var batch = settings.integer("batch")
            if !settings.isSet("batch") { batch = max(1, min(batch, windows.count / fewestSteps)) }
            let loss = try training.learn(windows, batch: batch) {
                try run.progress(name, (epoch - 1) * windows.count + $0, epochs * windows.count)
            }
            let measure = !loss.isFinite ? 0 : isJudged ? training.quality(judges) : -loss
            if isJudged { measures.append(measure) }
            let isLost = !(loss < worst)
            guard best.shouldContinue(after: epoch, loss: isLost ? .infinity : loss, measure: measure) else { break }
        }
        try best.restore()
        if isJudged, let kept = best.best?.epoch {
            run.learned(
                LearningCurve(model: name, measure: "NDCG@10", unit: "epochs", values: measures, kept: kept))
        }
        if best.hasDiverged, let kept = best.best?.epoch {
            run.note("\(name): training diverged after epoch \(kept) and was stopped; that epoch is kept")
        }
    }

    /// What training leaves: vectors under their items' own rows, weights as answers read them, and the state of each user.
    private init(
        _ training: SequenceTraining, _ sequences: ItemSequences, _ known: [UInt32], itemCount: Int, threads: Int
    ) throws {
        let network = training.network
        let width = network.shape.width
        let vectors = try DenseMatrix(rowCount: itemCount, columnCount: width)
        // Without two items in a row nothing was learned, and vectors are still chance.
        let isTrained = (0..<sequences.count).contains { sequences.range($0).count > 1 }
        for (number, item) in known.enumerated() where isTrained {
            vectors.row(Int(item)).update(from: training.vectors.values.row(number), count: width)
        }
        let recent = sequences.latest(network.shape.length)
        let encoder = SequenceEncoder(network, training.weights.values)
        let states = try DenseMatrix(rowCount: recent.count, columnCount: width)
        let column = Column(base: vectors.base, count: itemCount * width, owner: vectors)
        let scratches = (0..<max(1, threads)).compactMap { _ in Scratch(itemCount: 0) }
        guard scratches.count == max(1, threads) else {
            throw RecoError(.outOfMemory, "no memory to compute the users' states")
        }
        if isTrained {
            try recent.items.withUnsafeBufferPointer { items in
                try parallelFor(recent.count, chunk: 16, threads: threads) { users, worker in
                    for user in users {
                        _ = encoder.encode(
                            UnsafeBufferPointer(rebasing: items[recent.range(user)]), vectors: column,
                            using: scratches[worker], into: states.row(user))
                    }
                }
            }
        }
        table = try FactorTable(rank: width, users: states, items: vectors, metric: nil)
        self.encoder = encoder
        self.sequences = RaggedOffsets(offsets: Column(recent.offsets.map { UInt64($0) }))
        items = Column(recent.items)
    }
}

extension SequenceEncoder {
    /// A trained network's weights, moved into panels.
    init(_ network: SequenceNetwork, _ values: UnsafePointer<Float>) {
        let (shape, panel) = (network.shape, TransformerKernels.panelWidth)
        var (weights, biases) = ([Float](), [Float]())
        for layer in network.blocks.flatMap(\.layers) {
            for first in stride(from: 0, to: layer.outputs, by: panel) {
                for input in 0..<layer.inputs {
                    weights += UnsafeBufferPointer(
                        start: values + layer.weights + input * layer.outputs + first, count: panel)
                }
            }
            if let start = layer.biases { biases += UnsafeBufferPointer(start: values + start, count: layer.outputs) }
        }
        func column(_ start: Int, _ count: Int) -> Column<Float> {
            Column(Array(UnsafeBufferPointer(start: values + start, count: count)))
        }
        self.init(
            shape: shape, positions: column(network.positions, shape.length * shape.width), weights: Column(weights),
            biases: Column(biases), norm: column(network.gammas, 2 * shape.width))
    }
}
