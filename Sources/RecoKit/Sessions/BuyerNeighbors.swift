/// Customers by their counts of purchases: finds those with similar habits and adds up what they buy.
///
///     similarity(u, v) = cosine of the counts
///     added(i)         = new-weight x sum of similarity x count(v, i) / sum of similarity
///
/// over the `neighbors` most similar customers. Each item knows its latest buyers only, so that an item that everybody
/// buys does not make a question long. O(items of the query x buyers + neighbors x their items).
struct BuyerNeighbors: Sendable {
    static let mostNeighbors = 1000
    static let mostBuyers = 10_000
    /// Of a customer with more items, those with the largest counts are read.
    static let longestVector = 4096

    let offsets: RaggedOffsets  // (users + 1)
    let items: Column<UInt32>  // (entries), the largest count first
    let counts: Column<Float>  // (entries)
    let buyerOffsets: RaggedOffsets  // (items + 1)
    let buyers: Column<UInt32>  // (buyers) users, the latest first
    let shares: Column<Float>  // (buyers), the user's count / length of the user's vector of counts
    /// How many neighbours, and what they are worth.
    let settings: Column<Float>  // (2)

    var isFinite: Bool { counts.elements.allSatisfy(\.isFinite) && shares.elements.allSatisfy(\.isFinite) }

    private var neighborCount: Int {
        let count = settings[0]
        return count >= 1 ? Int(min(count, Float(Self.mostNeighbors))) : 0
    }

    /// Adds what the neighbours of a customer of the training data buy.
    func add(user: Int, to sum: inout ItemSum, using scratch: Scratch) {
        let range = offsets.range(user, limit: min(items.count, counts.count))
        let count = min(range.count, Self.longestVector)
        guard let query = scratch.neighbors(count &+ neighborCount) else { return }
        for i in 0..<count {
            query[i] = Candidate(row: items[range.lowerBound &+ i], score: counts[range.lowerBound &+ i])
        }
        add(query, count, except: user, to: &sum, using: scratch)
    }

    /// Adds what the neighbours of someone with these counts buy. `query` is the scratch's memory of neighbours, with
    /// room for `neighborCount` more; they are left behind the query.
    private func add(
        _ query: UnsafeMutablePointer<Candidate>, _ count: Int, except user: Int?, to sum: inout ItemSum,
        using scratch: Scratch
    ) {
        let userCount = offsets.rowCount
        guard settings[1] > 0, let sums = scratch.sums(userCount), let touched = scratch.rows(.groups, userCount)
        else { return }
        var similarity = ItemSum(sums: sums, touched: touched, rowCount: userCount)
        let known = min(buyers.count, shares.count)
        for i in 0..<count {
            let range = buyerOffsets.range(Int(query[i].row), limit: known)
            for place in range.prefix(Self.mostBuyers) {
                similarity.add(buyers[place], query[i].score * shares[place])
            }
        }
        if let user { similarity.remove(UInt32(truncatingIfNeeded: user)) }
        var best = Selection(heap: query + count, limit: min(neighborCount, userCount), itemCount: userCount)
        _ = similarity.offer(to: &best)
        let found = best.finish()
        var total: Float = 0
        for neighbor in found { total += neighbor.score }
        guard total > 0 else { return }
        for neighbor in found {
            let weight = settings[1] * neighbor.score / total
            let range = offsets.range(Int(neighbor.row), limit: min(items.count, counts.count))
            for place in range.prefix(Self.longestVector) { sum.add(items[place], weight * counts[place]) }
        }
    }

    /// The same for a stranger. Empty habits add nothing.
    func add(_ habits: UnsafeBufferPointer<Habit>, to sum: inout ItemSum, using scratch: Scratch) {
        guard let query = scratch.neighbors(habits.count &+ neighborCount) else { return }
        for i in 0..<habits.count { query[i] = Candidate(row: habits[i].item, score: habits[i].count) }
        add(query, habits.count, except: nil, to: &sum, using: scratch)
    }
}

extension BuyerNeighbors {
    init(_ purchases: PurchaseTable, settings: Settings) {
        var (offsets, items, counts) = ([UInt64(0)], [UInt32](), [Float]())
        var lengths: [Float] = []  // (users)
        var byItem = [[(last: Float, user: UInt32, count: Float)]](repeating: [], count: purchases.itemCount)
        for user in 0..<purchases.userCount {
            let habits = purchases.habits[purchases.range(user)].sorted {
                $0.count != $1.count ? $0.count > $1.count : $0.item < $1.item
            }
            for habit in habits { byItem[Int(habit.item)].append((habit.last, UInt32(user), habit.count)) }
            items += habits.map(\.item)
            counts += habits.map(\.count)
            offsets.append(UInt64(items.count))
            lengths.append(Float(habits.reduce(0.0) { $0 + Double($1.count) * Double($1.count) }.squareRoot()))
        }
        let limit = settings.integer("buyers")
        var (buyerOffsets, buyers, shares) = ([UInt64(0)], [UInt32](), [Float]())
        for item in byItem.indices {
            let latest = byItem[item].sorted { $0.last != $1.last ? $0.last < $1.last : $0.user < $1.user }
            for buyer in latest.prefix(limit) {
                let length = lengths[Int(buyer.user)]
                buyers.append(buyer.user)
                shares.append(length > 0 ? buyer.count / length : 0)
            }
            buyerOffsets.append(UInt64(buyers.count))
            byItem[item] = []
        }
        self.init(
            offsets: RaggedOffsets(offsets: Column(offsets)), items: Column(items), counts: Column(counts),
            buyerOffsets: RaggedOffsets(offsets: Column(buyerOffsets)), buyers: Column(buyers), shares: Column(shares),
            settings: Column([Float(settings.integer("neighbors")), Float(settings.number("new-weight"))]))
    }
}
