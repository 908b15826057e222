/// Adam: steps as long as the mean of the last gradients beside their root mean square. Kingma and Ba 2015,
/// arXiv:1412.6980.
///
/// Dense weights take every step. Rows of an embedding take those of the mini-batches that they are in, and keep their
/// moments in between, so that a step costs nothing for the other rows.
struct Adam: Sendable {
    var rate: Float
    /// Added to each gradient times the weight: half the derivative of λ times the squared weights.
    var decay: Float = 0
    private(set) var steps = 0

    private static let firstDecay: Float = 0.9
    private static let secondDecay: Float = 0.999
    private static let epsilon: Float = 1e-8
    /// What a step is multiplied with, and a root of second moments: moments start at zero, and that is made up for.
    private var stepScale: Float = 0
    private var rootScale: Float = 0

    init(rate: Float, decay: Float = 0) {
        self.rate = rate
        self.decay = decay
    }

    /// Opens the next step: once for each mini-batch, before anything is updated.
    mutating func beginStep() {
        steps += 1
        stepScale = Float(1 / (1 - power(Double(Self.firstDecay), Double(steps))))
        rootScale = Float(1 / (1 - power(Double(Self.secondDecay), Double(steps))).squareRoot())
    }

    /// Moves `values` against `gradients` and keeps their moments up. O(count).
    func update(
        _ values: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>,
        _ second: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>, _ count: Int
    ) {
        let step = Kernels.AdamStep(
            keepFirst: Self.firstDecay, keepSecond: Self.secondDecay, decay: decay, length: rate * stepScale,
            rootScale: rootScale, epsilon: Self.epsilon)
        Kernels.best.adam(step, values, first, second, gradients, count)
    }
}
