/// How much users count in a regression of items on items, and how strongly weights are held back: what makes EASE and
/// SLIM strong on sparse data, where a few users have hundreds of items and most items have a handful of events.
///
/// A user with n items counts n^-discount, in units of the mean over pairs, as in a normalised graph (Shen et al. 2021,
/// doi:10.1145/3459637.3482264): who has everything says little about what goes together. Item i, with G_ii the sum of
/// its squares, pays λ + μ √G_ii for the square of a weight: λ alone is EASE; a part that grows with G_ii is what dropout
/// amounts to (Steck 2020, "Autoencoders that don't overfit towards the identity"), and the root is
/// between the two. λ and the root together held up best over Gowalla, Retailrocket and Online Retail with a part of the
/// training pairs held out: alone, λ loses 2 % of recall@20 on the first and the root 7 % on the second.
struct RegressionWeights: Sendable {
    let users: [Float]  // (users)
    private let regularization: Float
    private let popularityPenalty: Float

    /// The settings of the models that share this; `regularization` is the name and help of the one for λ.
    static func hyperparameters(_ regularization: (name: String, help: String)) -> [Hyperparameter] {
        [
            Hyperparameter(regularization.name, .number(1e-3...1e9), default: "30", regularization.help).tuned(
                .log(5...500)),
            Hyperparameter(
                "popularity-penalty", .number(0...1e6), default: "10",
                "an item with n events pays this x the root of n on top of \(regularization.name)"
            ).tuned(.linear(0...25)),
            Hyperparameter(
                "user-discount", .number(0...2), default: "0.4",
                "a user with n items counts n^-this, in units of the mean; 0: all the same"
            ).tuned(.linear(0...0.8)),
        ]
    }

    init(_ byUser: SparseRows, settings: Settings, regularization: String) {
        self.regularization = Float(settings.number(regularization))
        popularityPenalty = Float(settings.number("popularity-penalty"))
        let discount = Float(settings.number("user-discount"))
        let shares = (0..<byUser.rowCount).map { power(Float(max(1, byUser.range($0).count)), -discount) }
        let total = (0..<byUser.rowCount).reduce(0.0) { $0 + Double(shares[$1]) * Double(byUser.range($1).count) }
        let mean = total / Double(max(1, byUser.entryCount))
        users = shares.map { Float(Double($0) / mean) }
    }

    /// What an item pays whose sum of squares is `square`.
    @inline(__always)
    func penalty(_ square: Float) -> Float { regularization + popularityPenalty * square.squareRoot() }
}
