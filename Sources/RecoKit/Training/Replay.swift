/// Makes a ranker's training set by replaying history: the models are trained on what happened before a moment, asked
/// what they would have proposed then, and what people did afterwards says which of it was right.
///
/// Nothing leaks from the future: scores, counts and recency are as of that moment, computed by the code that serves.
/// Of a user known by then, what is new in the time after it counts as right; of somebody who came later, the last
/// visit does, with the earlier ones as the session. Where people look at what they do not buy, there are two lists of
/// each: with what was looked at before, and without, so that the ranker knows either. The hour and the device are those
/// of the first thing that was right, and half of all lists go without, for questions that do not say them.
struct Replay {
    let log: EventLog
    let catalog: Catalog
    let userCatalog: Catalog
    let searches: SearchLog
    /// Those of the sources.
    let options: TrainerOptions
    /// Models that need not be trained again.
    let given: [any TrainableModel]
    /// The name of what is trained, and its settings.
    let ranker: String
    let settings: Settings

    static let hyperparameters = [
        Hyperparameter("replays", .integer(1...20), default: "2", "how many moments history is replayed from"),
        Hyperparameter(
            "replay-days", .number(0...3660), default: "0",
            "days after each moment that tell what was right; 0: as the data suggest"),
        Hyperparameter(
            "replay", .choice(["auto", "days", "last"]), default: "auto",
            "days: from a moment on, for everybody; last: what each user bought last, everything else being known; auto: "
                + "days where there are dates"),
        Hyperparameter(
            "replay-users", .integer(100...1_000_000), default: "20000", "users whose lists are learned from at most"),
        Hyperparameter(
            "replay-candidates", .integer(10...500), default: "500",
            "candidates of each list that are learned from: of the wrong ones a random part"),
    ]

    /// With fewer lists an order would be learned from chance.
    private static let fewestLists = 50

    /// What came of it.
    struct Result {
        /// None where it would put nothing in a better order.
        var scorer: RankingScorer?
        /// What it puts in a better order than the best source alone, or the bare match of a text.
        var orders: Ranker.Orders = []
        /// Names and values for the description of the model.
        var notes: [(name: String, value: String)] = []
        /// As they were used.
        var settings: Settings
        let ranker: String
    }

    /// Trains the ranker.
    func train(_ run: TrainingRun) throws -> Result {
        var examples: [Example] = []
        var names: [String] = []
        for (before, after) in try parts() {
            let model = try model(of: before, run)
            guard let ranker = model.pipeline.ranker else { continue }
            names = ranker.features.names
            examples += try lists(model, after, run)
            examples += try searchLists(model, before.latestTime, after.latestTime, run)
        }
        var result = Result(settings: try careful(names), ranker: ranker)
        let (visits, searches) = (examples.filter { !$0.isSearch }, examples.filter(\.isSearch))
        let usable = [visits, searches].filter { lists in
            lists.count { !$0.isHeld } >= Self.fewestLists && lists.contains(where: \.isHeld)
        }
        result.notes.append(("lists", "\(visits.count)"))
        if self.searches.count > 0 { result.notes.append(("search-lists", "\(searches.count)")) }
        guard !usable.isEmpty else {
            result.notes.append(("left-out", "fewer than \(Self.fewestLists) lists to learn from"))
            return result
        }
        let all = usable.flatMap { $0 }
        let scorer = try RankingScorer(
            named: ranker, table(all.filter { !$0.isHeld }, names), validation: table(all.filter(\.isHeld), names),
            settings: result.settings, run: run)
        judge(scorer, usable.map { $0.filter(\.isHeld) }, names, &result)
        if !result.orders.isEmpty { result.scorer = scorer }
        return result
    }

