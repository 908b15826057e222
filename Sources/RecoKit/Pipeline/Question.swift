/// What a query may ask for beyond its lists. The numbers are those of `reco_query_flag` in `reco.h`.
public struct QueryOptions: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Do not hide what the user has bought.
    public static let showBought = QueryOptions(rawValue: 1)
    /// Hide everything the user has had any event with.
    public static let hideSeen = QueryOptions(rawValue: 2)
    /// Hide what was bought where it is shown by default: similar items, ranking.
    public static let hideBought = QueryOptions(rawValue: 4)
    /// Rather a short answer than one filled up from categories and bestsellers.
    public static let noFallback = QueryOptions(rawValue: 8)
    /// Do not hide the items of the session.
    public static let showSession = QueryOptions(rawValue: 16)
    /// Of similar items, those that are bought together with the given ones first.
    public static let boughtTogether = QueryOptions(rawValue: 32)

    /// The last word of the text is unfinished: somebody is still typing.
    public static let textPrefix = QueryOptions(rawValue: 64)
    /// The text is that of a product; what resembles it is asked for.
    public static let textIsItem = QueryOptions(rawValue: 128)
    /// After what matches the text, recommendations.
    public static let fillUp = QueryOptions(rawValue: 256)

    package static let all: QueryOptions = [
        .showBought, .hideSeen, .hideBought, .noFallback, .showSession, .boughtTogether, .textPrefix, .textIsItem,
        .fillUp,
    ]
}

/// One query, as it comes in: ids are text in the caller's memory.
package struct Question {
    package init() {}

    package var options: QueryOptions = []
    /// 0: as many as is usual.
    package var limit = 0
    package var user = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    package var session = PackedTexts.none
    package var sessionKinds = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    package var sessionAges = UnsafeBufferPointer<Float>(start: nil, count: 0)
    package var similarTo = PackedTexts.none
    package var candidates = PackedTexts.none
    package var allow: PackedTexts?
    package var deny = PackedTexts.none
    /// Words that somebody searches for, or a product's text: UTF-8, but not to be relied on.
    package var text = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// A condition that every item of the answer meets; empty: none.
    package var filter = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// What the score of an item becomes; empty: it stays.
    package var boost = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// Numbers of items that hold for this question alone.
    package var live = UnsafeBufferPointer<LiveValues>(start: nil, count: 0)
    /// How much difference counts, 0 to 1.
    package var diversity: Float = 0
    /// "brand=2": at most two hits of a brand.
    package var caps = PackedTexts.none

    /// When it is asked, in seconds since 1970; nil: not said.
    package var time: Int64?
    /// What the visitor uses; empty: not said.
    package var device = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// Only what this source proposes, and bestsellers after it: for comparing sources with all of them together.
    var source: SourceCode?

    /// Words alone are asked for.
    var isSearch: Bool { similarTo.isEmpty && !text.isEmpty }

    package static let usualLimit = 10
}
