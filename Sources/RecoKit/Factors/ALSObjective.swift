/// What ALS minimises, as four numbers: Σ c (p - x·y)² + Σ λ |x|² + Σ λ |y|² over all pairs of user and item.
///
/// c is α |v| / (the mean positive value) for a pair with a value v, and `unobserved` for all others. λ of a row is
/// `regularization` · (observed + unobserved · others)^ν, with the number of its observed pairs and that of all rows of
/// the other side: Rendle, Krichene, Zhang and Koren 2022, doi:10.1145/3523227.3548486. ν = 0 gives every row the same
/// λ, as in the `implicit` library.
///
/// Where `unobserved` is not given it is √(pairs / (users · items)). Sparse data wants a small weight, or the many
/// unknown pairs drown the few known ones; in proportion to the density itself it would soon be nothing. Beside a third
/// of the root and three times it, the root gave the best NDCG@20 on held-out parts of two sets (sparse ones), and
/// within 5 % of the best, which was three times the root, on two others.
///
/// What differs from the paper: there an observed pair also counts as an unobserved one, here its confidence replaces
/// that, as in Hu, Koren and Volinsky 2008.
struct ALSObjective: Sendable {
    /// Multiplies an event's value into a confidence: α / (the mean positive value).
    let alpha: Float
    let unobserved: Float
    let regularization: Float
    let frequencyScaling: Float
    /// The confidence of a pair with a value near zero: 1 in Spark's MLlib, where it is 1 + α |v|.
    let confidenceOffset: Float
    /// λ grows with the observed pairs alone, as in MLlib.
    let countsObservedOnly: Bool

    init(_ settings: Settings, _ positive: SparseRows) {
        let sum = positive.values.reduce(0.0) { $0 + Double($1) }
        let mean = sum / Double(max(1, positive.entryCount))
        alpha = Float(settings.number("alpha") / max(mean, Double(Float.leastNormalMagnitude)))
        let given = settings.number("unobserved")
        let share = Double(positive.entryCount) / (Double(positive.rowCount) * Double(positive.columnCount))
        unobserved = Float(given > 0 ? max(given, 1e-6) : share.squareRoot())
        regularization = Float(settings.number("regularization"))
        frequencyScaling = Float(settings.number("frequency-scaling"))
        (confidenceOffset, countsObservedOnly) = (0, false)
    }

    init(
        alpha: Float, unobserved: Float, regularization: Float, frequencyScaling: Float, confidenceOffset: Float = 0,
        countsObservedOnly: Bool = false
    ) {
        self.alpha = alpha
        self.unobserved = unobserved
        self.regularization = regularization
        self.frequencyScaling = frequencyScaling
        self.confidenceOffset = confidenceOffset
        self.countsObservedOnly = countsObservedOnly
    }

    /// The confidence of a pair with a value; negative for what was disliked.
    @inline(__always)
    func confidence(_ value: Float) -> Float {
        alpha * value + (value < 0 ? -confidenceOffset : value > 0 ? confidenceOffset : 0)
    }

    /// λ of a row with so many observed pairs among `others` rows of the other side.
    func penalty(observed: Int, others: Int) -> Float {
        guard frequencyScaling != 0 else { return regularization }
        let unknown = countsObservedOnly ? 0 : unobserved * Float(others)
        return regularization * power(Float(observed) + unknown, frequencyScaling)
    }
}
