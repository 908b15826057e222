import Glibc

/// Ranking quality over many users: takes one user's ranked list after another, keeps a few numbers of each.
///
/// For a user with the relevant rows R, in number n = |R| + unknown, and the list ranked as r(1), r(2), ...; h(j) is 1
/// where r(j) is in R, else 0; H(k) = h(1) + ... + h(k):
///
///     recall@k    H(k) / n
///     ndcg@k      sum of h(j) / log2(j + 1) for j <= k, over the same sum with h = 1 for j <= min(k, n)
///     hit_rate@k  1 if H(k) > 0, else 0
///     map@k       sum of h(j) H(j) / j for j <= k, over min(k, n)      (average precision; its mean is MAP)
///     mrr         1 / (the first j with h(j) = 1), 0 if there is none
///     coverage@k  different rows within the first k of all users' lists, over the number of items
///
/// All but coverage are averaged over the users that have something relevant; others do not count. A list may be
/// shorter than k: what is missing is missed. The reciprocal rank looks at the whole list given and no further, so
/// `mrr` of lists that were cut at 20 is what others call MRR@20.
///
///     var evaluation = Evaluation(cutoffs: [10, 20], itemCount: 3416)
///     evaluation.add(ranked: [7, 2, 9], relevant: [2, 40])
///     evaluation.summary()["recall@10"]?.value  // 0.5
public struct Evaluation: Sendable {
    public let cutoffs: [Int]  // ascending
    public let itemCount: Int

    /// Per user: recall, ndcg, hit rate and average precision for each cutoff, then the reciprocal rank.
    private(set) var values: [Float] = []  // (users, width)
    /// A bit per item for each cutoff: who was in the first k of a list.
    private var shown: [UInt64]  // (cutoffs, words)
    private var gains = [0.0]  // DCG of so many relevant items at the top, as far as it was needed
    private let words: Int

    static let perCutoff = 4
    var width: Int { cutoffs.count * Self.perCutoff + 1 }

    /// Cutoffs below 1 and repeated ones are dropped.
    public init(cutoffs: [Int], itemCount: Int) {
        self.cutoffs = Set(cutoffs.filter { $0 > 0 }).sorted()
        self.itemCount = max(itemCount, 0)
        words = self.itemCount / 64 + 1
        shown = [UInt64](repeating: 0, count: words * self.cutoffs.count)
    }

    /// How many users count so far.
    public var userCount: Int { values.count / width }

    /// Counts one user's list, best first, each row once. `unknown` tells how many relevant items the model cannot
    /// rank, as they have no row: they count as missed. A user without anything relevant is left out.
    /// O(list).
    public mutating func add(ranked: some Sequence<UInt32>, relevant: Set<UInt32>, unknown: Int = 0) {
        let relevantCount = relevant.count + max(unknown, 0)
        guard relevantCount > 0 else { return }
        let largest = cutoffs.last ?? 0
        while gains.count <= min(largest, relevantCount) {
            gains.append(gains[gains.count - 1] + Self.discount(gains.count))
        }
        var hits = 0
        var gain = 0.0
        var precision = 0.0
        var reciprocalRank = 0.0
        var rank = 0
        var next = 0  // the first cutoff that is not reached yet
        for row in ranked {
            rank += 1
            if rank <= largest { show(row, from: next) }
            if relevant.contains(row) {
                hits += 1
                gain += Self.discount(rank)
                precision += Double(hits) / Double(rank)
                if hits == 1 { reciprocalRank = 1 / Double(rank) }
            }
            if next < cutoffs.count, rank == cutoffs[next] {
                append(cutoffs[next], hits, gain, precision, relevantCount)
                next += 1
            }
            if rank >= largest, hits > 0 { break }
        }
        for cutoff in cutoffs[next...] { append(cutoff, hits, gain, precision, relevantCount) }
        values.append(Float(reciprocalRank))
    }

    /// Adds another evaluation's users after these. Both have the same cutoffs and items; threads that each evaluate
    /// a part of the users give the same result as one, as long as their parts are merged in order.
    public mutating func merge(_ other: Evaluation) {
        precondition(other.cutoffs == cutoffs && other.itemCount == itemCount)
        values += other.values
        for i in shown.indices { shown[i] |= other.shown[i] }
    }

    /// Different rows within the first k of all lists over the number of items, for the cutoff at `index`.
    func coverage(at index: Int) -> Double {
        guard itemCount > 0 else { return 0 }
        let bits = shown[index * words..<(index + 1) * words].reduce(0) { $0 + $1.nonzeroBitCount }
        return Double(bits) / Double(itemCount)
    }

    private mutating func append(_ k: Int, _ hits: Int, _ gain: Double, _ precision: Double, _ relevantCount: Int) {
        values.append(Float(Double(hits) / Double(relevantCount)))
        values.append(Float(gain / gains[min(k, relevantCount)]))
        values.append(hits > 0 ? 1 : 0)
        values.append(Float(precision / Double(min(k, relevantCount))))
    }

    private mutating func show(_ row: UInt32, from cutoff: Int) {
        guard Int(row) < itemCount else { return }
        for c in cutoff..<cutoffs.count { shown[c * words + Int(row >> 6)] |= 1 << UInt64(row & 63) }
    }

    private static func discount(_ rank: Int) -> Double { 1 / log2(Double(rank) + 1) }
}
