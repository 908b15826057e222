/// The log as orders: who bought what how often, and when first and last. What training of `BuyAgain` looks at.
///
/// Purchases are events of the kinds that hide items (purchase, interaction); if there are none, all kinds count. What
/// was returned, so that the pair's values add up to nothing, was not bought. O(events log events per user).
struct PurchaseTable {
    let offsets: [Int]  // (users + 1)
    /// The orders' ages in days, each habit's in a row; `count` of a habit is not filled in yet.
    private(set) var habits: [Habit] = []
    let ageOffsets: [Int]  // (habits + 1)
    let ages: [Float]
    let itemCount: Int
    /// The least that an event that counts as a purchase is worth.
    let unit: Float
    let gapDays: Float

    var userCount: Int { offsets.count - 1 }
    func range(_ user: Int) -> Range<Int> { offsets[user]..<offsets[user + 1] }

    init(_ data: TrainingData, gapMinutes: Double, threads: Int) throws {
        let log = data.log
        itemCount = log.items.count
        gapDays = Float(gapMinutes / 1440)
        let mask = Self.kinds(of: log)
        unit =
            log.kinds.kinds.enumerated().filter { mask & (1 << UInt8($0.offset)) != 0 }.map { $0.element.weight }
            .min() ?? 1
        let baskets = try log.baskets(
            gap: gapMinutes * 60, kinds: mask, scale: data.interactions.scale, threads: threads)
        var (offsets, ageOffsets, ages) = ([0], [0], [Float]())
        var kept = [Bool](repeating: false, count: itemCount)
        var basket = 0
        for user in 0..<log.users.count {
            let positive = data.interactions.byUser.columns[data.interactions.byUser.range(user)]
            for item in positive { kept[Int(item)] = true }
            var bought: [UInt64] = []  // item and number of the order
            let first = basket
            while basket < baskets.count, baskets.users[basket] == user {
                for item in baskets.items[baskets.range(basket)] where kept[Int(item)] {
                    bought.append(UInt64(item) << 32 | UInt64(basket - first))
                }
                basket += 1
            }
            for item in positive { kept[Int(item)] = false }
            for order in bought.sorted() {
                let item = UInt32(order >> 32)
                let time = baskets.times[first + Int(order & 0xFFFF_FFFF)]
                let age = time == EventLog.noTime ? 0 : Float(Double(log.latestTime - time) / 86_400)
                ages.append(age)
                if habits.count > offsets[user], habits[habits.count - 1].item == item {
                    habits[habits.count - 1].orders += 1
                    habits[habits.count - 1].first = max(habits[habits.count - 1].first, age)
                    habits[habits.count - 1].last = min(habits[habits.count - 1].last, age)
                    ageOffsets[habits.count] = ages.count
                } else {
                    habits.append(Habit(item: item, orders: 1, first: age, last: age, count: 0))
                    ageOffsets.append(ages.count)
                }
            }
            offsets.append(habits.count)
        }
        self.offsets = offsets
        self.ageOffsets = ageOffsets
        self.ages = ages
    }

    /// Fills in what each habit's orders come to.
    mutating func count(_ worth: (_ age: Float) -> Float) {
        for habit in habits.indices {
            habits[habit].count = ages[ageOffsets[habit]..<ageOffsets[habit + 1]].reduce(0) { $0 + worth($1) }
        }
    }

    /// The kinds whose events count as purchases.
    private static func kinds(of log: EventLog) -> UInt8 {
        var (present, hiding): (UInt8, UInt8) = (0, 0)
        for event in 0..<log.count { present |= 1 << log.kindCodes[event] }
        for (code, kind) in log.kinds.kinds.enumerated() where kind.weight <= 0 { present &= ~(1 << UInt8(code)) }
        for (code, kind) in log.kinds.kinds.enumerated() where kind.hides { hiding |= 1 << UInt8(code) }
        return present & hiding != 0 ? present & hiding : present
    }
}
