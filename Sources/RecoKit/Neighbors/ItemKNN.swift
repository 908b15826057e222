/// Item-based collaborative filtering: every item keeps its most similar items, and a profile's score for an item is
/// the sum of its similarities to the profile's items, each times what the profile's event is worth.
///
/// Sarwar, Karypis, Konstan, Riedl 2001, "Item-based collaborative filtering recommendation algorithms",
/// doi:10.1145/371920.372071; Deshpande and Karypis 2004, "Item-based top-N recommendation algorithms",
/// doi:10.1145/963770.963776. An item is not among its own neighbours, so an item of the profile scores only by what
/// its fellow items say about it. An event with a negative weight (a dislike) takes from the scores of its item's
/// neighbours; what is left with a score of zero or less is not proposed. Training sees positive pairs only.
///
/// `SimilarityWeighting` has the similarities. Dividing each item's by their sum (`normalize`) is Deshpande and Karypis's;
/// it makes the asymmetry one of the neighbours alone. A question costs O(events x neighbours).
struct ItemKNN: ItemSimilarityModel {
    static let name = "item-knn"
    static let code = SourceCode.itemKNN
    static let summary = "similar items by who had both: cosine, TF-IDF, BM25, Jaccard or lift"

    /// The defaults are one choice for Gowalla, MovieLens 1M, Retailrocket and Online Retail, each with a part of the
    /// training data held out: against plain TF-IDF with 20 neighbours they gain 7 % of recall@20 on the sparse first
    /// and 2 to 4 % on the others. Gowalla alone would take 100 neighbours, an asymmetry of 0.65 and a damping of 0.5
    /// (13 %), which cost the dense sets as much.
    static let hyperparameters = [
        Hyperparameter(
            "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "20",
            "similar items kept for each item"
        ).tuned(.log(10...400), cost: 0.2),
        Hyperparameter(
            "similarity", .choice(SimilarityWeighting.Scheme.allCases.map(\.rawValue)), default: "tfidf",
            "how what users did is weighed and items are compared"
        ).tuned(.choices(["cosine", "tfidf", "bm25", "lift"])),
        Hyperparameter(
            "asymmetry", .number(0...1), default: "0.55",
            "cosine, tfidf: above 0.5 popular items are held back less as neighbours; 0.5: the symmetric cosine"
        ).tuned(.linear(0.4...0.8)),
        Hyperparameter(
            "user-damping", .number(0...2), default: "0.2",
            "users with many items say less: by the power -user-damping of their number of items"
        ).tuned(.linear(0...0.8)),
        Hyperparameter(
            "shrinkage", .number(0...1_000_000), default: "10",
            "distrusts items with few events: a pair of items with this many each has its similarity halved"
        ).tuned(.log(1...300)),
        Hyperparameter(
            "support", .integer(1...1_000_000), default: "1", "users that similar items have in common at least"),
        Hyperparameter(
            "normalize", .flag, default: "yes", "each item's similarities sum up to 1, so that all have the same say"
        ).tuned(.choices(["yes", "no"])),
        Hyperparameter(
            "bm25-k1", .number(0...1000), default: "1.2", "bm25: how fast repeated events of a pair stop to count"
        ).tuned(.linear(0.3...3), when: "similarity=bm25"),
        Hyperparameter(
            "bm25-b", .number(0...1), default: "0.75", "bm25: how much items with many events are held back"
        ).tuned(.linear(0...1), when: "similarity=bm25"),
    ]

    let table: ItemSimilarityTable

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> ItemKNN {
        let (byItem, byUser) = (data.interactions.byItem, data.interactions.byUser)
        let weighting = SimilarityWeighting(byItem, byUser, .init(settings, damping: "user-damping"))
        let comparison = try ItemComparison(byItem, byUser, weighting, threads: run.threads)
        return ItemKNN(
            table: try comparison.table(
                neighbors: settings.integer("neighbors"), support: settings.integer("support"),
                normalized: settings.flag("normalize"), run: run
            ).checked())
    }
}
