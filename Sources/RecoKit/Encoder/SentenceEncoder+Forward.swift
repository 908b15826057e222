extension SentenceEncoder {
    /// The working memory of a forward pass over some tokens, cut out of one block.
    struct Workspace {
        /// Rows of tokens: their vectors, and what a layer adds to them.
        let states: TransformerKernels.Rows  // (tokens, hiddenPanels + 16)
        let changes: TransformerKernels.Rows  // (tokens, hiddenPanels + 16)
        /// Queries, keys and values side by side, in the same memory as `inner`.
        let attention: TransformerKernels.Rows  // (tokens, 3 hiddenPanels + 16)
        /// What attention found.
        let found: TransformerKernels.Rows  // (tokens, hiddenPanels + 16)
        let scores: TransformerKernels.Rows  // (tokens of a text, the same in panels)
        let keys: UnsafeMutablePointer<Float>  // (panels of tokens, headWidth, 16)
        let inner: TransformerKernels.Rows  // (tokens, intermediatePanels)
        let bytes: TransformerKernels.ByteRows  // (tokens, the longer of hidden and intermediate)

        private static let alignment = 64
        /// Heads whose width is no multiple of a panel are read and written a little beyond their end.
        private static let slack = TransformerKernels.panelWidth

        /// Bytes for `tokens` tokens in texts of at most `longest`.
        static func byteCount(_ layout: EncoderLayout, _ shape: EncoderShape, tokens: Int, longest: Int) -> Int {
            var size = 0
            _ = Workspace(layout, shape, tokens: tokens, longest: longest) { bytes in
                defer { size += EncoderLayout.filled(bytes, to: alignment) }
                return UnsafeMutableRawPointer(bitPattern: alignment + size).unsafelyUnwrapped
            }
            return size + alignment
        }

        init(
            _ layout: EncoderLayout, _ shape: EncoderShape, tokens: Int, longest: Int, in block: UnsafeMutableRawPointer
        ) {
            let aligned = UInt(bitPattern: block) &+ UInt(Self.alignment &- 1) & ~UInt(Self.alignment &- 1)
            var next = UnsafeMutableRawPointer(bitPattern: aligned).unsafelyUnwrapped
            self.init(layout, shape, tokens: tokens, longest: longest) { bytes in
                defer { next += EncoderLayout.filled(bytes, to: Self.alignment) }
                return next
            }
        }

        /// Hands out one piece of memory after the other.
        private init(
            _ layout: EncoderLayout, _ shape: EncoderShape, tokens: Int, longest: Int,
            _ take: (_ bytes: Int) -> UnsafeMutableRawPointer
        ) {
            func rows(_ count: Int, _ stride: Int) -> TransformerKernels.Rows {
                TransformerKernels.Rows(
                    start: take(count * stride * 4).assumingMemoryBound(to: Float.self), stride: stride)
            }
            let wide = layout.hiddenPanels + Self.slack
            states = rows(tokens, wide)
            changes = rows(tokens, wide)
            // Attention is over when the feed-forward layer begins: both use the same memory.
            let attentionStride = 3 * layout.hiddenPanels + Self.slack
            let shared = rows(1, tokens * max(attentionStride + wide, layout.intermediatePanels))
            attention = TransformerKernels.Rows(start: shared.start, stride: attentionStride)
            found = TransformerKernels.Rows(start: shared.start + tokens * attentionStride, stride: wide)
            inner = TransformerKernels.Rows(start: shared.start, stride: layout.intermediatePanels)
            let panels = EncoderLayout.filled(longest, to: TransformerKernels.panelWidth)
            scores = rows(longest, panels)
            keys = rows(shape.headWidth, panels).start
            let byteStride =
                shape.precision == .int8 ? max(layout.attention.storedInputs, layout.output.storedInputs) : 0
            bytes = TransformerKernels.ByteRows(
                start: take(tokens * byteStride).assumingMemoryBound(to: UInt8.self), stride: byteStride,
                scales: take(tokens * 4).assumingMemoryBound(to: Float.self),
                zeros: take(tokens * 4).assumingMemoryBound(to: Int32.self))
        }
    }

    /// The vectors of texts whose tokens stand one after the other, each normalised to length 1; `lengths` says how many
    /// tokens each text has. A text's vector is the same, bit for bit, whichever texts stand beside it.
    func encode(
        _ tokens: UnsafePointer<UInt32>, lengths: UnsafeBufferPointer<Int32>, work: Workspace,
        into vectors: UnsafeMutablePointer<Float>  // (texts, hidden)
    ) {
        var count = 0
        for length in lengths {
            for place in 0..<Int(length) {
                embed(tokens[count &+ place], at: place, into: work.states.row(count &+ place))
            }
            count &+= Int(length)
        }
        for layer in 0..<shape.layers { run(layer, count, lengths, work) }
        var first = 0
        for (text, length) in lengths.enumerated() {
            pool(work.states, first, Int(length), into: vectors + text &* shape.hidden)
            first &+= Int(length)
        }
    }

    // MARK: Embeddings

    private func embed(_ token: UInt32, at place: Int, into state: UnsafeMutablePointer<Float>) {
        let hidden = shape.hidden
        let row = Int(token)
        switch parts.words {
        case .float32(let words):
            if let word = words.row(row, width: hidden)?.baseAddress {
                state.update(from: word, count: hidden)
            } else {
                state.update(repeating: 0, count: hidden)
            }
        case .float16(let words):
            let word = words.row(row, width: hidden)
            for k in 0..<hidden { state[k] = word.map { Self.float(half: $0[k]) } ?? 0 }
        case .int8(let words):
            let word = words.row(row, width: hidden)
            let scale = parts.wordScales[row]
            for k in 0..<hidden { state[k] = word.map { Float(Int8(bitPattern: $0[k])) * scale } ?? 0 }
        }
        if let position = parts.positions.row(place, width: hidden) {
            for k in 0..<hidden { state[k] += position[k] }
        }
        normalize(state, nil, norm: 0)
    }

    /// A half-precision number as a float.
    private static func float(half: UInt16) -> Float {
        let magnitude = UInt32(half & 0x7FFF) &<< 13
        let sign = UInt32(half & 0x8000) &<< 16
        // The exponent counts from another place; what has none becomes a number by multiplication.
        if magnitude >= 0x0F80_0000 { return Float(bitPattern: sign | magnitude | 0x7F80_0000) }
        return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
    }

    private func normalize(
        _ state: UnsafeMutablePointer<Float>, _ change: UnsafePointer<Float>?, norm: Int
    ) {
        guard let gamma = parts.norms.row(2 &* norm, width: shape.hidden)?.baseAddress,
            let beta = parts.norms.row(2 &* norm &+ 1, width: shape.hidden)?.baseAddress
        else { return }
        kernels.addAndNormalize(
            state, change, gamma: gamma, beta: beta, shape.hidden, epsilon: shape.epsilon)
    }

    // MARK: A layer

    private func run(_ layer: Int, _ count: Int, _ lengths: UnsafeBufferPointer<Int32>, _ work: Workspace) {
        multiply(work.states, count, layer, layout.attention, work.bytes, into: work.attention)
        var first = 0
        for length in lengths {
            attend(first, Int(length), work)
            first &+= Int(length)
        }
        multiply(work.found, count, layer, layout.attentionOutput, work.bytes, into: work.changes)
        for row in 0..<count { normalize(work.states.row(row), work.changes.row(row), norm: 1 &+ 2 &* layer) }
        multiply(work.states, count, layer, layout.intermediate, work.bytes, into: work.inner)
        for row in 0..<count { activate(work.inner.row(row), shape.intermediate) }
        multiply(work.inner, count, layer, layout.output, work.bytes, into: work.changes)
        for row in 0..<count { normalize(work.states.row(row), work.changes.row(row), norm: 2 &+ 2 &* layer) }
    }

    /// `out` = `x` times a matrix of a layer + its biases, in the encoder's precision.
    private func multiply(
        _ x: TransformerKernels.Rows, _ count: Int, _ layer: Int, _ matrix: EncoderLayout.Matrix,
        _ bytes: TransformerKernels.ByteRows, into out: TransformerKernels.Rows
    ) {
        let start = layer &* layout.weightsOfLayer &+ matrix.weights
        let outputs = layer &* layout.outputsOfLayer &+ matrix.outputOffset
        // The columns have just the size that the shape asks for; opening has checked it.
        guard let bias = parts.biases.base else { return }
        switch parts.weights {
        case .float32(let weights):
            guard let base = weights.base else { return }
            let panels = TransformerKernels.Panels(
                packed: base + start, inputs: matrix.inputs, outputs: matrix.outputs)
            kernels.multiply(x, count, by: panels, bias: bias + outputs, into: out)
        case .float16(let weights):
            guard let base = weights.base else { return }
            let panels = TransformerKernels.Panels(
                packed: base + start, inputs: matrix.inputs, outputs: matrix.outputs)
            kernels.multiply(x, count, by: panels, half: true, bias: bias + outputs, into: out)
        case .int8(let weights):
            guard let base = weights.base, let scales = parts.scales.base, let sums = parts.sums.base else { return }
            for row in 0..<count {
                kernels.quantize(x.row(row), matrix.inputs, padded: matrix.storedInputs, into: bytes, row: row)
            }
            let panels = TransformerKernels.BytePanels(
                start: UnsafeRawPointer(base + start).assumingMemoryBound(to: Int8.self),
                inputs: matrix.storedInputs, outputs: matrix.outputs, scales: scales + outputs,
                sums: UnsafeRawPointer(sums + outputs).assumingMemoryBound(to: Int32.self))
            kernels.multiply(bytes, count, by: panels, bias: bias + outputs, into: out)
        }
    }

    /// softmax(Q Kᵀ / √width) V for each head of one text. Heads go in order: what a narrow head writes beyond its end,
    /// the next one overwrites.
    private func attend(_ first: Int, _ count: Int, _ work: Workspace) {
        let width = shape.headWidth
        let scale = 1 / Float(width).squareRoot()
        let panel = TransformerKernels.panelWidth
        let rows = TransformerKernels.Rows(start: work.attention.row(first), stride: work.attention.stride)
        let found = TransformerKernels.Rows(start: work.found.row(first), stride: work.found.stride)
        let tokenPanels = EncoderLayout.filled(count, to: panel)
        for head in 0..<shape.heads {
            let keys = rows.column(layout.hiddenPanels &+ head &* width)
            for token in 0..<tokenPanels {
                let lane = token % panel
                let packed = work.keys + ((token &- lane) &* width &+ lane)
                if token < count {
                    let key = keys.row(token)
                    for k in 0..<width { packed[k &* panel] = key[k] }
                } else {
                    for k in 0..<width { packed[k &* panel] = 0 }
                }
            }
            let scores = TransformerKernels.Rows(start: work.scores.start, stride: tokenPanels)
            kernels.multiply(
                rows.column(head &* width), count,
                by: TransformerKernels.Panels(packed: work.keys, inputs: width, outputs: tokenPanels), bias: nil,
                into: scores)
            for row in 0..<count { kernels.softmax(scores.row(row), count, scale: scale) }
            kernels.multiply(
                scores, count,
                by: TransformerKernels.Panels(
                    rows: rows.column(2 &* layout.hiddenPanels &+ head &* width), inputs: count,
                    outputs: EncoderLayout.filled(width, to: panel)),
                bias: nil, into: found.column(head &* width))
        }
    }

    private func activate(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
        switch shape.activation {
        case .gelu: kernels.gelu(x, count)
        case .geluTanh: kernels.geluTanh(x, count)
        case .relu: for k in 0..<count { x[k] = max(0, x[k]) }
        }
    }

    // MARK: The text's vector

    private func pool(
        _ states: TransformerKernels.Rows, _ first: Int, _ count: Int, into vector: UnsafeMutablePointer<Float>
    ) {
        vector.update(from: states.row(first), count: shape.hidden)
        if shape.pooling == .mean {
            for token in 1..<max(1, count) {
                Kernels.best.addScaled(1, states.row(first &+ token), to: vector, shape.hidden)
            }
        }
        let square = Kernels.best.dot(vector, vector, shape.hidden)
        let inverse = square > 0 && square < .infinity ? 1 / square.squareRoot() : 0
        for k in 0..<shape.hidden { vector[k] *= inverse }
    }
}
