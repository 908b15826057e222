import ArgumentParser
import RecoKit
import RecoSources

/// `reco search`: items that match words.
struct Search: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Finds items by words.",
        discussion: """
            By the words themselves where the model holds bm25 or tfidf, by what they mean where it holds bert, and by \
            both together where it holds both. With --user or --session, what they like moves up. With --queries, which \
            takes a file with one query a line, there is a JSON object a line (--json) or lines of query, item and \
            score, separated by tabs.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @Argument(help: ArgumentHelp("What is searched for.", valueName: "words"))
    var words: [String] = []

    @OptionGroup var audience: Audience
    @OptionGroup var length: Limit
    @OptionGroup var expressions: Expressions

    @OptionGroup var moment: Moment

    @Option(help: ArgumentHelp("Answer all queries of a file.", valueName: "file"))
    var queries: String?

    @Flag(help: "The last word is unfinished: search as you type.")
    var prefix = false

    @Flag(help: "After what matches, what would be recommended.")
    var fill = false

    @Flag(help: "Say where each item comes from.")
    var explain = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard words.allSatisfy({ $0.isEmpty }) != (queries == nil) else {
            throw ValidationError(
                "Say what to search for: reco search FILE.reco \"words\"; or --queries FILE for many.")
        }
    }

    func run() throws {
        let model = try Model.open(model)
        audience.mentionUnknown(in: model)
        let answer = Answer(model, explain: explain)
        let live = try expressions.readLive()
        let output = Output()
        if let queries {
            let (lines, repaired) = try TextFile.repairedLines(queries)
            if repaired > 0 {
                let what = repaired == 1 ? "1 line is" : "\(repaired) lines are"
                complain("\(queries): \(what) not valid UTF-8; the bytes that are not count as U+FFFD")
            }
            for query in lines.map(String.init) {
                let hits = try hits(query, model, live)
                if json {
                    try output.line(
                        answer.json([("query", .string(query))], hits, fields: { try fields($0, query, model) }))
                } else {
                    for hit in hits { try output.line("\(Format.plain(query))\t\(hit.id)\t\(hit.score)") }
                }
            }
        } else {
            let text = words.joined(separator: " ")
            let hits = try hits(text, model, live)
            if json {
                try output.line(
                    answer.json(
                        [("query", .string(text))] + audience.json, hits, fields: { try fields($0, text, model) },
                        ranking: { try ranking($0, text, model, live) }))
            } else if hits.isEmpty {
                try output.line("nothing matches")
            } else {
                for line in try answer.lines(
                    hits, fields: { try fields($0, text, model) }, ranking: { try ranking($0, text, model, live) })
                {
                    try output.line(line)
                }
            }
        }
        try output.flush()
    }

    private func hits(_ text: String, _ model: Model, _ live: [String: [String: Double]]) throws -> [Hit] {
        try model.search(
            text, user: audience.user, session: audience.sessionEvents, limit: length.limit,
            filter: expressions.filter, boost: expressions.boost, live: live, diversity: expressions.diversity,
            caps: expressions.caps, time: moment.time, device: moment.device, options: options)
    }

    private var options: QueryOptions { (prefix ? QueryOptions.textPrefix : []).union(fill ? .fillUp : []) }

    private func ranking(
        _ hit: Hit, _ text: String, _ model: Model, _ live: [String: [String: Double]]
    ) throws -> RankingReasons? {
        try model.rankingReasons(
            of: hit, text: text, user: audience.user, session: audience.sessionEvents, filter: expressions.filter,
            live: live, time: moment.time, device: moment.device, options: options)
    }

    private func fields(_ hit: Hit, _ text: String, _ model: Model) throws -> [MatchedField] {
        try model.matchedFields(
            of: hit, text: text, user: audience.user, session: audience.sessionEvents,
            options: options)
    }
}
