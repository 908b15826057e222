extension Item2Vec {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> Item2Vec {
        let scale = data.interactions.scale
        let histories = try ItemSequences(data.log, scale: scale, threads: run.threads)
        var sequences = histories
        if settings.text("sequences") == "baskets" {
            let baskets = try data.log.baskets(gap: settings.number("gap") * 60, scale: scale, threads: run.threads)
            sequences = ItemSequences(offsets: baskets.offsets, items: baskets.items)
        }
        // Without times, or with one time for all, there is no order that could say anything.
        let times = data.log.times.elements
        let hasOrder = times.contains { $0 != times[0] }
        let window = hasOrder || settings.isSet("window") ? settings.integer("window") : 0
        let recency = hasOrder || settings.isSet("recency") ? settings.number("recency") : 0
        let rank = settings.integer("factors")
        let counts = sequences.counts(itemCount: data.log.items.count)
        var generator = SeededGenerator(seed: run.seed)
        let training = try EmbeddingTraining(
            windows: ContextWindows(
                sequences, counts: counts, width: window, sample: settings.number("sample")),
            counts: counts, rank: rank, negatives: settings.integer("negatives"), exponent: settings.number("exponent"),
            threads: run.threads, using: &generator)
        try learn(training, settings, run, using: &generator)
        let past = past(histories, longest: settings.integer("history"))
        return Item2Vec(
            rank: rank, vectors: column(training.vectors),
            norms: norms(training.vectors.elements, rank: rank),
            contexts: contexts(training, counts, popularity: settings.number("popularity")),
            userOffsets: RaggedOffsets(offsets: Column(past.offsets)), userItems: Column(past.items),
            recency: Float(recency))
    }

    /// Fewer places than this all epochs together are too few to learn from: the vectors start small and move slowly.
    private static let fewestPlaces = 2_000_000
    private static let mostEpochs = 500

    /// How often to read everything: what was set, or the default where there is enough to read.
    private static func epochs(_ settings: Settings, places: Int) -> Int {
        let wanted = settings.integer("epochs")
        if settings.isSet("epochs") { return wanted }
        return max(wanted, min(mostEpochs, fewestPlaces / max(1, places)))
    }

    /// Goes through all epochs. Where the numbers run away, training stops and the best epoch's vectors are taken.
    private static func learn(
        _ training: EmbeddingTraining, _ settings: Settings, _ run: TrainingRun, using generator: inout SeededGenerator
    ) throws {
        let places = training.windows.sequences.items.count
        let epochs = epochs(settings, places: places)
        let start = Float(settings.number("learning-rate"))
        let isSkipGram = settings.text("method") == "skip-gram"
        var best = Checkpoint(epoch: 0)
        for epoch in 0..<epochs where !training.known.isEmpty {
            try run.progress(name, epoch, epochs)
            let seed = generator.next()
            func rate(_ done: Int) -> Float {
                start * max(1e-4, 1 - (Float(epoch) + Float(done) / Float(max(1, places))) / Float(epochs))
            }
            let outcome =
                try isSkipGram
                ? training.skipGramPass(seed: seed, rate: rate)
                : training.cbowPass(seed: seed, lockFree: settings.flag("lock-free"), rate: rate)
            let left = outcome.left / Double(max(1, outcome.guesses))
            guard left < worseThanChance, training.isFinite else {
                guard best.epoch > 0 else {
                    throw RecoError(
                        .badData, "training diverges in its first epoch: a learning-rate of \(start) is too high")
                }
                best.restore(training)
                run.noteDivergence(of: name, epoch: epoch + 1, kept: best.epoch)
                break
            }
            if left < best.left { best.take(training, left, epoch: epoch + 1) }
        }
        try run.progress(name, epochs, epochs)
    }

    /// Mean square of what guesses are off by; who says one half to everything has 0.25.
    private static let worseThanChance = 0.3

    /// The vectors of the epoch with the least left to learn.
    private struct Checkpoint {
        var epoch: Int
        var left = Double.infinity
        private var vectors: [Float] = []
        private var contexts: [Float] = []

        init(epoch: Int) { self.epoch = epoch }

        mutating func take(_ training: EmbeddingTraining, _ left: Double, epoch: Int) {
            (self.epoch, self.left) = (epoch, left)
            vectors = Array(training.vectors.elements)
            contexts = Array(training.contexts.elements)
        }

        func restore(_ training: EmbeddingTraining) {
            for (saved, matrix) in [(vectors, training.vectors), (contexts, training.contexts)] {
                saved.withUnsafeBufferPointer { matrix.base.update(from: $0.baseAddress!, count: $0.count) }
            }
        }
    }

    // MARK: What is kept

    private static func column(_ matrix: DenseMatrix) -> Column<Float> {
        Column(base: matrix.base, count: matrix.elements.count, owner: matrix)
    }

    /// 1 / length of each vector; 0 for one that has none.
    static func norms(_ vectors: UnsafeBufferPointer<Float>, rank: Int) -> Column<Float> {
        Column(
            stride(from: 0, to: vectors.count, by: rank).map { start in
                let row = vectors.baseAddress.unsafelyUnwrapped + start
                let inverse = 1 / Kernels.best.dot(row, row, rank).squareRoot()
                return inverse.isFinite ? inverse : 0
            })
    }

    /// Contexts with what an item scores anyway as one number more.
    private static func contexts(_ training: EmbeddingTraining, _ counts: [Int], popularity: Double) -> Column<Float> {
        let rank = training.rank
        let mean = Double(counts.reduce(0, +)) / Double(max(1, training.known.count))
        let shift = naturalLog(Double(training.negatives))
        var all = [Float](repeating: 0, count: counts.count * (rank + 1))
        for item in training.known {
            let start = Int(item) * (rank + 1)
            for k in 0..<rank { all[start + k] = training.contexts.row(Int(item))[k] }
            all[start + rank] = Float(popularity * naturalLog(Double(counts[Int(item)]) / mean) + shift)
        }
        return Column(all)
    }

    /// The latest items of each user, each once.
    static func past(_ histories: ItemSequences, longest: Int) -> (offsets: [UInt64], items: [UInt32]) {
        var (offsets, items) = ([UInt64(0)], [UInt32]())
        var seen: Set<UInt32> = []
        for user in 0..<histories.count {
            seen.removeAll(keepingCapacity: true)
            for item in histories.items[histories.range(user)].reversed() where seen.count < longest {
                if seen.insert(item).inserted { items.append(item) }
            }
            offsets.append(UInt64(items.count))
        }
        return (offsets, items)
    }
}
