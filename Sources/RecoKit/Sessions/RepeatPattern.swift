/// How things are bought again in this shop: how fast habits fade, which items people come back for, and when.
///
///     fading(age)    = 2^(-age / half-life)
///     rate(i)        = (share of i's earlier buyers who bought it again in the last `window` days / mean share)^power
///     interval(u, i) = (u's mean interval for i)^((n - 1) / n) x (i's typical interval)^(1 / n),  n orders of u with i
///     patience(u, i) = min(1, patience x interval / age of the last order)^(1/2)
///     worth          = count x rate x patience
///
/// The share of an item is taken over customers who bought anything in the window and had bought the item before; both
/// it and the typical interval, a geometric mean, are drawn to that of all items by a few observations. A window with
/// no repurchase teaches nothing: then all rates are 1.
struct RepeatPattern: Sendable {
    let rates: Column<Float>  // (items)
    let intervals: Column<Float>  // (items), days; 0 where none is known
    /// Half-life in days (0: none), patience in intervals (0: endless), days between two purchases that count as two,
    /// and what a purchase is worth as an event.
    let settings: Column<Float>  // (4)

    /// So many buyers with the mean share stand in for an item that few have bought.
    private static let meanBuyers = 10.0
    private static let meanIntervals = 3.0
    /// Two orders on one day are one errand: no interval is shorter, in days.
    private static let shortestInterval: Float = 0.5

    init(rates: Column<Float>, intervals: Column<Float>, settings: Column<Float>) {
        self.rates = rates
        self.intervals = intervals
        self.settings = settings
    }

    var isFinite: Bool {
        rates.elements.allSatisfy(\.isFinite) && intervals.elements.allSatisfy(\.isFinite)
    }

    @inline(__always)
    func fading(_ age: Float) -> Float {
        let halfLife = settings[0]
        return halfLife > 0 ? Float(powerOfTwo(-Double(age) / Double(halfLife))) : 1
    }

    /// What a habit is worth, given its count.
    func worth(of habit: Habit) -> Float {
        let worth = habit.count * rates[Int(habit.item)]
        let patience = settings[1]
        guard patience > 0, habit.last > 0, intervals[Int(habit.item)] > 0 else { return worth }
        let ratio = patience * interval(of: habit) / habit.last
        return ratio < 1 ? worth * ratio.squareRoot() : worth
    }

    private func interval(of habit: Habit) -> Float {
        let typical = max(intervals[Int(habit.item)], Self.shortestInterval)
        guard habit.orders > 1 else { return typical }
        let own = max((habit.first - habit.last) / (habit.orders - 1), Self.shortestInterval)
        return power(own, (habit.orders - 1) / habit.orders) * power(typical, 1 / habit.orders)
    }
}

extension RepeatPattern {
    init(_ purchases: PurchaseTable, settings: Settings) {
        rates = Column(Self.rates(purchases, window: Float(settings.number("window")), settings.number("rate-power")))
        intervals = Column(Self.intervals(purchases))
        self.settings = Column([
            Float(settings.number("half-life")), Float(settings.number("patience")), purchases.gapDays, purchases.unit,
        ])
    }

    private static func rates(_ purchases: PurchaseTable, window: Float, _ power: Double) -> [Float] {
        var earlier = [Double](repeating: 0, count: purchases.itemCount)
        var again = earlier
        for user in 0..<purchases.userCount {
            let habits = purchases.habits[purchases.range(user)]
            guard habits.contains(where: { $0.last <= window }) else { continue }
            for habit in habits where habit.first > window {
                earlier[Int(habit.item)] += 1
                if habit.last <= window { again[Int(habit.item)] += 1 }
            }
        }
        let buyers = earlier.reduce(0, +)
        let mean = buyers > 0 ? again.reduce(0, +) / buyers : 0
        guard mean > 0 else { return [Float](repeating: 1, count: purchases.itemCount) }
        return (0..<purchases.itemCount).map { item in
            let share = (again[item] + meanBuyers * mean) / (earlier[item] + meanBuyers)
            return Float(RecoKit.power(share / mean, power))
        }
    }

    private static func intervals(_ purchases: PurchaseTable) -> [Float] {
        var logs = [Double](repeating: 0, count: purchases.itemCount)
        var counts = logs
        for habit in purchases.habits where habit.orders > 1 && habit.first > habit.last {
            let days = max((habit.first - habit.last) / (habit.orders - 1), shortestInterval)
            logs[Int(habit.item)] += Double(naturalLog(days))
            counts[Int(habit.item)] += 1
        }
        let total = counts.reduce(0, +)
        guard total > 0 else { return [Float](repeating: 0, count: purchases.itemCount) }
        let mean = logs.reduce(0, +) / total
        return (0..<purchases.itemCount).map { item in
            Float(exponential((logs[item] + meanIntervals * mean) / (counts[item] + meanIntervals)))
        }
    }
}
