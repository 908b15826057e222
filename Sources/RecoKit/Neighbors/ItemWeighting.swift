/// How the value of a pair of user and item counts when items are compared.
///
/// With r the value of the pair, n(u) how many of the N items user u has, and L(i) the sum of item i's values over
/// the mean of all items' sums, the weight of a pair is
///
///     cosine   r
///     tfidf    sqrt(r) idf(u)                              idf(u) = |ln N - ln(1 + n(u))|
///     bm25     r (k1 + 1) / (k1 (1 - b + b L(i)) + r) idf(u)
///
/// and the similarity of two items is the dot product of their weights over all users; cosine and tfidf divide it by
/// the norms of both items. The formulas are those of the Python package implicit 0.7, so that models compare. (Its
/// idf is negative for a user who has every item; only squares of it matter, so the magnitude serves. It also counts an
/// item among its own K neighbours: its K = 20 is our 19.)
///
/// Shrinkage s multiplies the similarity by |i||j| / (|i||j| + s q), where q is the mean of all squared weights: then
/// s counts events of average weight, whatever the scheme and whatever an event is worth. With all values 1 and
/// cosine this is dot / (|i||j| + s).
struct ItemWeighting: PairWeighting {
    enum Scheme: String, Sendable, CaseIterable {
        case cosine, tfidf, bm25
    }

    let scheme: Scheme
    private let k1: Float
    private var userFactors: [Float] = []  // (users): idf; empty for cosine
    private var itemFactors: [Float] = []  // (items): 1 / norm; bm25: k1 (1 - b + b L)
    /// The norm of each item's weights, in units of sqrt(s q): damping is |i||j| / (|i||j| + 1). Empty: no shrinkage.
    private var shrunkNorms: [Float] = []  // (items)

    init(_ interactions: Interactions, settings: Settings) {
        scheme = Scheme(rawValue: settings.text("similarity")) ?? .cosine
        k1 = Float(settings.number("bm25-k1"))
        let byItem = interactions.byItem
        let itemCount = interactions.itemCount
        if scheme != .cosine {
            let logN = naturalLog(Double(max(itemCount, 1)))
            userFactors = (0..<interactions.userCount).map { user in
                // A user who has nearly everything says little, but in a small shop that may be every user.
                Float(max(abs(logN - naturalLog(1 + Double(interactions.byUser.range(user).count))), 0.05 * logN))
            }
        }
        itemFactors = [Float](repeating: 1, count: itemCount)
        if scheme == .bm25 {
            let sums = (0..<itemCount).map { item in
                byItem.values[byItem.range(item)].reduce(0.0) { $0 + Double($1) }
            }
            let mean = max(sums.reduce(0, +) / Double(max(itemCount, 1)), .leastNormalMagnitude)
            let b = settings.number("bm25-b")
            for item in 0..<itemCount { itemFactors[item] = k1 * Float(1 - b + b * sums[item] / mean) }
        }

        var squares = [Double](repeating: 0, count: itemCount)
        for item in 0..<itemCount {
            for entry in byItem.range(item) {
                let weight = Double(self.weight(byItem.values[entry], item: item, user: Int(byItem.columns[entry])))
                squares[item] += weight * weight
            }
        }
        let shrinkage = settings.number("shrinkage")
        if shrinkage > 0, byItem.entryCount > 0 {
            let unit = shrinkage * squares.reduce(0, +) / Double(byItem.entryCount)
            shrunkNorms = squares.map { Float(($0 / unit).squareRoot()) }
        }
        if scheme != .bm25 {
            for item in 0..<itemCount where squares[item] > 0 {
                itemFactors[item] = Float(1 / squares[item].squareRoot())
            }
        }
    }

    /// What a pair with value `value` weighs.
    @inline(__always)
    func weight(_ value: Float, item: Int, user: Int) -> Float {
        let weight =
            switch scheme {
            case .cosine: value * itemFactors[item]
            case .tfidf: value.squareRoot() * userFactors[user] * itemFactors[item]
            case .bm25: value * (k1 + 1) / (itemFactors[item] + value) * userFactors[user]
            }
        return Self.bounded(weight)
    }

    @inline(__always)
    func weightBack(_ value: Float, item: Int, user: Int) -> Float { weight(value, item: item, user: user) }

    @inline(__always)
    func similarity(_ sum: Float, of item: Int, to other: Int) -> Float {
        guard !shrunkNorms.isEmpty else { return sum }
        let both = shrunkNorms[item] * shrunkNorms[other]
        return sum * (both / (both + 1))
    }
}
