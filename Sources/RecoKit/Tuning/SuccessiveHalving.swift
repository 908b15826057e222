/// Finds good configurations within a time: many are tried on few users, the better ones of them on more (Jamieson and
/// Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization", arXiv:1502.07943).
///
/// The resource is the share of users, for models in closed form and for those with iterations alike, so that scores of
/// different models on one rung compare. It is not free of bias: strengths of regularisation, numbers of factors and of
/// neighbours want to grow with the data. Therefore every model's best configuration goes up to the next rung, whatever
/// its place among the others; of the rest, those in the first third. What was found counts only from the top rung,
/// where all users are.
///
/// Each rung may use an equal part of the time, and what those below have left. A trial starts only if it should end in time by what
/// trials like it took, and it is given a deadline; a model's first trial, of which nobody knows, may take a quarter of
/// the time left. Known trials, from an earlier run, take no time.
struct SuccessiveHalving {
    /// Of the users, ascending, the last is 1.
    let shares: [Double]
    let spaces: [SearchSpace]
    let seed: UInt64
    /// Seconds on the clock of `now`; for a search that goes on, `begin` lies as far back as it has searched.
    let begin: Double
    let end: Double
    let now: () -> Double
    /// Trains and measures until the deadline; throws only what shall end the search.
    let attempt: (_ configuration: TuningConfiguration, _ share: Double, _ deadline: Double) throws -> TuningTrial

    /// So many configurations of each model at most: the best of very many would be the luckiest.
    static let configurationsOfEach = 64
    /// One of so many goes up to the next rung.
    static let reduction = 3

    private(set) var trials: [TuningTrial] = []
    private var known: [Key: TuningTrial] = [:]
    private var costs = TrialCosts()
    private var failedModels: Set<String> = []

    private struct Key: Hashable {
        let configuration: TuningConfiguration
        let share: Double
    }

    init(
        shares: [Double], spaces: [SearchSpace], seed: UInt64, begin: Double, end: Double, known: [TuningTrial],
        now: @escaping () -> Double,
        attempt:
            @escaping (_ configuration: TuningConfiguration, _ share: Double, _ deadline: Double) throws ->
            TuningTrial
    ) {
        (self.shares, self.spaces, self.seed) = (shares, spaces, seed)
        (self.begin, self.end, self.now, self.attempt) = (begin, end, now, attempt)
        for trial in known {
            // What was too slow may fit into the time that there is now.
            if trial.outcome != .tooSlow {
                self.known[Key(configuration: trial.configuration, share: trial.share)] = trial
            }
            costs.note(trial, cost: cost(of: trial.configuration))
        }
    }

    /// Searches until the time is used or nothing is left to try.
    mutating func run() throws {
        for rung in shares.indices {
            let limit = begin + (end - begin) * Double(rung + 1) / Double(shares.count)
            if rung == 0 {
                try sow(until: limit)
            } else {
                try promote(to: rung, until: limit)
            }
        }
        guard shares.count > 1 else { return }
        // Time that is left goes to the next best on all users.
        for candidate in candidates(below: shares.count - 1) { try run(candidate, shares.count - 1, until: end) }
    }

    /// The lowest rung: all models' defaults, then one random configuration of each in turn.
    private mutating func sow(until limit: Double) throws {
        let lists = spaces.map { $0.configurations(Self.configurationsOfEach, seed: seed) }
        for place in 0..<Self.configurationsOfEach {
            for list in lists where place < list.count {
                try run(list[place], 0, until: place == 0 ? end : limit)
            }
        }
    }

    private mutating func promote(to rung: Int, until limit: Double) throws {
        let all = candidates(below: rung)
        var models: Set<String> = []
        let best = all.filter { models.insert($0.model).inserted }
        let others = all.filter { !best.contains($0) }
        let count = (all.count + Self.reduction - 1) / Self.reduction
        for candidate in best + others.prefix(max(0, count - best.count)) { try run(candidate, rung, until: limit) }
    }

    /// What has a score below a rung but none on it, best first: from the highest rung that each has reached.
    private func candidates(below rung: Int) -> [TuningConfiguration] {
        var reached: [TuningConfiguration: TuningTrial] = [:]
        for trial in trials where trial.share < shares[rung] && trial.score != nil {
            let other = reached[trial.configuration]
            if other == nil || other!.share < trial.share { reached[trial.configuration] = trial }
        }
        for trial in trials where trial.share >= shares[rung] { reached[trial.configuration] = nil }
        let order = trials.map(\.configuration)
        return reached.values.sorted { a, b in
            if a.share != b.share { return a.share > b.share }
            if a.score! != b.score! { return a.score! > b.score! }
            return order.firstIndex(of: a.configuration)! < order.firstIndex(of: b.configuration)!
        }.map(\.configuration)
    }

    private mutating func run(_ configuration: TuningConfiguration, _ rung: Int, until limit: Double) throws {
        let share = shares[rung]
        if let trial = known[Key(configuration: configuration, share: share)] { return keep(trial) }
        guard !failedModels.contains(configuration.model) else { return }
        let start = now()
        let deadline: Double
        if let estimate = costs.estimate(
            model: configuration.model, cost: cost(of: configuration), share: share)
        {
            guard start + estimate <= limit else { return }
            deadline = min(end, start + 4 * estimate + 1)  // an estimate that is far off does not cost all the time
        } else {
            guard start < limit else { return }
            deadline = start + (end - start) / 4
        }
        let trial = try attempt(configuration, share, deadline)
        costs.note(trial, cost: cost(of: configuration))
        keep(trial)
    }

    private mutating func keep(_ trial: TuningTrial) {
        trials.append(trial)
        // What its defaults cannot learn from, other settings are unlikely to.
        if case .failed = trial.outcome, trial.configuration.settings.isEmpty {
            failedModels.insert(trial.configuration.model)
        }
    }

    private func cost(of configuration: TuningConfiguration) -> Double {
        spaces.first { $0.model == configuration.model }?.cost(of: configuration) ?? 1
    }
}
