import Glibc

/// The equations for one row of a factorisation with confidences: (w Yᵀ Y + λ + Yᵀ (C - w) Y) x = Yᵀ C p.
///
/// Y are the factors of the other side, C the confidences of the pairs that were observed (w for all others), p the
/// preferences: 1 for a positive value, 0 for a negative one. Training and serving solve it with the same code, in
/// memory that the caller provides, by conjugate gradients: Takács, Pilászy and Tikk 2011,
/// doi:10.1145/2043932.2043987. Nothing here allocates or traps, whatever the numbers are.
///
/// What we add: the factors stand in the eigenbasis of Yᵀ Y, where that matrix is a diagonal. A step then costs
/// O(observed rank) instead of O(observed rank + rank²), and the diagonal, λ included, preconditions for nothing.
struct ConfidenceSystem {
    let factors: UnsafePointer<Float>  // Y, (rows, rank)
    let rank: Int
    /// The diagonal of Yᵀ Y; what stands beside it is zero.
    let spectrum: UnsafePointer<Float>  // (rank)
    let unobserved: Float  // w

    /// The observed pairs. Those whose confidence differs from w come first: only they change the matrix.
    private let rows: UnsafeMutablePointer<UInt32>
    private let pulls: UnsafeMutablePointer<Float>  // C p
    private let extras: UnsafeMutablePointer<Float>  // C - w
    private var weightedCount = 0
    private var plainStart: Int
    private let capacity: Int
    private(set) var hasPreference = false

    /// Diagonal, its inverse, residual, direction and image.
    private let work: UnsafeMutablePointer<Float>  // (5, rank)

    /// So many steps leave nothing to improve in single precision.
    static let exactSteps = 100

    static func workCount(rank: Int, capacity: Int) -> Int { 5 &* rank &+ 2 &* capacity }

    /// `floats` has room for `workCount` numbers and `rows` for `capacity`.
    init(
        factors: UnsafePointer<Float>, rank: Int, spectrum: UnsafePointer<Float>, unobserved: Float,
        floats: UnsafeMutablePointer<Float>, rows: UnsafeMutablePointer<UInt32>, capacity: Int
    ) {
        self.factors = factors
        self.rank = rank
        self.spectrum = spectrum
        self.unobserved = unobserved
        self.rows = rows
        self.capacity = capacity
        work = floats
        pulls = floats + 5 &* rank
        extras = floats + (5 &* rank &+ capacity)
        plainStart = capacity
    }

    /// How many pairs were observed.
    var count: Int { weightedCount &+ (capacity &- plainStart) }

    /// Adds an observed pair; its magnitude is the confidence. The row exists; no more than `capacity` are added.
    @inline(__always)
    mutating func observe(_ row: UInt32, _ value: Float) {
        guard weightedCount < plainStart, value != 0 else { return }
        if value == unobserved {  // the usual case of data without weights, where unknown pairs count as much
            plainStart &-= 1
            rows[plainStart] = row
            pulls[plainStart] = value
            hasPreference = true
        } else {
            rows[weightedCount] = row
            pulls[weightedCount] = max(value, 0)
            extras[weightedCount] = value.magnitude - unobserved
            weightedCount &+= 1
            if value > 0 { hasPreference = true }
        }
    }

    /// Improves `x` as an answer to the equations by at most `steps` steps, fewer if nothing is left to improve.
    func solve(_ x: UnsafeMutablePointer<Float>, penalty: Float, steps: Int) {
        let residual = work + 2 &* rank
        residual.update(repeating: 0, count: rank)
        Kernels.best.addWeightedRows(
            of: factors, rank: rank, rows: rows, weights: pulls, count: weightedCount, to: residual)
        Kernels.best.addWeightedRows(
            of: factors, rank: rank, rows: rows + plainStart, weights: pulls + plainStart,
            count: capacity &- plainStart, to: residual)
        solve(x, penalty: penalty, steps: steps, residual)
    }

    /// Improves `x` as an answer to the same equations with `right` on their right side.
    func solve(_ x: UnsafeMutablePointer<Float>, for right: UnsafePointer<Float>, penalty: Float, steps: Int) {
        let residual = work + 2 &* rank
        residual.update(from: right, count: rank)
        solve(x, penalty: penalty, steps: steps, residual)
    }

    /// `residual` holds the right side.
    private func solve(
        _ x: UnsafeMutablePointer<Float>, penalty: Float, steps: Int, _ residual: UnsafeMutablePointer<Float>
    ) {
        let (diagonal, inverse) = (work, work + rank)
        let direction = work + 3 &* rank
        let image = work + 4 &* rank
        for k in 0..<rank {
            diagonal[k] = unobserved * spectrum[k] + penalty
            inverse[k] = 1 / diagonal[k]
        }
        multiply(x, into: image)
        for k in 0..<rank {
            residual[k] -= image[k]
            direction[k] = inverse[k] * residual[k]
        }
        var error = Kernels.best.dot(residual, direction, rank)
        let enough = max(1e-20, 1e-12 * error)
        for _ in 0..<steps {
            guard error > enough else { return }
            multiply(direction, into: image)
            let step = error / Kernels.best.dot(direction, image, rank)
            guard step > 0, step < .infinity else { return }
            Kernels.best.addScaled(step, direction, to: x, rank)
            Kernels.best.addScaled(-step, image, to: residual, rank)
            for k in 0..<rank { image[k] = inverse[k] * residual[k] }
            let next = Kernels.best.dot(residual, image, rank)
            let keep = next / error
            for k in 0..<rank { direction[k] = image[k] + keep * direction[k] }
            error = next
        }
    }

    /// The system's matrix times a vector.
    private func multiply(_ vector: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        for k in 0..<rank { image[k] = work[k] * vector[k] }
        Kernels.best.addOuterProducts(
            of: factors, rank: rank, rows: rows, weights: extras, count: weightedCount, times: vector, to: image)
    }
}
