import ArgumentParser
import RecoKit
import RecoSources

/// Prints hits, for people and as JSON.
struct Answer {
    let model: Model
    let explain: Bool
    /// What similar items are similar to.
    private let given: String
    private let titles: CatalogIndex.Attribute?

    init(_ model: Model, explain: Bool = false, similarTo given: String = "what was seen") {
        self.model = model
        self.explain = explain
        self.given = given
        titles = model.catalog.attribute(named: "title") ?? model.catalog.attribute(named: "name")
    }

    /// `question` says what was asked: ("user", "42"); `reasons` explains a hit, nil where that cannot be done.
    /// `fields` tells which fields of a hit's text are like what was asked, `ranking` what the ranker looked at.
    func json(
        _ question: [(String, JSON)], _ hits: [Hit], reasons: (Hit) throws -> [Reason]? = { _ in nil },
        fields: (Hit) throws -> [MatchedField] = { _ in [] }, ranking: (Hit) throws -> RankingReasons? = { _ in nil }
    ) throws -> JSON {
        .object(
            question + [
                (
                    "items",
                    .array(
                        try hits.map { hit in
                            var members: [(String, JSON)] = [
                                ("id", .string(hit.id)), ("score", .float(hit.score)),
                                ("sources", .array(hit.row == nil ? [] : [.string("\(hit.source.name)")])),
                            ]
                            if explain {
                                members.append(("rung", .string("\(hit.rung.name)")))
                                if let title = title(of: hit) { members.append(("title", .string(title))) }
                                if let reasons = try reasons(hit) {
                                    let parts = reasons.map {
                                        JSON.object([("id", .string($0.id)), ("contribution", .float($0.contribution))])
                                    }
                                    members.append(("reasons", .array(parts)))
                                }
                                let fields = try fields(hit).map { ($0.name, JSON.float($0.share)) }
                                if !fields.isEmpty { members.append(("fields", .object(fields))) }
                                if let ranking = try ranking(hit) {
                                    members.append(
                                        ("ranks", .object(ranking.ranks.map { ($0.source, .integer($0.rank)) })))
                                    members.append(("expected", .float(ranking.expected)))
                                    let parts = ranking.features.map { ($0.name, JSON.float($0.contribution)) }
                                    members.append(("features", .object(parts)))
                                }
                            }
                            return .object(members)
                        })
                )
            ])
    }

    /// A table: place, id, score, title, where the hit comes from, and the user's own items that say most for it.
    func lines(
        _ hits: [Hit], reasons: (Hit) throws -> [Reason]? = { _ in nil },
        fields: (Hit) throws -> [MatchedField] = { _ in [] }, ranking: (Hit) throws -> RankingReasons? = { _ in nil }
    ) throws -> [String] {
        guard !hits.isEmpty else { return ["nothing to recommend"] }
        let hasTitles = hits.contains { title(of: $0) != nil }
        var header = ["", "item", "score"]
        if hasTitles { header.append("title") }
        if explain { header += ["from", "because it is"] }
        let rows = try hits.enumerated().map { index, hit in
            var row = ["\(index + 1)", Format.plain(hit.id), hit.row == nil ? "" : Format.score(hit.score)]
            if hasTitles { row.append(Format.plain(title(of: hit) ?? "")) }
            if explain {
                let own = try (reasons(hit) ?? []).filter { $0.contribution > 0 }.prefix(3).map {
                    "\(Format.plain($0.id)) (\(Format.score($0.contribution)))"
                }
                let because = own.isEmpty ? "" : ", as of " + own.joined(separator: ", ")
                // A field that says next to nothing is not worth a word.
                let alike = try fields(hit).filter { $0.share >= 0.1 }.map { Format.plain($0.name) }
                let by = alike.isEmpty ? "" : ", by its " + alike.joined(separator: ", ")
                let ranked = try ranking(hit)
                let most = (ranked?.features ?? []).filter { $0.contribution > 0 }.prefix(3).map {
                    "\($0.name) (\(Format.score($0.contribution)))"
                }
                let features = most.isEmpty ? "" : ", for its " + most.joined(separator: ", ")
                // Who was of that opinion: those among whose best ten it is.
                let backers = (ranked?.ranks ?? []).filter { $0.rank <= 10 }.map(\.source)
                let from = hit.row == nil ? "" : "\(hit.source.name)"
                let of = backers.isEmpty ? "" : ": " + backers.joined(separator: ", ")
                row += [from + of, reason(hit.rung) + by + because + features]
            }
            return row
        }
        let titleColumn: [Format.Alignment] = hasTitles ? [.left] : []
        return Format.table([.right, .left, .right] + titleColumn + [.left, .left], [header] + rows)
    }

