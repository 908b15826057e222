/// Self-attention in which a place looks at itself and at those before it: softmax(Q Kᵀ / √width) V for each head of each
/// sequence. Vaswani et al. 2017, arXiv:1706.03762; for training.
///
/// Sequences stand one after the other without gaps, each as long as it is, so that nothing is computed for filling. Of
/// the square of places, only blocks that touch its lower triangle are. O(Σ length² width).
struct CausalAttention: Sendable {
    let width: Int
    let heads: Int

    /// Places whose rows of the triangle are computed together.
    private static let block = 64

    private var headWidth: Int { width / heads }

    /// Numbers that `forward` keeps for `backward`.
    func probabilityCount(_ lengths: [Int]) -> Int { lengths.reduce(0) { $0 + heads * $1 * $1 } }

    /// `projected`: queries, keys and values side by side, (places, 3 width).
    func forward(
        _ projected: MatrixRows, _ lengths: [Int], probabilities: UnsafeMutablePointer<Float>,
        into found: MatrixRows
    ) {
        let scale = 1 / Float(headWidth).squareRoot()
        forEachHead(projected, lengths, probabilities) { query, key, value, place, column, square, length in
            for start in stride(from: 0, to: length, by: Self.block) {
                let rows = min(Self.block, length - start)
                let seen = start + rows
                let scores = square.from(row: start)
                multiply(
                    query.from(row: start), by: key, .transposed, rows: rows, inner: headWidth, columns: seen,
                    into: scores)
                for row in 0..<rows {
                    let past = start + row + 1
                    TransformerKernels.best.softmax(scores.row(row), past, scale: scale)
                    (scores.row(row) + past).update(repeating: 0, count: seen - past)
                }
                multiply(
                    scores, by: value, rows: rows, inner: seen, columns: headWidth,
                    into: found.from(row: place + start).column(column))
            }
        }
    }

    /// The derivatives by queries, keys and values from those by what was found.
    func backward(
        _ delta: MatrixRows, found: MatrixRows, _ projected: MatrixRows, _ lengths: [Int],
        probabilities: UnsafeMutablePointer<Float>, into projectedDelta: MatrixRows
    ) {
        let scale = 1 / Float(headWidth).squareRoot()
        let longest = lengths.max() ?? 0
        withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, Self.block * longest)) { room in
            forEachHead(projected, lengths, probabilities) { query, key, value, place, column, square, length in
                let change = MatrixRows(start: room.baseAddress!, stride: length)
                let deltas = projectedDelta.from(row: place).column(column)
                let (queryDelta, keyDelta, valueDelta) = (deltas, deltas.column(width), deltas.column(2 * width))
                for row in 0..<length {
                    keyDelta.row(row).update(repeating: 0, count: headWidth)
                    valueDelta.row(row).update(repeating: 0, count: headWidth)
                }
                for start in stride(from: 0, to: length, by: Self.block) {
                    let rows = min(Self.block, length - start)
                    let seen = start + rows
                    let shares = square.from(row: start)
                    let foundDelta = delta.from(row: place + start).column(column)
                    let foundHere = found.from(row: place + start).column(column)
                    multiply(
                        shares, .transposed, by: foundDelta, rows: seen, inner: rows, columns: headWidth, keep: 1,
                        into: valueDelta)
                    multiply(
                        foundDelta, by: value, .transposed, rows: rows, inner: headWidth, columns: seen, into: change)
                    for row in 0..<rows {
                        // Σ share · change of a row is what was found times its derivative: values are summed up in it.
                        let mean = Kernels.best.dot(foundDelta.row(row), foundHere.row(row), headWidth)
                        let (share, change) = (shares.row(row), change.row(row))
                        for k in 0..<seen { change[k] = scale * share[k] * (change[k] - mean) }
                    }
                    multiply(
                        change, by: key, rows: rows, inner: seen, columns: headWidth,
                        into: queryDelta.from(row: start))
                    multiply(
                        change, .transposed, by: query.from(row: start), rows: seen, inner: rows, columns: headWidth,
                        keep: 1, into: keyDelta)
                }
            }
        }
    }

    private func forEachHead(
        _ projected: MatrixRows, _ lengths: [Int], _ probabilities: UnsafeMutablePointer<Float>,
        _ body: (
            _ query: MatrixRows, _ key: MatrixRows, _ value: MatrixRows, _ place: Int, _ column: Int,
            _ square: MatrixRows, _ length: Int
        ) -> Void
    ) {
        var place = 0
        var square = probabilities
        for length in lengths {
            for head in 0..<heads {
                let column = head * headWidth
                let query = projected.from(row: place).column(column)
                body(
                    query, query.column(width), query.column(2 * width), place, column,
                    MatrixRows(start: square, stride: length), length)
                square += length * length
            }
            place += length
        }
    }
}

extension MatrixRows {
    /// The rows from `row` on.
    func from(row: Int) -> MatrixRows { MatrixRows(start: self.row(row), stride: stride) }
}
