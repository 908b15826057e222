/// Embeddings of items by what stands around them in baskets, sessions and histories: word2vec with items for words.
///
/// Barkan and Koenigstein 2016, "Item2vec: neural item embedding for collaborative filtering", arXiv:1603.04259;
/// `EmbeddingTraining` has word2vec itself. Every item has a vector v, and a context c of what it goes with. A
/// profile's query is the mean of its events' vectors, each with a weight that halves every `recency` events back in
/// time, and the score of an item is
///
///     Σ weightₑ (vₑ · c + b),    b = ln negatives + popularity · ln(frequency / mean frequency)
///
/// which is a sum over the events. Negative sampling learns v · c = ln p(item | event) - ln of the item's chance to be
/// drawn - ln negatives (Levy and Goldberg 2014, "Neural word embedding as implicit matrix factorization"): b takes
/// back the last, so that a score of 0 is what chance would give, and some of the second. The paper compares items by
/// cosine alone, which is what is left where there are no contexts, as in imported vectors.
///
/// Whoever has done anything is answered alike, known to training or not. A question costs O((events + items) rank).
struct Item2Vec: Sendable {
    static let code = SourceCode.item2Vec

    /// The longest past of a user that is kept.
    static let longestHistory = 1024

    /// What each item is; items that training knew nothing about have zeros.
    let vectors: FactorTable  // items: (items, rank)
    /// What goes with it, and b as one number more. Nil: scores are cosines of vectors.
    let contexts: FactorTable?  // items: (items, rank + 1)
    /// What each user did, the latest first, an item once.
    let userOffsets: RaggedOffsets  // (users + 1)
    let userItems: Column<UInt32>  // (entries)
    /// How many events ago an event counts half; 0: all count alike.
    let recency: Float

    init(
        rank: Int, vectors: Column<Float>, norms: Column<Float>, contexts: Column<Float>?,
        userOffsets: RaggedOffsets, userItems: Column<UInt32>, recency: Float
    ) {
        self.vectors = FactorTable(
            rank: rank, users: .empty, items: vectors, inverseNorms: norms, metric: nil, bounds: nil)
        self.contexts = contexts.map {
            FactorTable(rank: rank + 1, users: .empty, items: $0, inverseNorms: norms, metric: nil, bounds: nil)
        }
        self.userOffsets = userOffsets
        self.userItems = userItems
        self.recency = recency
    }
}

extension Item2Vec: TrainableModel {
    static let name = "item2vec"
    static let summary = "word2vec over baskets, sessions and histories: what comes next, and what is alike"

    /// The defaults come from MovieLens 1M, the last but one film of each user held out. Gowalla, where the order of a
    /// user's places says little and a fifth was held out, would take `window=0 recency=0 learning-rate=0.1`, and gains
    /// a seventh of recall@20 by the whole sequence. On both, a `popularity` of 0.35 was better than 0 and than 0.75;
    /// drawing all items alike (`exponent=0`), which puts popularity into the contexts, needs none and was as good on
    /// the first and 4 % worse on the second.
    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank - 1), default: "64", "length of the vectors"
        ).tuned(.log(16...256), cost: 1),
        Hyperparameter(
            "method", .choice(["skip-gram", "cbow"]), default: "skip-gram",
            "guess an item from each of those around it, or from all of them together"
        ).tuned(.choices(["skip-gram", "cbow"])),
        Hyperparameter(
            "sequences", .choice(["histories", "baskets"]), default: "histories",
            "what is read: all that a user did in order of time, or orders and sessions"
        ).tuned(.choices(["histories", "baskets"])),
        Hyperparameter(
            "gap", .number(0...1_000_000), default: "30",
            "baskets: minutes without an event after which a new session starts"),
        Hyperparameter(
            "window", .integer(0...1000), default: "5",
            "how far around an item others count, on each side; 0: the whole sequence, in whatever order, as by default where "
                + "events have no times"
        ).tuned(.choices(["0", "2", "5", "10"])),
        Hyperparameter(
            "epochs", .integer(1...10_000), default: "10",
            "how often everything is read; by default more often where there is little to read"
        ).tuned(.log(5...80), cost: 1),
        Hyperparameter("learning-rate", .number(1e-6...10), default: "0.05", "length of a step, falling to zero")
            .tuned(.log(0.01...0.2)),
        Hyperparameter(
            "negatives", .integer(1...EmbeddingKernels.mostRows - 1), default: "5",
            "others that are drawn for each item, for comparison"
        ).tuned(.log(3...20), cost: 0.7),
        Hyperparameter(
            "exponent", .number(-2...2), default: "0.75",
            "how much more often popular items are drawn: by this power of their frequency"
        ).tuned(.linear(-0.5...1)),
        Hyperparameter(
            "sample", .number(0...1), default: "0.001",
            "items that are a larger part of all than this are passed over now and then; 0: never"
        ).tuned(.log(1e-5...1e-2)),
        Hyperparameter(
            "popularity", .number(0...2), default: "0.35", "how much popular items are preferred in answers"
        ).tuned(.linear(0...1)),
        Hyperparameter(
            "recency", .number(0...1_000_000), default: "2",
            "how many events ago an event counts half; 0: all of a user's count alike, as by default without times"
        ).tuned(.choices(["0", "1", "2", "5", "20"])),
        Hyperparameter(
            "history", .integer(1...longestHistory), default: "100", "events of a user's past that are kept, the latest"
        ),
        Hyperparameter(
            "lock-free", .flag, default: "no",
            "cbow: train with all threads at once; faster, and no two trainings are the same"),
    ]
}
