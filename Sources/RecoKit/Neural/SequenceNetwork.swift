/// How large a network over sequences is.
struct SequenceShape: Sendable, Equatable {
    /// The longest sequence; of a longer one, the latest items are read.
    let length: Int
    let width: Int
    let blocks: Int
    let heads: Int

    /// Nil if answers could not be computed for it.
    init?(length: Int, width: Int, blocks: Int, heads: Int) {
        guard 1...SequenceEncoder.longest ~= length, 1...SequenceEncoder.widest ~= width,
            width % SequenceEncoder.widthUnit == 0, 1...SequenceEncoder.mostBlocks ~= blocks,
            SequenceEncoder.heads.contains(heads)
        else { return nil }
        (self.length, self.width, self.blocks, self.heads) = (length, width, blocks, heads)
    }
}

/// The layers of a self-attentive network over sequences of items, and where their weights stand.
///
///     x = √width item + position            y = dropout(x)
///     each block:  y += dropout(W₂ attention(W₁ norm(y)))
///                  y += dropout(W₄ dropout(max(0, W₃ norm(y))))
///     state = γ norm(y) + β
///
/// Positions count from the first item that is read, so that a short sequence finds itself where the beginnings of all others
/// have been.
struct SequenceNetwork: Sendable {
    let shape: SequenceShape
    let positions: Int  // where they start: (length, width)
    let blocks: [Block]
    let gammas: Int  // where they start: (width)
    let betas: Int
    let layout: WeightLayout

    struct Block: Sendable {
        let projection: DenseLayer  // (width, 3 width): queries, keys and values
        let attended: DenseLayer  // (width, width)
        let inner: DenseLayer  // (width, width)
        let outer: DenseLayer  // (width, width)

        var layers: [DenseLayer] { [projection, attended, inner, outer] }
    }

    init(_ shape: SequenceShape) {
        self.shape = shape
        let width = shape.width
        var layout = WeightLayout()
        positions = layout.claim(shape.length * width)
        blocks = (0..<shape.blocks).map { _ in
            Block(
                projection: DenseLayer(inputs: width, outputs: 3 * width, in: &layout),
                attended: DenseLayer(inputs: width, outputs: width, in: &layout),
                inner: DenseLayer(inputs: width, outputs: width, in: &layout),
                outer: DenseLayer(inputs: width, outputs: width, in: &layout))
        }
        gammas = layout.claim(width)
        betas = layout.claim(width)
        self.layout = layout
    }

    /// Deviation of the first vectors of items and positions.
    static let vectorScale: Float = 0.02

    func initialize(_ values: UnsafeMutablePointer<Float>, using generator: inout SeededGenerator) {
        for i in 0..<shape.length * shape.width {
            values[positions + i] = Self.vectorScale * generator.nextNormal()
        }
        for block in blocks {
            for layer in block.layers { layer.initialize(values, gain: 1, using: &generator) }
        }
        (values + gammas).update(repeating: 1, count: shape.width)
        (values + betas).update(repeating: 0, count: shape.width)
    }

    /// What an item's vector is multiplied with on its way in.
    var inputScale: Float { Float(shape.width).squareRoot() }
}
