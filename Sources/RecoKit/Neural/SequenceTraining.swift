/// A part of a user's sequence: `count` items from `start` on, each with one more behind it that is to be told.
struct SequenceWindow {
    var start: Int
    var count: Int
}

/// The training of a `SequenceNetwork` and of the items' vectors by mini-batches of windows.
///
/// A mini-batch is cut into shards of equal work, always the same number of them, whose gradients are added in their
/// order: so the result does not depend on the number of threads. Windows stand in memory as long as they are: no time
/// goes into filling.
final class SequenceTraining {
    let network: SequenceNetwork
    let vectors: Embedding  // (items, width)
    private let descent: GradientDescent
    private let sequences: [UInt32]
    private let batch: BatchItems
    private let loss: NextItemLoss
    private let workers: [Worker]
    private var generator: SeededGenerator
    private var gradients: DenseMatrix?  // (shards, slots; width)
    private var mentions: [UInt32] = []  // (shards, slots), the items

    /// Into how many pieces a mini-batch is cut at most, and so how many threads can work on it.
    private static let shardCount = 8
    /// Places that go through the network together, at least.
    private static let passPlaces = 512

    /// What a thread needs for itself.
    private final class Worker {
        let pass: SequencePass
        let delta: DenseMatrix  // (places, width)
        let logits: DenseMatrix  // (tile, candidates + 1)
        var inputs: [UInt32] = []
        var targets: [UInt32] = []
        var lengths: [Int] = []

        init(_ network: SequenceNetwork, columns: Int, dropout: Float) throws {
            let places = max(SequenceTraining.passPlaces, network.shape.length)
            pass = try SequencePass(network, places: places, dropout: dropout)
            delta = try DenseMatrix(rowCount: places, columnCount: network.shape.width)
            logits = try DenseMatrix(rowCount: NextItemLoss.tile, columnCount: columns)
        }

        /// Takes up the items to read, under the numbers that `number` gives them.
        func read(
            _ windows: ArraySlice<SequenceWindow>, of items: UnsafeBufferPointer<UInt32>, _ number: (UInt32) -> UInt32
        ) {
            inputs.removeAll(keepingCapacity: true)
            targets.removeAll(keepingCapacity: true)
            lengths.removeAll(keepingCapacity: true)
            for window in windows {
                for place in window.start..<window.start + window.count {
                    inputs.append(number(items[place]))
                    targets.append(number(items[place + 1]))
                }
                lengths.append(window.count)
            }
        }
    }

    /// `sequences`: all of them, one after the other, of items 0 ..< `itemCount`. `drawn`: how many items are drawn for a
    /// mini-batch to be compared with; 0: all are.
    init(
        _ network: SequenceNetwork, _ sequences: [UInt32], itemCount: Int, drawn: Int, dropout: Float, rate: Float,
        run: TrainingRun
    ) throws {
        self.network = network
        self.sequences = sequences
        generator = SeededGenerator(seed: run.seed)
        let weights = try NetworkWeights(network.layout)
        network.initialize(weights.values, using: &generator)
        let width = network.shape.width
        vectors = try Embedding(
            rowCount: itemCount, width: width, scale: SequenceNetwork.vectorScale, using: &generator)
        descent = try GradientDescent(
            weights, Adam(rate: rate), batchRows: Self.shardCount, chunkRows: 1,
            crew: WorkCrew(threads: min(run.threads, Self.shardCount)))
        var popularity = [Int](repeating: 0, count: itemCount)
        for item in sequences { popularity[Int(item)] += 1 }
        batch = BatchItems(vectors, sample: drawn > 0 ? ItemSample(draws: drawn, popularity: popularity) : nil)
        loss = NextItemLoss(width: width)
        // Ranking what follows takes a score for each item.
        let columns = max(batch.mostCandidates + 1, (itemCount + NextItemLoss.tile - 1) / NextItemLoss.tile)
        workers = try (0..<descent.crew.threads).map { _ in
            try Worker(network, columns: columns, dropout: dropout)
        }
    }

    var weights: NetworkWeights { descent.weights }

    /// Length of Adam's steps.
    var rate: Float {
        get { descent.adam.rate }
        set { descent.adam.rate = newValue }
    }

    /// A step for each `batch` windows; returns the mean loss of a place. `progress` hears before each step how many windows
    /// are through.
    func learn(_ windows: [SequenceWindow], batch: Int, progress: (_ done: Int) throws -> Void) throws -> Double {
        var (loss, places) = (0.0, 0)
        for start in stride(from: 0, to: windows.count, by: batch) {
            try progress(start)
            let part = Array(windows[start..<min(windows.count, start + batch)])
            loss += try step(part)
            places += part.reduce(0) { $0 + $1.count }
            guard loss.isFinite else { break }
        }
        return loss / Double(max(1, places))
    }