    /// The sources as they would have been then. Words are learned anew where later searches have taught them.
    private func model(of before: EventLog, _ run: TrainingRun) throws -> Model {
        let learnsFromSearches = searches.latestTime > before.latestTime
        let given = given.filter { model in
            !learnsFromSearches || (type(of: model) as? any TextSource.Type)?.matching != .words
        }
        let trainer = Trainer(
            log: before, catalog: catalog, userCatalog: userCatalog, options: options, given: given,
            searches: learnsFromSearches ? try searches.until(before.latestTime) : searches)
        try trainer.train(progress: run.progress)
        return try trainer.model()
    }

    /// Says what the ranker orders better, on lists that were kept apart, than the best source alone or the bare match of
    /// the text does.
    private func judge(_ scorer: RankingScorer, _ held: [[Example]], _ names: [String], _ result: inout Result) {
        for lists in held {
            let own = Self.ndcg(lists) { scorer.scores($0.features) }
            if lists[0].isSearch {
                let bare = Self.ndcg(lists, byRankIn: names.count - 1, of: names.count)
                result.notes += [("search-ndcg@10", Self.text(own)), ("text-ndcg@10", Self.text(bare))]
                if own > bare { result.orders.insert(.searches) }
            } else {
                let best = Self.bestSource(lists, names)
                result.notes += [
                    ("ndcg@10", Self.text(own)), ("best-source", best.name),
                    ("best-source-ndcg@10", Self.text(best.value)),
                ]
                if own > best.value {
                    result.orders.insert(.recommendations)
                } else {
                    result.notes.append(("left-out", "\(best.name) alone is as good"))
                }
            }
        }
    }

    /// Settings for lists that are few and noisy. What was set stays as it was set; a perceptron's stay as they are.
    ///
    /// Trees: small steps, small trees, many rows to a leaf, and sources whose better opinion of an item never counts
    /// against it. Wide & Deep: the crosses are what two sources think of an item.
    private func careful(_ names: [String]) throws -> Settings {
        var careful = settings
        if ranker == WideAndDeep.name, !careful.isSet("crosses") {
            let ranks = names.filter { $0.hasSuffix(".rank") }
            let crosses = ranks.indices.flatMap { first in ranks[(first + 1)...].map { "\(ranks[first])*\($0)" } }
            if !crosses.isEmpty { try careful.set("crosses", to: crosses.joined(separator: ",")) }
        }
        guard ranker == BoostedTrees.name else { return careful }
        let monotone = names.compactMap { name in
            name.hasSuffix(".rank") ? "\(name):falling" : name.hasSuffix(".score") ? "\(name):rising" : nil
        }
        for (name, value) in [
            ("trees", "300"), ("leaves", "8"), ("learning-rate", "0.05"), ("min-data-in-leaf", "200"),
            ("feature-sampling", "0.5"), ("monotone", monotone.joined(separator: ",")),
        ] where !careful.isSet(name) { try careful.set(name, to: value) }
        return careful
    }

    private static func text(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }

    /// The source whose own order is best on these lists, and its NDCG@10 there.
    private static func bestSource(_ lists: [Example], _ names: [String]) -> (name: String, value: Double) {
        var best = (name: "none", value: 0.0)
        for (column, name) in names.enumerated() where name.hasSuffix(".rank") && name != "text.rank" {
            let value = ndcg(lists, byRankIn: column, of: names.count)
            if value > best.value { best = (String(name.dropLast(".rank".count)), value) }
        }
        return best
    }

    private static func ndcg(_ lists: [Example], byRankIn column: Int, of width: Int) -> Double {
        ndcg(lists) { list in
            list.labels.indices.map { row in
                let rank = list.features[row * width + column]
                return rank.isFinite ? -Double(rank) : -.greatestFiniteMagnitude
            }
        }
    }

    /// The mean NDCG@10 of lists in the order of scores.
    private static func ndcg(_ lists: [Example], _ scores: (Example) -> [Double]) -> Double {
        let measure = NDCG(longest: 10)
        let sum = lists.reduce(0.0) { sum, list in
            let value = scores(list).withUnsafeBufferPointer { scores in
                list.labels.withUnsafeBufferPointer { measure.values(scores: scores, labels: $0, cutoffs: [10]) }
            }
            return sum + (value?[0] ?? 0)
        }
        return sum / Double(max(lists.count, 1))
    }

