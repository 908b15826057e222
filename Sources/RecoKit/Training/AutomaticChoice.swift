import Glibc

/// What an automatic choice of models looks at: size and density of the data, and the memory there is.
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
    /// Bytes of this machine's memory.
    var memory: Int

    var itemsPerUser: Double { Double(pairs) / Double(max(users, 1)) }

    init(users: Int, items: Int, pairs: Int, comparisons: Int, hasTimes: Bool, memory: Int) {
        (self.users, self.items, self.pairs) = (users, items, pairs)
        (self.comparisons, self.hasTimes, self.memory) = (comparisons, hasTimes, memory)
    }

    /// O(users + items).
    init(_ log: EventLog, _ interactions: Interactions, memory: Int = physicalMemory()) {
        let (byUser, byItem) = (interactions.byUser, interactions.byItem)
        let lengths = (0..<byUser.rowCount).lazy.map { byUser.range($0).count }
        self.init(
            users: lengths.reduce(0) { $0 + ($1 > 0 ? 1 : 0) },
            items: (0..<byItem.rowCount).reduce(0) { $0 + (byItem.range($1).isEmpty ? 0 : 1) },
            pairs: byUser.entryCount, comparisons: lengths.reduce(0) { $0 &+ $1 &* $1 },
            hasTimes: (log.timeSpan() ?? 0) >= EventLog.calendarSpan,
            memory: memory)
    }

    private static func physicalMemory() -> Int {
        max(0, sysconf(Int32(_SC_PHYS_PAGES))) &* max(0, sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// Which models `--model auto` takes, and why.
public struct AutomaticChoice: Sendable, Equatable {
    /// Names, the preferred one first.
    public let models: [String]
    /// One sentence: what the data is like and what that calls for.
    public let reason: String

    /// The inverse of EASE's matrix takes items³ operations: up to here minutes on one processor.
    static let densestItems = 30_000
    /// Beyond this many comparisons neighbours of items take longer to find than factors to learn.
    static let mostComparisons = 20_000_000_000
    /// Fewer users than this have no patterns that the singular vectors of gf-cf could find.
    static let fewestUsersToDecompose = 10_000
    /// Beyond this many pairs the singular vectors of gf-cf take too long for what they add to rp3beta.
    static let mostPairsToDecompose = 5_000_000

    /// A model for people's taste that fits the data, and beside it what answers other questions: what goes into the
    /// same basket, and what sells just now where the times tell. Names that `known` lacks are left out.
    ///
    /// The rules are in order, the first that fits decides. They follow from full rankings of test data (Recall@20):
    /// sparse with many items (gowalla: 30,000 users, 41,000 items, 27 each) gf-cf .187, rp3beta .185, ease .1765, als
    /// .163; dense (MovieLens 1M, 165 each) ease is best; a shop between them (Online Retail) sees ease, als and svd
    /// level, and of those ease has the fewest settings. Few users with many items (Retailrocket: 2,200 and 30,000) have
    /// ease first and gf-cf behind rp3beta.
    static func of(_ shape: DataShape, known: Set<String> = Set(ModelCatalogue.all.map { $0.name })) -> AutomaticChoice
    {
        // The matrix takes 4 x items² bytes; a quarter of the memory leaves the machine its room.
        let fitsDense =
            shape.items <= densestItems && 4 * shape.items * shape.items <= min(8_000_000_000, shape.memory / 4)
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
                fitsDense && (shape.itemsPerUser >= 20 || shape.items <= 5_000), "ease",
                "the catalogue is small enough for exact weights between all items"
            ),
            (
                shape.users >= fewestUsersToDecompose && shape.pairs <= mostPairsToDecompose
                    && shape.itemsPerUser >= 5, "gf-cf",
                "for many items with few events each, filters on the graph of who has what do best"
            ),
            (
                true, "rp3beta",
                "for many items with few events each, random walks do nearly best and train fast"
            ),
        ]
        let usable = rules.filter { known.contains($0.model) }
        let rule = usable.first { $0.fits } ?? rules[rules.count - 1]
        let beside = ["bought-together"] + (shape.hasTimes ? ["trending"] : [])
        let each = (shape.itemsPerUser * 10).rounded() / 10
        return AutomaticChoice(
            models: [rule.model] + beside.filter(known.contains),
            reason: "\(shape.users) users, \(shape.items) items, \(each) items for a user: \(rule.why)")
    }
}
