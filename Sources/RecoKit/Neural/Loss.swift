/// Losses with their derivatives: each returns the sum over its rows, and writes the derivatives times `scale`, which is
/// mostly one over the rows of the mini-batch.
enum Loss {
    /// log(1 + exp(-x)) for label 1, log(1 + exp(x)) for label 0, on logits; exact for labels in between too.
    static func logistic(
        _ logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, _ count: Int, scale: Float,
        into delta: UnsafeMutablePointer<Float>
    ) -> Double {
        var sum = 0.0
        for i in 0..<count {
            let x = logits[i]
            // Only of negative numbers, so that exp cannot overflow.
            let small = exponential(-x.magnitude)
            sum += Double((x > 0 ? x : 0) - x * labels[i] + naturalLog(1 + small))
            let probability = (x > 0 ? 1 : small) / (1 + small)
            delta[i] = scale * (probability - labels[i])
        }
        return sum
    }

    /// (x - label)² / 2
    static func squared(
        _ predictions: UnsafePointer<Float>, labels: UnsafePointer<Float>, _ count: Int, scale: Float,
        into delta: UnsafeMutablePointer<Float>
    ) -> Double {
        var sum = 0.0
        for i in 0..<count {
            let error = predictions[i] - labels[i]
            sum += Double(error * error) / 2
            delta[i] = scale * error
        }
        return sum
    }

    /// -log softmax(x)[target] for each row of logits, which become the derivatives in place.
    static func softmax(
        _ logits: MatrixRows, rows: Int, columns: Int, targets: UnsafePointer<UInt32>, scale: Float
    ) -> Double {
        var sum = 0.0
        for row in 0..<rows {
            let x = logits.row(row)
            TransformerKernels.best.softmax(x, columns, scale: 1)
            let target = Int(targets[row])
            sum -= Double(naturalLog(max(x[target], .leastNormalMagnitude)))
            x[target] -= 1
            for i in 0..<columns { x[i] *= scale }
        }
        return sum
    }
}
