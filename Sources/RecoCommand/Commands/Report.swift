import ArgumentParser
import Glibc
import RecoKit
import RecoSources

/// `reco report`: what recommendations would have done for a shop, as one page.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes one HTML page that says what the data looks like and how good models are on it.",
        discussion: """
            The last part of the events is held out; each model learns from the rest, makes one list of ten for everybody, \
            and is measured by what was chosen later: beside bestsellers, by activity, by orders and by money, with \
            intervals. The page holds everything it needs, and no ids of users unless --show-users is given.

            --config takes the file that `reco train` takes; without it, name the events. --model may be given several \
            times, each as `reco train` takes it (als, or als,item-knn for both in one file, auto, hybrid).

                reco report --events orders.csv --items products.csv --model item-knn --model hybrid --out report.html
            """)

    @Option(help: ArgumentHelp("A YAML file that says what to train on and how.", valueName: "file"))
    var config: String?

    @OptionGroup var given: TrainingTables

    @Option(
        help: ArgumentHelp(
            "A model to measure, as for `reco train`; may be given again. Default: the configuration's, or hybrid.",
            valueName: "name[,name]"))
    var model: [String] = []

    @Option(help: ArgumentHelp("A setting: als.factors=64, weight.view=2.", valueName: "key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "What models do not see: the last days (28d), each user's last event (last), a share at random (20%). "
                + "Default: so many last days that a tenth of the events is held out.",
            valueName: "28d|last|20%"))
    var holdOut: String?

    @Flag(help: "Count items that a user has already, for shops where things are bought again.")
    var repeats = false

    @Option(help: "How many customers to show as examples.")
    var examples = 4

    @Flag(help: "Show the ids of those customers.")
    var showUsers = false

    @Option(help: ArgumentHelp("What stands at the head of the page: the name of the shop.", valueName: "text"))
    var title = ""

    @Option(help: "Threads; 0 is one for each processor.")
    var threads: Int?

    @Option(help: "The same seed gives the same page, apart from the times.")
    var seed: Int?

    @Flag(help: "Stop at the first bad row.")
    var strict = false

    @Option(help: ArgumentHelp("The page to write.", valueName: "file"))
    var out: String

    func validate() throws {
        if config == nil, given.input.events.isEmpty {
            throw ValidationError("Name a file of events, --events FILE, or a configuration, --config FILE.")
        }
        try checkSettings(set, models: "measure")
        guard (0...24).contains(examples) else { throw ValidationError("--examples takes a number from 0 to 24.") }
        if out.isEmpty { throw ValidationError("--out takes the name of a file.") }
        try checkStandardInput(given.all)
        _ = try holdOut.map { try HoldOut(option: $0) }
    }

    func run() throws {
        let start = Progress.now()
        try TextFile.checkDestination(out)  // before an hour of training, not after it
        let file = try config.map { try TrainingFile(path: $0) }
        let sources = given.sources(file)
        if sources.events.isEmpty { throw RecoError(.badData, "\(config ?? "") names no events to report on") }
        try checkOutput(out, isNoneOf: sources.files + (config.map { [$0] } ?? []))
        let trainer = Trainer()
        var request = try request(file, trainer)

        let progress = Progress()
        let tables = TableLoader(strict: strict, progress: progress)
        tables.forgotten = try Self.forgotten(file)
        try sources.loadEvents(into: trainer, tables)
        try sources.loadItems(into: trainer.catalog, ids: trainer.log.items, tables)
        try sources.loadUsersAndSearches(into: trainer, tables)
        progress.finish()

        request.command = command
        let data = try ReportData(trainer, request) { phase, done, total in
            progress.update(phase, done: done, total: total)
        } note: {
            complain($0)
        }
        progress.finish()
        let page = ReportPage(data: data).html
        try TextFile.replace(out, with: page)
        complain(
            "wrote \(out): \(Format.bytes(page.utf8.count)), \(Format.count(data.models.count)) models, "
                + "\(Format.duration(Progress.now() - start)) in all")
    }

    /// Users whom `reco forget` has noted.
    private static func forgotten(_ file: TrainingFile?) throws -> IDTable? {
        guard let file, let out = file.out else { return nil }
        return try ForgottenList.users(in: file.statePath(out: out))
    }

    /// Sets the trainer's options, and says what shall be measured.
    private func request(_ file: TrainingFile?, _ trainer: Trainer) throws -> ReportData.Request {
        var request = ReportData.Request(models: model)
        var configured = "hybrid"
        func use(_ name: String, _ value: String) throws {
            switch name {
            case "model": configured = value
            case "seed": request.seed = UInt64(value) ?? 1
            case "threads": request.threads = Int(value).flatMap { $0 > 0 ? $0 : nil } ?? processorCount()
            default: break
            }
            try trainer.set(name, to: value)
        }
        try file?.apply(use)
        do {
            if let threads { try use("threads", String(threads)) }
            if let seed { try use("seed", String(seed)) }
            for (name, value) in set.map(splitSetting) { try use(name, value) }
            // Names are wrong now, not after the first model has been trained.
            for name in model { try trainer.set("model", to: name) }
        } catch let error as RecoError {
            throw ValidationError(error.message)
        }
        if request.models.isEmpty { request.models = [configured] }
        var seen: Set<String> = []
        request.models = request.models.filter { seen.insert($0).inserted }
        request.holdOut = try holdOut.map { try HoldOut(option: $0) } ?? file?.publication?.holdOut
        request.repeats = repeats
        request.examples = examples
        request.showUsers = showUsers
        request.title = title
        return request
    }

    /// What was typed, without the name of the page, as a shell takes it.
    private var command: String {
        var words = ["reco", "report"]
        func add(_ name: String, _ values: [String]) {
            if !values.isEmpty { words += [name] + values.map(Self.quoted) }
        }
        add("--config", config.map { [$0] } ?? [])
        add("--events", given.input.events)
        add("--items", given.input.items)
        add("--users", given.input.users)
        add("--searches", given.searches)
        for name in model { add("--model", [name]) }
        for setting in set { add("--set", [setting]) }
        add("--hold-out", holdOut.map { [$0] } ?? [])
        if repeats { words.append("--repeats") }
        if examples != 4 { add("--examples", ["\(examples)"]) }
        if showUsers { words.append("--show-users") }
        add("--title", title.isEmpty ? [] : [title])
        add("--seed", seed.map { ["\($0)"] } ?? [])
        if strict { words.append("--strict") }
        return (words + ["--out", "report.html"]).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "-_./,=:%+".unicodeScalars.contains($0))
        }
        if plain, !word.isEmpty { return word }
        return "'" + word.replacing(scalar: "'", with: "'\\''") + "'"
    }
}
