/// A log cut into what models learn from and what they are asked for, and the same for a share of the users.
///
/// Users stand in an order that a hash of the seed decides, and a share is the first of them: the users of a smaller
/// share are among those of a larger one. Asked for are users of the share that have events on both sides, the first
/// few thousands of them: more would narrow the intervals little and take long.
struct TuningData {
    let training: EventLog
    private let validation: EventLog
    private let rankOfUser: [UInt32]  // (users), by row; those without training events last
    private let userCount: Int  // with training events
    private let isAsked: [Bool]  // (users)
    let shares: [Double]

    static let mostUsers = 5_000
    /// A share needs so many to ask and so many events to learn from, or it says nothing about the whole.
    static let fewestUsers = 500
    static let fewestEvents = 50_000

    init(_ log: EventLog, _ rule: HoldOut, seed: UInt64) throws {
        (training, validation) = try log.split(rule, seed: seed)
        var (learns, asked) = ([Bool](repeating: false, count: log.users.count), [Bool]())
        for user in training.userRows.elements { learns[Int(user)] = true }
        asked = [Bool](repeating: false, count: log.users.count)
        for user in validation.userRows.elements where learns[Int(user)] { asked[Int(user)] = true }
        let order = (0..<UInt32(log.users.count)).filter { learns[Int($0)] }
            .map { (key: mix(mix(seed) ^ UInt64($0)), user: $0) }.sorted { ($0.key, $0.user) < ($1.key, $1.user) }
        var ranks = [UInt32](repeating: .max, count: log.users.count)
        for (rank, entry) in order.enumerated() { ranks[Int(entry.user)] = UInt32(rank) }
        (rankOfUser, userCount, isAsked) = (ranks, order.count, asked)

        let askedCount = asked.reduce(0) { $0 + ($1 ? 1 : 0) }
        guard askedCount > 0 else {
            throw RecoError(
                .badData,
                "nobody has events both before and after the split, so that nothing can be compared; hold out more, or "
                    + "a share of each user's items, such as 20%")
        }
        var shares = [1.0]
        while shares.count < 3 {
            let smaller = shares[0] / Double(SuccessiveHalving.reduction)
            guard Double(askedCount) * smaller >= Double(Self.fewestUsers),
                Double(training.count) * smaller >= Double(Self.fewestEvents)
            else { break }
            shares.insert(smaller, at: 0)
        }
        self.shares = shares
    }

    /// What the first users learn from, and what some of them are asked for. O(events).
    func part(_ share: Double) throws -> (training: EventLog, validation: EventLog) {
        let limit = share < 1 ? UInt32((share * Double(userCount)).rounded(.up)) : UInt32(userCount)
        var ranks = isAsked.indices.lazy.filter { isAsked[$0] && rankOfUser[$0] < limit }.map { rankOfUser[$0] }
            .sorted()
        ranks = Array(ranks.prefix(Self.mostUsers))
        let last = ranks.last ?? 0
        let learned =
            share < 1
            ? try training.part { rankOfUser[Int(training.userRows.elements[$0])] < limit } : training
        let asked = try validation.part {
            let user = Int(validation.userRows.elements[$0])
            return isAsked[user] && rankOfUser[user] <= last
        }
        return (learned, asked)
    }
}
