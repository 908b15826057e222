/// Collects events like a `Trainer`, and searches the models and settings that rank held-out events best.
///
///     let tuner = Tuner()
///     try tuner.log.add(user: "ann", item: "tea", kind: "purchase", time: 1_731_146_700)
///     ...
///     let found = try tuner.run(seconds: 600)
///     found.best  // the model and its settings
///
/// The log is split once (`HoldOut`), every configuration learns from the first part and ranks the whole catalogue for
/// users of the second. Which ones are tried, and on how many users, `SuccessiveHalving` says. The test data of a
/// report has no place here: whoever chooses by a score cannot quote it any more.
public final class Tuner: @unchecked Sendable {
    public let log = EventLog()
    /// Attributes of items, by rows of `log.items`.
    public let catalog = Catalog()
    public let userCatalog = Catalog()
    public var metric = TuningMetric.usual
    /// Items that a user has already are ranked, too, and count if they are bought again.
    public var repeats = false
    /// How the log is split; nil: as fits it, `usualHoldOut`.
    public var holdOut: HoldOut?

    private var options = TrainerOptions()
    private var models: [any TrainableModel.Type]?
    private var fixed: [(name: String, value: String)] = []

    public init() {}

    /// Sets an option of training by name and text, as `Trainer.set` does; it then holds for every trial and is not
    /// searched. "model" says which models to search, "auto" all that have something to search.
    public func set(_ name: String, to value: String) throws {
        try options.set(name, to: value, kinds: &log.kinds)
        if name == "model" {
            guard options.ranker == nil else {
                throw RecoError(
                    .invalidArgument,
                    "\(value) orders what several models propose, and a search tries each model alone: name those, and the "
                        + "ranker when training")
            }
            models = options.models
        } else {
            fixed.append((name, value))
        }
    }

    /// What was set, other than the models: belongs to the result as much as what was found.
    public var settings: [(name: String, value: String)] { fixed }

    /// The names of the models that are searched.
    public var modelNames: [String] { types.map { $0.name } }

    private var types: [any TrainableModel.Type] {
        models
            ?? ModelCatalogue.all.filter { type in
                type.hyperparameters.contains { $0.tuning != nil } || type.code == .boughtTogether
            }
    }

