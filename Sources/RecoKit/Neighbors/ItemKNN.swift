/// Item-based collaborative filtering: every item keeps its most similar items, and a profile's score for an item is
/// the sum of its similarities to the profile's items, each times what the profile's event is worth.
///
/// Sarwar, Karypis, Konstan, Riedl 2001, "Item-based collaborative filtering recommendation algorithms",
/// doi:10.1145/371920.372071; Deshpande and Karypis 2004, "Item-based top-N recommendation algorithms",
/// doi:10.1145/963770.963776. An item is not among its own neighbours, so an item of the profile scores only by what
/// its fellow items say about it. An event with a negative weight (a dislike) takes from the scores of its item's
/// neighbours; what is left with a score of zero or less is not proposed. Training sees positive pairs only.
///
/// A question costs O(events x neighbours).
struct ItemKNN: ItemSimilarityModel {
    static let name = "item-knn"
    static let code = SourceCode.itemKNN
    static let summary = "similar items by who had both: cosine, TF-IDF or BM25, the best neighbours of each item kept"

    /// The defaults are a compromise between MovieLens 1M, Gowalla and Online Retail, each with a tenth of the training
    /// pairs held out: TF-IDF beat cosine on all three by 5 to 12 %, 20 neighbours beat 50 on two and tied on one, and
    /// a shrinkage of 10 gained 13 % of recall@20 on the sparsest for about 1 % on the others.
    static let hyperparameters = [
        Hyperparameter(
            "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "20",
            "similar items kept for each item"
        ).tuned(.log(10...400), cost: 0.2),
        Hyperparameter(
            "similarity", .choice(ItemWeighting.Scheme.allCases.map(\.rawValue)), default: "tfidf",
            "how what users did is weighed before items are compared"
        ).tuned(.choices(["cosine", "tfidf", "bm25"])),
        Hyperparameter(
            "shrinkage", .number(0...1_000_000), default: "10",
            "distrusts items with few events: a pair of items with this many each has its similarity halved"
        ).tuned(.log(1...300)),
        Hyperparameter(
            "bm25-k1", .number(0...1000), default: "1.2", "bm25: how fast repeated events of a pair stop to count"
        ).tuned(.linear(0.3...3), when: "similarity=bm25"),
        Hyperparameter(
            "bm25-b", .number(0...1), default: "0.75", "bm25: how much items with many events are held back"
        ).tuned(.linear(0...1), when: "similarity=bm25"),
    ]

    let table: ItemSimilarityTable

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> ItemKNN {
        let weighting = ItemWeighting(data.interactions, settings: settings)
        let comparison = try ItemComparison(data.interactions, weighting, threads: run.threads)
        return ItemKNN(table: try comparison.table(neighbors: settings.integer("neighbors"), run: run))
    }
}
