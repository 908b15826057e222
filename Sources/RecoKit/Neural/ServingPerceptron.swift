/// Dense layers with a rectifier each, as answers use them: packed for the kernels, a page of rows at a time. Widths are
/// filled up to whole panels with zeros. O(rows weights).
struct ServingPerceptron: Sendable {
    /// Of the inputs and of each layer, multiples of a panel.
    let widths: [Int]
    private let weights: Column<Float>  // panels of one layer after the other
    private let biases: Column<Float>  // of one layer after the other

    /// Rows that go through together: what they carry from layer to layer stays in the nearest cache.
    static let page = 64
    private static let widest = 1 << 14

    static func filled(_ width: Int) -> Int {
        (width + TransformerKernels.panelWidth - 1) / TransformerKernels.panelWidth * TransformerKernels.panelWidth
    }

    init(inputs: Int, _ layers: [ExportedLayer]) {
        widths = [Self.filled(inputs)] + layers.map { Self.filled($0.outputs) }
        var packed: [Float] = []
        var biases: [Float] = []
        let panel = TransformerKernels.panelWidth
        for (number, layer) in layers.enumerated() {
            for first in stride(from: 0, to: widths[number + 1], by: panel) {
                for input in 0..<widths[number] {
                    for output in first..<first + panel {
                        let isReal = input < layer.inputs && output < layer.outputs
                        packed.append(isReal ? layer.weights[input * layer.outputs + output] : 0)
                    }
                }
            }
            biases += layer.biases + [Float](repeating: 0, count: widths[number + 1] - layer.outputs)
        }
        weights = Column(packed)
        self.biases = Column(biases)
    }

    /// Width of what comes in, and of what comes out.
    var inputs: Int { widths.first ?? 0 }
    var outputs: Int { widths.last ?? 0 }
    var isFinite: Bool { weights.elements.allSatisfy(\.isFinite) && biases.elements.allSatisfy(\.isFinite) }

    /// Numbers of memory that a page needs behind its inputs.
    var memory: Int { 2 &* Self.page &* widths.reduce(0) { max($0, $1) } }

    /// Takes `count` rows through all layers, at most a page; `memory` has room for `memory` numbers. Returns the inputs
    /// themselves if there is no layer.
    func forward(_ x: MatrixRows, _ count: Int, memory: UnsafeMutablePointer<Float>) -> MatrixRows {
        guard var panels = weights.base, var bias = biases.base else { return x }
        var (input, free) = (x, memory)
        var other = memory + self.memory / 2
        for number in 1..<widths.count {
            let (inputs, outputs) = (widths[number &- 1], widths[number])
            let out = MatrixRows(start: free, stride: outputs)
            TransformerKernels.best.multiply(
                input, count, by: .init(packed: panels, inputs: inputs, outputs: outputs), bias: bias, into: out)
            Activation.rectifier.forward(out.start, count &* outputs)
            panels += inputs &* outputs
            bias += outputs
            (free, other) = (other, free)
            input = out
        }
        return input
    }

    /// Writes `name/widths`, `name/weights` and `name/biases`.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/widths", widths.map { UInt32($0) })
        try writer.add("\(name)/weights", weights.elements)
        try writer.add("\(name)/biases", biases.elements)
    }

    /// Reads what `write` wrote; nil if the file has no layers of that name, or they cannot be right.
    init?(_ file: ModelFile, name: String) {
        guard let stored = file.column("\(name)/widths", as: UInt32.self), stored.count > 0, stored.count <= 64,
            let weights = file.column("\(name)/weights", as: Float.self),
            let biases = file.column("\(name)/biases", as: Float.self)
        else { return nil }
        let widths = stored.elements.map { Int($0) }
        guard widths.allSatisfy({ $0 >= 0 && $0 <= Self.widest && $0 % TransformerKernels.panelWidth == 0 }) else {
            return nil
        }
        // At most 64 times 2^28: no overflow.
        let needed = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        guard weights.count == needed, biases.count == widths.dropFirst().reduce(0, +) else { return nil }
        (self.widths, self.weights, self.biases) = (widths, weights, biases)
    }
}
