/// How the value of a pair counts when the rows of a matrix are compared: items by their users, or users by their items.
///
/// With r the value of a pair, n(c) how many of the N rows column c is in, d the damping, and L(i) the sum of row i's
/// values over the mean of all rows' sums, the weight of a pair is f(c) = n(c)^(-d/2) times
///
///     cosine         r
///     tfidf          sqrt(r) idf(c)                             idf(c) = |ln N - ln(1 + n(c))|
///     bm25           r (k1 + 1) / (k1 (1 - b + b L(i)) + r) idf(c)
///     jaccard, lift  1
///
/// and with (i,j) the dot product of two rows' weights and |i| the norm of one row's, their similarity is
///
///     cosine, tfidf  (i,j) / (|i|^2a |j|^2(1-a))                a: the asymmetry, 0.5 for none
///     bm25           (i,j)
///     jaccard        (i,j) / (|i|² + |j|² - (i,j))
///     lift           (i,j) T / (|i|² |j|²)                      T: the sum of f(c)² over all columns
///
/// Without damping jaccard is the share of the columns of either that both have, and lift how many times more often
/// both have a column than they would by chance. The other formulas are, where a = 0.5 and d = 0, those of the Python
/// package implicit 0.7, so that models compare. (Its idf is negative for a column that every row has; only squares of
/// it matter, so the magnitude serves. It also counts a row among its own K neighbours: its K = 20 is our 19.)
///
/// The asymmetric cosine is Aiolli's (2013, "Efficient top-n recommendation for very large scale binary rated
/// datasets", doi:10.1145/2507157.2507189); that a column says the less the more it holds is from Deshpande and Karypis
/// (2004, doi:10.1145/963770.963776), who fix d = 1.
///
/// Shrinkage s multiplies the similarity by |i||j| / (|i||j| + s q), where q is the mean of all squared weights: then
/// s counts events of average weight, whatever the scheme and whatever an event is worth. With all values 1 and
/// cosine this is dot / (|i||j| + s).
struct SimilarityWeighting: PairWeighting {
    enum Scheme: String, Sendable, CaseIterable {
        case cosine, tfidf, bm25, jaccard, lift

        /// The number in a model file.
        var code: UInt32 { UInt32(Self.allCases.firstIndex(of: self) ?? 0) }

        init?(code: UInt32) {
            guard let scheme = Self.allCases.dropFirst(Int(code)).first else { return nil }
            self = scheme
        }
    }

    let scheme: Scheme
    let k1: Float
    /// bm25: k1 (1 - b) and k1 b / the mean of all rows' sums.
    private(set) var lengthBase: Float = 0
    private(set) var lengthSlope: Float = 0
    private(set) var columnFactors: [Float]  // (columns): f(c), times idf(c) where the scheme has it
    private var lengths: [Float] = []  // (rows): bm25: k1 (1 - b + b L); empty for others
    private(set) var squares: [Double] = []  // (rows): |i|²
    /// s q, or 0.
    private(set) var unit = 0.0
    /// T.
    private(set) var total = 0.0
    private var ownFactors: [Float] = []  // (rows): |i|^-2a; empty where the scheme is not normed
    private var otherFactors: [Float] = []  // (rows): |j|^-2(1-a); likewise
    /// jaccard: |i|²; lift: sqrt(T) / |i|²; empty for others.
    private var counted: [Float] = []  // (rows)
    /// The norm of each row's weights, in units of sqrt(s q): damping is |i||j| / (|i||j| + 1). Empty: no shrinkage.
    private var shrunkNorms: [Float] = []  // (rows)

    /// What a model's settings say about comparing.
    struct Options {
        let scheme: Scheme
        let asymmetry: Double
        let damping: Double
        let shrinkage: Double
        let k1: Double
        let b: Double

        /// `damping` names the setting that is the model's name for d.
        init(_ settings: Settings, damping: String) {
            scheme = Scheme(rawValue: settings.text("similarity")) ?? .cosine
            asymmetry = settings.number("asymmetry")
            self.damping = settings.number(damping)
            shrinkage = settings.number("shrinkage")
            k1 = settings.number("bm25-k1")
            b = settings.number("bm25-b")
        }
    }

