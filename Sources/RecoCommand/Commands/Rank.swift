import ArgumentParser
import RecoKit

/// `reco rank`: puts given items in order of preference.
struct Rank: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts given items in order of preference for a user or a session.",
        discussion: """
            All items come back, or those that meet --filter; what the model does not know comes last. With --ranking or --table, a model trained \
            on labelled rows gives the score of each row of the file, one a line, in the file's order: for labels 0 and \
            1 the probability of 1.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @OptionGroup var audience: Audience

    @Option(help: ArgumentHelp("The items to rank.", valueName: "id,id..."), transform: splitIDs)
    var items: [[String]] = []

    @OptionGroup var rowFiles: RowFiles

    @OptionGroup var expressions: Expressions

    @Flag(help: "Say where each score comes from.")
    var explain = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try rowFiles.check()
        if !rowFiles.isEmpty {
            if !audience.isEmpty || !items.isEmpty { throw ValidationError("--ranking and --table stand alone.") }
            return
        }
        if items.isEmpty { throw ValidationError("Say what to rank: --items ID,ID...") }
        if audience.isEmpty { throw ValidationError("Say for whom: --user ID, --session ID,ID... or both.") }
    }

    func run() throws {
        if !rowFiles.isEmpty { return try scoreRows() }
        let model = try Model.open(model)
        audience.mentionUnknown(in: model)
        let hits = try model.rank(
            items.flatMap { $0 }, user: audience.user, session: audience.sessionEvents,
            filter: expressions.filter, boost: expressions.boost, live: expressions.readLive())
        let answer = Answer(model, explain: explain)
        let output = Output()
        if json {
            try output.line(answer.json(audience.json, hits))
        } else {
            for line in try answer.lines(hits) { try output.line(line) }
        }
        try output.flush()
    }

    private func scoreRows() throws {
        let model = try RowModels.open(path: model)
        let table = try rowFiles.read(schema: model.schema, Progress())
        let scores = model.rawScores(table, threads: processorCount()).map { model.value(ofRaw: $0) }
        let output = Output()
        if json {
            try output.line(.object([("scores", .array(scores.map { .number($0) }))]))
        } else {
            for score in scores { try output.line("\(score)") }
        }
        try output.flush()
    }
}
