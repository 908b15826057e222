/// What an automatic choice of models looks at: size and density of the data.
struct DataShape: Equatable {
    /// Users and items that have something to learn from.
    var users: Int
    var items: Int
    /// Different pairs of user and item with a positive value.
    var pairs: Int
    /// Sum over users of (items of the user)²: what comparing items costs.
    var comparisons: Int
    /// Events carry times that span two weeks or more.
    var hasTimes: Bool

    var itemsPerUser: Double { Double(pairs) / Double(max(users, 1)) }

    init(users: Int, items: Int, pairs: Int, comparisons: Int, hasTimes: Bool) {
        (self.users, self.items, self.pairs) = (users, items, pairs)
        (self.comparisons, self.hasTimes) = (comparisons, hasTimes)
    }

    /// O(users + items).
    init(_ log: EventLog, _ interactions: Interactions) {
        let (byUser, byItem) = (interactions.byUser, interactions.byItem)
        let lengths = (0..<byUser.rowCount).lazy.map { byUser.range($0).count }
        self.init(
            users: lengths.reduce(0) { $0 + ($1 > 0 ? 1 : 0) },
            items: (0..<byItem.rowCount).reduce(0) { $0 + (byItem.range($1).isEmpty ? 0 : 1) },
            pairs: byUser.entryCount, comparisons: lengths.reduce(0) { $0 &+ $1 &* $1 },
            hasTimes: (log.timeSpan() ?? 0) >= EventLog.calendarSpan)
    }
}

/// Which models `--model auto` takes, and why.
public struct AutomaticChoice: Sendable, Equatable {
    /// Names, the preferred one first.
    public let models: [String]
    /// One sentence: what the data is like and what that calls for.
    public let reason: String

    /// Beyond this many comparisons neighbours of items take longer to find than factors to learn.
    static let mostComparisons = 20_000_000_000
    /// Where items have fewer pairs than this on average, two items seldom meet in more than one user.
    static let fewestPairsOfAnItem = 5

    /// What goes with the choice where the catalogue has words: search, and neighbours for products that are new.
    static func content(hasText: Bool, hasEncoder: Bool) -> [String] {
        guard hasText else { return [] }
        return ["bm25"] + (hasEncoder ? ["bert"] : [])
    }

    /// A model for people's taste that fits the data, and beside it what answers other questions: what goes into the
    /// same basket, and what sells just now where the times tell.
    ///
    /// The rules are in order, the first that fits decides. They follow from docs/choosing-a-model.md: sparse EASE is
    /// best or close to it on Gowalla, MovieLens 1M and Online Retail, which are sparse, dense and between; on
    /// Retailrocket, where an item has 2.5 users, whole visits find twice as much as pairs of items do.
    static func of(_ shape: DataShape, content: [String] = []) -> AutomaticChoice {
        if shape.pairs == 0, !content.isEmpty {
            return AutomaticChoice(
                models: content, reason: "\(shape.items) items and no events: what there is to go by is their text")
        }
        let rules: [(fits: Bool, model: String, why: String)] = [
            (
                shape.users < 100 || shape.pairs < 2_000, "item-knn",
                "with so little to learn from, items that were had together say more than patterns of taste"
            ),
            (
                shape.comparisons > mostComparisons, "als",
                "users have so many items that comparing them pair by pair would take too long"
            ),
            (
                shape.hasTimes && shape.pairs < fewestPairsOfAnItem * shape.items, "session-knn",
                "items are seldom had by more than a few users, and whole visits say more than pairs of items"
            ),
            (
                true, "sparse-ease",
                "weights between the items that go together are best or nearly so for data of most kinds"
            ),
        ]
        let rule = rules.first { $0.fits } ?? rules[rules.count - 1]
        let beside =
            (rule.model == "session-knn" ? ["sparse-ease"] : []) + ["bought-together"]
            + (shape.hasTimes ? ["trending"] : []) + content
        let each = (shape.itemsPerUser * 10).rounded() / 10
        return AutomaticChoice(
            models: [rule.model] + beside,
            reason: "\(shape.users) users, \(shape.items) items, \(each) items for a user: \(rule.why)")
    }
}
