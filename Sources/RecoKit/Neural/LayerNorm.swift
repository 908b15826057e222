/// Layer normalisation: each row gets mean 0 and variance 1. Ba, Kiros and Hinton 2016, arXiv:1607.06450.
///
/// Without a gain and an offset for each column: where a dense layer follows, it can learn both just as well.
enum LayerNorm {
    static let epsilon: Float = 1e-5

    /// `inverses` get 1 / deviation of each row, for `backward`. O(count width).
    static func forward(
        _ x: MatrixRows, _ count: Int, width: Int, into normal: MatrixRows, inverses: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<count {
            let (from, to) = (x.row(row), normal.row(row))
            let mean = sum(from, width) / Float(width)
            for k in 0..<width { to[k] = from[k] - mean }
            let variance = Kernels.best.dot(to, to, width) / Float(width)
            let inverse = 1 / (variance + epsilon).squareRoot()
            for k in 0..<width { to[k] *= inverse }
            inverses[row] = inverse
        }
    }

    /// Adds the derivatives by the inputs to `inputDelta`; `delta` are those by the normal rows.
    static func backward(
        _ delta: MatrixRows, normal: MatrixRows, inverses: UnsafePointer<Float>, _ count: Int, width: Int,
        addingTo inputDelta: MatrixRows
    ) {
        for row in 0..<count {
            let (from, normal, to) = (delta.row(row), normal.row(row), inputDelta.row(row))
            let inverse = inverses[row]
            let mean = sum(from, width) / Float(width)
            let along = Kernels.best.dot(from, normal, width) / Float(width)
            for k in 0..<width { to[k] += inverse * (from[k] - mean - along * normal[k]) }
        }
    }

    /// In eight lanes: one after the other, each addition would wait for the one before.
    private static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
        var lanes = SIMD8<Float>.zero
        var k = 0
        while k + 8 <= count {
            lanes += UnsafeRawPointer(x + k).loadUnaligned(as: SIMD8<Float>.self)
            k += 8
        }
        var total = lanes.sum()
        while k < count {
            total += x[k]
            k += 1
        }
        return total
    }
}
