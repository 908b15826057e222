import RecoKit

/// One user's last events, the list that a model made of them, and what the user chose later.
struct ReportExample {
    struct Past {
        let title: String
        let kind: String
        let time: Int64?
    }

    struct Proposal {
        let title: String
        let reason: String
        let wasChosen: Bool
    }

    /// Nil: "a customer".
    let user: String?
    let eventCount: Int
    /// The latest first.
    let past: [Past]
    let list: [Proposal]

    private static let mostPast = 6
    private static let fewestEvents = 3

    /// Draws users at random among those who did enough to be recognised: not the ones where it went well.
    static func draw(
        _ count: Int, from lists: [JudgedList], of model: Model, learned: EventLog, heldOut: EventLog,
        titles: ItemTitles, length: Int, options: QueryOptions, showUsers: Bool, seed: UInt64
    ) throws -> [ReportExample] {
        var events = [Int](repeating: 0, count: learned.users.count)
        for place in 0..<learned.count { events[learned[place].user] += 1 }
        var eligible = lists.filter { events[$0.user] >= fewestEvents }
        var generator = SeededGenerator(seed: seed)
        var drawn: [JudgedList] = []
        while drawn.count < count, !eligible.isEmpty {
            let place = generator.nextIndex(eligible.count)
            eligible.swapAt(place, eligible.count - 1)
            drawn.append(eligible.removeLast())
        }
        var histories = [Int: [Int]](uniqueKeysWithValues: drawn.map { ($0.user, []) })
        for place in 0..<learned.count { histories[learned[place].user]?.append(place) }
        return try drawn.map { list in
            let id = learned.users.id(of: list.user)
            let own = (histories[list.user] ?? []).sorted {
                (learned[$1].time ?? .min, $1) < (learned[$0].time ?? .min, $0)
            }
            let hits = try model.recommend(user: id, limit: length, options: options)
            return ReportExample(
                user: showUsers ? id : nil, eventCount: own.count,
                past: own.prefix(mostPast).map {
                    let event = learned[$0]
                    return Past(
                        title: titles[event.item], kind: learned.kinds[event.kind].name, time: event.time)
                },
                list: try hits.map { hit in
                    Proposal(
                        title: hit.row.map { titles[$0] } ?? hit.id,
                        reason: try reason(for: hit, user: id, model, titles, options),
                        wasChosen: hit.row.map { list.relevant.contains(UInt32($0)) } ?? false)
                })
        }
    }

    /// In words: the user's own items that say most for the hit, else the models that ranked it high, else its rung.
    private static func reason(
        for hit: Hit, user: String, _ model: Model, _ titles: ItemTitles, _ options: QueryOptions
    ) throws -> String {
        do {
            let own = try model.explain(hit, user: user).filter { $0.contribution > 0 }.prefix(2)
            if !own.isEmpty { return "because of " + own.map { titles[$0.row] }.joined(separator: " and ") }
        } catch let error as RecoError where error.code == .unsupported {
            // Some models cannot tell.
        }
        if let ranking = try model.rankingReasons(of: hit, user: user, options: options) {
            let backers = ranking.ranks.prefix(2).map { "no. \($0.rank) of \($0.source)" }
            if !backers.isEmpty { return backers.joined(separator: ", ") }
        }
        return Answer.reason(hit.rung, given: "what was seen")
    }
}

/// What to call items: by their title or name, else by id.
struct ItemTitles {
    private let model: Model
    private let attribute: CatalogIndex.Attribute?

    init(_ model: Model) {
        self.model = model
        attribute = model.catalog.attribute(named: "title") ?? model.catalog.attribute(named: "name")
    }

    subscript(row: Int) -> String {
        let title = attribute.map { model.catalog.text($0, row: row) } ?? ""
        return title.isEmpty ? model.items.id(of: row) : title
    }
}
