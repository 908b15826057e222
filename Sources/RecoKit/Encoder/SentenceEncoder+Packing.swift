extension SentenceEncoder {
    /// Makes an encoder of plain matrices: packs them into panels, in the precision of the shape. Throws `badData` if an
    /// array does not fit the shape.
    public init(_ weights: EncoderWeights, pieces: [[UInt8]], rules: TokenizerRules) throws {
        if let problem = weights.problem { throw RecoError(.badData, "the encoder cannot be used: \(problem)") }
        let shape = weights.shape
        let layout = EncoderLayout(shape)
        for (name, number) in [("first", rules.first), ("last", rules.last), ("unknown", rules.unknown)]
        where number >= shape.words {
            throw RecoError(.badData, "the \(name) token is \(number), and there are embeddings of \(shape.words)")
        }
        guard pieces.count <= shape.words else {
            throw RecoError(
                .badData, "the vocabulary has \(pieces.count) pieces, and there are embeddings of \(shape.words)")
        }
        var packer = Packer(precision: shape.precision)
        for layer in weights.layers {
            let gap = [Float](repeating: 0, count: layout.hiddenPanels - shape.hidden)
            let gapRows = [Float](repeating: 0, count: gap.count * shape.hidden)
            let parts = [layer.query, layer.key, layer.value]
            packer.add(
                .init(
                    weights: parts.flatMap { $0.weights + gapRows }, biases: parts.flatMap { $0.biases + gap }),
                layout.attention)
            packer.add(layer.attentionOutput, layout.attentionOutput)
            packer.add(layer.intermediate, layout.intermediate)
            packer.add(layer.output, layout.output)
        }
        var norms = weights.norm.gamma + weights.norm.beta
        for layer in weights.layers {
            norms += layer.attentionNorm.gamma + layer.attentionNorm.beta
            norms += layer.outputNorm.gamma + layer.outputNorm.beta
        }
        let words: Numbers
        var wordScales: [Float] = []
        switch shape.precision {
        case .float32: words = .float32(Column(weights.words))
        case .float16: words = .float16(Column(weights.words.map { ReducedPrecision.half($0) }))
        case .int8:
            var bytes: [UInt8] = []
            bytes.reserveCapacity(weights.words.count)
            for word in 0..<shape.words {
                let row = weights.words[word * shape.hidden..<(word + 1) * shape.hidden]
                let scale = ReducedPrecision.scale(row)
                wordScales.append(scale)
                bytes += row.map { UInt8(bitPattern: ReducedPrecision.byte($0, scale)) }
            }
            words = .int8(Column(bytes))
        }
        self.init(
            shape: shape,
            tokenizer: WordPiece(rules: rules, vocabulary: try PieceTable(pieces)),
            parts: Parts(
                words: words, wordScales: Column(wordScales), positions: Column(weights.positions),
                norms: Column(norms), weights: packer.numbers, biases: Column(packer.biases),
                scales: Column(packer.scales), sums: Column(packer.sums)))
    }
}

/// Puts matrices into panels of 16 outputs, one behind the other.
private struct Packer {
    let precision: EncoderShape.Precision
    private var floats: [Float] = []
    private var halves: [UInt16] = []
    private var bytes: [UInt8] = []
    private(set) var biases: [Float] = []
    private(set) var scales: [Float] = []
    private(set) var sums: [UInt32] = []

    init(precision: EncoderShape.Precision) { self.precision = precision }

    var numbers: SentenceEncoder.Numbers {
        switch precision {
        case .float32: .float32(Column(floats))
        case .float16: .float16(Column(halves))
        case .int8: .int8(Column(bytes))
        }
    }

    mutating func add(_ dense: EncoderWeights.Dense, _ matrix: EncoderLayout.Matrix) {
        let rows = dense.biases.count
        biases += dense.biases + [Float](repeating: 0, count: matrix.outputs - rows)
        func weight(_ output: Int, _ input: Int) -> Float {
            output < rows && input < matrix.inputs ? dense.weights[output * matrix.inputs + input] : 0
        }
        let panel = TransformerKernels.panelWidth
        switch precision {
        case .float32, .float16:
            for first in stride(from: 0, to: matrix.outputs, by: panel) {
                for input in 0..<matrix.inputs {
                    for lane in 0..<panel {
                        let value = weight(first + lane, input)
                        if precision == .float32 {
                            floats.append(value)
                        } else {
                            halves.append(ReducedPrecision.half(value))
                        }
                    }
                }
            }
        case .int8:
            let first = scales.count
            for output in 0..<matrix.outputs {
                scales.append(
                    output < rows
                        ? ReducedPrecision.scale(dense.weights[output * matrix.inputs..<(output + 1) * matrix.inputs])
                        : 0)
                sums.append(0)
            }
            for start in stride(from: 0, to: matrix.outputs, by: panel) {
                for group in stride(from: 0, to: matrix.storedInputs, by: 4) {
                    for output in start..<start + panel {
                        for input in group..<group + 4 {
                            let byte = ReducedPrecision.byte(weight(output, input), scales[first + output])
                            bytes.append(UInt8(bitPattern: byte))
                            sums[first + output] &+= UInt32(bitPattern: Int32(byte))
                        }
                    }
                }
            }
        }
    }
}
