/// The vectors of items' texts as bytes: a quarter of the memory of floats, and scanned about as much faster.
///
/// A number is its byte less 128, times the scale of its row. The cosine of two rows is off by about 0.002; an item
/// without a text has the scale 0 and is never proposed. Queries are turned into bytes as well.
struct TextVectors: Sendable {
    let bytes: Column<UInt8>  // (items, width)
    let scales: Column<Float>  // (items)
    let dimension: Int
    /// The dimension, filled up to whole cache lines; the filling stands for zeros.
    let width: Int

    private static let line = 64
    /// How many items are scored at a time: their scores stay in the first-level cache.
    private static let blockRows = 256

    var itemCount: Int { scales.count }

    /// - Parameter vectors: (items, dimension), of length 1 or zeros.
    init(_ vectors: [Float], dimension: Int) {
        let width = EncoderLayout.filled(dimension, to: Self.line)
        let itemCount = vectors.count / dimension
        var bytes = [UInt8](repeating: 128, count: itemCount * width)
        var scales = [Float](repeating: 0, count: itemCount)
        for item in 0..<itemCount {
            let row = vectors[item * dimension..<(item + 1) * dimension]
            let largest = row.reduce(0) { max($0, $1.magnitude) }
            guard largest > 0 else { continue }
            scales[item] = largest / 127
            for (k, value) in row.enumerated() {
                bytes[item * width + k] = UInt8(128 + (value / largest * 127).rounded(.toNearestOrEven))
            }
        }
        self.bytes = Column(bytes)
        self.scales = Column(scales)
        self.dimension = dimension
        self.width = width
    }

    /// Nil if there are not as many bytes as the items need.
    init?(bytes: Column<UInt8>, scales: Column<Float>, dimension: Int) {
        width = EncoderLayout.filled(dimension, to: Self.line)
        guard bytes.count % width == 0, bytes.count / width == scales.count else { return nil }
        (self.bytes, self.scales, self.dimension) = (bytes, scales, dimension)
    }

    /// Adds an item's vector; one that is none adds nothing. `sum` has `width` numbers.
    func add(_ item: UInt32, times weight: Float, to sum: UnsafeMutablePointer<Float>) {
        guard let row = bytes.row(Int(item), width: width) else { return }
        let factor = weight * scales[Int(item)]
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

    /// The direction of a sum of vectors, in scratch memory: `add` adds them to `width` zeros. Nil if it is zero or no
    /// number.
    func direction(using scratch: Scratch, _ add: (UnsafeMutablePointer<Float>) -> Void) -> UnsafePointer<Float>? {
        guard let sum = scratch.floats(.vector, width) else { return nil }
        sum.update(repeating: 0, count: width)
        add(sum)
        return Self.normalize(sum, dimension) ? UnsafePointer(sum) : nil
    }

    /// Offers every item whose cosine with a vector of length 1 is positive. O(items dimension).
    func propose(_ vector: UnsafePointer<Float>, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let query = query(vector, using: scratch), let block = scratch.floats(.block, Self.blockRows) else {
            return false
        }
        var row = 0
        while row < itemCount {
            let count = min(Self.blockRows, itemCount &- row)
            let best = scores(query, row, count, into: block)
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
        _ rows: UnsafeBufferPointer<UInt32>, _ vector: UnsafePointer<Float>, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let query = query(vector, using: scratch), let out = scores.baseAddress, scores.count >= rows.count else {
            return rows.isEmpty
        }
        for (i, row) in rows.enumerated() {
            out[i] = 0
            guard Int(row) < itemCount else { continue }
            _ = self.scores(query, Int(row), 1, into: out + i)
            out[i] *= query.scale
        }
        return true
    }

    /// A vector as signed bytes.
    private struct Query {
        let bytes: UnsafePointer<Int8>  // (width)
        let scale: Float
        /// What the 128 in each byte of a row adds.
        let offset: Int32
    }

    private func query(_ vector: UnsafePointer<Float>, using scratch: Scratch) -> Query? {
        guard let room = scratch.memory(.encoding, width) else { return nil }
        let bytes = room.assumingMemoryBound(to: Int8.self)
        var largest: Float = 0
        for k in 0..<dimension { largest = max(largest, vector[k].magnitude) }
        guard largest > 0, largest < .infinity else { return nil }
        var sum: Int32 = 0
        for k in 0..<width {
            let value = k < dimension ? (vector[k] / largest * 127).rounded(.toNearestOrEven) : 0
            bytes[k] = Int8(max(-127, min(127, value)))
            sum &+= Int32(bytes[k])
        }
        return Query(bytes: bytes, scale: largest / 127, offset: 128 &* sum)
    }

    private func scores(_ query: Query, _ row: Int, _ count: Int, into out: UnsafeMutablePointer<Float>) -> Float {
        guard let rows = bytes.base, let scales = scales.base else { return 0 }
        return TransformerKernels.best.scores(
            ofByteRowsAt: rows + row &* width, count: count, width: width, query: query.bytes, offset: query.offset,
            scales: scales + row, into: out)
    }
}
