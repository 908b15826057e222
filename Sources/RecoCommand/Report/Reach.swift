import Glibc
import RecoKit

/// How popular items are among those whom models learned from: what lists are compared with.
struct ItemPopularity {
    /// Users in training who had an event with the item.
    let users: [Int]  // (items)
    let userCount: Int
    /// Places of items by popularity, the most popular first, 0 the first.
    let rank: [Int]  // (items)

    static let heads = [0.01, 0.05, 0.2]

    /// O(events log events).
    init(_ learned: EventLog) {
        var pairs: [UInt64] = []
        pairs.reserveCapacity(learned.count)
        var counts = [Int](repeating: 0, count: learned.items.count)
        var known = [Bool](repeating: false, count: learned.users.count)
        for place in 0..<learned.count {
            let event = learned[place]
            known[event.user] = true
            pairs.append(UInt64(event.user) << 32 | UInt64(event.item))
        }
        pairs.sort()
        for (place, pair) in pairs.enumerated() where place == 0 || pair != pairs[place - 1] {
            counts[Int(pair & 0xFFFF_FFFF)] += 1
        }
        users = counts
        userCount = known.count { $0 }
        let order = counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
        var rank = [Int](repeating: 0, count: counts.count)
        for (place, item) in order.enumerated() { rank[item] = place }
        self.rank = rank
    }

    /// -log2 of the share of users who had the item; of one that nobody had as if somebody had.
    func selfInformation(_ item: Int) -> Double {
        log2(Double(max(userCount, 1)) / Double(max(users[item], 1)))
    }

    /// Of some choices of items, by row, the share that falls on the most popular 1, 5 and 20 % of all items.
    func shares(_ counts: [Int]) -> [Double] {
        let total = Double(max(counts.reduce(0, +), 1))
        return Self.heads.map { head in
            let most = Int((head * Double(rank.count)).rounded(.up))
            return Double(zip(counts, rank).reduce(0) { $1.1 < most ? $0 + $1.0 : $0 }) / total
        }
    }
}

/// What of the catalogue gets into lists: coverage, novelty, and how much goes to what is popular anyway.
struct Reach {
    let coverage: Double
    /// Mean self-information of what is shown, in bits.
    let novelty: Double
    /// Parts of all places in lists that the most popular items have, by `ItemPopularity.heads`.
    let headShares: [Double]
    let gini: Double

    init(_ lists: [JudgedList], length: Int, _ popularity: ItemPopularity) {
        var counts = [Int](repeating: 0, count: popularity.users.count)
        for list in lists { for row in list.ranked.prefix(length) { counts[Int(row)] += 1 } }
        self.init(counts, popularity)
    }

    /// What people chose themselves, each item of a user once.
    init(chosen lists: [JudgedList], _ popularity: ItemPopularity) {
        var counts = [Int](repeating: 0, count: popularity.users.count)
        for list in lists { for row in list.relevant { counts[Int(row)] += 1 } }
        self.init(counts, popularity)
    }

    private init(_ counts: [Int], _ popularity: ItemPopularity) {
        let total = Double(max(counts.reduce(0, +), 1))
        coverage = Double(counts.count { $0 > 0 }) / Double(max(counts.count, 1))
        var information = 0.0
        for (item, count) in counts.enumerated() where count > 0 {
            information += Double(count) * popularity.selfInformation(item)
        }
        novelty = information / total
        headShares = popularity.shares(counts)
        gini = RecoCommand.gini(counts)
    }
}
