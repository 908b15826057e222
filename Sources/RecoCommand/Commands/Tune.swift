import ArgumentParser
import Glibc
import RecoImport
import RecoKit
import RecoSources

/// `reco tune`: which model and which settings rank best what happened later?
struct Tune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Searches models and settings within a time, and writes down the best for `reco train --config`.",
        discussion: """
            The events are split by time: models learn from what comes first and rank the catalogue for users of the \
            rest. Many configurations are tried on few users, the better ones on more (successive halving); the table \
            shows the best of each model, with intervals that hold the mean in 95 of 100 samples of users (bootstrap).

            Every trial is kept in a journal beside --out. The same command goes on where it was stopped, and a longer \
            --time searches further. Ctrl-C ends the search and keeps what was found.
            """)

    @OptionGroup var input: InputTables

    @Option(
        help: ArgumentHelp(
            "Which models to search; all but popularity and those of ratings if none is named.",
            valueName: "name[,name]"))
    var model: String?

    @Option(help: ArgumentHelp("How long to search, earlier runs included: 90s, 10m, 2h.", valueName: "time"))
    var time = "10m"

    @Option(help: ArgumentHelp("What to make as high as possible: ndcg@10, recall@20, mrr ...", valueName: "name@k"))
    var metric = TuningMetric.usual.name

    @Option(
        help: ArgumentHelp(
            "What models do not see: the last days (28d), each user's last event (last), a share at random (20%).",
            valueName: "28d|last|20%"))
    var holdOut: String?

    @Option(
        help: ArgumentHelp(
            "A setting that holds for all trials and is not searched: als.factors=64, weight.view=2.",
            valueName: "key=value"))
    var set: [String] = []

    @Flag(help: "Count items that a user has already, for shops where things are bought again.")
    var repeats = false

    @Option(help: "Threads; 0 is one for each processor.")
    var threads: Int?

    @Option(help: "The same seed tries the same configurations.")
    var seed: Int?

    @Flag(help: "Stop at the first bad row.")
    var strict = false

    @Option(help: ArgumentHelp("The configuration to write.", valueName: "file"))
    var out = "reco-tuned.yaml"

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if input.events.isEmpty { throw ValidationError("Name a file of events: --events FILE.") }
        if input.all.contains("-") {
            throw ValidationError("What is found names its files, so that they cannot come from standard input.")
        }
        if out.isEmpty { throw ValidationError("--out takes the name of a file.") }
        try checkSettings(set, models: "search")
        _ = try seconds()
        _ = try split()
    }

    /// "90s", "10m", "2h", "600".
    private func seconds() throws -> Double {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = time.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? time : String(time.dropLast())), number > 0, number.isFinite,
            number * (unit ?? 1) < 1e7
        else { throw ValidationError("--time takes a time such as 90s, 10m or 2h; not \"\(time)\".") }
        return number * (unit ?? 1)
    }

    private func split() throws -> HoldOut? { try holdOut.map { try HoldOut(option: $0) } }

    func run() throws {
        let start = Progress.now()
        let tuner = Tuner()
        try applyOptions(to: tuner)
        Interruption.asksToStop()
        let progress = Progress()
        func checkStop() throws {
            if Interruption.signalNumber != 0 { throw RecoError(.cancelled, "stopped") }
        }
        let tables = TableLoader(strict: strict, progress: progress, check: checkStop)
        do {
            for file in input.events {
                if ColumnFolder.isFolder(file) {
                    try tables.loadFolder(file, into: tuner.log)
                } else {
                    try tables.load(file) { try tuner.log.addEvents(from: file, $0) }
                }
            }
            for file in input.items {
                try tables.load(file) { try tuner.catalog.addItems(from: file, ids: tuner.log.items, $0) }
            }
            for file in input.users {
                try tables.load(file) { try tuner.userCatalog.addUsers(from: file, ids: tuner.log.users, $0) }
            }
        } catch let error as RecoError where error.code == .cancelled {
            throw ExitCode(128 + Interruption.signalNumber)
        }
        guard tuner.log.count > 0 else { throw RecoError(.badData, "there are no events to tune on") }
        let journal = try TuningJournal(
            path: out + ".journal", fingerprint: tuner.fingerprint(), metric: tuner.metric.name)
        if !journal.trials.isEmpty {
            complain("going on after \(Format.count(journal.trials.count)) trials in \(journal.path)")
        }

        // Elsewhere than on a terminal a line for each trial says enough.
        let bar = Progress(quiet: isatty(STDERR_FILENO) == 0)
        let budget = try seconds() - (Progress.now() - start)
        let found = try tuner.run(seconds: budget, known: journal.trials) { trial in
            try journal.add(trial)
            bar.finish()
            complain(TuningReport.line(trial, metric: tuner.metric.name))
        } progress: { what, done, total in
            try checkStop()
            bar.update(what, done: done, total: total)
        }
        bar.finish()
        let report = TuningReport(found, metric: tuner.metric.name, seconds: Progress.now() - start)
        if let best = found.best {
            let files = try (events: input.events.map(path), items: input.items.map(path), users: input.users.map(path))
            try TextFile.replace(
                out,
                with: report.configuration(
                    best, files.events, files.items, files.users, tuner.settings, out: out))
        }
        let output = Output()
        if json {
            try output.line(report.json(out: out))
        } else {
            for line in report.lines(out: out) { try output.line(line) }
        }
        try output.flush()
        if found.wasStopped { throw ExitCode(128 + Interruption.signalNumber) }
        if found.best == nil { throw ExitCode(1) }
    }

    /// An input as the configuration names it: relative to that file where both are named from here.
    private func path(_ file: String) throws -> String {
        if file.hasPrefix("/") || !out.contains("/") { return file }
        guard let full = realpath(file, nil) else { throw RecoError.system("cannot find \(file)") }
        defer { free(full) }
        return String(cString: full)
    }

    private func applyOptions(to tuner: Tuner) throws {
        do {
            tuner.metric = try TuningMetric(metric)
            tuner.repeats = repeats
            tuner.holdOut = try split()
            if let model { try tuner.set("model", to: model) }
            if let threads { try tuner.set("threads", to: String(threads)) }
            if let seed { try tuner.set("seed", to: String(seed)) }
            for (name, value) in set.map(splitSetting) { try tuner.set(name, to: value) }
        } catch let error as RecoError {
            throw ValidationError(error.message)
        }
    }
}
