/// Vectors as bytes: a quarter of the memory of floats, and scanned about as much faster.
///
/// A number is its byte less 128, times the scale of its row; the row's largest number is 127 scales. Queries are turned
/// into bytes as well. Sums of products are exact integers, the same on every processor.
struct ByteVectors: Sendable {
    let bytes: Column<UInt8>  // (rows, width)
    let scales: Column<Float>  // (rows)
    let dimension: Int
    /// The dimension, filled up to whole cache lines; the filling stands for zeros.
    let width: Int

    private static let line = 64

    var count: Int { scales.count }

    /// - Parameter vectors: (rows, dimension), finite.
    /// - Parameter order: which of them come, and where; nil: all as they stand.
    init(_ vectors: UnsafeBufferPointer<Float>, dimension: Int, order: [UInt32]? = nil) {
        let width = Self.width(of: dimension)
        let count = vectors.count / dimension
        var bytes = [UInt8](repeating: 128, count: count * width)
        var scales = [Float](repeating: 0, count: count)
        for row in 0..<count {
            let source = order.map { Int($0[row]) } ?? row
            let vector = vectors[source * dimension..<(source + 1) * dimension]
            let largest = vector.reduce(0) { max($0, $1.magnitude) }
            // What is so small that it has no inverse says nothing.
            guard largest >= .leastNormalMagnitude else { continue }
            scales[row] = largest / 127
            for (k, value) in vector.enumerated() {
                bytes[row * width + k] = UInt8(128 + (value / largest * 127).rounded(.toNearestOrEven))
            }
        }
        self.bytes = Column(bytes)
        self.scales = Column(scales)
        self.dimension = dimension
        self.width = width
    }

    /// Nil if there are not as many bytes as the rows need.
    init?(bytes: Column<UInt8>, scales: Column<Float>, dimension: Int) {
        width = Self.width(of: dimension)
        guard bytes.count % width == 0, bytes.count / width == scales.count else { return nil }
        (self.bytes, self.scales, self.dimension) = (bytes, scales, dimension)
    }

    private static func width(of dimension: Int) -> Int { (dimension &+ line &- 1) / line &* line }

    /// A vector as signed bytes.
    struct Query {
        let bytes: UnsafePointer<Int8>  // (width)
        let scale: Float
        /// What the 128 in each byte of a row adds.
        let offset: Int32
        /// Length of what rounding took away.
        let error: Float
    }

    /// A query in scratch memory, until the next one is made. Nil if the vector is zero or no number, or memory ran out.
    func query(_ vector: UnsafePointer<Float>, using scratch: Scratch) -> Query? {
        guard let room = scratch.memory(.encoding, width) else { return nil }
        let bytes = room.assumingMemoryBound(to: Int8.self)
        var largest: Float = 0
        for k in 0..<dimension { largest = max(largest, vector[k].magnitude) }
        guard largest >= .leastNormalMagnitude, largest < .infinity else { return nil }
        let scale = largest / 127
        var sum: Int32 = 0
        var error: Float = 0
        for k in 0..<width {
            let value = k < dimension ? (vector[k] / largest * 127).rounded(.toNearestOrEven) : 0
            bytes[k] = Int8(value >= -127 ? (value <= 127 ? value : 127) : -127)  // whatever is no number as well
            sum &+= Int32(bytes[k])
            let lost = k < dimension ? vector[k] - scale * Float(bytes[k]) : 0
            error += lost * lost
        }
        return Query(bytes: bytes, scale: scale, offset: 128 &* sum, error: error.squareRoot())
    }

    /// `out[i]` times the query's scale is about the dot product of row `start` + i; the largest of them. The rows exist.
    func scores(_ query: Query, _ start: Int, _ count: Int, into out: UnsafeMutablePointer<Float>) -> Float {
        guard let rows = bytes.base, let scales = scales.base else { return 0 }
        return TransformerKernels.best.scores(
            ofByteRowsAt: rows + start &* width, count: count, width: width, query: query.bytes, offset: query.offset,
            scales: scales + start, into: out)
    }
}
