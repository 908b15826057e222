import ArgumentParser
import RecoImport
import RecoKit
import RecoSources

/// `reco import events`: tables in, a folder of columns out that training reads many times as fast.
struct ImportEvents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Writes events as columns, which `reco train --events` reads by mapping.",
        discussion: """
            Takes what `reco train --events` takes. The folder holds NumPy's npy files and a manifest \
            (docs/column-folders.md); it takes its name when it is complete.
            """)

    @Argument(help: ArgumentHelp("Files of events, or folders of columns.", valueName: "file"))
    var events: [String]

    @Option(
        help: ArgumentHelp("A weight for kinds of events that are unknown: weight.share=2.", valueName: "key=value"))
    var set: [String] = []

    @OptionGroup var bound: MemoryOption

    @OptionGroup var choice: RowChoice

    @Flag(help: "Stop at the first bad row.")
    var strict = false

    @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
    var out: String

    func validate() throws {
        try checkSettings(set)
        try checkStandardInput(events)
        try checkOutput(out, isNoneOf: events)
    }

    func run() throws {
        let writer = try ColumnFolderWriter(path: out, kind: "events")
        Interruption.asksToStop()  // a signal's handler could not remove a folder
        bound.apply(writing: out)
        let trainer = Trainer()
        try apply(set.map(splitSetting), to: trainer)
        let progress = Progress()
        let tables = TableLoader(strict: strict, progress: progress, check: Self.goOn)
        tables.only = choice.columnAndValue
        try TrainingSources(
            database: nil, events: events.map { DataSource(file: $0) }, items: [], users: [], searches: []
        ).loadEvents(into: trainer, tables)
        try tables.checkOnly()
        progress.finish()
        let log = trainer.log
        guard log.count > 0 else { throw RecoError(.badData, "there are no events to write") }
        try writer.add(log, progress: Self.goOn)
        try writer.finish()
        complain(
            "wrote \(out): \(Format.count(log.count)) events of \(Format.count(log.users.count)) users with "
                + "\(Format.count(log.items.count)) items")
    }
}

extension ImportEvents {
    /// Throws if a signal has asked to stop.
    static func goOn() throws {
        let number = Interruption.signalNumber
        if number != 0 { throw CommandFailure(message: "stopped; nothing was written", code: 128 + number) }
    }
}

/// What a model of others' making may be put together with.
struct ImportedModelOptions: ParsableArguments {
    @OptionGroup var input: InputTables

    @Option(
        help: ArgumentHelp(
            "Which models the file has, the preferred one first; others than the imported ones are trained on --events.",
            valueName: "name[,name]"))
    var model: String?

    @Option(help: ArgumentHelp("A setting of a model that is trained.", valueName: "key=value"))
    var set: [String] = []

    @Option(help: "Threads; 0 is one for each processor.")
    var threads = 0

    @OptionGroup var bound: MemoryOption

    @Option(help: ArgumentHelp("The model file to write.", valueName: "file"))
    var out: String

    func validate() throws {
        try checkSettings(set)
        try checkThreads(threads)
        try checkOutput(out, isNoneOf: input.all)
    }

    /// Writes what `add` adds into a model file, with what events, items and users say.
    func write(_ add: (ImportedModels) throws -> Void) throws {
        try ModelWriter.checkDestination(out)
        let temporary = ModelWriter.temporaryPath(for: out)
        Interruption.removes(temporary)
        bound.apply(writing: out)
        let trainer = Trainer()
        try apply(set.map(splitSetting).filter { $0.name.hasPrefix("weight.") }, to: trainer)
        let progress = Progress()
        let tables = TableLoader(strict: false, progress: progress)
        let sources = TrainingSources(
            database: nil, events: input.events.map { DataSource(file: $0) },
            items: input.items.map { DataSource(file: $0) }, users: input.users.map { DataSource(file: $0) },
            searches: [])
        try sources.loadEvents(into: trainer, tables)
        let imported = ImportedModels(into: trainer.log)
        try add(imported)
        try sources.loadItems(into: trainer.catalog, ids: trainer.log.items, tables)
        try sources.loadUsersAndSearches(into: trainer, tables)
        try trainer.take(imported)
        if let model { try apply([("model", model)], to: trainer) }
        try apply(set.map(splitSetting) + [("threads", "\(threads)")], to: trainer)
        try trainer.train { phase, done, total in
            progress.update(phase, done: done, total: total)
        } note: {
            complain($0)
        }
        progress.finish()
        try trainer.save(out, temporaryPath: temporary)
        let file = try ModelFile(path: out)
        complain(
            "wrote \(out): \(Format.bytes(file.length)), \(imported.names.joined(separator: ", ")) of "
                + "\(Format.count(trainer.log.users.count)) users and \(Format.count(trainer.log.items.count)) items")
    }
}

