/// The memory of one pass of some sequences through a `SequenceNetwork`, forward and back; a thread has one of its own.
///
/// Sequences stand one after the other without gaps. Few enough go together that what is kept for the way back fits
/// the processor's caches.
final class SequencePass {
    let network: SequenceNetwork
    private let dropout: Dropout
    private let attention: CausalAttention

    private let stream: DenseMatrix  // (places, width): y, and on the way back the derivatives by it
    private let change: DenseMatrix  // (places, width)
    private let wide: DenseMatrix  // (places, 3 width): derivatives by queries, keys and values
    private let startMask: DenseMatrix  // (places, width)
    private let kept: [Kept]
    private let lastNormal: DenseMatrix  // (places, width)
    private var lastInverses: [Float]  // (places)
    let states: DenseMatrix  // (places, width)

    /// What the way back needs of a block.
    private final class Kept {
        let normal: DenseMatrix  // (places, width)
        let projected: DenseMatrix  // (places, 3 width)
        let found: DenseMatrix  // (places, width)
        let attendedMask: DenseMatrix  // (places, width)
        let innerNormal: DenseMatrix  // (places, width)
        let inner: DenseMatrix  // (places, width), after the rectifier
        let innerMask: DenseMatrix  // (places, width)
        let outerMask: DenseMatrix  // (places, width)
        let inverses: DenseMatrix  // (norms, places)
        var probabilities: [Float] = []  // (sequences, heads, length, length)

        init(_ width: Int, _ places: Int) throws {
            func rows(_ width: Int) throws -> DenseMatrix { try DenseMatrix(rowCount: places, columnCount: width) }
            normal = try rows(width)
            projected = try rows(3 * width)
            found = try rows(width)
            attendedMask = try rows(width)
            innerNormal = try rows(width)
            inner = try rows(width)
            innerMask = try rows(width)
            outerMask = try rows(width)
            inverses = try DenseMatrix(rowCount: 2, columnCount: places)
        }
    }

    init(_ network: SequenceNetwork, places: Int, dropout share: Float) throws {
        self.network = network
        dropout = Dropout(share: share)
        let width = network.shape.width
        attention = CausalAttention(width: width, heads: network.shape.heads)
        stream = try DenseMatrix(rowCount: places, columnCount: width)
        change = try DenseMatrix(rowCount: places, columnCount: width)
        wide = try DenseMatrix(rowCount: places, columnCount: 3 * width)
        startMask = try DenseMatrix(rowCount: places, columnCount: width)
        lastNormal = try DenseMatrix(rowCount: places, columnCount: width)
        lastInverses = [Float](repeating: 0, count: places)
        states = try DenseMatrix(rowCount: places, columnCount: width)
        kept = try (0..<network.shape.blocks).map { _ in try Kept(width, places) }
    }

    /// Computes `states`, one for each place. `vectors`: those of the items, row after row, one for each place of
    /// `items`. With a seed numbers are dropped, without one none are. O(places width² + Σ length² width).
    func forward(
        _ items: UnsafeBufferPointer<UInt32>, _ lengths: [Int], vectors: MatrixRows,
        _ values: UnsafeMutablePointer<Float>, dropSeed: UInt64? = nil
    ) {
        let (width, count) = (network.shape.width, items.count)
        let stream = MatrixRows(stream)
        let change = MatrixRows(change)
        var generator = dropSeed.map { SeededGenerator(seed: $0) }
        var place = 0
        for length in lengths {
            for index in 0..<length {
                let (to, from) = (stream.row(place), vectors.row(Int(items[place])))
                let position = values + network.positions + index * width
                for k in 0..<width { to[k] = network.inputScale * from[k] + position[k] }
                place += 1
            }
        }
        drop(stream, startMask, count, &generator)
        for (block, kept) in zip(network.blocks, kept) {
            let normal = MatrixRows(kept.normal)
            LayerNorm.forward(stream, count, width: width, into: normal, inverses: kept.inverses.row(0))
            block.projection.forward(normal, count, values, into: MatrixRows(kept.projected))
            let needed = attention.probabilityCount(lengths)
            if kept.probabilities.count < needed { kept.probabilities = [Float](repeating: 0, count: needed) }
            kept.probabilities.withUnsafeMutableBufferPointer {
                attention.forward(
                    MatrixRows(kept.projected), lengths, probabilities: $0.baseAddress!, into: MatrixRows(kept.found))
            }
            block.attended.forward(MatrixRows(kept.found), count, values, into: change)
            drop(change, kept.attendedMask, count, &generator)
            Kernels.best.addScaled(1, change.start, to: stream.start, count * width)

            let innerNormal = MatrixRows(kept.innerNormal)
            let inner = MatrixRows(kept.inner)
            LayerNorm.forward(stream, count, width: width, into: innerNormal, inverses: kept.inverses.row(1))
            block.inner.forward(innerNormal, count, values, into: inner)
            Activation.rectifier.forward(inner.start, count * width)
            drop(inner, kept.innerMask, count, &generator)
            block.outer.forward(inner, count, values, into: change)
            drop(change, kept.outerMask, count, &generator)
            Kernels.best.addScaled(1, change.start, to: stream.start, count * width)
        }
        let (gamma, beta) = (values + network.gammas, values + network.betas)
        lastInverses.withUnsafeMutableBufferPointer {
            LayerNorm.forward(
                stream, count, width: width, into: MatrixRows(lastNormal), inverses: $0.baseAddress!)
        }
        for place in 0..<count {
            let (to, from) = (states.row(place), lastNormal.row(place))
            for k in 0..<width { to[k] = gamma[k] * from[k] + beta[k] }
        }
    }

