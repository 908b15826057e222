/// Collects events and attributes, trains models on them, and writes one model file.
///
///     let trainer = Trainer()
///     try trainer.set("model", to: "als,item-knn")
///     try trainer.log.add(user: "ann", item: "tea", kind: "purchase")
///     try trainer.train()
///     try trainer.save("shop.reco")
///
/// The same events in the same order, options and seed give the same file, byte for byte, whatever the number of
/// threads. One thread at a time.
public final class Trainer: @unchecked Sendable {
    public let log: EventLog
    /// Attributes of items, by rows of `log.items`.
    public let catalog: Catalog
    /// What was searched for and chosen then.
    public let searches: SearchLog
    /// Attributes of users, by rows of `log.users`.
    public let userCatalog: Catalog

    private(set) var options = TrainerOptions()
    private var trained: Trained?
    /// The log summed up already, by who trains on it many times.
    private let summedUp: Interactions?
    /// Models that stay as they are whatever the log says.
    private var given: [any TrainableModel]
    private var imported: ImportedModels?
    /// What the description says of those.
    private let givenNotes: [(name: String, value: String)]
    /// What the last training had to say, a sentence each: what was left out, or did not go as it should.
    public internal(set) var notes: [String] = []

    private struct Trained {
        let eventCount: Int
        let itemCount: Int
        let interactions: Interactions
        let models: [any TrainableModel]
        let popularity: Popularity
        let ranking: (facts: RankingFacts, scorer: RankingScorer?, orders: Ranker.Orders)?
        let description: String
    }

    public init() {
        log = EventLog()
        catalog = Catalog()
        userCatalog = Catalog()
        searches = SearchLog()
        summedUp = nil
        given = []
        givenNotes = []
    }

    /// A trainer of a log that will not change any more, with options that others share.
    init(
        log: EventLog, catalog: Catalog, userCatalog: Catalog, options: TrainerOptions, summedUp: Interactions? = nil,
        given: [any TrainableModel] = [], searches: SearchLog = SearchLog(), notes: [(name: String, value: String)] = []
    ) {
        self.userCatalog = userCatalog
        self.searches = searches
        self.log = log
        self.catalog = catalog
        self.options = options
        self.summedUp = summedUp
        self.given = given
        givenNotes = notes
    }

    /// Sets an option by name and text; `options` lists them.
    public func set(_ name: String, to value: String) throws {
        try options.set(name, to: value, kinds: &log.kinds)
        trained = nil
    }

    /// Takes models that others have learned, which were added with this trainer's log. Unless `set` says otherwise
    /// afterwards, they are the models of the file.
    public func take(_ imported: ImportedModels) throws {
        self.imported = imported
        try set("model", to: imported.names.joined(separator: ","))
    }

    /// The options that are not a model's.
    public static var options: [Hyperparameter] { TrainerOptions.own }

    /// Every model there is: name, one line, settings.
    public static var models: [(name: String, summary: String, hyperparameters: [Hyperparameter])] {
        ModelCatalogue.all.map { ($0.name, $0.summary, $0.hyperparameters) }
    }

    /// Trains on what has been collected. Throws `badData` if there are no events to learn from. `progress` is called
    /// now and then, from this thread; what it throws cancels the training. With the model "auto", `chosen` hears what
    /// will be trained and why, before it is. `note` hears what was left out or did not go as it should, which `notes` holds
    /// afterwards; `learned` hears what held-out data said while models learned.
    public func train(
        progress: @escaping (_ phase: String, _ done: Int, _ total: Int) throws -> Void = { _, _, _ in },
        chosen: (AutomaticChoice) -> Void = { _ in },
        note tell: @escaping (String) -> Void = { _ in }, learned: @escaping (LearningCurve) -> Void = { _ in }
    ) throws {
        trained = nil
        if let imported { given = try imported.models(threads: options.threads) }
        notes = []
        func note(_ text: String) {
            notes.append(text)
            tell(text)
        }
        let content = AutomaticChoice.content(
            hasText: catalog.hasText, hasEncoder: options.encoderPath != nil)
        let needsEvents = options.models?.contains { $0.needsEvents && !isGiven($0) } ?? content.isEmpty
        guard log.count > 0 || !needsEvents else { throw RecoError(.badData, "there are no events to train on") }
        guard log.items.count > 0 else { throw RecoError(.badData, "there are neither events nor items to train on") }
        let run = TrainingRun(
            threads: options.threads, seed: options.seed, progress: progress, note: note, learned: learned)
        let earlier = try options.earlierPath.map { try ModelFile(path: $0) }
        try progress("summing up events", 0, log.count)
        let interactions = try summedUp ?? log.interactions(scale: options.weightScale, threads: run.threads)
        try progress("summing up events", log.count, log.count)
        guard interactions.byUser.entryCount > 0 || !needsEvents else {
            throw RecoError(.badData, "no event has a positive weight, so there is nothing to learn from")
        }
        let data = TrainingData(
            interactions: interactions, log: log, catalog: catalog, userCatalog: userCatalog, searches: searches,
            encoder: try options.encoderPath.map { try ModelFile(path: $0) }, earlier: earlier)
        func train<M: TrainableModel>(_ type: M.Type) throws -> M {
            if let known = given.lazy.compactMap({ $0 as? M }).first { return known }
            do {
                return try M.train(data, settings: options.settings[M.name] ?? Settings(M.hyperparameters), run: run)
            } catch let error as RecoError where error.code != .cancelled {
                throw RecoError(error.code, "cannot train \(M.name): \(error.message)", systemError: error.systemError)
            }
        }
        var choice: AutomaticChoice?
        if options.models == nil {
            choice = AutomaticChoice.of(DataShape(log, interactions), content: content)
            chosen(choice!)
        }
        let types = try options.models ?? choice!.models.map { try ModelCatalogue.type(named: $0) }
        let anew = types.filter { earlier != nil && !$0.continues }.map { $0.name }
        if !anew.isEmpty {
            note(
                "\(anew.joined(separator: ", ")) cannot go on from an earlier model and \(anew.count == 1 ? "is" : "are") "
                    + "trained anew")
        }
        let popularity = try train(Popularity.self)
        let models = try types.filter { $0 != Popularity.self }.map { try train($0) as any TrainableModel }
        var ranking: (facts: RankingFacts, scorer: RankingScorer?, orders: Ranker.Orders)?
        var replayed: Replay.Result?
        if let ranker = options.ranker {
            if case .trained(let name) = ranker {
                let replay = Replay(
                    log: log, catalog: catalog, userCatalog: userCatalog, searches: searches,
                    options: options.sources(types), given: models.filter { !type(of: $0).needsEvents }, ranker: name,
                    settings: options.settings[name]!)
                replayed = try replay.train(run)
            }
            ranking = (RankingFacts(log, catalog, interactions), replayed?.scorer, replayed?.orders ?? [])
        }
        trained = Trained(
            eventCount: log.count, itemCount: log.items.count, interactions: interactions, models: models,
            popularity: popularity, ranking: ranking, description: describe(interactions, types, choice, replayed))
    }

