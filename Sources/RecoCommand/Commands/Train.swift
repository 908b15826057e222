import ArgumentParser
import Glibc
import RecoKit
import RecoSources

/// `reco train`: events in, a model file out.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains models on events and writes them to one file.",
        discussion: """
            Files are CSV or TSV with a header row, plain or gzip; "-" is standard input. Events have the columns user \
            and item and may have event, weight, time and basket (an order or session); common other names (customer_id, sku, quantity, timestamp) \
            are understood. Items and users have any further columns as attributes. Rows that make no sense are \
            counted and passed over.

            Models of content (bm25, tfidf, bert) need no events: --items alone will do.

            --config reads all that from a YAML file, and events and items from MariaDB, MySQL or SQLite by the queries \
            in it. Paths are relative to the file. What is given here replaces what stands there; --set adds to it.

            --ranking and --table train boosted-trees, mlp-ranker or wide-deep on labelled rows instead of events.

            The model file appears under its name when it is complete; until then an older one stays in place.
            """)

    @Option(help: ArgumentHelp("A YAML file that says what to train on and how.", valueName: "file"))
    var config: String?

    @OptionGroup var given: TrainingTables

    @Option(
        help: ArgumentHelp(
            "The sentence encoder for the model bert, as `reco import bert` wrote it.", valueName: "file"))
    var encoder: String?

    @Option(
        name: .customLong("continue"),
        help: ArgumentHelp(
            "An earlier model file to go on from: lightfm keeps what it learned; other models are trained anew.",
            valueName: "file"))
    var earlier: String?

    @OptionGroup var rowFiles: RowFiles

    @Option(
        help: ArgumentHelp(
            "Labelled rows that say when training no longer helps, in the form of --ranking or --table.",
            valueName: "file"))
    var validation: String?

    @Option(
        help: ArgumentHelp(
            "Which models, the preferred one first: als,item-knn; auto chooses by the data; hybrid, the default, "
                + "adds a ranker that makes one order of what they propose.",
            valueName: "name[,name]"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "A setting: als.factors=64, weight.view=2, half-life.view=14d; `reco models` lists them.",
            valueName: "key=value"))
    var set: [String] = []

    @Option(help: "Threads; 0 is one for each processor.")
    var threads: Int?

    @OptionGroup var bound: MemoryOption

    @OptionGroup var choice: RowChoice

    @Option(help: "The same seed gives the same model.")
    var seed: Int?

    @Flag(help: "Stop at the first bad row.")
    var strict = false

    @Option(help: ArgumentHelp("The model file to write.", valueName: "file"))
    var out: String?

    @Flag(
        help:
            "Publish whatever the configuration demands of a new model: the numbers of rows and the quality are right.")
    var accept = false

    @Option(help: ArgumentHelp("How messages are written to standard error: text or json.", valueName: "form"))
    var log = LogForm.text

    @Flag(help: "Print what was done as one JSON object.")
    var json = false

    enum LogForm: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func validate() throws {
        MessageForm.isJSON = log == .json
        try checkSettings(set)
        try rowFiles.check()
        if !rowFiles.isEmpty {
            _ = try rowTraining()
            return
        }
        if validation != nil { throw ValidationError("--validation goes with --ranking or --table.") }
        if config == nil { _ = try files(nil) }
    }

    /// The training on labelled rows that the options ask for.
    private func rowTraining() throws -> RowTraining {
        guard config == nil, given.all.isEmpty, encoder == nil, earlier == nil else {
            throw ValidationError(
                "Labelled rows stand alone: no events, items, users, searches, encoder, earlier model or config.")
        }
        guard let out, !out.isEmpty else { throw ValidationError("Name the model file to write: --out FILE.") }
        let inputs = [rowFiles.ranking, rowFiles.table, validation].compactMap { $0 }
        try checkOutput(out, isNoneOf: inputs)
        try checkThreads(threads ?? 0)
        guard (seed ?? 1) >= 0 else { throw ValidationError("--seed takes a number from 0.") }
        return RowTraining(
            files: rowFiles, validation: validation, model: model, settings: set,
            threads: threadCount(threads ?? 0), seed: UInt64(seed ?? 1), out: out, json: json)
    }

    /// The files to read and to write, from the command line or else from the configuration.
    private func files(_ file: TrainingFile?) throws -> (TrainingSources, out: String) {
        let sources = given.sources(file)
        if sources.events.isEmpty, sources.items.isEmpty {
            throw ValidationError("Name a file of events, --events FILE, or of items, --items FILE.")
        }
        guard let out = out ?? file?.out else { throw ValidationError("Name the model file to write: --out FILE.") }
        let inputs = sources.files + (config.map { [$0] } ?? [])
        try checkStandardInput(inputs)
        if out.isEmpty { throw ValidationError("--out takes the name of a file.") }
        try checkOutput(out, isNoneOf: inputs)
        return (sources, out)
    }

    func run() throws {
        if !rowFiles.isEmpty { return try rowTraining().run() }
        let start = Progress.now()
        let file = try config.map { try TrainingFile(path: $0) }
        let (sources, out) = try files(file)
        let job = try file.flatMap { try TrainingJob($0, sources, out: out, accept: accept) }
        try ModelWriter.checkDestination(out)  // before an hour of training, not after it
        bound.apply(writing: out)
        let trainer = Trainer()
        try file?.apply { try trainer.set($0, to: $1) }
        try applyOptions(to: trainer)
        let temporary = ModelWriter.temporaryPath(for: out)
        Interruption.removes(temporary)

        let progress = Progress()
        let tables = TableLoader(strict: strict, progress: progress)
        let memoryBefore = residentBytes()
        var phases = PhaseClock()
        tables.forgotten = job?.forgotten
        tables.only = choice.columnAndValue
        try sources.loadEvents(into: trainer, tables, job?.incremental) { try job?.check($0, rows: $1) }
        phases.note("reading events")
        let loaded = Progress.now()
        let memory = residentBytes() - memoryBefore
        try sources.loadItems(into: trainer.catalog, ids: trainer.log.items, tables)
        try sources.loadUsersAndSearches(into: trainer, tables)
        try tables.checkOnly()
        progress.finish()
        for bad in trainer.catalog.badNumbers() {
            let what = bad.count == 1 ? "value is no number and counts" : "values are no numbers and count"
            complain(
                "\(bad.name): \(Format.count(bad.count)) \(what) as missing, such as \"\(Format.plain(bad.example))\"")
        }
        let log = trainer.log
        complain(
            """
            read \(Format.count(log.count)) events of \(Format.count(log.users.count)) users with \
            \(Format.count(log.items.count)) items in \(Format.duration(loaded - start)) \
            (\(Format.count(Int(Double(log.count) / max(loaded - start, 1e-3))))/s, \(Format.bytes(memory)) of memory)
            """)

        try job?.checkIDs(log)
        try job?.measure(trainer) { phase, done, total in
            progress.update(phase, done: done, total: total)
            phases.note("measuring")
        }
        try trainer.train { phase, done, total in
            progress.update(phase, done: done, total: total)
            phases.note(phase)
        } chosen: { choice in
            complain("\(choice.models.joined(separator: ", ")), for: \(choice.reason)")
        } note: {
            complain($0)
        }
        phases.finish()
        bound.tell()
        progress.update("writing \(out)", done: 0, total: nil)
        try trainer.save(job?.candidate ?? out, temporaryPath: temporary, replacing: out)
        try job?.publish()
        progress.finish()

        let model = try ModelFile(path: out)
        let seconds = Progress.now() - start
        complain("wrote \(out): \(Format.bytes(model.length)), \(Format.duration(seconds)) in all")
        if json {
            let output = Output()
            try output.line(
                .object([
                    ("model", .string(out)), ("bytes", .integer(model.length)), ("users", .integer(log.users.count)),
                    ("items", .integer(log.items.count)), ("events", .integer(log.count)),
                    ("bad_rows", .integer(tables.badRows)), ("repaired_texts", .integer(tables.repairedTexts)),
                    ("read_seconds", .number(loaded - start)),
                    ("read_memory", .integer(memory)), ("peak_memory", .integer(residentBytes("VmHWM"))),
                    ("phases", phases.json), ("notes", .array(trainer.notes.map { .string($0) })),
                    ("seconds", .number(seconds)),
                ]))
            try output.flush()
        }
    }

    private func applyOptions(to trainer: Trainer) throws {
        var settings: [(name: String, value: String)] = []
        if let model { settings.append(("model", model)) }
        if let threads { settings.append(("threads", String(threads))) }
        if let seed { settings.append(("seed", String(seed))) }
        if let encoder { settings.append(("encoder", encoder)) }
        if let earlier { settings.append(("continue", earlier)) }
        try apply(settings + set.map(splitSetting), to: trainer)
    }
}

/// How much memory of this process is in place: now ("VmRSS"), or at most so far ("VmHWM").
func residentBytes(_ field: String = "VmRSS") -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = text.split { $0 == ":" || $0 == " " || $0 == "\t" }
        if parts.count >= 2, parts[0] == field { return (Int(parts[1]) ?? 0) * 1024 }
    }
    return 0
}
