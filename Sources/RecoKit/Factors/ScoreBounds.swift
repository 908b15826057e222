/// What the scores of items cannot exceed: their vectors as bytes, and how much that may take away from a dot product.
///
/// With r' the bytes' vector of a row r, and v' that of a query v: v·r - v'·r' = v·(r - r') + (v - v')·r', which is at most
/// |v| |r - r'| + |v - v'| |r'|. Where v'·r' and this together do not reach the worst item found, r cannot either.
struct ScoreBounds: Sendable {
    let rows: ByteVectors
    let margins: Column<Float>  // (2, items): |r - r'| with what rounding adds to it, and then |r'|

    /// Numbers in a table from where on bounds save more than they cost: it no longer fits the caches near the core.
    static let worthwhile = 1 << 18

    /// - Parameter vectors: (items, rank), finite.
    init(_ vectors: UnsafeBufferPointer<Float>, rank: Int) {
        rows = ByteVectors(vectors, dimension: rank)
        var margins = [Float](repeating: 0, count: 2 * rows.count)
        for row in 0..<rows.count {
            var (error, length, approximation) = (0.0, 0.0, 0.0)
            for k in 0..<rank {
                let value = Double(vectors[row * rank + k])
                let byte = Double(rows.scales[row]) * (Double(rows.bytes[row * rows.width + k]) - 128)
                error += (value - byte) * (value - byte)
                length += value * value
                approximation += byte * byte
            }
            // Sums of `rank` products of floats are off by less than that many units of rounding, whatever their order.
            let rounding = Double(rank + 16) * 0x1p-23 * length.squareRoot()
            margins[row] = Float(error.squareRoot() * 1.00001 + rounding)
            margins[rows.count + row] = Float(approximation.squareRoot() * 1.00001)
        }
        self.margins = Column(margins)
    }

    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/item-bytes", rows.bytes.elements)
        try writer.add("\(name)/item-scales", rows.scales.elements)
        try writer.add("\(name)/item-margins", margins.elements)
    }

    /// Reads what `write` wrote; nil if the file has no bounds of that name.
    init?(_ file: ModelFile, name: String, rank: Int, itemCount: Int) throws {
        guard file.contains("\(name)/item-bytes") else { return nil }
        guard let bytes = file.column("\(name)/item-bytes", as: UInt8.self),
            let scales = file.column("\(name)/item-scales", as: Float.self), scales.count == itemCount,
            let margins = file.column("\(name)/item-margins", as: Float.self),
            margins.count % 2 == 0, margins.count / 2 == itemCount,
            let rows = ByteVectors(bytes: bytes, scales: scales, dimension: rank)
        else { throw RecoError(.damaged, "the bounds of the model's \(name) factors do not fit its items") }
        self.rows = rows
        self.margins = margins
    }
}

/// One scan of a factor table by its bounds. It finds what a scan of the floats finds, with the same scores.
struct BoundedScan {
    private let bounds: ScoreBounds
    private let table: FactorTable
    private let vector: UnsafePointer<Float>
    private let isCosine: Bool
    private let query: ByteVectors.Query
    /// What the two margins of a row are multiplied by, on the scale of the bytes' scores.
    private let forRow: Float
    private let forQuery: Float
    private let block: UnsafeMutablePointer<Float>  // (blockRows + exactRows)
    private let promising: UnsafeMutablePointer<UInt32>  // (exactRows)

    private static let blockRows = 256
    /// So many rows are scored at a time, always: their sums then come out the same whoever is beside them.
    private static let exactRows = 8

    /// Nil if memory ran out, or the vector is too small or too large for bytes.
    init?(
        _ bounds: ScoreBounds, for vector: UnsafePointer<Float>, of table: FactorTable, isCosine: Bool,
        using scratch: Scratch
    ) {
        guard let query = bounds.rows.query(vector, using: scratch),
            let block = scratch.floats(.block, Self.blockRows + Self.exactRows),
            let promising = scratch.rows(.promising, Self.exactRows)
        else { return nil }
        let length = Kernels.best.dot(vector, vector, table.rank).squareRoot()
        guard length < .infinity else { return nil }
        (self.bounds, self.table, self.vector, self.isCosine) = (bounds, table, vector, isCosine)
        (self.query, self.block, self.promising) = (query, block, promising)
        forRow = length / query.scale * 1.00001
        forQuery = query.error / query.scale * 1.00001
    }

    /// O(items rank) bytes, and floats for what may be among the best.
    func run(_ selection: inout Selection) {
        guard let margins = bounds.margins.base, let inverseNorms = table.inverseNorms.base else { return }
        let itemCount = table.itemCount
        var waiting = 0
        var start = 0
        while start < itemCount {
            let count = min(Self.blockRows, itemCount &- start)
            _ = bounds.rows.scores(query, start, count, into: block)
            var i = 0
            while i < count {
                // Four at a time, for most hold nothing.
                let enough = selection.threshold / query.scale
                if i &+ 4 <= count {
                    var most = four(block + i)
                    most += forRow * four(margins + (start &+ i)) + forQuery * four(margins + (itemCount &+ start &+ i))
                    if isCosine { most *= four(inverseNorms + (start &+ i)) }
                    if any(most .>= enough) {
                        for lane in 0..<4 where most[lane] >= enough { note(start &+ i &+ lane, &waiting, &selection) }
                    }
                    i &+= 4
                } else {
                    let row = start &+ i
                    var most = block[i] + forRow * margins[row] + forQuery * margins[itemCount &+ row]
                    if isCosine { most *= inverseNorms[row] }
                    if most >= enough { note(row, &waiting, &selection) }
                    i &+= 1
                }
            }
            start &+= count
        }
        if waiting > 0 { offer(waiting, to: &selection) }
    }

    @inline(__always)
    private func four(_ start: UnsafePointer<Float>) -> SIMD4<Float> {
        UnsafeRawPointer(start).loadUnaligned(as: SIMD4<Float>.self)
    }

    /// Takes note of an item that may be good enough, and scores those noted once there are enough of them.
    private func note(_ row: Int, _ waiting: inout Int, _ selection: inout Selection) {
        guard table.inverseNorms[row] > 0 else { return }
        promising[waiting] = UInt32(truncatingIfNeeded: row)
        waiting &+= 1
        if waiting == Self.exactRows {
            offer(waiting, to: &selection)
            waiting = 0
        }
    }

    private func offer(_ count: Int, to selection: inout Selection) {
        let exact = block + Self.blockRows
        for i in count..<Self.exactRows { promising[i] = promising[0] }
        Kernels.best.scores(
            of: UnsafeBufferPointer(start: promising, count: Self.exactRows), in: table.items.elements,
            rank: table.rank, vector: vector, into: exact)
        for i in 0..<count {
            let row = promising[i]
            selection.offer(row, isCosine ? exact[i] * table.inverseNorms[Int(row)] : exact[i])
        }
    }
}