    private func rule() -> HoldOut {
        let days = settings.number("replay-days")
        switch settings.text("replay") {
        case "days": return .lastDays(days > 0 ? days : 30)
        case "last": return .lastItemOfEachUser
        default: break
        }
        let usual = log.usualHoldOut()
        if case .lastDays = usual, days > 0 { return .lastDays(days) }
        return usual
    }

    /// What was known at each moment, and what followed.
    private func parts() throws -> [(before: EventLog, after: EventLog)] {
        let rule = rule()
        var parts: [(before: EventLog, after: EventLog)] = []
        var rest = log
        for _ in 0..<settings.integer("replays") {
            let (before, after) = try rest.split(rule)
            guard before.count >= log.count / 4, after.count > 0 else { break }
            parts.append((before, after))
            rest = before
        }
        return parts
    }

    // MARK: Lists

    /// One list as the ranker would have got it.
    struct Example {
        var features: [Float] = []  // (rows, features)
        var labels: [Float] = []  // (rows)
        /// Kept for telling when to stop, and whether it was worth it.
        var isHeld = false
        var isSearch = false
    }

    private func lists(_ model: Model, _ after: EventLog, _ run: TrainingRun) throws -> [Example] {
        let (starts, events) = try after.eventsGroupedByUser()
        var users = (0..<after.users.count).filter { starts[$0] < starts[$0 + 1] }
        let most = settings.integer("replay-users")
        if users.count > most {
            users = Array(users.sorted { mix(UInt64($0) ^ run.seed) < mix(UInt64($1) ^ run.seed) }.prefix(most))
                .sorted()
        }
        // What nobody wants more of (dislikes, returns) is never right, and says nothing about what is.
        let kinds = Set(after.kindCodes.elements).map { after.kinds[$0] }.filter { $0.weight > 0 }
        let hides = kinds.contains { $0.hides }
        let looks = hides && kinds.contains { !$0.hides }
        // Where each user's last item is held out with all that was done with it, what was seen is never right.
        let isNew = rule() == .lastItemOfEachUser
        try run.progress("replaying history", 0, users.count)
        var found = [[Example]](repeating: [], count: users.count)
        try found.withUnsafeMutableBufferPointer { found in
            nonisolated(unsafe) let found = found
            try parallelFor(users.count, threads: run.threads) { place, _ in
                let user = users[place]
                found[place] = try lists(
                    model, user, events[starts[user]..<starts[user + 1]].map { Int($0) }, after, hides: hides,
                    usual: !(looks && isNew), unseen: looks, run)
            }
        }
        try run.progress("replaying history", users.count, users.count)
        return found.flatMap { $0 }
    }

