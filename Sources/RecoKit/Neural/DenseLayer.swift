/// A dense layer: out = x W + b.
struct DenseLayer: Sendable {
    let inputs: Int
    let outputs: Int
    let weights: Int  // where they start: (inputs, outputs)
    let biases: Int?  // where they start: (outputs)

    init(inputs: Int, outputs: Int, hasBias: Bool = true, in layout: inout WeightLayout) {
        self.inputs = inputs
        self.outputs = outputs
        weights = layout.claim(inputs * outputs)
        biases = hasBias ? layout.claim(outputs) : nil
    }

    /// Normal weights of variance `gain` / inputs: 2 for layers with a rectifier behind them (He, Zhang, Ren and Sun 2015,
    /// arXiv:1502.01852), 1 for others. Biases of zero.
    func initialize(_ values: UnsafeMutablePointer<Float>, gain: Float, using generator: inout SeededGenerator) {
        let scale = (gain / Float(max(1, inputs))).squareRoot()
        for i in 0..<inputs * outputs { values[weights + i] = scale * generator.nextNormal() }
        if let biases { (values + biases).update(repeating: 0, count: outputs) }
    }

    /// O(count inputs outputs).
    func forward(_ x: MatrixRows, _ count: Int, _ values: UnsafeMutablePointer<Float>, into out: MatrixRows) {
        if let biases {
            for row in 0..<count { out.row(row).update(from: values + biases, count: outputs) }
        }
        multiply(
            x, by: MatrixRows(start: values + weights, stride: outputs), rows: count, inner: inputs, columns: outputs,
            keep: biases == nil ? 0 : 1, into: out)
    }

    /// Adds the gradients of weights and biases to `gradients`, and gives those of the inputs if they are asked for.
    /// `delta`: the derivatives by the outputs, (count, outputs).
    func backward(
        _ delta: MatrixRows, _ x: MatrixRows, _ count: Int, _ values: UnsafeMutablePointer<Float>,
        gradients: UnsafeMutablePointer<Float>, into inputDelta: MatrixRows?
    ) {
        multiply(
            x, .transposed, by: delta, rows: inputs, inner: count, columns: outputs, keep: 1,
            into: MatrixRows(start: gradients + weights, stride: outputs))
        if let biases {
            for row in 0..<count { Kernels.best.addScaled(1, delta.row(row), to: gradients + biases, outputs) }
        }
        if let inputDelta {
            multiply(
                delta, by: MatrixRows(start: values + weights, stride: outputs), .transposed, rows: count,
                inner: outputs, columns: inputs, into: inputDelta)
        }
    }
}
