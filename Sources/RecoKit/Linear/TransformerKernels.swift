import CKernels

/// The hot loops of a transformer encoder, in a form the processor has. Safe on the serving path: no call allocates,
/// traps or reads outside the shapes it is given.
struct TransformerKernels: @unchecked Sendable {
    /// The instruction sets there is code for.
    enum Level: Int32, CaseIterable {
        case plain = 0
        case avx2 = 1
        case avx512 = 2
        case vnni = 3
    }

    /// Outputs of a panel of weights.
    static let panelWidth = 16

    private let set: UnsafePointer<transformer_kernels>

    /// The fastest set up to `level` that this processor can run.
    init(upTo level: Level) { set = transformer_kernels_up_to(level.rawValue) }

    /// What everything uses; the others are for comparison.
    static let best = TransformerKernels(upTo: .vnni)

    var level: Level { Level(rawValue: set.pointee.level) ?? .plain }

    /// Rows of floats, `stride` floats from one to the next.
    struct Rows {
        var start: UnsafeMutablePointer<Float>
        var stride: Int

        func row(_ index: Int) -> UnsafeMutablePointer<Float> { start + index &* stride }
        func column(_ index: Int) -> Rows { Rows(start: start + index, stride: stride) }
    }

    /// A matrix in panels of 16 outputs: number (k, o) stands at `start + o / 16 * gap + k * step + o % 16`.
    struct Panels {
        var start: UnsafeRawPointer
        var inputs: Int
        var outputs: Int  // a multiple of 16
        var step: Int
        var gap: Int

        /// Packed panels, one input right after the other.
        init(packed start: UnsafeRawPointer, inputs: Int, outputs: Int) {
            (self.start, self.inputs, self.outputs) = (start, inputs, outputs)
            (step, gap) = (TransformerKernels.panelWidth, TransformerKernels.panelWidth &* inputs)
        }

        /// Rows of inputs as they lie in memory, seen as panels side by side.
        init(rows: Rows, inputs: Int, outputs: Int) {
            (start, self.inputs, self.outputs) = (UnsafeRawPointer(rows.start), inputs, outputs)
            (step, gap) = (rows.stride, TransformerKernels.panelWidth)
        }
    }

    /// `out` = `x` times `weights` + `bias`, for `count` rows; writes whole panels.
    @inline(__always)
    func multiply(
        _ x: Rows, _ count: Int, by weights: Panels, half: Bool = false, bias: UnsafePointer<Float>?, into out: Rows
    ) {
        var job = float_product(
            rows: count, inputs: weights.inputs, outputs: weights.outputs, x: x.start, x_stride: x.stride,
            panels: weights.start, panel_step: weights.step, panel_gap: weights.gap, bias: bias, out: out.start,
            out_stride: out.stride)
        if half { set.pointee.half_product(&job) } else { set.pointee.product(&job) }
    }

    /// Rows of numbers as bytes: about `scale` · (byte - `zero`), a scale and a zero for each row.
    struct ByteRows {
        var start: UnsafeMutablePointer<UInt8>  // (rows, stride)
        var stride: Int
        var scales: UnsafeMutablePointer<Float>  // (rows)
        var zeros: UnsafeMutablePointer<Int32>  // (rows)
    }

    /// Weights as signed bytes: four inputs of each of 16 outputs together, a scale and a sum for each output.
    struct BytePanels {
        var start: UnsafePointer<Int8>  // (outputs / 16, inputs / 4, 16, 4)
        var inputs: Int  // a multiple of 4
        var outputs: Int  // a multiple of 16
        var scales: UnsafePointer<Float>  // (outputs)
        var sums: UnsafePointer<Int32>  // (outputs)
    }

    @inline(__always)
    func multiply(
        _ x: ByteRows, _ count: Int, by weights: BytePanels, bias: UnsafePointer<Float>, into out: Rows
    ) {
        var job = byte_product(
            rows: count, inputs: weights.inputs, outputs: weights.outputs, x: x.start, x_stride: x.stride,
            x_scales: x.scales, x_zeros: x.zeros, panels: weights.start, scales: weights.scales, sums: weights.sums,
            bias: bias, out: out.start, out_stride: out.stride)
        set.pointee.byte_product(&job)
    }

    /// Row `index` of `bytes` from `count` floats; the bytes up to `padded` stand for zero.
    @inline(__always)
    func quantize(_ x: UnsafePointer<Float>, _ count: Int, padded: Int, into bytes: ByteRows, row index: Int) {
        set.pointee.quantize(
            x, count, padded, bytes.start + index &* bytes.stride, bytes.scales + index, bytes.zeros + index)
    }

    /// x = softmax(`scale` · x)
    @inline(__always)
    func softmax(_ x: UnsafeMutablePointer<Float>, _ count: Int, scale: Float) { set.pointee.softmax(x, count, scale) }

    /// x = layer norm of x + `residual`
    @inline(__always)
    func addAndNormalize(
        _ x: UnsafeMutablePointer<Float>, _ residual: UnsafePointer<Float>?, gamma: UnsafePointer<Float>,
        beta: UnsafePointer<Float>, _ count: Int, epsilon: Float
    ) {
        set.pointee.add_and_normalize(x, residual, gamma, beta, count, epsilon)
    }

    /// x (1 + erf(x / √2)) / 2
    @inline(__always)
    func gelu(_ x: UnsafeMutablePointer<Float>, _ count: Int) { set.pointee.gelu(x, count) }

    /// The approximation of `gelu` with tanh.
    @inline(__always)
    func geluTanh(_ x: UnsafeMutablePointer<Float>, _ count: Int) { set.pointee.gelu_tanh(x, count) }

    /// `out[i]` = `scales[i]` (row i · `query` - `offset`) for `count` rows of `width` bytes, a multiple of 64; returns
    /// the largest that is a number.
    @inline(__always)
    func scores(
        ofByteRowsAt rows: UnsafePointer<UInt8>, count: Int, width: Int, query: UnsafePointer<Int8>, offset: Int32,
        scales: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) -> Float {
        set.pointee.byte_scores(rows, count, width, query, offset, scales, out)
    }
}
