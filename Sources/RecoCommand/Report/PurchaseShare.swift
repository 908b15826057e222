import RecoKit

/// What was bought after all, and how much of it stood in the list that was made before: by orders, lines and money.
///
/// An order is what events name as a basket, or else what one user bought on one day. Where no kind of event means
/// buying, any event with a positive weight counts.
struct Purchases {
    struct Line {
        let user: Int
        let item: UInt32
        let order: Int
        /// Price times quantity; nil where the item has no price.
        let money: Double?
    }

    let lines: [Line]
    /// Whether the lines are purchases, and not just any choice.
    let areBought: Bool
    let hasMoney: Bool

    /// - Parameter price: of each item; NaN for none.
    init(_ heldOut: EventLog, price: [Double]) {
        let kinds = heldOut.kinds.kinds
        func means(_ kind: UInt8) -> Bool { kinds[Int(kind)].hides && kinds[Int(kind)].weight > 0 }
        areBought = (0..<heldOut.count).contains { means(heldOut[$0].kind) }
        struct Visit: Hashable {
            let user: Int
            let basket: Int
            let day: Int64
        }
        var orders: [Visit: Int] = [:]
        var lines: [Line] = []
        for place in 0..<heldOut.count {
            let event = heldOut[place]
            // Taken back, or disliked.
            guard event.weight > 0, areBought ? means(event.kind) : kinds[Int(event.kind)].weight > 0 else { continue }
            let visit = Visit(
                user: event.user, basket: event.basket ?? -1, day: event.basket == nil ? (event.time ?? 0) / 86_400 : 0)
            let order = orders[visit] ?? orders.count
            orders[visit] = order
            let unit = price.isEmpty ? Double.nan : price[event.item]
            let money = unit.isFinite && unit > 0 ? unit * Double(event.weight) : nil
            lines.append(Line(user: event.user, item: UInt32(event.item), order: order, money: money))
        }
        self.lines = lines
        hasMoney = lines.contains { $0.money != nil }
    }
}

/// A share with the interval that holds it in 95 of 100 samples of users.
struct Share {
    let part: Double
    let whole: Double
    let interval: ClosedRange<Double>

    var value: Double { whole > 0 ? part / whole : 0 }

    /// Bootstrap over users, each with a part and a whole (Efron 1979, doi:10.1214/aos/1176344552).
    /// O(users x resamples).
    init(_ users: [(part: Double, whole: Double)], seed: UInt64, resamples: Int = 1000) {
        part = users.reduce(0) { $0 + $1.part }
        whole = users.reduce(0) { $0 + $1.whole }
        guard whole > 0 else {
            interval = 0...0
            return
        }
        var generator = SeededGenerator(seed: seed)
        let samples = (0..<resamples).map { _ in
            var sums = (part: 0.0, whole: 0.0)
            for _ in users.indices {
                let user = users[generator.nextIndex(users.count)]
                sums.part += user.part
                sums.whole += user.whole
            }
            return sums.whole > 0 ? sums.part / sums.whole : 0
        }.sorted()
        // The 2.5th and the 97.5th percentile.
        interval = samples[resamples / 40]...samples[resamples - 1 - resamples / 40]
    }
}

/// How much of the purchases a model's lists would have had.
struct PurchaseShare {
    /// Orders with at least one line in the list.
    let orders: Share
    let lines: Share
    let money: Share?

    /// Only what a list could have: lines whose item counts in the evaluation, which leaves out what the user had before.
    init(_ purchases: Purchases, _ lists: [JudgedList], length: Int, seed: UInt64) {
        struct User {
            var orders: (part: Double, whole: Double) = (0, 0)
            var lines: (part: Double, whole: Double) = (0, 0)
            var money: (part: Double, whole: Double) = (0, 0)
        }
        let places = [Int: Int](uniqueKeysWithValues: lists.enumerated().map { ($1.user, $0) })
        let shown = lists.map { Set($0.ranked.prefix(length)) }
        var users = [User](repeating: User(), count: lists.count)
        var orders: [Int: (place: Int, isHit: Bool)] = [:]
        for line in purchases.lines {
            guard let place = places[line.user], lists[place].relevant.contains(line.item) else { continue }
            let isHit = shown[place].contains(line.item)
            users[place].lines.whole += 1
            if isHit { users[place].lines.part += 1 }
            if let money = line.money {
                users[place].money.whole += money
                if isHit { users[place].money.part += money }
            }
            orders[line.order] = (place, (orders[line.order]?.isHit ?? false) || isHit)
        }
        for (place, isHit) in orders.values {
            users[place].orders.whole += 1
            if isHit { users[place].orders.part += 1 }
        }
        let buyers = users.filter { $0.lines.whole > 0 }
        self.orders = Share(buyers.map(\.orders), seed: seed)
        self.lines = Share(buyers.map(\.lines), seed: seed)
        money = purchases.hasMoney ? Share(buyers.map(\.money), seed: seed) : nil
    }
}
