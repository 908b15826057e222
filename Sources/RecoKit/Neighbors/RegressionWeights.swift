/// How much users count in a regression of items on items, and how strongly weights are held back: what makes EASE and
/// SLIM strong on sparse data, where a few users have hundreds of items and most items have a handful of events.
///
/// A user with n items counts n^-discount, in units of the mean over pairs, as in a normalised graph (Shen et al. 2021,
/// doi:10.1145/3459637.3482264): who has everything says little about what goes together. Item i, with G_ii the sum of
/// its squares, pays λ G_ii^exponent for the square of a weight: with an exponent of 0 that is EASE's λ, with 1 the
/// penalty that dropout amounts to (Steck 2020, "Autoencoders that don't overfit towards the identity").
struct RegressionWeights: Sendable {
    let users: [Float]  // (users)
    private let regularization: Float
    private let exponent: Float

    /// The settings of both models; `regularization` names the one for λ.
    static func hyperparameters(regularization: Hyperparameter) -> [Hyperparameter] {
        [
            regularization,
            Hyperparameter(
                "popularity-exponent", .number(0...1), default: "0.5",
                "an item with n events pays \(regularization.name) x n^this for its weights; 0: all the same"),
            Hyperparameter(
                "user-discount", .number(0...2), default: "0.4",
                "a user with n items counts n^-this; 0: all the same"),
        ]
    }

    init(_ byUser: SparseRows, settings: Settings, regularization: String) {
        self.regularization = Float(settings.number(regularization))
        exponent = Float(settings.number("popularity-exponent"))
        let discount = Float(settings.number("user-discount"))
        let shares = (0..<byUser.rowCount).map { power(Float(max(1, byUser.range($0).count)), -discount) }
        let total = (0..<byUser.rowCount).reduce(0.0) { $0 + Double(shares[$1]) * Double(byUser.range($1).count) }
        let mean = total / Double(max(1, byUser.entryCount))
        users = shares.map { Float(Double($0) / mean) }
    }

    /// What an item pays whose sum of squares is `square`.
    @inline(__always)
    func penalty(_ square: Float) -> Float { regularization * (exponent == 0 ? 1 : power(square, exponent)) }
}