    /// Weighs `rows` and its transpose, `columns`. O(entries).
    init(_ rows: SparseRows, _ columns: SparseRows, _ options: Options) {
        scheme = options.scheme
        k1 = Float(options.k1)
        let logN = naturalLog(Double(max(rows.rowCount, 1)))
        columnFactors = (0..<columns.rowCount).map { column in
            let count = Double(columns.range(column).count)
            let factor = power(Float(max(count, 1)), Float(-options.damping / 2))
            guard options.scheme == .tfidf || options.scheme == .bm25 else { return factor }
            // A column that nearly every row has says little, but in a small shop that may be every column.
            return factor * Float(max(abs(logN - naturalLog(1 + count)), 0.05 * logN))
        }
        if scheme == .bm25 {
            let sums = rows.rowSums()
            let mean = max(sums.reduce(0, +) / Double(max(rows.rowCount, 1)), .leastNormalMagnitude)
            lengthBase = Float(options.k1 * (1 - options.b))
            lengthSlope = Float(options.k1 * options.b / mean)
            lengths = sums.map { lengthBase + lengthSlope * Float($0) }
        }

        squares = (0..<rows.rowCount).map { row in
            rows.range(row).reduce(0.0) { sum, entry in
                let weight = Double(plainWeight(rows.values[entry], row: row, column: Int(rows.columns[entry])))
                return sum + weight * weight
            }
        }
        if options.shrinkage > 0, rows.entryCount > 0 {
            unit = options.shrinkage * squares.reduce(0, +) / Double(rows.entryCount)
            shrunkNorms = squares.map { [unit] in Float(($0 / unit).squareRoot()) }
        }
        switch scheme {
        case .cosine, .tfidf:
            ownFactors = Self.powers(squares, -options.asymmetry)
            otherFactors = Self.powers(squares, options.asymmetry - 1)
        case .bm25: break
        case .jaccard: counted = squares.map { Float($0) }
        case .lift:
            for column in 0..<columns.rowCount where !columns.range(column).isEmpty {
                total += Double(columnFactors[column]) * Double(columnFactors[column])
            }
            counted = squares.map { [total] in $0 > 0 ? Float(total.squareRoot() / $0) : 0 }
        }
    }

    private static func powers(_ squares: [Double], _ exponent: Double) -> [Float] {
        squares.map { $0 > 0 ? Float(power($0, exponent)) : 0 }
    }

    /// What a pair weighs, before norms.
    @inline(__always)
    func plainWeight(_ value: Float, row: Int, column: Int) -> Float {
        plainWeight(value, length: lengths.isEmpty ? 0 : lengths[row], factor: columnFactors[column])
    }

    @inline(__always)
    private func plainWeight(_ value: Float, length: Float, factor: Float) -> Float {
        Self.bounded(Self.weight(scheme, value, k1: k1, length: length) * factor)
    }

    /// The part of a weight that comes from the value.
    @inline(__always)
    static func weight(_ scheme: Scheme, _ value: Float, k1: Float, length: Float) -> Float {
        switch scheme {
        case .cosine: value
        case .tfidf: value.squareRoot()
        case .bm25: value * (k1 + 1) / (length + value)
        case .jaccard, .lift: 1
        }
    }

    @inline(__always)
    func weight(_ value: Float, item row: Int, user column: Int) -> Float {
        let weight = plainWeight(value, row: row, column: column)
        return ownFactors.isEmpty ? weight : Self.bounded(weight * ownFactors[row])
    }

    @inline(__always)
    func weightBack(_ value: Float, item row: Int, user column: Int) -> Float {
        let weight = plainWeight(value, row: row, column: column)
        return otherFactors.isEmpty ? weight : Self.bounded(weight * otherFactors[row])
    }

    @inline(__always)
    func similarity(_ sum: Float, of row: Int, to other: Int) -> Float {
        var similarity = sum
        if !counted.isEmpty {
            similarity =
                scheme == .jaccard
                ? sum / max(counted[row] + counted[other] - sum, sum) : sum * (counted[row] * counted[other])
        }
        guard !shrunkNorms.isEmpty else { return similarity }
        let both = shrunkNorms[row] * shrunkNorms[other]
        return similarity * (both / (both + 1))
    }
}