    private func title(of hit: Hit) -> String? {
        guard let titles, let row = hit.row else { return nil }
        let title = model.catalog.text(titles, row: row)
        return title.isEmpty ? nil : title
    }

    private func reason(_ rung: Rung) -> String { Self.reason(rung, given: given) }

    /// Why something of a rung is there, in words; `given` is what similar items are similar to.
    static func reason(_ rung: Rung, given: String) -> String {
        switch rung {
        case .none: "unknown to the model"
        case .personal: "to this user's taste"
        case .session: "close to this session"
        case .similar: "similar to \(given)"
        case .category: "popular in its category"
        case .popular: "popular with everybody"
        case .matching: "what was searched for"
        }
    }
}

/// Whom an answer is for: options that `recommend` and `rank` share.
struct Audience: ParsableArguments {
    @Option(help: ArgumentHelp("The user to answer for.", valueName: "id"))
    var user: String?

    @Option(
        help: ArgumentHelp("What a visitor looked at just now, oldest first.", valueName: "id,id..."),
        transform: splitIDs)
    var session: [[String]] = []

    var sessionItems: [String] { session.flatMap { $0 } }
    var sessionEvents: [SessionEvent] { sessionItems.map { SessionEvent($0) } }
    var isEmpty: Bool { user == nil && session.isEmpty }

    /// Tells on standard error which ids the model does not know.
    func mentionUnknown(in model: Model) {
        if let user, !model.knows(user: user) {
            complain("the model does not know the user \(Format.plain(user))")
        }
        mentionUnknownItems(sessionItems, in: model)
    }

    var json: [(String, JSON)] {
        var members: [(String, JSON)] = []
        if let user { members.append(("user", .string(user))) }
        if !session.isEmpty { members.append(("session", .array(sessionItems.map { .string($0) }))) }
        return members
    }
}

/// Tells on standard error which items the model does not know.
func mentionUnknownItems(_ items: [String], in model: Model) {
    let unknown = items.filter { model.items.row(of: $0) == nil }
    guard !unknown.isEmpty else { return }
    let shown = unknown.prefix(10).map { Format.plain($0) }.joined(separator: ", ")
    let what = unknown.count == 1 ? "item" : "items"
    complain("the model does not know the \(what) \(shown)\(unknown.count > 10 ? ", …" : "")")
}

/// "a,b" as two ids. Throws if one of them is empty.
@Sendable func splitIDs(_ text: String) throws -> [String] {
    let ids = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if ids.contains("") { throw ValidationError("an id in \"\(text)\" is empty") }
    return ids
}

/// How many items an answer has.
struct Limit: ParsableArguments {
    @Option(name: [.customShort("n"), .long], help: "How many items at most.")
    var limit = 10

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("-n takes a number from 1 on.") }
    }
}

/// When and with what is asked: options of questions that a ranker answers.
struct Moment: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When it is asked, for a ranker that has learned from hours and days: 2026-11-27 18:30:00, or Unix time.",
            valueName: "time"),
        transform: readTime)
    var time: Int64?

    @Option(help: ArgumentHelp("What the visitor uses, as the events name it.", valueName: "name"))
    var device = ""
}

/// A time as tables have it, or Unix time.
@Sendable private func readTime(_ text: String) throws -> Int64 {
    var text = text
    guard let time = text.withUTF8({ Timestamp.parse($0) }), EventLog.times.contains(time) else {
        throw ValidationError("\"\(text)\" is no Unix time or date like 2011-11-09 10:00:00 between 1900 and 2100")
    }
    return time
}
