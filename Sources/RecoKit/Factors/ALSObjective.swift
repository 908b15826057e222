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

    init(_ settings: Settings, _ positive: SparseRows) {
        let sum = positive.values.reduce(0.0) { $0 + Double($1) }
        let mean = sum / Double(max(1, positive.entryCount))
        alpha = Float(settings.number("alpha") / max(mean, Double(Float.leastNormalMagnitude)))
        let given = settings.number("unobserved")
        let share = Double(positive.entryCount) / (Double(positive.rowCount) * Double(positive.columnCount))
        unobserved = Float(given > 0 ? max(given, 1e-6) : share.squareRoot())
        regularization = Float(settings.number("regularization"))
        frequencyScaling = Float(settings.number("frequency-scaling"))
    }

    init(alpha: Float, unobserved: Float, regularization: Float, frequencyScaling: Float) {
        self.alpha = alpha
        self.unobserved = unobserved
        self.regularization = regularization
        self.frequencyScaling = frequencyScaling
    }

    /// λ of a row with so many observed pairs among `others` rows of the other side.
    func penalty(observed: Int, others: Int) -> Float {
        guard frequencyScaling != 0 else { return regularization }
        return regularization * power(Float(observed) + unobserved * Float(others), frequencyScaling)
    }
}
