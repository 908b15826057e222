/// Dense layers with a rectifier each, as answers use them: packed for the kernels, a page of rows at a time. Widths are
/// filled up to whole panels with zeros. O(rows weights).
///
/// Weights are float32, or rounded to float16 or to bytes with a scale for each output. Of bytes, a panel at a time becomes
/// floats again before a page goes through it, so that inputs are not rounded; biases beside bytes have half precision.
struct ServingPerceptron: Sendable {
    /// Of the inputs and of each layer, multiples of a panel.
    let widths: [Int]
    private let weights: Weights
    private let biases: Column<Float>  // of one layer after the other

    /// Panels of one layer after the other.
    private enum Weights: Sendable {
        case float32(Column<Float>)
        case float16(Column<UInt16>)
        /// With a scale for each output of each layer.
        case int8(Column<UInt8>, scales: Column<Float>)

        var count: Int {
            switch self {
            case .float32(let weights): weights.count
            case .float16(let weights): weights.count
            case .int8(let weights, _): weights.count
            }
        }
    }

    enum Precision: String, CaseIterable, Sendable {
        case float32, float16, int8
    }

    /// Rows that go through together: what they carry from layer to layer stays in the nearest cache.
    static let page = 64
    /// The widest layer there may be.
    static let widest = 1 << 14

    static func filled(_ width: Int) -> Int {
        (width + TransformerKernels.panelWidth - 1) / TransformerKernels.panelWidth * TransformerKernels.panelWidth
    }

    init(inputs: Int, _ layers: [ExportedLayer], precision: Precision = .float32) {
        widths = [Self.filled(inputs)] + layers.map { Self.filled($0.outputs) }
        var (floats, bytes): ([Float], [UInt8]) = ([], [])
        var (scales, biases): ([Float], [Float]) = ([], [])
        let panel = TransformerKernels.panelWidth
        for (number, layer) in layers.enumerated() {
            func weight(_ input: Int, _ output: Int) -> Float {
                input < layer.inputs && output < layer.outputs ? layer.weights[input * layer.outputs + output] : 0
            }
            let first = scales.count
            if precision == .int8 {
                for output in 0..<widths[number + 1] {
                    scales.append(ReducedPrecision.scale((0..<layer.inputs).lazy.map { weight($0, output) }))
                }
            }
            for start in stride(from: 0, to: widths[number + 1], by: panel) {
                for input in 0..<widths[number] {
                    for output in start..<start + panel {
                        if precision == .int8 {
                            let byte = ReducedPrecision.byte(weight(input, output), scales[first + output])
                            bytes.append(UInt8(bitPattern: byte))
                        } else {
                            floats.append(weight(input, output))
                        }
                    }
                }
            }
            biases += layer.biases + [Float](repeating: 0, count: widths[number + 1] - layer.outputs)
        }
        switch precision {
        case .float32: weights = .float32(Column(floats))
        case .float16: weights = .float16(Column(floats.map(ReducedPrecision.half)))
        case .int8: weights = .int8(Column(bytes), scales: Column(scales))
        }
        let areSmall = biases.allSatisfy { $0.magnitude <= ReducedPrecision.largestHalf }
        if precision == .int8, areSmall {
            biases = biases.map { ReducedPrecision.number(ofHalf: ReducedPrecision.half($0)) }
        }
        self.biases = Column(biases)
    }

    /// Width of what comes in, and of what comes out.
    var inputs: Int { widths.first ?? 0 }
    var outputs: Int { widths.last ?? 0 }

    var isFinite: Bool {
        let areFinite =
            switch weights {
            case .float32(let weights): weights.elements.allSatisfy(\.isFinite)
            case .float16: true
            case .int8(_, let scales): scales.elements.allSatisfy(\.isFinite)
            }
        return areFinite && biases.elements.allSatisfy(\.isFinite)
    }

    /// Numbers of memory that a page needs behind its inputs.
    var memory: Int {
        let widest = widths.reduce(0) { max($0, $1) }
        let panel = if case .int8 = weights { TransformerKernels.panelWidth &* widest } else { 0 }
        return 2 &* Self.page &* widest &+ panel
    }

