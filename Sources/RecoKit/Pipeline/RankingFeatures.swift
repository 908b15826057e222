/// What the ranker sees of a candidate: one piece of code for training and for serving.
///
/// For each source its score, as a share of the best in the pool, and its rank among the pool; then facts about the item,
/// about what this visitor did with the item, its category and its brand, about the visitor, and about the hour and the
/// device. What is not known is NaN, which trees send their own way.
struct RankingFeatures: Sendable {
    let sources: [any CandidateSource]
    let facts: RankingFacts
    let history: History

    /// Names, in the order of the columns.
    let names: [String]
    var count: Int { names.count }

    private static let perSource = 2
    /// Where the sum of 1 / (60 + rank) over the sources stands: what plain rank fusion would order by.
    private var agreement: Int { Self.perSource &* sources.count }
    private static let own =
        [
            "sources.agreement",
            "item.events-day", "item.events-week", "item.events-month", "item.events",
            "item.conversion-day", "item.conversion-week", "item.conversion-month", "item.conversion", "item.age",
            "item.idle", "item.price",
            "own.weight", "own.days", "own.events",
            "category.share", "brand.share", "price.difference",
            "visitor.items", "visitor.session",
        ] + RankingContext.names + ["text.score", "text.rank"]

    init(_ sources: [any CandidateSource], _ facts: RankingFacts, _ history: History) {
        self.sources = sources
        self.facts = facts
        self.history = history
        names =
            sources.flatMap { source in
                ["score", "rank"].map { "\(type(of: source).code.name).\($0)" }
            } + Self.own
    }

    /// Writes how well each item of the pool matches a text: its score as a share of the best, and its rank. Nil: there
    /// is no text.
    func setText(
        _ match: (scores: UnsafeMutableBufferPointer<Float>, order: UnsafeMutablePointer<UInt32>)?, count rows: Int,
        into features: UnsafeMutablePointer<Float>
    ) {
        let column = count &- 2
        for i in 0..<rows {
            features[i &* count &+ column] = .nan
            features[i &* count &+ column &+ 1] = .nan
        }
        guard let (scores, order) = match else { return }
        for i in 0..<rows { order[i] = UInt32(truncatingIfNeeded: i) }
        var sorted = UnsafeMutableBufferPointer(start: order, count: rows)
        sorted.sort { (scores[Int($1)], $0) < (scores[Int($0)], $1) }
        guard let first = sorted.first, scores[Int(first)] > 0 else { return }
        let best = scores[Int(first)]
        for rank in 0..<rows {
            let i = Int(sorted[rank])
            features[i &* count &+ column] = scores[i] / best
            features[i &* count &+ column &+ 1] = Float(rank &+ 1)
        }
    }

    /// Writes a row of features for each item of the pool, all but those of a text. False if memory ran out.
    /// O(cost of scoring by each source + rows x (sources + items of the profile)).
    func compute(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into features: UnsafeMutablePointer<Float>
    ) -> Bool {
        guard let scores = scratch.floats(.sourceScores, rows.count), let order = scratch.rows(.poolOrder, rows.count)
        else { return false }
        let width = count
        for i in 0..<rows.count { features[i &* width &+ agreement] = 0 }
        for (place, source) in sources.enumerated() {
            addSource(
                source, Self.perSource &* place, rows, profile,
                UnsafeMutableBufferPointer(start: scores, count: rows.count),
                order, using: scratch, into: features)
        }
        guard let taste = Taste(profile, facts, using: scratch) else { return false }
        let cells = facts.context.cells(of: profile)
        for i in 0..<rows.count {
            addFacts(Int(rows[i]), profile, taste, cells, into: features + (i &* width &+ agreement &+ 1))
        }
        return true
    }

    private func addSource(
        _ source: any CandidateSource, _ column: Int, _ rows: UnsafeBufferPointer<UInt32>, _ profile: Profile,
        _ scores: UnsafeMutableBufferPointer<Float>, _ order: UnsafeMutablePointer<UInt32>, using scratch: Scratch,
        into features: UnsafeMutablePointer<Float>
    ) {
        let width = count
        let knows = source.score(rows, for: profile, using: scratch, into: scores)
        var best: Float = 0
        var known = 0
        for i in 0..<rows.count {
            features[i &* width &+ column] = .nan
            features[i &* width &+ column &+ 1] = .nan
            guard knows, scores[i].isFinite, scores[i] != 0 else { continue }
            best = max(best, scores[i])
            order[known] = UInt32(truncatingIfNeeded: i)
            known &+= 1
        }
        var sorted = UnsafeMutableBufferPointer(start: order, count: known)
        sorted.sort {
            Candidate.isBetter(
                Candidate(row: rows[Int($0)], score: scores[Int($0)]),
                Candidate(row: rows[Int($1)], score: scores[Int($1)]))
        }
        for rank in 0..<known {
            let i = Int(order[rank])
            if best > 0 { features[i &* width &+ column] = scores[i] / best }
            features[i &* width &+ column &+ 1] = Float(rank &+ 1)
            features[i &* width &+ agreement] += 1 / (60 + Float(rank))
        }
    }

