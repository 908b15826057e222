/// A vector for every user and every item, whose dot product is the score: what all factor models answer from.
///
/// Best items are found by scanning all of them, in blocks that stay in cache; exact. O(items rank) per question. In a
/// large table the scan reads vectors as bytes, which say what a score cannot exceed, and floats only of what is promising.
struct FactorTable: Sendable {
    let rank: Int
    let users: Column<Float>  // (users, rank)
    let items: Column<Float>  // (items, rank)
    /// 1 / length of each item's vector, measured with `metric`; 0 for an item that training knew nothing about.
    let inverseNorms: Column<Float>  // (items)
    /// Stretches the dimensions when items are compared with each other: a · diag(metric) · b. Nil: as they are.
    let metric: Column<Float>?  // (rank)
    /// Nil: there are too few items to be worth it.
    let bounds: ScoreBounds?

    var itemCount: Int { inverseNorms.count }

    /// How many items are scored at a time: their scores and a part of their vectors fit the first-level cache.
    private static let blockRows = 256

    /// How many factors to train: what was set, or the default where the data can bear it. In a small shop so many
    /// would learn every basket by heart, so by default there is at most one for eight users and eight items.
    static func rank(_ settings: Settings, _ data: SparseRows) -> Int {
        let wanted = settings.integer("factors")
        if settings.isSet("factors") { return wanted }
        return min(wanted, max(2, min(data.rowCount, data.columnCount) / 8))
    }

    /// Takes over trained factors, which must not change any more; throws if they are not finite.
    init(rank: Int, users: DenseMatrix, items: DenseMatrix, metric: [Float]?) throws {
        guard users.elements.allSatisfy(\.isFinite), items.elements.allSatisfy(\.isFinite) else {
            throw RecoError(
                .badData,
                "training gave factors that are not finite numbers: the events' weights are too large, or a setting is "
                    + "(a learning rate, a regularization)")
        }
        self.rank = rank
        self.users = Column(base: users.base, count: users.elements.count, owner: users)
        self.items = Column(base: items.base, count: items.elements.count, owner: items)
        self.metric = metric.map { Column($0) }
        inverseNorms = Column(
            (0..<items.rowCount).map { row in
                var square: Float = 0
                for k in 0..<rank { square += items.row(row)[k] * items.row(row)[k] * (metric?[k] ?? 1) }
                let inverse = 1 / square.squareRoot()
                return inverse.isFinite ? inverse : 0
            })
        bounds = self.items.count < ScoreBounds.worthwhile ? nil : ScoreBounds(self.items.elements, rank: rank)
    }

    init(
        rank: Int, users: Column<Float>, items: Column<Float>, inverseNorms: Column<Float>, metric: Column<Float>?,
        bounds: ScoreBounds?
    ) {
        self.rank = rank
        self.users = users
        self.items = items
        self.inverseNorms = inverseNorms
        self.metric = metric
        self.bounds = bounds
    }

    /// The cosine of two items; nil if training knew nothing about one of them. O(rank).
    func cosine(_ a: UInt32, _ b: UInt32) -> Float? {
        let scale = inverseNorms[Int(a)] * inverseNorms[Int(b)]
        guard scale > 0, let left = items.row(Int(a), width: rank), let right = items.row(Int(b), width: rank) else {
            return nil
        }
        var sum: Float = 0
        if let metric, metric.count == rank {
            for k in 0..<rank { sum += left[k] * right[k] * metric[k] }
        } else {
            for k in 0..<rank { sum += left[k] * right[k] }
        }
        return sum * scale
    }

    /// The stored vector of a user, or nil if there is none that says anything.
    func userVector(_ user: Int?) -> UnsafePointer<Float>? {
        guard let user, let row = users.row(user, width: rank), let base = row.baseAddress else { return nil }
        return says(base) ? base : nil
    }

    /// Whether a vector is finite and not zero.
    func says(_ vector: UnsafePointer<Float>) -> Bool {
        let square = Kernels.best.dot(vector, vector, rank)
        return square > 0 && square < .infinity
    }

    /// Offers every item with its score for `vector`, leaving out items that training knew nothing about.
    func propose(_ vector: UnsafePointer<Float>, using scratch: Scratch, to selection: inout Selection) -> Bool {
        scan(for: vector, isCosine: false, using: scratch, to: &selection)
    }

    /// Scores given items; 0 for a row that is none.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, _ vector: UnsafePointer<Float>,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let out = scores.baseAddress, scores.count >= rows.count else { return rows.isEmpty }
        Kernels.best.scores(of: rows, in: items.elements, rank: rank, vector: vector, into: out)
        return true
    }

    /// Offers every item with its mean cosine to `given`.
    func proposeSimilar(
        to given: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        guard let mean = scratch.floats(.vector, rank) else { return false }
        mean.update(repeating: 0, count: rank)
        var known = 0
        for item in given {
            let inverse = inverseNorms[Int(item)]
            guard inverse > 0, let row = items.row(Int(item), width: rank)?.baseAddress else { continue }
            Kernels.best.addScaled(inverse, row, to: mean, rank)
            known &+= 1
        }
        guard known > 0 else { return false }
        for k in 0..<rank { mean[k] *= (metric?[k] ?? 1) / Float(known) }
        guard says(mean) else { return false }
        return scan(for: mean, isCosine: true, using: scratch, to: &selection)
    }

    /// Offers items that training knew with their scores for `vector`, or with these divided by the item's length.
    func scan(
        for vector: UnsafePointer<Float>, isCosine: Bool, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        if let bounds, let scan = BoundedScan(bounds, for: vector, of: self, isCosine: isCosine, using: scratch) {
            scan.run(&selection)
            return true
        }
        guard let start = items.base, let block = scratch.floats(.block, Self.blockRows) else { return false }
        var row = 0
        while row < itemCount {
            let count = min(Self.blockRows, itemCount &- row)
            let best = Kernels.best.scores(
                ofRowsAt: start + row &* rank, count: count, rank: rank, vector: vector, into: block)
            if isCosine || best >= selection.threshold {
                for i in 0..<count {
                    let inverse = inverseNorms[row &+ i]
                    let score = isCosine ? block[i] * inverse : block[i]
                    if score >= selection.threshold, inverse > 0 {
                        selection.offer(UInt32(truncatingIfNeeded: row &+ i), score)
                    }
                }
            }
            row &+= count
        }
        return true
    }
}
