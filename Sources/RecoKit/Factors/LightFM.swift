/// Hybrid factorisation: users and items as sums of their features' vectors (Kula 2015, arXiv:1507.08439).
///
/// A user's vector p is the weighted sum of the vectors of its features, an item's q likewise, and the score is p · q and
/// the offset of the item. With only themselves as features, users and items have a vector each; with attributes beside,
/// those that nobody has met yet are scored by what they are made of, and an average user or item in the place of
/// themselves. Trained by `PairLoss` over pairs, the values of which may count, with the steps of `FeatureVectors`.
///
/// What we add: vectors of features that no learned pair has are zero instead of chance; the offsets of users, which change
/// no order, do not reach the file. A stranger is folded in from the session by the training's own steps with the items
/// held still, from an average user on; a user with news likewise from where the user is.
/// O(epochs x pairs x (1 + draws) x features of an item x factors).
struct LightFM: FactorModel {
    static let name = "lightfm"
    static let summary = "hybrid factorisation: taste as factors of users' and items' features, for new ones too"
    static let code = SourceCode.lightFM
    static let continues = true

    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank - 1), default: "64",
            "length of the vectors; by default at most an eighth of the users and of the items"
        ).tuned(.log(16...128), cost: 1),
        Hyperparameter(
            "loss", .choice(PairLoss.Kind.allCases.map(\.rawValue)), default: "warp",
            "warp: the top of the list; warp-kos: the same for many tastes of one user; bpr: the whole order; logistic: "
                + "likes against dislikes"
        ).tuned(.choices(["warp", "warp-kos", "bpr"])),
        Hyperparameter("epochs", .integer(1...10_000), default: "30", "how often every pair is learned from")
            .tuned(.log(10...100), cost: 1),
        Hyperparameter(
            "item-features", .text(RowFeatures.form), default: RowFeatures.usual,
            "what items are made of: themselves, all their attributes, or attributes by name"),
        Hyperparameter(
            "user-features", .text(RowFeatures.form), default: RowFeatures.usual, "what users are made of, likewise"),
        Hyperparameter("optimizer", .choice(["adagrad", "adadelta"]), default: "adagrad", "how steps are measured out"),
        Hyperparameter("learning-rate", .number(1e-6...100), default: "0.05", "length of the steps of adagrad")
            .tuned(.log(0.01...0.2)),
        Hyperparameter("decay", .number(0...0.9999), default: "0.95", "how slowly adadelta forgets"),
        Hyperparameter("epsilon", .number(1e-12...1), default: "1e-6", "how adadelta begins"),
        Hyperparameter("user-regularization", .number(0...100), default: "0", "how strongly users' vectors are kept short")
            .tuned(.log(1e-6...1e-2)),
        Hyperparameter("item-regularization", .number(0...100), default: "0", "how strongly items' vectors are kept short")
            .tuned(.log(1e-6...1e-2)),
        Hyperparameter(
            "max-sampled", .integer(1...10_000), default: "10",
            "warp: how many items are drawn to find one that is ranked too high"
        ).tuned(.log(5...50), cost: 0.5),
        Hyperparameter("kos-drawn", .integer(1...1000), default: "10", "warp-kos: how many of the user's items are drawn"),
        Hyperparameter(
            "kos-position", .integer(1...1000), default: "5", "warp-kos: which of them is learned from, 1 for the best"),
        Hyperparameter(
            "sample-weights", .flag, default: "no", "whether a pair of more or weightier events counts more"
        ).tuned(.choices(["no", "yes"])),
        Hyperparameter("buckets", .integer(2...1000), default: "10", "into how many a number is sorted"),
        Hyperparameter(
            "values", .integer(1...10_000_000), default: "20000",
            "values of an attribute that are learned at most: those that most users or items have"),
        Hyperparameter(
            "words", .integer(1...1000), default: "16", "words of a text that are learned at most, the rarest"),
        Hyperparameter(
            "lock-free", .flag, default: "no",
            "threads do not wait for each other: faster with many, but no two trainings are the same"),
    ]

    /// Vectors with one more number than there are factors: 1 for users, the offset for items.
    let table: FactorTable
    /// An average user.
    let prior: Column<Float>  // (rank)
    let learned: LearnedFeatures
    let loss: PairLoss
    let learningRate: Float

    /// What a user with news is, or a stranger.
    func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        let stored = table.userVector(profile.user)
        if profile.isStoredUser { return stored }
        let news = UnsafeBufferPointer(rebasing: profile.events.dropFirst(stored == nil ? 0 : profile.sessionStart))
        return fold(news, from: stored, has: profile.events, using: scratch) ?? stored
    }

    func foldIn(_ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch) -> UnsafePointer<Float>? {
        fold(events, from: nil, has: events, using: scratch)
    }

    /// How alike each of the user's own items is to `row`, for the score is no sum of parts: its cosine, and 0 for what
    /// the user does not like. O(events rank).
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard table.inverseNorms[Int(row)] > 0 else { return false }
        for i in 0..<min(profile.events.count, contributions.count) {
            let event = profile.events[i]
            contributions[i] = event.weight > 0 ? max(0, table.cosine(row, event.item) ?? 0) : 0
        }
        return true
    }
}