    private func isGiven(_ type: any TrainableModel.Type) -> Bool { given.contains { Swift.type(of: $0) == type } }

    /// Writes the trained model into a temporary file beside `path` and renames it: readers see the old or the new.
    ///
    /// - Parameter old: whose permissions it takes, where it waits to be published under that name; nil: those of the file
    ///   at `path`.
    public func save(_ path: String, temporaryPath: String? = nil, replacing old: String? = nil) throws {
        try write(ModelWriter(path: path, temporaryPath: temporaryPath, replacing: old))
    }

    /// Opens the trained model in memory, without a file.
    public func model() throws -> Model {
        let sink = MemorySink()
        try write(ModelWriter(sink: sink))
        return try sink.bytes.withUnsafeBytes { try Model(bytes: $0) }
    }

    private func write(_ writer: ModelWriter) throws {
        guard let trained else { throw RecoError(.wrongOrder, "nothing has been trained yet") }
        guard trained.eventCount == log.count, trained.itemCount == log.items.count else {
            throw RecoError(.wrongOrder, "events or items were added after training; train again")
        }
        try writer.add("description", text: trained.description)
        try log.users.write(to: writer, prefix: "users")
        try log.items.write(to: writer, prefix: "items")
        try catalog.write(to: writer, prefix: "items", rowCount: log.items.count)
        try userCatalog.write(to: writer, prefix: "users", rowCount: log.users.count)
        try KindTable.write(log.kinds, to: writer)
        try History.write(trained.interactions, to: writer)
        try trained.popularity.write(to: writer)
        for model in trained.models { try model.write(to: writer) }
        if let ranking = trained.ranking {
            try ranking.facts.write(to: writer)
            try ranking.orders.write(to: writer)
            try ranking.scorer?.write(to: writer)
        }
        try writer.finish()
    }

    /// No time of day and nothing of the machine goes in here: the same training gives the same bytes.
    private func describe(
        _ interactions: Interactions, _ types: [any TrainableModel.Type], _ choice: AutomaticChoice?,
        _ replayed: Replay.Result?
    ) -> String {
        var lines = [
            "reco = \(recoVersion)",
            "models = \(types.map { $0.name }.joined(separator: ","))",
            "seed = \(options.seed)",
            "weight-scale = \(options.weightScale.rawValue)",
            "events = \(log.count)",
            "users = \(log.users.count)",
            "items = \(log.items.count)",
            "pairs = \(interactions.history.entryCount)",
            "learned-pairs = \(interactions.byUser.entryCount)",
        ]
        if let choice { lines.append("auto = \(choice.reason)") }
        if log.latestTime != EventLog.noTime { lines.append("latest-event = \(log.latestTime)") }
        if let imported { lines.append("imported = \(imported.names.joined(separator: ","))") }
        lines += givenNotes.map { "\($0.name) = \($0.value)" }
        for type in [Popularity.self] + types.filter({ $0 != Popularity.self }) where !isGiven(type) {
            for parameter in type.hyperparameters {
                let value = options.settings[type.name]?.text(parameter.name) ?? parameter.defaultValue
                lines.append("\(type.name).\(parameter.name) = \(value)")
            }
        }
        if let replayed {
            lines.append("ranker = \(replayed.scorer == nil ? "none" : replayed.ranker)")
            lines += replayed.notes.map { "ranker.\($0.name) = \($0.value)" }
            for parameter in replayed.settings.known {
                lines.append("\(replayed.ranker).\(parameter.name) = \(replayed.settings.text(parameter.name))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
