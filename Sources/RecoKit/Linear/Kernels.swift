import CKernels

/// The hot loops over rows of float32, in a form the processor has. Safe on the serving path: no call allocates, traps
/// or reads outside the shapes it is given.
struct Kernels: @unchecked Sendable {
    /// The instruction sets there is code for.
    enum Level: Int32, CaseIterable {
        case plain = 0
        case avx2 = 1
        case avx512 = 2
    }

    private let set: UnsafePointer<kernels>

    /// The fastest set up to `level` that this processor can run.
    init(upTo level: Level) { set = kernels_up_to(level.rawValue) }

    /// What everything uses; the others are for comparison.
    static let best = Kernels(upTo: .avx512)

    var level: Level { Level(rawValue: set.pointee.level) ?? .plain }

    @inline(__always)
    func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        set.pointee.dot(a, b, count)
    }

    /// y += a x
    @inline(__always)
    func addScaled(_ a: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
        set.pointee.add_scaled(a, x, y, count)
    }

    /// `out[i]` = row i · `vector` for `count` consecutive rows; returns the largest that is a number.
    @inline(__always)
    func scores(
        ofRowsAt start: UnsafePointer<Float>, count: Int, rank: Int, vector: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>
    ) -> Float {
        set.pointee.scores(start, count, rank, vector, out)
    }

    /// `out[i]` = row `rows[i]` · `vector`; 0 where there is no such row.
    @inline(__always)
    func scores(
        of rows: UnsafeBufferPointer<UInt32>, in table: UnsafeBufferPointer<Float>, rank: Int,
        vector: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        guard let first = rows.baseAddress, let start = table.baseAddress, rank > 0 else {
            out.update(repeating: 0, count: rows.count)
            return
        }
        set.pointee.gathered_scores(start, table.count / rank, rank, first, rows.count, vector, out)
    }

    /// out += Σ `weights[i]` · row `rows[i]`, where `rows` of nil means 0, 1, 2 … The rows exist.
    @inline(__always)
    func addWeightedRows(
        of table: UnsafePointer<Float>, rank: Int, rows: UnsafePointer<UInt32>?, weights: UnsafePointer<Float>,
        count: Int, to out: UnsafeMutablePointer<Float>
    ) {
        set.pointee.weighted_sum(table, rank, rows, weights, count, out)
    }

    /// out += Σ `weights[i]` · (row `rows[i]` · `vector`) · row `rows[i]`. The rows exist.
    @inline(__always)
    func addOuterProducts(
        of table: UnsafePointer<Float>, rank: Int, rows: UnsafePointer<UInt32>, weights: UnsafePointer<Float>,
        count: Int, times vector: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
    ) {
        set.pointee.outer_products(table, rank, rows, weights, count, vector, out)
    }
    /// One gradient step towards user · liked > user · other, of `rate`, with all three rows first shrunk to `keep` of
    /// themselves; returns the margin user · (liked - other) as it was. The rows do not overlap.
    @inline(__always)
    @discardableResult
    func pairwiseStep(
        user: UnsafeMutablePointer<Float>, liked: UnsafeMutablePointer<Float>, other: UnsafeMutablePointer<Float>,
        rate: Float, keep: Float, _ count: Int
    ) -> Float {
        set.pointee.pairwise_step(user, liked, other, rate, keep, count)
    }

    /// One step of Adagrad down the gradient `scale` · `direction` + `penalty` · `row`, number by number: `squares` is
    /// what came before, above zero. The three do not overlap.
    @inline(__always)
    func adagradStep(
        _ row: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>, along direction: UnsafePointer<Float>,
        scale: Float, rate: Float, penalty: Float, _ count: Int
    ) {
        set.pointee.adagrad_step(row, squares, direction, scale, rate, penalty, count)
    }

    /// How Adam steps: what of the moments stays, what comes from how many steps there were.
    struct AdamStep {
        var keepFirst: Float
        var keepSecond: Float
        var decay: Float
        var length: Float
        var rootScale: Float
        var epsilon: Float
    }

    /// One step of Adam, number by number: `CKernels.h` has the formula. The four rows do not overlap.
    @inline(__always)
    func adam(
        _ step: AdamStep, _ values: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>,
        _ second: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>, _ count: Int
    ) {
        var job = adam_step(
            keep_first: step.keepFirst, keep_second: step.keepSecond, decay: step.decay, length: step.length,
            root_scale: step.rootScale, epsilon: step.epsilon)
        set.pointee.adam(&job, values, first, second, gradients, count)
    }
}
