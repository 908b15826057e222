import CKernels

/// The hot loops over rows of float32, in the fastest form the processor has. Safe on the serving path: no call
/// allocates, traps or reads outside the shapes it is given.
enum Kernels {
    /// The instruction sets there are code for.
    enum Level: Int32, CaseIterable {
        case plain = 0
        case avx2 = 1
        case avx512 = 2
    }

    /// The set in use.
    static var level: Level { Level(rawValue: kernel_level()) ?? .plain }

    /// Uses the best set up to `level` that this processor has, and returns it. For tests and comparisons.
    @discardableResult
    static func limit(to level: Level) -> Level { Level(rawValue: kernel_limit_level(level.rawValue)) ?? .plain }

    @inline(__always)
    static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        kernel_dot(a, b, count)
    }

    /// y += a x
    @inline(__always)
    static func addScaled(_ a: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
        kernel_axpy(a, x, y, count)
    }

    /// `out[i]` = row i · `vector` for `count` consecutive rows; returns the largest that is a number.
    @inline(__always)
    static func scores(
        ofRowsAt start: UnsafePointer<Float>, count: Int, rank: Int, vector: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>
    ) -> Float {
        kernel_scores(start, count, rank, vector, out)
    }

    /// `out[i]` = row `rows[i]` · `vector`; 0 where there is no such row.
    @inline(__always)
    static func scores(
        of rows: UnsafeBufferPointer<UInt32>, in table: UnsafeBufferPointer<Float>, rank: Int,
        vector: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        guard let first = rows.baseAddress, let start = table.baseAddress, rank > 0 else {
            out.update(repeating: 0, count: rows.count)
            return
        }
        kernel_gathered_scores(start, table.count / rank, rank, first, rows.count, vector, out)
    }

    /// out += Σ `weights[i]` · row `rows[i]`, where `rows` of nil means 0, 1, 2 … The rows exist.
    @inline(__always)
    static func addWeightedRows(
        of table: UnsafePointer<Float>, rank: Int, rows: UnsafePointer<UInt32>?, weights: UnsafePointer<Float>,
        count: Int, to out: UnsafeMutablePointer<Float>
    ) {
        kernel_weighted_sum(table, rank, rows, weights, count, out)
    }

    /// out += Σ `weights[i]` · (row `rows[i]` · `vector`) · row `rows[i]`. The rows exist.
    @inline(__always)
    static func addOuterProducts(
        of table: UnsafePointer<Float>, rank: Int, rows: UnsafePointer<UInt32>, weights: UnsafePointer<Float>,
        count: Int, times vector: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
    ) {
        kernel_outer_products(table, rank, rows, weights, count, vector, out)
    }
}
