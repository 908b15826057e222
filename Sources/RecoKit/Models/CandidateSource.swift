/// A trained model as the pipeline sees it: it proposes items and scores given ones.
///
/// Implementations read their own sections, allocate nothing but from `Scratch`, take no lock and cannot trap,
/// whatever the file holds: `Column` never reads outside, arithmetic on values of the file wraps, conversions check.
protocol CandidateSource: Sendable {
    static var code: SourceCode { get }

    /// Whom its proposals are for: one person, or everyone alike.
    static var audience: Audience { get }

    /// Whether a score is a sum with a part for each of the profile's events: then it can be explained.
    static var isLinear: Bool { get }

    /// Offers `selection` the best items for a profile. False if it knows nothing about this profile; then nothing
    /// was offered. Items in the profile may be offered: hiding them is up to the selection.
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool

    /// Scores given items, on the same scale as `propose`. `scores[i]` belongs to `rows[i]`. False if it knows nothing
    /// about this profile.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool

    /// Offers items similar to all of `items` together. False if it knows nothing about them.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool

    /// How much each of the profile's events adds to the score of `row`: `contributions[i]` belongs to
    /// `profile.events[i]`, and together they are the score. Models of vectors whose scores are no such sum may say instead
    /// how alike each of the events' items is to `row`. False if it can tell neither, or knows nothing about this profile.
    /// What comes with the protocol scores each event alone, which is right where an event's part does not depend on the
    /// others; it takes O(events x scoring one item).
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool

    /// The rating that a user would give an item, within the range of those seen; nil as a row means one that training
    /// did not know. Nil if the model does not predict ratings.
    func predictedRating(user: Int?, item: Int?) -> Float?
}

/// A source that has a vector for each item.
protocol VectorSource: CandidateSource {
    /// The cosine of two items' vectors; nil if one of them has none.
    func cosine(_ a: UInt32, _ b: UInt32) -> Float?
}

/// Whom a source's proposals are for.
enum Audience: Sendable {
    /// Whoever the profile belongs to.
    case person
    /// Everybody: the profile hardly matters.
    case everyone
}

extension CandidateSource {
    static var audience: Audience { .person }
    static var isLinear: Bool { false }
    func predictedRating(user: Int?, item: Int?) -> Float? { nil }

    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard Self.isLinear else { return false }
        var any = false
        withUnsafePointer(to: row) { row in
            for i in 0..<min(profile.events.count, contributions.count) {
                let alone = Profile(
                    user: nil, events: UnsafeBufferPointer(rebasing: profile.events[i..<i &+ 1]), sessionStart: 0)
                contributions[i] = 0
                let knows = score(
                    UnsafeBufferPointer(start: row, count: 1), for: alone, using: scratch,
                    into: UnsafeMutableBufferPointer(rebasing: contributions[i..<i &+ 1]))
                if knows { any = true } else { contributions[i] = 0 }
            }
        }
        return any
    }
}

/// Which model a hit comes from. Numbers are for ever: they cross the C interface.
public struct SourceCode: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let none = SourceCode(rawValue: 0)
    public static let popularity = SourceCode(rawValue: 1)
    public static let itemKNN = SourceCode(rawValue: 2)
    public static let als = SourceCode(rawValue: 3)
    public static let svd = SourceCode(rawValue: 4)
    public static let rp3beta = SourceCode(rawValue: 5)
    public static let ease = SourceCode(rawValue: 6)
    public static let gfCF = SourceCode(rawValue: 7)

    public static let trending = SourceCode(rawValue: 8)
    public static let userKNN = SourceCode(rawValue: 9)
    public static let boughtTogether = SourceCode(rawValue: 10)
    public static let sessionKNN = SourceCode(rawValue: 11)
    public static let buyAgain = SourceCode(rawValue: 12)
    public static let nmf = SourceCode(rawValue: 13)
    public static let bpr = SourceCode(rawValue: 14)
    public static let ratingMF = SourceCode(rawValue: 15)
    public static let svdpp = SourceCode(rawValue: 16)
    public static let sparseEASE = SourceCode(rawValue: 17)
    public static let slim = SourceCode(rawValue: 18)
    public static let tfidf = SourceCode(rawValue: 19)
    public static let bm25 = SourceCode(rawValue: 20)
    public static let bert = SourceCode(rawValue: 21)
    public static let boostedTrees = SourceCode(rawValue: 22)
    public static let lightFM = SourceCode(rawValue: 23)
    public static let item2Vec = SourceCode(rawValue: 24)
    public static let ncf = SourceCode(rawValue: 25)
    public static let wideDeep = SourceCode(rawValue: 26)
    public static let sasrec = SourceCode(rawValue: 27)
    public static let mlpRanker = SourceCode(rawValue: 28)

    static let names: [StaticString] = [
        "none", "popularity", "item-knn", "als", "svd", "rp3beta", "ease", "gf-cf", "trending", "user-knn",
        "bought-together", "session-knn", "buy-again", "nmf", "bpr", "rating-mf", "svdpp", "sparse-ease", "slim",
        "tfidf", "bm25", "bert", "boosted-trees", "lightfm", "item2vec", "ncf", "wide-deep", "sasrec", "mlp-ranker",
    ]

    public var name: StaticString { Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : Self.names[0] }
}