    /// Takes `count` rows through all layers, at most a page; `memory` has room for `memory` numbers. Returns the inputs
    /// themselves if there is no layer.
    func forward(_ x: MatrixRows, _ count: Int, memory: UnsafeMutablePointer<Float>) -> MatrixRows {
        guard var bias = biases.base else { return x }
        let widest = widths.reduce(0) { max($0, $1) }
        var (input, free) = (x, memory)
        var other = memory + Self.page &* widest
        let behind = other + Self.page &* widest
        var (done, outputsDone) = (0, 0)
        for number in 1..<widths.count {
            let (inputs, outputs) = (widths[number &- 1], widths[number])
            let out = MatrixRows(start: free, stride: outputs)
            switch weights {
            case .float32(let weights):
                guard let base = weights.base else { return x }
                TransformerKernels.best.multiply(
                    input, count, by: .init(packed: base + done, inputs: inputs, outputs: outputs), bias: bias,
                    into: out)
            case .float16(let weights):
                guard let base = weights.base else { return x }
                TransformerKernels.best.multiply(
                    input, count, by: .init(packed: base + done, inputs: inputs, outputs: outputs), half: true,
                    bias: bias, into: out)
            case .int8(let weights, let scales):
                guard let base = weights.base, let scale = scales.base else { return x }
                for start in stride(from: 0, to: outputs, by: TransformerKernels.panelWidth) {
                    Self.widen(base + done + start &* inputs, inputs, scale + outputsDone + start, into: behind)
                    TransformerKernels.best.multiply(
                        input, count,
                        by: .init(packed: behind, inputs: inputs, outputs: TransformerKernels.panelWidth),
                        bias: bias + start, into: out.column(start))
                }
            }
            Activation.rectifier.forward(out.start, count &* outputs)
            done &+= inputs &* outputs
            outputsDone &+= outputs
            bias += outputs
            (free, other) = (other, free)
            input = out
        }
        return input
    }

    /// A panel of bytes as floats.
    private static func widen(
        _ bytes: UnsafePointer<UInt8>, _ inputs: Int, _ scales: UnsafePointer<Float>,
        into panel: UnsafeMutablePointer<Float>
    ) {
        let width = TransformerKernels.panelWidth
        for input in 0..<inputs {
            for output in 0..<width {
                let byte = Int8(bitPattern: bytes[input &* width &+ output])
                panel[input &* width &+ output] = Float(byte) * scales[output]
            }
        }
    }

    /// Writes `name/widths`, `name/weights` and `name/biases`, and for bytes `name/scales`.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/widths", widths.map { UInt32($0) })
        switch weights {
        case .float32(let weights): try writer.add("\(name)/weights", weights.elements)
        case .float16(let weights): try writer.add("\(name)/weights", weights.elements)
        case .int8(let weights, let scales):
            try writer.add("\(name)/weights", weights.elements)
            try writer.add("\(name)/scales", scales.elements)
        }
        if case .int8 = weights, biases.elements.allSatisfy(ReducedPrecision.isHalf) {
            try writer.add("\(name)/biases", biases.elements.map(ReducedPrecision.half))
        } else {
            try writer.add("\(name)/biases", biases.elements)
        }
    }

    /// Reads what `write` wrote; nil if the file has no layers of that name, or they cannot be right.
    init?(_ file: ModelFile, name: String) {
        let halves = file.column("\(name)/biases", as: UInt16.self)
        guard let stored = file.column("\(name)/widths", as: UInt32.self), stored.count > 0, stored.count <= 64,
            let biases = halves.map({ Column($0.elements.map(ReducedPrecision.number)) })
                ?? file.column("\(name)/biases", as: Float.self),
            let weights = Self.weights(file, name, outputs: biases.count)
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

    private static func weights(_ file: ModelFile, _ name: String, outputs: Int) -> Weights? {
        if let weights = file.column("\(name)/weights", as: Float.self) { return .float32(weights) }
        if let weights = file.column("\(name)/weights", as: UInt16.self) { return .float16(weights) }
        guard let weights = file.column("\(name)/weights", as: UInt8.self),
            let scales = file.column("\(name)/scales", as: Float.self), scales.count == outputs
        else { return nil }
        return .int8(weights, scales: scales)
    }
}
