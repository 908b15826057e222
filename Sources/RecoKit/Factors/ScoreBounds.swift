/// What the scores of items cannot exceed: their vectors as bytes, and how much that may take away from a dot product.
///
/// With r' the bytes' vector of a row r, and v' that of a query v: v·r - v'·r' = v·(r - r') + (v - v')·r', which is at most
/// |v| |r - r'| + |v - v'| |r'|. Where v'·r' and this together do not reach the worst item found, r cannot either.
///
/// The longest vectors come first: no score is above |v| |r|, so that a scan ends where all that is left is too short (Teflioudi,
/// Gemulla and Mykytiuk 2015, doi:10.1145/2723372.2747647, have that as LEMP). What few people know has short vectors in
/// most factor models, and is most of a catalogue: 5 to 20 % of it is looked at.
struct ScoreBounds: Sendable {
    let rows: ByteVectors  // by place
    let margins: Column<Float>  // (2, items) by place: |r - r'| with what rounding adds to it, and then |r'|
    /// The item at each place; nil in files of before, where a place is an item.
    let order: Column<UInt32>?  // (items)
    /// What |r| is at most from a block of places on.
    let reach: Column<Float>  // (blocks)

    /// Places that are looked at together.
    static let blockRows = 256

    /// Numbers in a table from where on bounds save more than they cost: it no longer fits the caches near the core.
    static let worthwhile = 1 << 18

    /// - Parameter vectors: (items, rank), finite.
    init(_ vectors: UnsafeBufferPointer<Float>, rank: Int) {
        let lengths = (0..<vectors.count / rank).map { row in
            (row * rank..<(row + 1) * rank).reduce(Float(0)) { $0 + vectors[$1] * vectors[$1] }
        }
        let order = (0..<UInt32(lengths.count)).sorted {
            let (a, b) = (lengths[Int($0)], lengths[Int($1)])
            return a != b ? a > b : $0 < $1
        }
        rows = ByteVectors(vectors, dimension: rank, order: order)
        var margins = [Float](repeating: 0, count: 2 * rows.count)
        for row in 0..<rows.count {
            let source = Int(order[row]) * rank
            var (error, length, approximation) = (0.0, 0.0, 0.0)
            for k in 0..<rank {
                let value = Double(vectors[source + k])
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
        var reach = [Float](repeating: 0, count: (rows.count + Self.blockRows - 1) / Self.blockRows)
        var longest: Float = 0
        for row in stride(from: rows.count - 1, through: 0, by: -1) {
            longest = max(longest, margins[row] + margins[rows.count + row])
            reach[row / Self.blockRows] = longest * 1.00001
        }
        self.margins = Column(margins)
        self.order = Column(order)
        self.reach = Column(reach)
    }

    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/item-bytes", rows.bytes.elements)
        try writer.add("\(name)/item-scales", rows.scales.elements)
        try writer.add("\(name)/item-margins", margins.elements)
        if let order {
            try writer.add("\(name)/item-order", order.elements)
            try writer.add("\(name)/item-reach", reach.elements)
        }
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
        order = file.column("\(name)/item-order", as: UInt32.self)
        reach = file.column("\(name)/item-reach", as: Float.self) ?? .empty
        if let order {
            let blocks = itemCount / Self.blockRows + (itemCount % Self.blockRows > 0 ? 1 : 0)
            guard order.count == itemCount, reach.count == blocks else {
                throw RecoError(.damaged, "the order of the model's \(name) factors does not fit its items")
            }
        }
    }

    /// The item at a place; one that does not exist where the file lies.
    @inline(__always)
    func item(_ place: Int) -> Int { order.map { Int($0[place]) } ?? place }
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
    private let length: Float
    private let block: UnsafeMutablePointer<Float>  // (blockRows + exactRows)
    private let promising: UnsafeMutablePointer<UInt32>  // (exactRows)

    private static let blockRows = ScoreBounds.blockRows
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
        self.length = length * 1.00001
        forRow = length / query.scale * 1.00001
        forQuery = query.error / query.scale * 1.00001
    }

    /// O(items rank) bytes, and floats for what may be among the best.
    func run(_ selection: inout Selection) {
        guard let margins = bounds.margins.base else { return }
        let itemCount = table.itemCount
        var waiting = 0
        var start = 0
        while start < itemCount {
            if !isCosine, bounds.order != nil, length * bounds.reach[start / Self.blockRows] < selection.threshold {
                break
            }
            let count = min(Self.blockRows, itemCount &- start)
            _ = bounds.rows.scores(query, start, count, into: block)
            var i = 0
            while i < count {
                // Four at a time, for most hold nothing.
                let enough = selection.threshold / query.scale
                if i &+ 4 <= count {
                    var most = four(block + i)
                    most += forRow * four(margins + (start &+ i)) + forQuery * four(margins + (itemCount &+ start &+ i))
                    if isCosine { most *= inverseNorms(start &+ i) }
                    if any(most .>= enough) {
                        for lane in 0..<4 where most[lane] >= enough { note(start &+ i &+ lane, &waiting, &selection) }
                    }
                    i &+= 4
                } else {
                    let row = start &+ i
                    var most = block[i] + forRow * margins[row] + forQuery * margins[itemCount &+ row]
                    if isCosine { most *= table.inverseNorms[bounds.item(row)] }
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

    /// Of the items at four places.
    @inline(__always)
    private func inverseNorms(_ place: Int) -> SIMD4<Float> {
        SIMD4(
            table.inverseNorms[bounds.item(place)], table.inverseNorms[bounds.item(place &+ 1)],
            table.inverseNorms[bounds.item(place &+ 2)], table.inverseNorms[bounds.item(place &+ 3)])
    }

    /// Takes note of the item at a place that may be good enough, and scores those noted once there are enough of them.
    private func note(_ place: Int, _ waiting: inout Int, _ selection: inout Selection) {
        let row = bounds.item(place)
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
