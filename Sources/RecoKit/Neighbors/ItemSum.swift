/// A sparse vector over items, summed up in a scratch and taken out of it again.
///
/// Nothing is allocated, and the scratch is all zeros afterwards, whichever way the sum is taken out.
struct ItemSum {
    private let scores: UnsafeMutablePointer<Float>
    private let touched: UnsafeMutablePointer<UInt32>
    private let itemCount: Int
    private var count = 0  // distinct rows in `touched`

    /// Stands for a sum of zero at a row that was touched, so that a row is listed once however its sum moves.
    private static let zero = Float.leastNonzeroMagnitude

    /// A sum over other rows than items: `sums` are `rowCount` zeros, `touched` has room for as many rows.
    init(sums: UnsafeMutablePointer<Float>, touched: UnsafeMutablePointer<UInt32>, rowCount: Int) {
        scores = sums
        self.touched = touched
        itemCount = rowCount
    }

    init(_ scratch: Scratch) {
        scores = scratch.scores
        touched = scratch.touched
        itemCount = scratch.itemCount
    }

    @inline(__always)
    mutating func add(_ row: UInt32, _ value: Float) {
        guard Int(row) < itemCount else { return }
        let old = scores[Int(row)]
        if old == 0 {
            touched[count] = row
            count &+= 1
        }
        let new = old + value
        scores[Int(row)] = new == 0 ? Self.zero : new
    }

    subscript(row: UInt32) -> Float {
        guard Int(row) < itemCount else { return 0 }
        let score = scores[Int(row)]
        return score == Self.zero ? 0 : score
    }

    /// Sets the sum at a row to zero.
    mutating func remove(_ row: UInt32) {
        guard Int(row) < itemCount, scores[Int(row)] != 0 else { return }
        scores[Int(row)] = Self.zero
    }

    /// Offers every row with a positive sum, and clears. False if there was none.
    mutating func offer(to selection: inout Selection) -> Bool {
        var any = false
        for i in 0..<count {
            let row = touched[i]
            let score = scores[Int(row)]
            scores[Int(row)] = 0
            if score > Self.zero {
                selection.offer(row, score)
                any = true
            }
        }
        count = 0
        return any
    }

    /// Takes out the sums at given rows, 0 where nothing was added, and clears. False if no row was touched.
    mutating func take(_ rows: UnsafeBufferPointer<UInt32>, into scores: UnsafeMutableBufferPointer<Float>) -> Bool {
        for i in 0..<min(rows.count, scores.count) { scores[i] = self[rows[i]] }
        return clear()
    }

    /// Leaves the scratch as it was. False if no row was touched.
    mutating func clear() -> Bool {
        for i in 0..<count { scores[Int(touched[i])] = 0 }
        defer { count = 0 }
        return count > 0
    }
}
