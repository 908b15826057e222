import ArgumentParser
import RecoKit
import RecoSources

/// `reco evaluate`: how high do the items stand that users went on to choose?
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures a model on held-out events, ranking the whole catalogue for every test user.",
        discussion: """
            The test file has the columns user and item. Items that a user has in training are left out of the \
            ranking, unless --repeats is given. Intervals hold the mean in 95 of 100 samples of users (bootstrap). \
            Where the file has a column weight or rating and the model predicts ratings, rmse and mae say how far off \
            the predictions are, for all rows of the file.

            Where the file has a ranker, each of its sources is measured alone as well, bestsellers among them.

            With --candidates only the items that the file names for a user (user,item, one a row) and the user's test \
            items are ranked: sampled protocols such as "1 against 99". Their figures are much higher and cannot be \
            compared with those of the full ranking. Equal scores are ranked by a hash of user and item.

            A model trained on labelled rows is measured on such: --ranking gives ndcg@1, @5 and @10 (gain 2^label - 1; \
            groups with nothing relevant are passed over; equal scores share their places), --table gives auc, logloss \
            and accuracy, or rmse and mae where labels are numbers.
            """)

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @Option(help: ArgumentHelp("What users went on to choose: user,item[,rating].", valueName: "file"))
    var test: String?

    @OptionGroup var rowFiles: RowFiles

    @Option(help: ArgumentHelp("What else is ranked for each test user, instead of everything.", valueName: "file"))
    var candidates: String?

    @Option(help: ArgumentHelp("Lengths of list to measure.", valueName: "10,20"))
    var k: String?

    @Flag(help: "Keep the items that a user has in training in the ranking.")
    var repeats = false

    @Flag(inversion: .prefixedNo, help: "Measure each source of a ranker alone as well.")
    var sources = true

    @Option(help: "Threads; 0 is one for each processor.")
    var threads = 0

    @Option(help: "The seed of the bootstrap.")
    var seed: UInt64 = 1

    @Flag(help: "Stop at the first bad row.")
    var strict = false

    @Flag(help: "Print one JSON object.")
    var json = false

    private static let largestCutoff = 10_000

    func validate() throws {
        _ = try cutoffs()
        try rowFiles.check()
        if test == nil, rowFiles.isEmpty {
            throw ValidationError(
                "Name what to measure on: --test FILE, or for labelled rows --ranking or --table FILE.")
        }
        if test != nil, !rowFiles.isEmpty { throw ValidationError("--test excludes --ranking and --table.") }
        try checkThreads(threads)
    }

    private func cutoffs() throws -> [Int] {
        let k = k ?? (rowFiles.isEmpty ? "10,20" : "1,5,10")
        return try k.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let cutoff = Int(part), cutoff >= 1, cutoff <= Self.largestCutoff else {
                throw ValidationError("--k takes numbers from 1 to \(Self.largestCutoff), such as 10,20; not \"\(k)\".")
            }
            return cutoff
        }
    }

    func run() throws {
        guard let test else { return try runOnRows() }
        let model = try Model.open(model)
        let progress = Progress()
        let log = EventLog()
        var hasRatings = false
        try TableLoader(strict: strict, progress: progress).load(test) {
            let report = try log.addPairs(from: test, withWeights: model.predictsRatings, $0)
            hasRatings = report.columns.contains { $0.role == "weight" }
            return report
        }
        var candidateLog: EventLog?
        if let candidates {
            let read = EventLog()
            try TableLoader(strict: strict, progress: progress).load(candidates) {
                try read.addPairs(from: candidates, $0)
            }
            candidateLog = read
        }
        func measure(_ source: SourceCode?, _ what: String) throws -> EvaluationSummary {
            try model.evaluate(
                log, candidates: candidateLog, cutoffs: cutoffs(), repeats: repeats, source: source,
                threads: threadCount(threads), seed: seed
            ) { done, total in
                progress.update(what, done: done, total: total, unit: "users")
            }
        }
        let summary = try measure(nil, "ranking for test users")
        let alone = try (sources && candidates == nil ? model.rankedSources : []).map {
            (name: "\($0.name)", metrics: try measure($0, "ranking by \($0.name) alone").metrics)
        }
        let errors = hasRatings ? model.ratingErrors(log)?.metrics(seed: seed) : nil
        let metrics = summary.metrics + (errors ?? [])
        progress.finish()

        let output = Output()
        if json {
            var members: [(String, JSON)] = [("users", .integer(summary.userCount))]
            if let mean = summary.meanCandidates {
                members += [("protocol", .string("candidates")), ("mean_candidates", .number(mean))]
            }
            members += Self.json(metrics)
            if !alone.isEmpty {
                members.append(("sources", .object(alone.map { ($0.name, .object(Self.json($0.metrics))) })))
            }
            try output.line(.object(members))
        } else {
            let ranked =
                if let mean = summary.meanCandidates {
                    "only given candidates ranked: \(Format.fixed(mean, 1)) items for a user on average"
                } else {
                    "\(Format.count(model.items.count)) items ranked"
                }
            try output.line("\(Format.count(summary.userCount)) test users, \(ranked)")
            try show(metrics, output)
            if !alone.isEmpty { try show(alone, output) }
        }
        try output.flush()
    }

    /// A line for each source alone: NDCG, recall and hits of the shortest list.
    private func show(_ sources: [(name: String, metrics: [EvaluationSummary.Metric])], _ output: Output) throws {
        let ending = "@\(try cutoffs()[0])"
        let names = ["ndcg", "recall", "hit_rate"].map { $0 + ending }
        try output.line()
        var rows = [["each source alone", names[0], "95 % interval"] + names.dropFirst()]
        for source in sources {
            let found = names.map { name in source.metrics.first { $0.name == name } }
            let values = found.map { $0.map { Format.fixed($0.value, 4) } ?? "" }
            rows.append([source.name, values[0], Self.text(found[0]?.interval)] + values.dropFirst())
        }
        for line in Format.table([.left, .right, .left, .right, .right], rows) { try output.line(line) }
    }

    private static func text(_ interval: ClosedRange<Double>?) -> String {
        interval.map { "\(Format.fixed($0.lowerBound, 4)) – \(Format.fixed($0.upperBound, 4))" } ?? ""
    }

    /// Measures a model that was trained on labelled rows.
    private func runOnRows() throws {
        let model = try RowModels.open(path: model)
        let table = try rowFiles.read(schema: model.schema, Progress())
        let (groups, metrics) = try model.metrics(
            table, cutoffs: cutoffs(), threads: threadCount(threads), seed: seed)
        let output = Output()
        if json {
            let counts: [(String, JSON)] =
                [("rows", .integer(table.rowCount))] + (groups.map { [("queries", .integer($0))] } ?? [])
            try output.line(.object(counts + Self.json(metrics)))
        } else {
            let groupCount = groups.map { ", \(Format.count($0)) queries with something relevant" } ?? ""
            try output.line("\(Format.count(table.rowCount)) rows\(groupCount)")
            try show(metrics, output)
        }
        try output.flush()
    }

    private static func json(_ metrics: [EvaluationSummary.Metric]) -> [(String, JSON)] {
        let intervals = metrics.compactMap { metric in
            metric.interval.map { (metric.name, JSON.array([.number($0.lowerBound), .number($0.upperBound)])) }
        }
        return [
            ("metrics", .object(metrics.map { ($0.name, .number($0.value)) })), ("intervals", .object(intervals)),
        ]
    }

    private func show(_ metrics: [EvaluationSummary.Metric], _ output: Output) throws {
        try output.line()
        var rows = [["", "mean", "95 % interval"]]
        for metric in metrics {
            rows.append([metric.name, Format.fixed(metric.value, 4), Self.text(metric.interval)])
        }
        for line in Format.table([.left, .right, .left], rows) { try output.line(line) }
    }
}
