/// The vectors of items' texts, of length 1 or zeros, as bytes. The cosine of two of them is off by about 0.002; an item
/// without a text has the scale 0 and is never proposed.
struct TextVectors: Sendable {
    let rows: ByteVectors

    /// How many items are scored at a time: their scores stay in the first-level cache.
    private static let blockRows = 256

    var itemCount: Int { rows.count }
    var dimension: Int { rows.dimension }

    /// Adds an item's vector; one that is none adds nothing. `sum` has `rows.width` numbers.
    func add(_ item: UInt32, times weight: Float, to sum: UnsafeMutablePointer<Float>) {
        guard let row = rows.bytes.row(Int(item), width: rows.width) else { return }
        let factor = weight * rows.scales[Int(item)]
        for k in 0..<dimension { sum[k] += factor * Float(Int32(row[k]) &- 128) }
    }

    /// Makes a vector one of length 1; false if it is zero or no number.
    static func normalize(_ vector: UnsafeMutablePointer<Float>, _ dimension: Int) -> Bool {
        let square = Kernels.best.dot(vector, vector, dimension)
        guard square > 0, square < .infinity else { return false }
        let inverse = 1 / square.squareRoot()
        for k in 0..<dimension { vector[k] *= inverse }
        return true
    }

    /// The direction of a sum of vectors, in scratch memory: `add` adds them to `rows.width` zeros. Nil if it is zero or no
    /// number.
    func direction(using scratch: Scratch, _ add: (UnsafeMutablePointer<Float>) -> Void) -> UnsafePointer<Float>? {
        guard let sum = scratch.floats(.vector, rows.width) else { return nil }
        sum.update(repeating: 0, count: rows.width)
        add(sum)
        return Self.normalize(sum, dimension) ? UnsafePointer(sum) : nil
    }

    /// Offers every item whose cosine with a vector of length 1 is positive. O(items dimension).
    func propose(_ vector: UnsafePointer<Float>, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let query = rows.query(vector, using: scratch), let block = scratch.floats(.block, Self.blockRows) else {
            return false
        }
        var row = 0
        while row < itemCount {
            let count = min(Self.blockRows, itemCount &- row)
            let best = rows.scores(query, row, count, into: block)
            if best * query.scale >= selection.threshold {
                for i in 0..<count where block[i] > 0 {
                    selection.offer(UInt32(truncatingIfNeeded: row &+ i), block[i] * query.scale)
                }
            }
            row &+= count
        }
        return true
    }

    /// The cosines of given items, 0 where there is no text.
    func score(
        _ items: UnsafeBufferPointer<UInt32>, _ vector: UnsafePointer<Float>, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let query = rows.query(vector, using: scratch), let out = scores.baseAddress, scores.count >= items.count
        else { return items.isEmpty }
        for (i, item) in items.enumerated() {
            out[i] = 0
            guard Int(item) < itemCount else { continue }
            _ = rows.scores(query, Int(item), 1, into: out + i)
            out[i] *= query.scale
        }
        return true
    }
}