    private func lists(
        _ model: Model, _ user: Int, _ events: [Int], _ after: EventLog, hides: Bool, usual: Bool, unseen: Bool,
        _ run: TrainingRun
    ) throws -> [Example] {
        let isKnown = !model.pipeline.history.entries(of: user).isEmpty
        let ordered = events.sorted { (after.times.elements[$0], $0) < (after.times.elements[$1], $1) }
        let last = after.times.elements[ordered[ordered.count - 1]]
        // Of a visitor who was not known: the last visit, or where that is the only one its last moment.
        var first = isKnown ? 0 : ordered.count - 1
        while first > 0, !Self.isLater(after.times.elements[ordered[first - 1]], after.times.elements[ordered[first]]) {
            first -= 1
        }
        if !isKnown, first == 0 { first = ordered.firstIndex { after.times.elements[$0] == last } ?? 0 }
        let session = ordered[..<first]
        let asked = ordered[first...]
        let right = asked.filter {
            let kind = after.kinds[after.kindCodes.elements[$0]]
            return kind.weight > 0 && after.weights.elements[$0] > 0 && (kind.hides || !hides)
        }
        let relevant = Set(right.map { after.itemRows.elements[$0] })
        guard let moment = right.first, isKnown || !session.isEmpty else { return [] }
        let hash = mix(UInt64(user) ^ mix(run.seed))
        let tellsContext = mix(hash ^ 0xC10C) % 2 == 0
        var device = tellsContext ? after.devices[Int(after.device(of: moment))] : ""
        var ids: [UInt8] = []
        for event in session { ids += Array(after.items.id(of: Int(after.itemRows.elements[event])).utf8) + [0] }
        let kinds = session.map { after.kindCodes.elements[$0] }
        let ages = session.map { Float(last - after.times.elements[$0]) }
        var id = after.users.id(of: user)
        return try id.withUTF8 { id in
            try device.withUTF8 { device in
                try ids.withUnsafeBufferPointer { ids in
                    try kinds.withUnsafeBufferPointer { kinds in
                        try ages.withUnsafeBufferPointer { ages in
                            var question = Question()
                            question.user = id
                            question.session = PackedTexts(ids)
                            question.sessionKinds = kinds
                            question.sessionAges = ages
                            question.device = device
                            let time = after.times.elements[moment]
                            question.time = tellsContext && time != EventLog.noTime ? time : nil
                            let first = usual ? try example(model, question, relevant, hash: hash) : nil
                            question.options = .hideSeen
                            let second = unseen ? try example(model, question, relevant, hash: hash) : nil
                            return [first, second].compactMap { $0 }
                        }
                    }
                }
            }
        }
    }

    /// Whether half an hour lies between two events, so that they belong to two visits.
    private static func isLater(_ earlier: Int64, _ later: Int64) -> Bool {
        later != EventLog.noTime && (earlier == EventLog.noTime || later - earlier > 1800)
    }

    /// Asks for candidates as serving does. Nil where none of them is right.
    func example(_ model: Model, _ question: Question, _ relevant: Set<UInt32>, hash: UInt64) throws -> Example? {
        try model.withScratch { scratch in
            let pipeline = model.pipeline
            defer { scratch.unblock() }
            let profile = try pipeline.profile(of: question, using: scratch)
            pipeline.exclude(question, profile, from: scratch, hideBoughtByDefault: !question.isSearch)
            guard let ranker = pipeline.ranker else { return nil }
            let (pool, features) = try pipeline.candidates(for: question, profile, by: ranker, using: scratch)
            let width = ranker.features.count
            let right = pool.indices.filter { relevant.contains(pool[$0]) }
            guard !right.isEmpty else { return nil }
            let wrong = pool.indices.filter { !relevant.contains(pool[$0]) }
            let chosen = wrong.sorted { mix(hash ^ UInt64(pool[$0])) < mix(hash ^ UInt64(pool[$1])) }
                .prefix(settings.integer("replay-candidates"))
            var example = Example()
            example.isHeld = mix(hash ^ 0x5EED) % 5 == 0
            example.isSearch = question.isSearch
            for place in right + chosen {
                example.features.append(contentsOf: UnsafeBufferPointer(start: features + place * width, count: width))
                example.labels.append(relevant.contains(pool[place]) ? 1 : 0)
            }
            return example
        }
    }

    private func table(_ examples: [Example], _ names: [String]) throws -> RankingTable {
        let count = examples.reduce(0) { $0 + $1.labels.count }
        var columns = [[Float]](repeating: [], count: names.count)
        for feature in names.indices {
            columns[feature].reserveCapacity(count)
            for example in examples {
                for row in example.labels.indices {
                    columns[feature].append(example.features[row * names.count + feature])
                }
            }
        }
        return try RankingTable(
            columns: columns, labels: examples.flatMap(\.labels), groupSizes: examples.map { $0.labels.count },
            names: names, categories: names.map { $0 == RankingContext.deviceName ? log.devices : nil })
    }
}