    /// What a score depends on, besides the trial: data, split, metric and settings, but not the number of threads. Trials
    /// of an earlier run belong to this one if their runs had the same. O(events).
    public func fingerprint() -> String {
        var hash = XXHash64(seed: options.seed)
        hash.update(UnsafeRawBufferPointer(log.userRows.elements))
        hash.update(UnsafeRawBufferPointer(log.itemRows.elements))
        hash.update(UnsafeRawBufferPointer(log.kindCodes.elements))
        hash.update(UnsafeRawBufferPointer(log.weights.elements))
        hash.update(UnsafeRawBufferPointer(log.times.elements))
        var text = "\(recoVersion) \(metric.name) \(repeats) \(holdOut ?? log.usualHoldOut())"
        for kind in log.kinds.kinds { text += " \(kind)" }
        for (name, value) in fixed where name != "threads" { text += " \(name)=\(value)" }
        text.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
        let digits = String(hash.finish(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// What a search came to.
    public struct Result: Sendable {
        /// All trials, those of earlier runs too, in the order in which the search asked for them.
        public let trials: [TuningTrial]
        /// Bestsellers, on all users.
        public let baseline: TuningTrial?
        public let holdOut: HoldOut
        /// It ended because `progress` threw `cancelled`.
        public let wasStopped: Bool

        /// Of each model the trial with the highest score among those on most users, the first of several; the best
        /// model first.
        public var bestOfEachModel: [TuningTrial] {
            var best: [String: (place: Int, trial: TuningTrial)] = [:]
            for (place, trial) in trials.enumerated() where trial.score != nil {
                let other = best[trial.configuration.model]?.trial
                if let other, (other.share, other.score!) >= (trial.share, trial.score!) { continue }
                best[trial.configuration.model] = (place, trial)
            }
            return best.values.sorted { a, b in
                (b.trial.share, b.trial.score!, a.place) < (a.trial.share, a.trial.score!, b.place)
            }.map(\.trial)
        }

        public var best: TuningTrial? { bestOfEachModel.first }
    }

    /// Searches for so many seconds, those of `known` trials included.
    ///
    /// - Parameters:
    ///   - known: trials of earlier runs with the same `fingerprint`; they are not repeated.
    ///   - onTrial: hears of every new trial when it has ended.
    ///   - progress: called now and then; what it throws ends the search, `cancelled` without an error.
    ///   - clock: seconds on a clock that only runs forwards.
    public func run(
        seconds: Double, known: [TuningTrial] = [],
        onTrial: @escaping (TuningTrial) throws -> Void = { _ in },
        progress: @escaping (_ what: String, _ done: Int, _ total: Int) throws -> Void = { _, _, _ in },
        clock: @escaping () -> Double = monotonicSeconds
    ) throws -> Result {
        guard log.count > 0 else { throw RecoError(.badData, "there are no events to tune on") }
        let begin = clock() - known.reduce(0) { $0 + $1.seconds }
        let rule = holdOut ?? log.usualHoldOut()
        let data = try TuningData(log, rule, seed: options.seed)
        var rungs: [Double: Rung] = [:]
        func attempt(_ configuration: TuningConfiguration, _ share: Double, _ deadline: Double) throws -> TuningTrial {
            if rungs[share] == nil { rungs[share] = try Rung(data.part(share), options) }
            let start = clock()
            let outcome = try measure(configuration, rungs[share]!) {
                try progress("\(configuration.model): \($0)", $1, $2)
                if clock() > deadline { throw TimeIsUp() }
            }
            let trial = TuningTrial(
                configuration: configuration, share: share, outcome: outcome, seconds: clock() - start)
            try onTrial(trial)
            return trial
        }

        let spaces = types.map { type in
            SearchSpace(model: type.name, parameters: type.hyperparameters) {
                options.settings[type.name]?.isSet($0) ?? false
            }
        }
        var search = SuccessiveHalving(
            shares: data.shares, spaces: spaces, seed: options.seed, begin: begin, end: begin + seconds, known: known,
            now: clock,
            attempt: attempt)
        var baseline = known.first { $0.configuration == Self.bestsellers && $0.share == 1 && $0.score != nil }
        var wasStopped = false
        do {
            if baseline == nil { baseline = try attempt(Self.bestsellers, 1, .infinity) }
            try search.run()
        } catch let error as RecoError where error.code == .cancelled {
            wasStopped = true
        }
        return Result(trials: search.trials, baseline: baseline, holdOut: rule, wasStopped: wasStopped)
    }

    private static let bestsellers = TuningConfiguration(model: Popularity.name, settings: [])

    private struct TimeIsUp: Error {}

    /// The data of one share of the users, summed up once for all trials.
    private struct Rung {
        let training: EventLog
        let validation: EventLog
        let interactions: Interactions

        init(_ part: (training: EventLog, validation: EventLog), _ options: TrainerOptions) throws {
            (training, validation) = part
            interactions = try training.interactions(scale: options.weightScale, threads: options.threads)
        }
    }

    private func measure(
        _ configuration: TuningConfiguration, _ rung: Rung,
        progress: @escaping (_ phase: String, _ done: Int, _ total: Int) throws -> Void
    ) throws -> TuningTrial.Outcome {
        var chosen = options
        do {
            var kinds = log.kinds
            try chosen.set("model", to: configuration.model, kinds: &kinds)
            for setting in configuration.settings {
                try chosen.set("\(configuration.model).\(setting.name)", to: setting.value, kinds: &kinds)
            }
            let trainer = Trainer(
                log: rung.training, catalog: catalog, userCatalog: userCatalog, options: chosen,
                summedUp: rung.interactions)
            try trainer.train(progress: progress)
            let summary = try trainer.model().evaluate(
                rung.validation, cutoffs: [metric.cutoff], repeats: repeats, threads: options.threads,
                seed: options.seed
            ) { try progress("ranking", $0, $1) }
            guard let found = summary[metric.name], let interval = found.interval else {
                return .failed("no held-out event is one that a model could be asked for")
            }
            return .score(found.value, interval: interval, users: summary.userCount)
        } catch is TimeIsUp {
            return .tooSlow
        } catch let error as RecoError where error.code != .cancelled {
            return .failed(error.message)
        }
    }
}
