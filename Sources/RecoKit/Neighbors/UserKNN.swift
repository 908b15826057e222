/// User-based collaborative filtering ("customers like you also bought"): the users whose items resemble a profile's
/// most propose what they have, each as much as it is alike.
///
/// Resnick, Iacovou, Suchak, Bergstrom and Riedl 1994, "GroupLens", doi:10.1145/192844.192905, for implicit feedback:
/// the score of an item is the sum over the `neighbors` most similar users who have it, similarity^p x what their events
/// with it are worth, times the item's number of users^-g. The similarities are those of `SimilarityWeighting`, of users
/// by their items; the power p is the case amplification of Breese, Heckerman and Kadie 1998, arXiv:1301.7363.
///
/// Neighbours are found when a question is asked, so that a stranger's session, a user with news and a user as training
/// knew it all go one way: from the profile's items over the lists of their users. A user is not its own neighbour. Lists
/// longer than `postings` keep the users whose numbers, mixed with the seed, are smallest: the same users in every list,
/// so that what two of them have in common stays whole (coordinated sampling, as in Cohen 1997, doi:10.1006/jcss.1997.1534).
/// A question so costs O(events x postings + neighbours x their events), whatever the number of users.
struct UserKNN: TrainableModel {
    static let name = "user-knn"
    static let code = SourceCode.userKNN
    static let summary = "what the most similar users have: cosine, TF-IDF, BM25, Jaccard or lift"

    static let hyperparameters = [
        Hyperparameter(
            "neighbors", .integer(1...10_000), default: "100", "similar users that are asked"
        ).tuned(.log(20...500)),
        Hyperparameter(
            "similarity", .choice(SimilarityWeighting.Scheme.allCases.map(\.rawValue)), default: "tfidf",
            "how what users did is weighed and users are compared"
        ).tuned(.choices(["cosine", "tfidf", "bm25"])),
        Hyperparameter(
            "asymmetry", .number(0...1), default: "0.4",
            "cosine, tfidf: below 0.5 users with many items are held back more as neighbours; 0.5: the symmetric cosine"
        ).tuned(.linear(0.3...0.6)),
        Hyperparameter(
            "item-damping", .number(0...2), default: "0",
            "popular items say less: by the power -item-damping of their number of users"),
        Hyperparameter(
            "shrinkage", .number(0...1_000_000), default: "0",
            "distrusts users with few events: a pair of users with this many each has its similarity halved"),
        Hyperparameter(
            "support", .integer(1...1_000_000), default: "1", "items that similar users have in common at least"),
        Hyperparameter(
            "amplification", .number(0.1...10), default: "1.5",
            "similarities to this power: above 1 the most similar users say more"
        ).tuned(.linear(1...3)),
        Hyperparameter(
            "popularity-damping", .number(0...2), default: "0",
            "popular items are held back: by the power -popularity-damping of their number of users"),
        Hyperparameter(
            "postings", .integer(1...UserKNN.maximumPostings), default: "2000",
            "users looked at for each item of a profile; of more, a sample"),
        Hyperparameter(
            "bm25-k1", .number(0...1000), default: "1.2", "bm25: how fast repeated events of a pair stop to count"),
        Hyperparameter(
            "bm25-b", .number(0...1), default: "0.75", "bm25: how much users with many events are held back"),
    ]

    /// The longest list of users that is read.
    static let maximumPostings = 100_000

    let similarity: ProfileSimilarity
    let neighborCount: Int
    let itemFactors: Column<Float>  // (items): what an item says, whatever its value
    let squares: Column<Float>  // (users): the sum of each user's squared weights
    let offsets: RaggedOffsets  // (items + 1)
    let users: Column<UInt32>  // (postings): who has the item, ascending
    let weights: Column<Float>  // (postings): and how much it weighs with them
    let discounts: Column<Float>  // (items): what an item that is proposed counts
    let amplification: Float
    /// What they have. The file has it anyway.
    let history: History

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> UserKNN {
        let (byUser, byItem) = (data.interactions.byUser, data.interactions.byItem)
        let options = SimilarityWeighting.Options(settings, damping: "item-damping")
        let weighting = SimilarityWeighting(byUser, byItem, options)
        let limit = settings.integer("postings")

        var offsets: [UInt64] = [0]
        var users: [UInt32] = []
        var weights: [Float] = []
        for item in 0..<byItem.rowCount {
            if item % 4096 == 0 { try run.progress("listing users", item, byItem.rowCount) }
            for entry in sample(byItem.range(item), of: byItem.columns, limit: limit, seed: run.seed) {
                users.append(byItem.columns[entry])
                weights.append(
                    weighting.weightBack(byItem.values[entry], item: Int(byItem.columns[entry]), user: item))
            }
            offsets.append(UInt64(users.count))
        }
        try run.progress("listing users", byItem.rowCount, byItem.rowCount)
        guard weights.allSatisfy(\.isFinite), weighting.squares.allSatisfy({ Float($0).isFinite }) else {
            throw RecoError(.badData, "training gave weights that are not finite numbers")
        }
        let damping = settings.number("popularity-damping")
        let discounts = (0..<byItem.rowCount).map { power(Double(max(byItem.range($0).count, 1)), -damping) }
        return UserKNN(
            similarity: ProfileSimilarity(
                weighting, support: settings.integer("support"), asymmetry: options.asymmetry),
            neighborCount: settings.integer("neighbors"), itemFactors: Column(weighting.columnFactors),
            squares: Column(weighting.squares.map { Float($0) }),
            offsets: RaggedOffsets(offsets: Column(offsets)), users: Column(users), weights: Column(weights),
            discounts: Column(discounts.map { Float($0) }), amplification: Float(settings.number("amplification")),
            history: History(data.interactions))
    }

    /// The entries of a list that are kept: all, or the `limit` whose users have the smallest mixed numbers.
    private static func sample(_ range: Range<Int>, of users: LargeArray<UInt32>, limit: Int, seed: UInt64) -> [Int] {
        guard range.count > limit else { return Array(range) }
        let keyed = range.map { (key: mix(UInt64(users[$0]) &+ mix(seed)), entry: $0) }
        return keyed.sorted { ($0.key, $0.entry) < ($1.key, $1.entry) }.prefix(limit).map(\.entry).sorted()
    }
}
