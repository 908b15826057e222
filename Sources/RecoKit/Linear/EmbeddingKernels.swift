import CKernels

/// The inner loop of negative sampling, in a form the processor has.
struct EmbeddingKernels: @unchecked Sendable {
    /// The most rows of one step.
    static let mostRows = Int(SAMPLED_MOST)

    private let set: UnsafePointer<embedding_kernels>

    /// The fastest set up to `level` that this processor can run.
    init(upTo level: Kernels.Level) { set = embedding_kernels_up_to(level.rawValue) }

    /// What training uses; the others are for comparison.
    static let best = EmbeddingKernels(upTo: .avx512)

    var level: Kernels.Level { Kernels.Level(rawValue: set.pointee.level) ?? .plain }

    /// One step of logistic regression of `input` on rows of `matrix`, of which the first goes with it and the others do
    /// not: the rows move, and what the input should move by is added to `error`, which may be the input itself. Returns
    /// the sum of squares of what the guesses were off by. The rows exist; there are at most `mostRows`.
    @inline(__always)
    func sampledStep(
        input: UnsafePointer<Float>, error: UnsafeMutablePointer<Float>, matrix: UnsafeMutablePointer<Float>,
        rank: Int, rows: UnsafePointer<UInt32>, count: Int, rate: Float
    ) -> Float {
        set.pointee.sampled_step(input, error, matrix, rank, rows, count, rate)
    }
}
