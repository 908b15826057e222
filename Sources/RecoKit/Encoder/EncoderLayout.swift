/// Where each matrix of an encoder stands in the sections `encoder/weights`, `encoder/biases`, `encoder/scales` and
/// `encoder/sums`.
///
/// A layer has four matrices, one after the other: query, key and value side by side; what follows attention; the two of
/// the feed-forward layer. Each is stored in panels of 16 outputs, the last one filled up with zeros; see
/// `TransformerKernels.Panels`.
struct EncoderLayout: Sendable {
    struct Matrix: Sendable {
        let inputs: Int
        /// With what fills up the last panel.
        let outputs: Int
        /// Inputs as they are stored: with int8, filled up to a multiple of four.
        let storedInputs: Int
        /// Where its weights begin within the layer's, in numbers.
        let weights: Int
        /// Where its biases, scales and sums begin within the layer's.
        let outputOffset: Int

        var weightCount: Int { storedInputs * outputs }
    }

    /// The hidden size, filled up to whole panels: where keys and values begin beside the queries.
    let hiddenPanels: Int
    let intermediatePanels: Int
    let attention: Matrix  // (hidden, 3 hiddenPanels)
    let attentionOutput: Matrix  // (hidden, hiddenPanels)
    let intermediate: Matrix  // (hidden, intermediatePanels)
    let output: Matrix  // (intermediate, hiddenPanels)
    /// Weights of a layer, and outputs of its four matrices.
    let weightsOfLayer: Int
    let outputsOfLayer: Int

    init(_ shape: EncoderShape) {
        hiddenPanels = Self.filled(shape.hidden, to: TransformerKernels.panelWidth)
        intermediatePanels = Self.filled(shape.intermediate, to: TransformerKernels.panelWidth)
        var weights = 0
        var outputs = 0
        func next(_ inputs: Int, _ count: Int) -> Matrix {
            let stored = shape.precision == .int8 ? Self.filled(inputs, to: 4) : inputs
            let matrix = Matrix(
                inputs: inputs, outputs: count, storedInputs: stored, weights: weights, outputOffset: outputs)
            weights += matrix.weightCount
            outputs += count
            return matrix
        }
        attention = next(shape.hidden, 3 * hiddenPanels)
        attentionOutput = next(shape.hidden, hiddenPanels)
        intermediate = next(shape.hidden, intermediatePanels)
        output = next(shape.intermediate, hiddenPanels)
        weightsOfLayer = weights
        outputsOfLayer = outputs
    }

    static func filled(_ count: Int, to multiple: Int) -> Int { (count + multiple - 1) / multiple * multiple }
}