    private func addFacts(
        _ row: Int, _ profile: Profile, _ taste: Taste, _ cells: RankingContext.Cells,
        into features: UnsafeMutablePointer<Float>
    ) {
        var column = 0
        func add(_ value: Float) {
            features[column] = value
            column &+= 1
        }
        let windows = row &* RankingFacts.activityWidth
        for window in 0..<RankingFacts.activityWidth { add(facts.activity[windows &+ window]) }
        for window in 0..<RankingFacts.activityWidth { add(facts.conversion[windows &+ window]) }
        add(facts.firstDays[row])
        add(facts.lastDays[row])
        let price = facts.price(of: row)
        add(price)
        let entry = profile.user.flatMap { history.entry(of: UInt32(truncatingIfNeeded: row), user: $0) }
        add(entry.map { history.weights[$0] } ?? .nan)
        add(entry.map { facts.historyDays[$0] } ?? .nan)
        add(entry.map { facts.historyCounts[$0] } ?? .nan)
        let category = facts.categories[row]
        add(taste.categories.share(category))
        add(taste.brands.share(facts.brands[row]))
        add(price - taste.price)
        add(Float(profile.events.count))
        add(Float(profile.events.count &- profile.sessionStart))
        let context = facts.context
        add(cells.hour.map { Float($0) } ?? .nan)
        add(cells.weekday.map { Float($0) } ?? .nan)
        add(cells.device.map { Float($0) } ?? .nan)
        add(RankingContext.lift(context.hours, category, cells.hour, width: 24))
        add(RankingContext.lift(context.weekdays, category, cells.weekday, width: 7))
        add(RankingContext.lift(context.deviceLifts, category, cells.device, width: context.devices.count))
    }
}

/// What a profile likes in terms of attributes.
private struct Taste {
    var categories: Shares
    var brands: Shares
    /// The mean of ln(1 + price); NaN for none.
    var price = Float.nan

    /// The items that it is made of, the last ones.
    private static let mostEvents = 256

    init?(_ profile: Profile, _ facts: RankingFacts, using scratch: Scratch) {
        guard let memory = scratch.memory(.affinity, 2 &* Shares.size) else { return nil }
        categories = Shares(memory)
        brands = Shares(memory + Shares.size)
        var (sum, weights): (Float, Float) = (0, 0)
        for event in profile.events.suffix(Self.mostEvents) where event.weight > 0 {
            let item = Int(event.item)
            categories.add(facts.categories[item], event.weight)
            brands.add(facts.brands[item], event.weight)
            let price = facts.price(of: item)
            if price.isFinite {
                sum += event.weight * price
                weights += event.weight
            }
        }
        if weights > 0 { price = sum / weights }
    }
}

/// How much of a profile falls to each of a few codes.
private struct Shares {
    private let codes: UnsafeMutablePointer<UInt32>  // (capacity)
    private let weights: UnsafeMutablePointer<Float>  // (capacity)
    private var count = 0
    private var total: Float = 0

    /// More are not kept apart.
    private static let capacity = 64
    static let size = capacity * 8

    init(_ memory: UnsafeMutableRawPointer) {
        codes = memory.bindMemory(to: UInt32.self, capacity: Self.capacity)
        weights = (memory + Self.capacity * 4).bindMemory(to: Float.self, capacity: Self.capacity)
    }

    mutating func add(_ code: UInt32, _ weight: Float) {
        guard code != 0 else { return }
        total += weight
        for i in 0..<count where codes[i] == code {
            weights[i] += weight
            return
        }
        guard count < Self.capacity else { return }
        codes[count] = code
        weights[count] = weight
        count &+= 1
    }

    /// NaN for an item without a code, and where nothing is known of the visitor.
    func share(_ code: UInt32) -> Float {
        guard code != 0, total > 0 else { return .nan }
        for i in 0..<count where codes[i] == code { return weights[i] / total }
        return 0
    }
}
