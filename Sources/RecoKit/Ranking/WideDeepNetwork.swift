/// Wide & Deep while it learns: one mini-batch at a time, with the same result for any number of threads.
final class WideDeepNetwork {
    let deep: ScoringNetwork
    let embeddings: Embedding?
    let wide: FTRL
    private let descent: GradientDescent
    private let columns: WideColumns
    private let features: Int
    private let embedded: [(feature: Int, start: Int)]
    private let width: Int
    private let decay: Float
    private let batchRows: Int
    private let crew: WorkCrew

    // Of a mini-batch.
    private let chunks: [ScoringNetwork.Chunk]
    private let inputDeltas: [DenseMatrix]  // of each chunk: (rows, inputs)
    let indices: UnsafeMutableBufferPointer<UInt32>  // (columns, rows): of wide weights
    private let touched: UnsafeMutableBufferPointer<UInt32>  // (workers, rows)
    let mentions: UnsafeMutableBufferPointer<UInt32>  // (rows, embedded features): rows of embeddings
    let mentionDelta: DenseMatrix  // (rows x embedded features, width)
    let delta: DenseMatrix  // (rows): of a row's loss by its score

    private static let chunkRows = 256

    var rate: Float = 0

    init(
        _ levels: FeatureLevels, _ scaling: FeatureScaling, _ columns: WideColumns, embedding: Int, widths: [Int],
        _ settings: Settings, base: Float, crew: WorkCrew, using generator: inout SeededGenerator
    ) throws {
        let (embedded, rows) = WideAndDeepScorer.embedded(levels)
        (self.columns, self.embedded, self.crew, features) = (columns, embedded, crew, levels.featureCount)
        width = embedding
        decay = Float(settings.number("regularization"))
        batchRows = settings.integer("batch")
        deep = try ScoringNetwork(
            inputs: scaling.inputs + embedded.count * embedding, widths: widths,
            batchNormalization: settings.flag("normalization"), dropout: Float(settings.number("dropout")),
            using: &generator)
        // Scores begin where they are best for all rows alike.
        deep.weights.values[deep.output.weights + deep.output.inputs] = base
        embeddings =
            embedded.isEmpty ? nil : try Embedding(rowCount: rows, width: embedding, scale: 0.1, using: &generator)
        for (_, start) in embedded { embeddings?.values.row(start).update(repeating: 0, count: embedding) }
        wide = try FTRL(
            count: columns.weightCount,
            .init(
                alpha: Float(settings.number("wide-rate")), l1: Float(settings.number("l1")),
                l2: Float(settings.number("l2"))))
        let chunkCount = (batchRows + Self.chunkRows - 1) / Self.chunkRows
        descent = try GradientDescent(
            deep.weights, Adam(rate: 0), batchRows: batchRows, chunkRows: Self.chunkRows, crew: crew)
        let (network, rowsOfChunk) = (deep, min(batchRows, Self.chunkRows))
        chunks = try (0..<max(chunkCount, crew.threads)).map { _ in try ScoringNetwork.Chunk(network, rows: rowsOfChunk)
        }
        inputDeltas = try (0..<chunkCount).map { _ in
            try DenseMatrix(rowCount: rowsOfChunk, columnCount: network.perceptron.inputs)
        }
        indices = .allocate(capacity: max(1, columns.count * batchRows))
        touched = .allocate(capacity: max(1, crew.threads * batchRows))
        mentions = .allocate(capacity: max(1, embedded.count * batchRows))
        mentionDelta = try DenseMatrix(rowCount: embedded.count * batchRows, columnCount: embedding)
        delta = try DenseMatrix(rowCount: batchRows, columnCount: 1)
    }

    deinit {
        indices.deallocate()
        touched.deallocate()
        mentions.deallocate()
    }

    /// All that a snapshot has to keep.
    var regions: [UnsafeMutableBufferPointer<Float>] {
        deep.regions + [wide.region] + (embeddings.map { [$0.region] } ?? [])
    }

