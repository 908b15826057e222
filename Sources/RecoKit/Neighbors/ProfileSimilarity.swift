/// How similar a profile is to the rows that a `SimilarityWeighting` was made for: the same formulas, for a row that
/// training did not see.
///
/// The others' weights hold their own norms already (`weightBack`); |j|² stands in a column beside them. Whatever the
/// numbers are, nothing here traps.
struct ProfileSimilarity: Sendable {
    let scheme: SimilarityWeighting.Scheme
    /// So many columns a row has in common with the profile at least.
    let support: UInt32
    private let k1: Float
    /// bm25: k1 (1 - b), and k1 b / the mean of all rows' sums.
    private let lengthBase: Float
    private let lengthSlope: Float
    private let asymmetry: Float
    /// Shrinkage s q; 0: none.
    private let unit: Float
    /// lift: T.
    private let total: Float

    init(_ weighting: SimilarityWeighting, support: Int, asymmetry: Double) {
        scheme = weighting.scheme
        self.support = UInt32(support)
        k1 = weighting.k1
        lengthBase = weighting.lengthBase
        lengthSlope = weighting.lengthSlope
        self.asymmetry = Float(asymmetry)
        unit = Float(weighting.unit)
        total = Float(weighting.total)
    }

    /// What bm25 takes for the length of a profile whose values have this sum.
    func length(_ sum: Float) -> Float { lengthBase + lengthSlope * sum }

    /// What a value of the profile weighs; `factor` is its column's.
    @inline(__always)
    func weight(_ value: Float, length: Float, factor: Float) -> Float {
        SimilarityWeighting.weight(scheme, value, k1: k1, length: length) * factor
    }

    /// From the sum of the products of weights to the similarity; `square` is |i|², `other` |j|².
    @inline(__always)
    func similarity(_ sum: Float, square: Float, own: Float, other: Float) -> Float {
        var similarity = sum
        switch scheme {
        case .cosine, .tfidf: similarity = sum * own
        case .bm25: break
        case .jaccard: similarity = sum / max(square + other - sum, sum)
        case .lift: similarity = (sum * total) / (square * other)
        }
        guard unit > 0 else { return similarity }
        let both = (square * other).squareRoot()
        return similarity * (both / (both + unit))
    }

    /// |i|^-2a: the profile's own part of the norm.
    func own(square: Float) -> Float { power(square, -asymmetry) }
}

extension ProfileSimilarity {
    /// Writes `name/scheme` and `name/constants`.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/scheme", [scheme.code, support])
        try writer.add("\(name)/constants", [k1, lengthBase, lengthSlope, asymmetry, unit, total])
    }

    /// Reads what `write` wrote; nil if it is not there or makes no sense.
    init?(_ file: ModelFile, name: String) {
        guard let codes = file.column("\(name)/scheme", as: UInt32.self), codes.count == 2,
            let constants = file.column("\(name)/constants", as: Float.self), constants.count == 6,
            let scheme = SimilarityWeighting.Scheme(code: codes[0])
        else { return nil }
        self.scheme = scheme
        support = codes[1]
        (k1, lengthBase, lengthSlope) = (constants[0], constants[1], constants[2])
        (asymmetry, unit, total) = (constants[3], constants[4], constants[5])
    }
}
