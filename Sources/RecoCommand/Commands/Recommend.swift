import ArgumentParser
import RecoKit
import RecoSources

/// `reco recommend`: items for a user, for a session, or for a whole list of users.
struct Recommend: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recommends items for a user, a session, or many users.",
        discussion: """
            A user whom the model does not know gets what fits the session, then what is popular. With --users, which \
            takes a file with one id a line, there is a JSON object a line (--json) or lines of user, item and score, \
            separated by tabs.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @OptionGroup var audience: Audience
    @OptionGroup var length: Limit
    @OptionGroup var expressions: Expressions

    @OptionGroup var moment: Moment

    @Option(help: ArgumentHelp("Answer for all users of a file.", valueName: "file"))
    var users: String?

    @Flag(help: "Also recommend what the user has bought already.")
    var repeats = false

    @Flag(
        help:
            "Say where each item comes from, which of the user's own items speak for it, and what the ranker saw in it."
    )
    var explain = false

    @Option(help: "Threads for --users; 0 is one for each processor.")
    var threads = 0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard audience.isEmpty != (users == nil) else {
            throw ValidationError(
                "Say for whom: --user ID, --session ID,ID... or both; or --users FILE for many users.")
        }
        try checkThreads(threads)
    }

    func run() throws {
        let model = try Model.open(model)
        if let users { return try answerAll(users, model) }
        audience.mentionUnknown(in: model)
        let live = try expressions.readLive()
        let hits = try model.recommend(
            user: audience.user, session: audience.sessionEvents, limit: length.limit,
            filter: expressions.filter, boost: expressions.boost, live: live,
            diversity: expressions.diversity, caps: expressions.caps, time: moment.time, device: moment.device,
            options: options)
        let answer = Answer(model, explain: explain)
        let output = Output()
        if json {
            try output.line(
                answer.json(
                    audience.json, hits, reasons: { try reasons($0, model) }, fields: { try fields($0, model) },
                    ranking: { try ranking($0, model, live) }))
        } else {
            for line in try answer.lines(
                hits, reasons: { try reasons($0, model) }, fields: { try fields($0, model) },
                ranking: { try ranking($0, model, live) })
            {
                try output.line(line)
            }
        }
        try output.flush()
    }

    /// Why a hit is there; nil if it was not asked or the hit's model cannot tell.
    private func reasons(_ hit: Hit, _ model: Model) throws -> [Reason]? {
        guard explain else { return nil }
        do {
            return try model.explain(hit, user: audience.user, session: audience.sessionEvents)
        } catch let error as RecoError where error.code == .unsupported {
            return nil
        }
    }

    private func fields(_ hit: Hit, _ model: Model) throws -> [MatchedField] {
        try model.matchedFields(
            of: hit, user: audience.user, session: audience.sessionEvents)
    }

    private func ranking(_ hit: Hit, _ model: Model, _ live: [String: [String: Double]]) throws -> RankingReasons? {
        try model.rankingReasons(
            of: hit, user: audience.user, session: audience.sessionEvents, filter: expressions.filter, live: live,
            time: moment.time, device: moment.device, options: options)
    }

    private var options: QueryOptions { repeats ? .showBought : [] }

    /// Answers in the order of the file.
    private func answerAll(_ file: String, _ model: Model) throws {
        let answer = Answer(model, explain: explain)
        let live = try expressions.readLive()
        let output = Output()
        let answers = BatchAnswers(threads: threadCount(threads), progress: Progress()) {
            try text(for: $0, model, answer, live)
        } write: {
            try output.write($0)
        }
        let badLines = try readIDs(from: file) { try answers.add($0) }
        try answers.finish()
        try output.flush()
        for line in badLines.lines { complain(line) }
    }

    private func text(
        for user: String, _ model: Model, _ answer: Answer, _ live: [String: [String: Double]]
    ) throws -> String {
        let hits = try model.recommend(
            user: user, limit: length.limit, filter: expressions.filter, boost: expressions.boost, live: live,
            diversity: expressions.diversity, caps: expressions.caps, time: moment.time, device: moment.device,
            options: options)
        if json { return try answer.json([("user", .string(user))], hits).text + "\n" }
        return hits.map { "\(user)\t\($0.id)\t\($0.score)\n" }.joined()
    }
}