    /// One step of both sides on some rows, a mini-batch at most; returns the loss.
    func step(_ batch: ArraySlice<UInt32>, of rows: WideAndDeep.Rows, _ loss: RowLoss, seed: UInt64) -> Double {
        let count = batch.count
        descent.adam.rate = rate
        descent.adam.decay = decay
        let sum = descent.step(count) { number, range, _, gradients in
            learn(batch, number, range, of: rows, loss, seed: seed, gradients: gradients)
        }
        for number in 0..<(count + Self.chunkRows - 1) / Self.chunkRows {
            deep.perceptron.absorb(chunks[number].perceptron)
        }
        embeddings?.step(
            UnsafeBufferPointer(rebasing: mentions[0..<count * embedded.count]), gradients: MatrixRows(mentionDelta),
            descent.adam, crew: crew)
        crew.run(columns.count) { column, worker in
            wide.step(
                indices.baseAddress! + column * batchRows, delta.base, count,
                touched: touched.baseAddress! + worker * batchRows)
        }
        return sum
    }

    /// Takes a chunk of a mini-batch through both sides and back; returns its loss. The derivatives of the mean loss are added
    /// to `gradients` for the weights of the deep side, and stand in `mentionDelta` for embeddings.
    func learn(
        _ batch: ArraySlice<UInt32>, _ number: Int, _ range: Range<Int>, of rows: WideAndDeep.Rows, _ loss: RowLoss,
        seed: UInt64, gradients: UnsafeMutablePointer<Float>
    ) -> Double {
        let chunk = chunks[number]
        let units = batch[batch.startIndex + range.lowerBound..<batch.startIndex + range.upperBound]
        var draws = SeededGenerator(seed: seed &+ UInt64(number))
        fill(chunk, units, rows, mentions: mentions.baseAddress! + range.lowerBound * embedded.count)
        deep.forward(chunk, range.count, isTraining: true, using: &draws)
        for (place, row) in units.enumerated() {
            let own = UnsafePointer(rows.levels.baseAddress! + Int(row) * features)
            var sum: Float = 0
            for column in 0..<columns.count {
                let index = columns.index(column, own)
                indices[column * batchRows + range.lowerBound + place] = UInt32(index)
                sum += wide.values[index]
            }
            chunk.scores.base[place] += sum
        }
        let loss = loss.derivatives(chunk.scores.base, of: units, share: 1, into: chunk.delta.base)
        (delta.base + range.lowerBound).update(from: chunk.delta.base, count: range.count)
        let share = 1 / Float(batch.count)
        for place in 0..<range.count { chunk.delta.base[place] *= share }
        let inputDelta = MatrixRows(inputDeltas[number])
        deep.backward(chunk, range.count, gradients: gradients, into: inputDelta)
        let start = inputDelta.stride - embedded.count * width
        for place in 0..<range.count {
            mentionDelta.row((range.lowerBound + place) * embedded.count).update(
                from: inputDelta.row(place) + start, count: embedded.count * width)
        }
        return loss
    }

    /// Writes the deep side's inputs of some rows, and which embeddings they are made of.
    private func fill(
        _ chunk: ScoringNetwork.Chunk, _ units: ArraySlice<UInt32>, _ rows: WideAndDeep.Rows,
        mentions: UnsafeMutablePointer<UInt32>?
    ) {
        let numbers = rows.numbers.columnCount
        for (place, row) in units.enumerated() {
            var to = chunk.x.row(place)
            to.update(from: rows.numbers.row(Int(row)), count: numbers)
            to += numbers
            for (number, (feature, start)) in embedded.enumerated() {
                let vector = start + Int(rows.levels[Int(row) * features + feature])
                mentions?[place * embedded.count + number] = UInt32(vector)
                to.update(from: embeddings!.values.row(vector), count: width)
                to += width
            }
        }
    }

    /// The scores of some rows as both sides stand.
    func scores(of units: [UInt32], _ rows: WideAndDeep.Rows) -> [Float] {
        [Float](unsafeUninitializedCapacity: units.count) { scores, initialized in
            nonisolated(unsafe) let scores = scores
            crew.run(units.count, chunk: min(batchRows, Self.chunkRows)) { range, worker in
                let chunk = chunks[worker]
                var nothing = SeededGenerator(seed: 0)
                fill(chunk, units[range], rows, mentions: nil)
                deep.forward(chunk, range.count, isTraining: false, using: &nothing)
                for (place, row) in units[range].enumerated() {
                    let own = UnsafePointer(rows.levels.baseAddress! + Int(row) * features)
                    var sum = chunk.scores.base[place]
                    for column in 0..<columns.count { sum += wide.values[columns.index(column, own)] }
                    scores[range.lowerBound + place] = sum
                }
            }
            initialized = units.count
        }
    }
}