/// `reco import folder`: models that a cluster has learned.
struct ImportFolder: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "folder", abstract: "Reads models in folders of columns, as Spark's integration writes them.",
        discussion: """
            Each folder holds one model: vectors (als, item2vec) or lists of similar items (item-knn, bought-together); \
            docs/column-folders.md describes it. With --events, answers leave out what a user has, and further models can be \
            trained beside the imported ones.
            """)

    @Argument(help: ArgumentHelp("The folders.", valueName: "folder"))
    var folders: [String]

    @OptionGroup var options: ImportedModelOptions

    func run() throws {
        let folders = try folders.map { try ColumnFolder(path: $0) }
        try options.write { models in for folder in folders { try folder.add(to: models) } }
    }
}

/// `reco import factors`: factors of another library.
struct ImportFactors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "factors", abstract: "Reads the factors of implicit, LightFM, scikit-learn and others (npy, npz).",
        discussion: """
            The file is what implicit's save() wrote: an npz archive with user_factors and item_factors. Or name npy files: \
            --item-factors and --user-factors, tables with a row for each item and user (scikit-learn's components_ may have \
            a column for each item), and --item-biases, --user-biases for LightFM. Ids are texts, one a line, or an npy file \
            of whole numbers; without them, rows count as ids, from 0.

            The model becomes `als`. Visitors whom it does not know are folded in, with --alpha, --regularization and \
            --unobserved, which implicit's file says itself.
            """)

    @Argument(help: ArgumentHelp("An npz file.", valueName: "file.npz"))
    var archive: String?

    @Option(help: ArgumentHelp("An npy file.", valueName: "file"))
    var itemFactors: String?

    @Option(help: ArgumentHelp("An npy file.", valueName: "file"))
    var userFactors: String?

    @Option(help: ArgumentHelp("An npy file.", valueName: "file"))
    var itemBiases: String?

    @Option(help: ArgumentHelp("An npy file.", valueName: "file"))
    var userBiases: String?

    @Flag(
        help:
            "The table of items has a column for each (components_), which shows by itself only if --item-ids are given."
    )
    var itemsTransposed = false

    @Option(help: ArgumentHelp("The ids of items, by row.", valueName: "file"))
    var itemIds: String?

    @Option(help: ArgumentHelp("The ids of users, by row.", valueName: "file"))
    var userIds: String?

    @Option(help: "Folding in: the confidence of an event of weight 1.")
    var alpha: Double?

    @Option(help: "Folding in: how strongly vectors are kept short.")
    var regularization: Double?

    @Option(help: "Folding in: the confidence of items without events.")
    var unobserved: Double?

    @OptionGroup var options: ImportedModelOptions

    func validate() throws {
        guard archive != nil || itemFactors != nil else {
            throw ValidationError("Name an npz file, or --item-factors with an npy file.")
        }
        try checkOutput(
            options.out,
            isNoneOf: [archive, itemFactors, userFactors, itemBiases, userBiases, itemIds, userIds].compactMap { $0 })
        for (name, value) in [("alpha", alpha), ("regularization", regularization), ("unobserved", unobserved)] {
            guard value.map({ $0.isFinite && $0 >= 0 && $0 <= 1e6 }) ?? true else {
                throw ValidationError("--\(name) takes a number from 0 to a million.")
            }
        }
    }

    func run() throws {
        let files = try FactorFiles(
            archive: archive, items: .init(factors: itemFactors, biases: itemBiases, ids: itemIds),
            users: .init(factors: userFactors, biases: userBiases, ids: userIds), itemsTransposed: itemsTransposed
        ) {
            $0.alpha = alpha ?? $0.alpha
            $0.regularization = regularization ?? $0.regularization
            $0.unobserved = unobserved ?? $0.unobserved
        }
        if !files.withoutIDs.isEmpty {
            complain("\(files.withoutIDs.joined(separator: " and ")) come without ids; their rows count as ids, from 0")
        }
        try options.write { try files.add(to: $0) }
    }
}
