/// Batch normalisation: each column gets the mean and the deviation that it learns. Ioffe and Szegedy 2015,
/// arXiv:1502.03167.
///
/// Means are those of a chunk of the mini-batch, the piece that one thread works on, and not of all of it: so chunks do not
/// wait for each other, and results do not depend on the number of threads (ghost batches: Hoffer, Hubara and Soudry 2017,
/// arXiv:1705.08741). At export it becomes a part of the dense layer before it.
final class BatchNormalization: @unchecked Sendable {
    let width: Int
    let gammas: Int  // where they start among the weights: (width)
    let betas: Int
    /// What answers use: means and variances that follow those of the chunks.
    private let running: DenseMatrix  // (means, variances; width)

    private static let epsilon: Float = 1e-5
    private static let momentum: Float = 0.02

    init(width: Int, in layout: inout WeightLayout) throws {
        self.width = width
        gammas = layout.claim(width)
        betas = layout.claim(width)
        running = try DenseMatrix(rowCount: 2, columnCount: width)
        running.row(1).update(repeating: 1, count: width)
    }

    var region: UnsafeMutableBufferPointer<Float> { .init(start: running.base, count: 2 * width) }

    func initialize(_ values: UnsafeMutablePointer<Float>) {
        (values + gammas).update(repeating: 1, count: width)
        (values + betas).update(repeating: 0, count: width)
    }

    /// What `backward` needs to know of a chunk, and `absorb`.
    final class Chunk {
        fileprivate let normal: DenseMatrix  // (rows, width), of mean 0 and variance 1
        fileprivate let means: DenseMatrix  // (means, variances, 1 / deviations; width)

        init(rows: Int, width: Int) throws {
            normal = try DenseMatrix(rowCount: rows, columnCount: width)
            means = try DenseMatrix(rowCount: 3, columnCount: width)
        }
    }

    /// Normalises in place with the chunk's own means. O(count width).
    func forward(_ x: MatrixRows, _ count: Int, _ values: UnsafePointer<Float>, _ chunk: Chunk) {
        let (mean, variance, inverse) = (chunk.means.row(0), chunk.means.row(1), chunk.means.row(2))
        let share = 1 / Float(max(1, count))
        mean.update(repeating: 0, count: 2 * width)
        for row in 0..<count { Kernels.best.addScaled(share, x.row(row), to: mean, width) }
        for row in 0..<count {
            let (from, normal) = (x.row(row), chunk.normal.row(row))
            for k in 0..<width {
                normal[k] = from[k] - mean[k]
                variance[k] += share * normal[k] * normal[k]
            }
        }
        for k in 0..<width { inverse[k] = 1 / (variance[k] + Self.epsilon).squareRoot() }
        let (gamma, beta) = (values + gammas, values + betas)
        for row in 0..<count {
            let (to, normal) = (x.row(row), chunk.normal.row(row))
            for k in 0..<width {
                normal[k] *= inverse[k]
                to[k] = gamma[k] * normal[k] + beta[k]
            }
        }
    }

    /// Turns the derivatives by the outputs into those by the inputs, in place.
    func backward(
        _ delta: MatrixRows, _ count: Int, _ values: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
        _ chunk: Chunk
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { sums in
            let along = sums.baseAddress!  // Σ delta · normal
            let plain = along + width  // Σ delta
            along.initialize(repeating: 0, count: 2 * width)
            for row in 0..<count {
                let (from, normal) = (delta.row(row), chunk.normal.row(row))
                for k in 0..<width {
                    along[k] += from[k] * normal[k]
                    plain[k] += from[k]
                }
            }
            Kernels.best.addScaled(1, along, to: gradients + gammas, width)
            Kernels.best.addScaled(1, plain, to: gradients + betas, width)
            let (gamma, inverse) = (values + gammas, chunk.means.row(2))
            let share = 1 / Float(max(1, count))
            for row in 0..<count {
                let (to, normal) = (delta.row(row), chunk.normal.row(row))
                for k in 0..<width {
                    to[k] = gamma[k] * inverse[k] * (to[k] - share * (plain[k] + normal[k] * along[k]))
                }
            }
        }
    }

    /// Lets the running means follow a chunk's. Called for one chunk after the other, in their order.
    func absorb(_ chunk: Chunk) {
        for i in 0..<2 * width {
            running.base[i] += Self.momentum * (chunk.means.base[i] - running.base[i])
        }
    }

    /// Normalises in place with the running means.
    func apply(_ x: MatrixRows, _ count: Int, _ values: UnsafePointer<Float>) {
        for k in 0..<width {
            let (factor, offset) = factorAndOffset(k, values)
            for row in 0..<count { x.row(row)[k] = factor * x.row(row)[k] + offset }
        }
    }

    /// What it does with the running means to a number x of column k: x · factor + offset.
    func factorAndOffset(_ k: Int, _ values: UnsafePointer<Float>) -> (factor: Float, offset: Float) {
        let factor = values[gammas + k] / (running.row(1)[k] + Self.epsilon).squareRoot()
        return (factor, values[betas + k] - factor * running.row(0)[k])
    }
}