    /// Adds the gradients of all weights to `gradients`, and those of the items' vectors to `vectorGradients`. `delta`:
    /// the derivatives by the states, which are used up. Takes what the last `forward` left, which dropped.
    func backward(
        _ delta: MatrixRows, _ items: UnsafeBufferPointer<UInt32>, _ lengths: [Int],
        _ values: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>, vectorGradients: MatrixRows
    ) {
        let (width, count) = (network.shape.width, items.count)
        let stream = MatrixRows(stream)
        let change = MatrixRows(change)
        let (gamma, gammaGradient) = (values + network.gammas, gradients + network.gammas)
        let betaGradient = gradients + network.betas
        for place in 0..<count {
            let (from, normal) = (delta.row(place), lastNormal.row(place))
            for k in 0..<width {
                gammaGradient[k] += from[k] * normal[k]
                betaGradient[k] += from[k]
                from[k] *= gamma[k]
            }
        }
        stream.start.update(repeating: 0, count: count * width)
        LayerNorm.backward(
            delta, normal: MatrixRows(lastNormal), inverses: lastInverses, count, width: width, addingTo: stream)
        for (block, kept) in zip(network.blocks, kept).reversed() {
            let inner = MatrixRows(kept.inner)
            change.start.update(from: stream.start, count: count * width)
            dropout.backward(change.start, mask: kept.outerMask.base, count * width)
            block.outer.backward(change, inner, count, values, gradients: gradients, into: delta)
            dropout.backward(delta.start, mask: kept.innerMask.base, count * width)
            Activation.rectifier.backward(delta.start, out: inner.start, count * width)
            block.inner.backward(
                delta, MatrixRows(kept.innerNormal), count, values, gradients: gradients, into: change)
            LayerNorm.backward(
                change, normal: MatrixRows(kept.innerNormal), inverses: kept.inverses.row(1), count, width: width,
                addingTo: stream)

            let wide = MatrixRows(wide)
            change.start.update(from: stream.start, count: count * width)
            dropout.backward(change.start, mask: kept.attendedMask.base, count * width)
            block.attended.backward(
                change, MatrixRows(kept.found), count, values, gradients: gradients, into: delta)
            kept.probabilities.withUnsafeMutableBufferPointer {
                attention.backward(
                    delta, found: MatrixRows(kept.found), MatrixRows(kept.projected), lengths,
                    probabilities: $0.baseAddress!, into: wide)
            }
            block.projection.backward(
                wide, MatrixRows(kept.normal), count, values, gradients: gradients, into: change)
            LayerNorm.backward(
                change, normal: MatrixRows(kept.normal), inverses: kept.inverses.row(0), count, width: width,
                addingTo: stream)
        }
        dropout.backward(stream.start, mask: startMask.base, count * width)
        var place = 0
        for length in lengths {
            for index in 0..<length {
                let position = gradients + network.positions + index * width
                Kernels.best.addScaled(1, stream.row(place), to: position, width)
                Kernels.best.addScaled(
                    network.inputScale, stream.row(place), to: vectorGradients.row(Int(items[place])), width)
                place += 1
            }
        }
    }

    private func drop(
        _ x: MatrixRows, _ mask: DenseMatrix, _ count: Int, _ generator: inout SeededGenerator?
    ) {
        guard generator != nil else { return }
        dropout.forward(x.start, mask: mask.base, count * x.stride, using: &generator!)
    }
}
