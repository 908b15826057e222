/// One vector's own small problem when ratings are factorised: fit the ratings that there are, and stay near a prior.
///
/// Minimises Σ c (r - x·h)² + λ Σ (x - prior)² over the free elements of x by coordinate descent, each element at its
/// best while the others stand still; with `nonNegative` cut at zero, which keeps it the best allowed value (Hsieh and
/// Dhillon 2011, doi:10.1145/2020408.2020577). The rows h are kept by element, so that every step is a dot product of
/// consecutive numbers. O(sweeps ratings rank). Training solves each user and item by it, answering an unseen user.
struct RatingSystem {
    private let rank: Int
    private let capacity: Int
    /// Elements that stay as they are.
    private let fixed: Range<Int>
    private let nonNegative: Bool
    private let elements: UnsafeMutablePointer<Float>  // (rank, capacity): √c h, by element
    private let errors: UnsafeMutablePointer<Float>  // (capacity): first √c r, then what is left of it
    private(set) var count = 0

    /// Sweeps after which nothing moves any more in practice.
    static let exactSweeps = 50

    static func workCount(rank: Int, capacity: Int) -> Int { (rank &+ 1) &* capacity }

    /// `floats` has room for `workCount` numbers.
    init(rank: Int, fixed: Range<Int>, nonNegative: Bool, floats: UnsafeMutablePointer<Float>, capacity: Int) {
        self.rank = rank
        self.capacity = capacity
        self.fixed = fixed
        self.nonNegative = nonNegative
        elements = floats
        errors = floats + rank &* capacity
    }

    /// Adds a rating of something with the vector `row`; beyond the capacity it is passed over.
    mutating func observe(_ row: UnsafePointer<Float>, _ rating: Float, confidence: Float = 1) {
        guard count < capacity else { return }
        let scale = confidence == 1 ? 1 : confidence.squareRoot()
        for k in 0..<rank { elements[k &* capacity &+ count] = scale * row[k] }
        errors[count] = scale * rating
        count &+= 1
    }

    /// Improves `x`, once for all ratings observed. `sweeps` passes over its elements, fewer if nothing is left to gain.
    func solve(_ x: UnsafeMutablePointer<Float>, prior: UnsafePointer<Float>, stiffness: Float, sweeps: Int) {
        for k in 0..<rank { Kernels.best.addScaled(-x[k], elements + k &* capacity, to: errors, count) }
        var firstGain: Float = 0
        for sweep in 0..<sweeps {
            var gain: Float = 0
            for k in 0..<rank where !fixed.contains(k) {
                let element = elements + k &* capacity
                let curvature = Kernels.best.dot(element, element, count) + stiffness
                let pull = Kernels.best.dot(element, errors, count) - stiffness * (x[k] - prior[k])
                var value = x[k] + pull / curvature
                guard value.isFinite else { continue }
                if nonNegative { value = max(0, value) }
                let step = value - x[k]
                guard step != 0 else { continue }
                Kernels.best.addScaled(-step, element, to: errors, count)
                x[k] = value
                gain += step * step * curvature
            }
            if sweep == 0 { firstGain = gain }
            if gain <= 1e-9 * firstGain { return }
        }
    }
}
