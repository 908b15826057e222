import Glibc

/// The equations for one row of a factorisation with confidences: (Yᵀ Y + λ + Yᵀ (C - 1) Y) x = Yᵀ C p.
///
/// Y are the factors of the other side, C the confidences of the pairs that were observed (1 for all others), p the
/// preferences: 1 for a positive value, 0 for a negative one. Training and serving solve it with the same code, in
/// memory that the caller provides, by conjugate gradients: Takács, Pilászy and Tikk 2011,
/// doi:10.1145/2043932.2043987. Nothing here allocates or traps, whatever the numbers are.
struct ConfidenceSystem {
    let factors: UnsafePointer<Float>  // Y, (rows, rank)
    let rank: Int
    let gram: UnsafePointer<Float>  // Yᵀ Y + λ, (rank, rank)
    /// Approximates the inverse of the whole matrix; nil: the identity does.
    let preconditioner: UnsafePointer<Float>?  // (rank, rank)

    /// The observed pairs. Those whose confidence differs from 1 come first: only they change the matrix.
    private let rows: UnsafeMutablePointer<UInt32>
    private let pulls: UnsafeMutablePointer<Float>  // C p
    private let extras: UnsafeMutablePointer<Float>  // C - 1
    private var weightedCount = 0
    private var plainStart: Int
    private let capacity: Int
    private(set) var hasPreference = false

    /// Residual, direction, image and preconditioned residual.
    private let work: UnsafeMutablePointer<Float>  // (4, rank)

    /// With a good preconditioner, so many steps leave nothing to improve.
    static let exactSteps = 50

    static func workCount(rank: Int, capacity: Int) -> Int { 4 &* rank &+ 2 &* capacity }

    /// `floats` has room for `workCount` numbers and `rows` for `capacity`.
    init(
        factors: UnsafePointer<Float>, rank: Int, gram: UnsafePointer<Float>,
        preconditioner: UnsafePointer<Float>? = nil, floats: UnsafeMutablePointer<Float>,
        rows: UnsafeMutablePointer<UInt32>, capacity: Int
    ) {
        self.factors = factors
        self.rank = rank
        self.gram = gram
        self.preconditioner = preconditioner
        self.rows = rows
        self.capacity = capacity
        work = floats
        pulls = floats + 4 &* rank
        extras = floats + (4 &* rank &+ capacity)
        plainStart = capacity
    }

    /// Adds an observed pair; its magnitude is the confidence. The row exists; no more than `capacity` are added.
    @inline(__always)
    mutating func observe(_ row: UInt32, _ value: Float) {
        guard weightedCount < plainStart, value != 0 else { return }
        if value == 1 {  // the usual case of data without weights
            plainStart &-= 1
            rows[plainStart] = row
            pulls[plainStart] = 1
            hasPreference = true
        } else if value != -1 {
            rows[weightedCount] = row
            pulls[weightedCount] = max(value, 0)
            extras[weightedCount] = value.magnitude - 1
            weightedCount &+= 1
            if value > 0 { hasPreference = true }
        }
    }

    /// Improves `x` by at most `steps` steps, fewer if nothing is left to improve.
    func solve(_ x: UnsafeMutablePointer<Float>, steps: Int) {
        let residual = work
        let direction = work + rank
        let image = work + 2 &* rank
        let improved = preconditioner == nil ? residual : work + 3 &* rank

        multiply(x, into: image)
        for k in 0..<rank { residual[k] = -image[k] }
        Kernels.best.addWeightedRows(
            of: factors, rank: rank, rows: rows, weights: pulls, count: weightedCount, to: residual)
        Kernels.best.addWeightedRows(
            of: factors, rank: rank, rows: rows + plainStart, weights: pulls + plainStart,
            count: capacity &- plainStart, to: residual)
        precondition(residual, into: improved)
        direction.update(from: improved, count: rank)
        var error = Kernels.best.dot(residual, improved, rank)
        let enough = max(1e-20, 1e-12 * error)
        for _ in 0..<steps {
            guard error > enough else { return }
            multiply(direction, into: image)
            let step = error / Kernels.best.dot(direction, image, rank)
            guard step > 0, step < .infinity else { return }
            Kernels.best.addScaled(step, direction, to: x, rank)
            Kernels.best.addScaled(-step, image, to: residual, rank)
            precondition(residual, into: improved)
            let next = Kernels.best.dot(residual, improved, rank)
            let keep = next / error
            for k in 0..<rank { direction[k] = improved[k] + keep * direction[k] }
            error = next
        }
    }

    /// The system's matrix times a vector.
    private func multiply(_ vector: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        image.update(repeating: 0, count: rank)
        Kernels.best.addWeightedRows(of: gram, rank: rank, rows: nil, weights: vector, count: rank, to: image)
        Kernels.best.addOuterProducts(
            of: factors, rank: rank, rows: rows, weights: extras, count: weightedCount, times: vector, to: image)
    }

    private func precondition(_ residual: UnsafePointer<Float>, into improved: UnsafeMutablePointer<Float>) {
        guard let preconditioner else { return }
        improved.update(repeating: 0, count: rank)
        Kernels.best.addWeightedRows(
            of: preconditioner, rank: rank, rows: nil, weights: residual, count: rank, to: improved)
    }
}