    /// One step for a mini-batch; returns the sum of its places' losses.
    func step(_ windows: [SequenceWindow]) throws -> Double {
        let seed = generator.next()
        let width = network.shape.width
        let scale = 1 / Float(max(1, windows.reduce(0) { $0 + $1.count }))
        let shards = Self.deal(windows, min(Self.shardCount, windows.count))
        return try sequences.withUnsafeBufferPointer { sequences in
            try batch.begin(windows, of: sequences, using: &generator)
            let (gradients, slots) = (try room(), batch.count)
            let sum = descent.step(shards.count) { index, _, number, weightGradients in
                let worker = workers[number]
                let vectorGradients = MatrixRows(start: gradients.row(index * slots), stride: width)
                // The first pass writes the candidates' gradients, which takes less time than adding to zeros.
                let written = batch.candidateCount
                vectorGradients.row(written).update(repeating: 0, count: (slots - written) * width)
                var sum = 0.0
                for (pass, windows) in Self.passes(shards[index]).enumerated() {
                    worker.read(windows, of: sequences) { batch.slot($0) }
                    sum += learn(
                        worker, scale, isFirst: pass == 0, seed: mix(seed &+ UInt64(index << 32 + pass)),
                        weightGradients, vectorGradients)
                }
                return sum
            }
            mentions[..<(shards.count * slots)].withUnsafeBufferPointer {
                vectors.step($0, gradients: MatrixRows(gradients), descent.adam, crew: descent.crew)
            }
            return sum
        }
    }

    /// Room for the gradients of all slots, and the items that they belong to.
    private func room() throws -> DenseMatrix {
        let needed = Self.shardCount * batch.count
        if batch.isSample || mentions.isEmpty {
            mentions.removeAll(keepingCapacity: true)
            for _ in 0..<Self.shardCount { mentions += batch.rows }
        }
        if let gradients, gradients.rowCount >= needed { return gradients }
        gradients = nil
        let made = try DenseMatrix(rowCount: batch.isSample ? needed * 5 / 4 : needed, columnCount: vectors.width)
        gradients = made
        return made
    }

    private func learn(
        _ worker: Worker, _ scale: Float, isFirst: Bool, seed: UInt64,
        _ weightGradients: UnsafeMutablePointer<Float>, _ vectorGradients: MatrixRows
    ) -> Double {
        worker.inputs.withUnsafeBufferPointer { inputs in
            let delta = MatrixRows(worker.delta)
            worker.pass.forward(inputs, worker.lengths, vectors: batch.table, weights.values, dropSeed: seed)
            let sum = worker.targets.withUnsafeBufferPointer {
                loss.learn(
                    MatrixRows(worker.pass.states), targets: $0, batch, scale: scale, isFirst: isFirst,
                    logits: worker.logits,
                    into: delta, gradients: vectorGradients)
            }
            worker.pass.backward(
                delta, inputs, worker.lengths, weights.values, gradients: weightGradients,
                vectorGradients: vectorGradients)
            return sum
        }
    }

    /// The longest first, each to the shard that has the least to do; no shard is left without.
    private static func deal(_ windows: [SequenceWindow], _ count: Int) -> [[SequenceWindow]] {
        var shards = [[SequenceWindow]](repeating: [], count: count)
        var places = [Int](repeating: 0, count: count)
        for window in longestFirst(windows) {
            let shard = places.indices.min { places[$0] < places[$1] }!
            shards[shard].append(window)
            places[shard] += window.count
        }
        return shards
    }

    private static func longestFirst(_ windows: [SequenceWindow]) -> [SequenceWindow] {
        windows.sorted { ($0.count, $0.start) > ($1.count, $1.start) }
    }

    /// Cut where one pass has enough.
    private static func passes(_ windows: [SequenceWindow]) -> [ArraySlice<SequenceWindow>] {
        var passes: [ArraySlice<SequenceWindow>] = []
        var (from, places) = (0, 0)
        for (index, window) in windows.enumerated() {
            if index > from, places + window.count > passPlaces {
                passes.append(windows[from..<index])
                (from, places) = (index, 0)
            }
            places += window.count
        }
        if from < windows.count { passes.append(windows[from...]) }
        return passes
    }

    /// NDCG@10 of the item behind each window, among all items but those in the window, which lists of what comes next
    /// mostly leave out.
    func quality(_ windows: [SequenceWindow]) -> Double {
        let passes = Self.passes(Self.longestFirst(windows))
        var gains = [Double](repeating: 0, count: passes.count)
        gains.withUnsafeMutableBufferPointer { gains in
            nonisolated(unsafe) let gains = gains
            sequences.withUnsafeBufferPointer { sequences in
                descent.crew.run(passes.count) { index, number in
                    let worker = workers[number]
                    worker.read(passes[index], of: sequences) { $0 }
                    worker.inputs.withUnsafeBufferPointer {
                        worker.pass.forward(
                            $0, worker.lengths, vectors: MatrixRows(vectors.values), weights.values)
                    }
                    var start = 0
                    for length in worker.lengths {
                        let last = start + length - 1
                        gains[index] += gain(
                            of: worker.targets[last], behind: worker.inputs[start...last],
                            worker.pass.states.row(last), scores: worker.logits.base)
                        start += length
                    }
                }
            }
        }
        return gains.reduce(0, +) / Double(max(1, windows.count))
    }

    private func gain(
        of target: UInt32, behind window: ArraySlice<UInt32>, _ state: UnsafePointer<Float>,
        scores: UnsafeMutablePointer<Float>
    ) -> Double {
        _ = Kernels.best.scores(
            ofRowsAt: vectors.values.base, count: vectors.rowCount, rank: vectors.width, vector: state, into: scores)
        let own = scores[Int(target)]
        guard own.isFinite else { return .nan }
        for item in window { scores[Int(item)] = -.infinity }
        var better = 0
        for item in 0..<vectors.rowCount where scores[item] > own { better += 1 }
        return better < 10 ? 1 / binaryLog(Double(better + 2)) : 0
    }
}
