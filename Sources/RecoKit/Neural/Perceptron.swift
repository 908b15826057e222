/// A multilayer perceptron: dense layers with a rectifier each, and batch normalisation before or dropout behind it where
/// that is asked for. What comes out is the last hidden layer; a dense layer without a rectifier makes answers of it.
struct Perceptron: Sendable {
    let inputs: Int
    let layers: [Layer]
    let dropout: Dropout

    struct Layer: Sendable {
        let dense: DenseLayer
        let normalization: BatchNormalization?
    }

    /// `widths` are those of the hidden layers; without any, the inputs come out as they are.
    init(
        inputs: Int, widths: [Int], batchNormalization: Bool = false, dropout: Float = 0, in layout: inout WeightLayout
    ) throws {
        self.inputs = inputs
        self.dropout = Dropout(share: dropout)
        var layers: [Layer] = []
        for width in widths {
            let dense = DenseLayer(
                inputs: layers.last?.dense.outputs ?? inputs, outputs: width, hasBias: !batchNormalization, in: &layout)
            let normalization = batchNormalization ? try BatchNormalization(width: width, in: &layout) : nil
            layers.append(Layer(dense: dense, normalization: normalization))
        }
        self.layers = layers
    }

    var outputs: Int { layers.last?.dense.outputs ?? inputs }

    func initialize(_ values: UnsafeMutablePointer<Float>, using generator: inout SeededGenerator) {
        for layer in layers {
            layer.dense.initialize(values, gain: 2, using: &generator)
            layer.normalization?.initialize(values)
        }
    }

    /// The memory of one chunk on its way through and back.
    final class Chunk {
        fileprivate let outputs: [DenseMatrix]  // of each layer: (rows, width)
        fileprivate let masks: [DenseMatrix]  // the same, where there is dropout
        fileprivate let deltas: [DenseMatrix]  // the same
        fileprivate let normalizations: [BatchNormalization.Chunk]

        init(_ network: Perceptron, rows: Int) throws {
            func matrices() throws -> [DenseMatrix] {
                try network.layers.map { try DenseMatrix(rowCount: rows, columnCount: $0.dense.outputs) }
            }
            outputs = try matrices()
            deltas = try matrices()
            masks = network.dropout.share > 0 ? try matrices() : []
            normalizations = try network.layers.compactMap {
                $0.normalization == nil ? nil : try BatchNormalization.Chunk(rows: rows, width: $0.dense.outputs)
            }
        }

        /// What `forward` returned, if there are layers.
        var output: MatrixRows? { outputs.last.map { MatrixRows($0) } }

        /// Where the derivatives by the outputs belong before `backward`, if there are layers.
        var delta: MatrixRows? { deltas.last.map { MatrixRows($0) } }
    }

    /// Returns the outputs of `count` rows, which stay where they are until the next call; without training, nothing is
    /// dropped and means are the running ones. O(count weights).
    func forward(
        _ x: MatrixRows, _ count: Int, _ values: UnsafeMutablePointer<Float>, _ chunk: Chunk, isTraining: Bool = true,
        using generator: inout SeededGenerator
    ) -> MatrixRows {
        var input = x
        for (number, layer) in layers.enumerated() {
            let out = MatrixRows(chunk.outputs[number])
            layer.dense.forward(input, count, values, into: out)
            if isTraining {
                layer.normalization?.forward(out, count, values, chunk.normalizations[number])
            } else {
                layer.normalization?.apply(out, count, values)
            }
            let size = count * layer.dense.outputs
            Activation.rectifier.forward(out.start, size)
            if isTraining, dropout.share > 0 {
                dropout.forward(out.start, mask: chunk.masks[number].base, size, using: &generator)
            }
            input = out
        }
        return input
    }

    /// The way back of the last `forward`, with the same inputs and `chunk.delta` filled in: adds to `gradients`, and
    /// gives the derivatives by the inputs if they are asked for.
    func backward(
        _ x: MatrixRows, _ count: Int, _ values: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        _ chunk: Chunk, into inputDelta: MatrixRows?
    ) {
        for (number, layer) in layers.enumerated().reversed() {
            let delta = MatrixRows(chunk.deltas[number])
            let size = count * layer.dense.outputs
            if dropout.share > 0 { dropout.backward(delta.start, mask: chunk.masks[number].base, size) }
            // What dropout set to zero has no derivative any more, so that the rectifier may take it for its own.
            Activation.rectifier.backward(delta.start, out: chunk.outputs[number].base, size)
            layer.normalization?.backward(delta, count, values, gradients: gradients, chunk.normalizations[number])
            let input = number > 0 ? MatrixRows(chunk.outputs[number - 1]) : x
            let into = number > 0 ? MatrixRows(chunk.deltas[number - 1]) : inputDelta
            layer.dense.backward(delta, input, count, values, gradients: gradients, into: into)
        }
    }

    /// Lets running means follow the chunk's. Called for one chunk after the other, in their order.
    func absorb(_ chunk: Chunk) {
        for (number, layer) in layers.enumerated() where layer.normalization != nil {
            layer.normalization?.absorb(chunk.normalizations[number])
        }
    }

    /// All that a snapshot has to keep beside the weights.
    var regions: [UnsafeMutableBufferPointer<Float>] { layers.compactMap { $0.normalization?.region } }

    /// The layers as answers use them, batch normalisation being a part of the dense layers.
    func exported(_ values: UnsafePointer<Float>) -> [ExportedLayer] {
        layers.map { layer in
            var exported = ExportedLayer(layer.dense, values, isRectified: true)
            if let normalization = layer.normalization {
                for k in 0..<exported.outputs {
                    let (factor, offset) = normalization.factorAndOffset(k, values)
                    for input in 0..<exported.inputs { exported.weights[input * exported.outputs + k] *= factor }
                    exported.biases[k] = factor * exported.biases[k] + offset
                }
            }
            return exported
        }
    }
}

/// A dense layer after training.
struct ExportedLayer {
    let inputs: Int
    let outputs: Int
    var weights: [Float]  // (inputs, outputs)
    var biases: [Float]  // (outputs)
    /// Whether a rectifier follows.
    let isRectified: Bool

    init(_ dense: DenseLayer, _ values: UnsafePointer<Float>, isRectified: Bool) {
        inputs = dense.inputs
        outputs = dense.outputs
        weights = Array(UnsafeBufferPointer(start: values + dense.weights, count: inputs * outputs))
        biases =
            dense.biases.map { Array(UnsafeBufferPointer(start: values + $0, count: dense.outputs)) }
            ?? [Float](repeating: 0, count: dense.outputs)
        self.isRectified = isRectified
    }
}
