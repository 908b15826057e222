import ArgumentParser
import RecoKit
import RecoSources

/// The options of commands that work on labelled rows instead of events.
struct RowFiles: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Rows for learning to rank: svmlight with qid, or with group sizes in FILE.query.", valueName: "file"))
    var ranking: String?

    @Option(help: ArgumentHelp("Labelled rows: label,feature... with a header.", valueName: "file"))
    var table: String?

    var isEmpty: Bool { ranking == nil && table == nil }

    func check() throws {
        if ranking != nil, table != nil { throw ValidationError("--ranking and --table exclude each other.") }
    }

    /// Reads the file named, or another one of the same form.
    func read(_ other: String? = nil, schema: RankingTable.Schema?, _ progress: Progress) throws -> RankingTable {
        let path = other ?? ranking ?? table ?? ""
        let options = TableOptions {
            progress.update(
                "reading \(path)", done: $0.bytesDone, total: $0.bytesTotal, count: $0.rows, unit: "rows")
        }
        progress.update("reading \(path)", done: 0, total: nil)
        defer { progress.finish() }
        return ranking != nil
            ? try RankingTable(ranking: path, options) : try RankingTable(table: path, schema: schema, options)
    }
}

/// Training on labelled rows: `reco train --ranking` and `--table`.
struct RowTraining {
    let files: RowFiles
    let validation: String?
    let model: String?
    let settings: [String]
    let threads: Int
    let seed: UInt64
    let out: String
    let json: Bool

    func run() throws {
        let type = try type()
        let settings = try parsedSettings(type)
        try ModelWriter.checkDestination(out)
        let temporary = ModelWriter.temporaryPath(for: out)
        Interruption.removes(temporary)
        let start = Progress.now()
        let progress = Progress()
        var phases = PhaseClock()
        let table = try files.read(schema: nil, progress)
        phases.note("reading rows")
        let validation = try self.validation.map {
            try files.read($0, schema: .init(names: table.featureNames, categories: table.categories), progress)
        }
        phases.note("reading rows")
        let loaded = Progress.now()
        complain(
            "read \(Format.count(table.rowCount)) rows of \(Format.count(table.featureCount)) features"
                + (table.hasGroups ? " in \(Format.count(table.groupCount)) groups" : "")
                + " in \(Format.duration(loaded - start))")
        var notes: [String] = []
        let trained: any RowModel
        do {
            let run = TrainingRun(threads: threads, seed: seed) { phase, done, total in
                progress.update(phase, done: done, total: total)
                phases.note(phase)
            } note: {
                notes.append($0)
                complain($0)
            }
            trained = try type.train(table, validation: validation, settings: settings, run: run, releasing: true)
        } catch let error as RecoError where error.code != .cancelled {
            throw RecoError(error.code, "cannot train \(type.name): \(error.message)")
        }
        phases.finish()
        progress.finish()
        try trained.save(out, settings: settings, seed: seed, temporaryPath: temporary)
        let (unit, kept) = trained.steps
        if let last = trained.validation.last {
            let best = trained.validation[max(0, min(kept, trained.validation.count) - 1)]
            complain(
                "validation: \(Format.fixed(best, 4)) with \(Format.count(kept)) \(unit), "
                    + "\(Format.fixed(last, 4)) with \(Format.count(trained.validation.count))")
        }
        let bytes = try ModelFile(path: out).length
        let seconds = Progress.now() - start
        complain("wrote \(out): \(Format.bytes(bytes)), \(Format.duration(seconds)) in all")
        guard json else { return }
        let output = Output()
        try output.line(
            .object([
                ("model", .string(out)), ("bytes", .integer(bytes)), ("rows", .integer(table.rowCount)),
                ("features", .integer(table.featureCount)), ("groups", .integer(table.groupCount)),
                ("objective", .string(trained.objectiveName)), (unit, .integer(kept)),
                ("validation", .array(trained.validation.map { .number($0) })),
                ("read_seconds", .number(loaded - start)), ("peak_memory", .integer(residentBytes("VmHWM"))),
                ("phases", phases.json), ("notes", .array(notes.map { .string($0) })), ("seconds", .number(seconds)),
            ]))
        try output.flush()
    }

    private func type() throws -> any RowModel.Type {
        guard let model else { return BoostedTrees.self }
        guard let type = RowModels.all.first(where: { $0.name == model }) else {
            let names = RowModels.all.map { $0.name }
            let guess = didYouMean(model, among: names)
            throw ValidationError(
                "Labelled rows are for --model \(names.joined(separator: ", ")), not for \(model)\(guess).")
        }
        return type
    }

    private func parsedSettings(_ type: any RowModel.Type) throws -> Settings {
        var parsed = Settings(type.hyperparameters)
        for (name, value) in settings.map(splitSetting) {
            let prefix = "\(type.name)."
            guard name.hasPrefix(prefix) else {
                throw ValidationError("Settings for labelled rows start with \(prefix); \"\(name)\" does not.")
            }
            do {
                try parsed.set(String(name.dropFirst(prefix.count)), to: value)
            } catch let error as RecoError {
                throw ValidationError("\(type.name): \(error.message)")
            }
        }
        return parsed
    }
}

extension RowModels {
    /// Opens a file that `reco train --ranking` or `--table` wrote.
    static func open(path: String) throws -> any RowModel {
        guard let model = try open(ModelFile(path: path)) else {
            throw RecoError(
                .unsupported, "\(path) was not trained on labelled rows; train it with --ranking or --table")
        }
        return model
    }
}

extension RowModel {
    var schema: RankingTable.Schema { .init(names: featureNames, categories: categories) }

    /// How good the model is on other rows: what is measured follows from what it was trained for.
    func metrics(
        _ table: RankingTable, cutoffs: [Int], threads: Int, seed: UInt64
    ) throws -> (groups: Int?, metrics: [EvaluationSummary.Metric]) {
        let scores = rawScores(table, threads: threads)
        if table.hasGroups {
            let (groups, metrics) = try RankingEvaluation.ranking(table, scores: scores, cutoffs: cutoffs, seed: seed)
            return (groups, metrics)
        }
        switch measure {
        case .classification: return (nil, try RankingEvaluation.classification(table, scores: scores, seed: seed))
        case .regression: return (nil, RankingEvaluation.regression(table, scores: scores, seed: seed))
        case .ranking:
            throw RecoError(.badData, "the model ranks, and the rows are in no groups (qid or a .query file)")
        }
    }
}
