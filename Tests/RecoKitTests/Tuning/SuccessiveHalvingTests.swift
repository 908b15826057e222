import Testing

@testable import RecoKit

/// A search without data: the score of a configuration is how near its x is to 0.7, and a clock that only trials move.
private final class Bench {
    var time = 0.0
    var attempts: [(configuration: TuningConfiguration, share: Double)] = []
    var trials: [TuningTrial] = []
    /// Seconds of a trial on all users, by model.
    var seconds: [String: Double] = [:]
    var failing: Set<String> = []
    /// Ends the search by an error after so many attempts.
    var stopsAfter = Int.max

    static let parameter = Hyperparameter("x", .number(0...1), default: "0.1", "").tuned(.linear(0...1))

    func search(
        _ models: [String] = ["m"], shares: [Double] = [1.0 / 9, 1.0 / 3, 1], end: Double, known: [TuningTrial] = []
    ) -> SuccessiveHalving {
        SuccessiveHalving(
            shares: shares,
            spaces: models.map { SearchSpace(model: $0, parameters: [Self.parameter]) { _ in false } },
            seed: 1, begin: 0, end: end, known: known, now: { self.time }
        ) { configuration, share, deadline in
            if self.attempts.count == self.stopsAfter { throw RecoError(.cancelled, "stopped") }
            self.attempts.append((configuration, share))
            let start = self.time
            let trial: TuningTrial
            if self.failing.contains(configuration.model) {
                self.time += 0.01
                trial = TuningTrial(configuration: configuration, share: share, outcome: .failed("no"), seconds: 0.01)
            } else {
                self.time = min(deadline, start + (self.seconds[configuration.model] ?? 1) * share)
                let isCut = self.time == deadline
                let x = Double(configuration.settings.first?.value ?? "0.1")!
                let score = 1 - abs(x - 0.7)
                trial = TuningTrial(
                    configuration: configuration, share: share,
                    outcome: isCut ? .tooSlow : .score(score, interval: score...score, users: 10),
                    seconds: self.time - start)
            }
            self.trials.append(trial)
            return trial
        }
    }
}

private func x(_ trial: TuningTrial) -> Double { Double(trial.configuration.settings.first?.value ?? "0.1")! }

@Test func manyAreTriedOnFewUsersAndTheBestOnAll() throws {
    let bench = Bench()
    var search = bench.search(end: 20)
    try search.run()
    let counts = [1.0 / 9, 1.0 / 3, 1].map { share in search.trials.filter { $0.share == share }.count }
    #expect(counts[0] > counts[1] && counts[1] > counts[2] && counts[2] >= 3, "\(counts)")
    let best = try #require(search.trials.filter { $0.share == 1 }.max { $0.score! < $1.score! })
    #expect(abs(x(best) - 0.7) < 0.05)
    // Nobody gets to the top without having been below.
    for trial in search.trials where trial.share == 1 {
        #expect(search.trials.contains { $0.configuration == trial.configuration && $0.share < 1 })
    }
    // The worst never get there.
    #expect(!search.trials.contains { $0.share == 1 && $0.score! < 0.8 })
}

@Test(arguments: [0.5, 3, 20, 60])
func theTimeIsKept(end: Double) throws {
    let bench = Bench()
    bench.seconds = ["a": 1, "b": 7]
    var search = bench.search(["a", "b"], end: end)
    try search.run()
    #expect(bench.time <= end + 1e-9 && !bench.trials.isEmpty)
}

@Test func aModelThatTakesTooLongIsStoppedAndTheOthersGoOn() throws {
    let bench = Bench()
    bench.seconds = ["slow": 1000, "quick": 1]
    var search = bench.search(["slow", "quick"], end: 40)
    try search.run()
    let slow = search.trials.filter { $0.configuration.model == "slow" }
    #expect(slow.map(\.outcome) == [.tooSlow] && slow[0].seconds == 10)
    #expect(search.trials.contains { $0.configuration.model == "quick" && $0.share == 1 && $0.score! > 0.9 })
    #expect(bench.time <= 40 + 1e-9)
}

@Test func theBestOfEachModelIsTriedOnAllUsers() throws {
    let bench = Bench()
    var search = bench.search(["a", "b", "c"], end: 60)
    try search.run()
    for model in ["a", "b", "c"] {
        #expect(search.trials.contains { $0.configuration.model == model && $0.share == 1 }, "\(model)")
    }
}

@Test func aModelWhoseDefaultsFailIsLeftAlone() throws {
    let bench = Bench()
    bench.failing = ["bad"]
    var search = bench.search(["bad", "good"], end: 20)
    try search.run()
    #expect(bench.attempts.filter { $0.configuration.model == "bad" }.count == 1)
    #expect(search.trials.first?.outcome == .failed("no"))
}

@Test func smallDataIsSearchedOnAllUsersAndOnlySoFar() throws {
    let bench = Bench()
    var search = bench.search(["a", "b"], shares: [1], end: 1e6)
    try search.run()
    #expect(search.trials.count == 2 * SuccessiveHalving.configurationsOfEach)
    #expect(bench.time < 1e6 / 2)
}

@Test func aSearchThatWasStoppedGoesOnWithoutRepeating() throws {
    let whole = Bench()
    var undisturbed = whole.search(["a", "b"], end: 20)
    try undisturbed.run()

    let first = Bench()
    first.stopsAfter = 25
    var stopped = first.search(["a", "b"], end: 20)
    #expect(throws: RecoError.self) { try stopped.run() }
    #expect(stopped.trials.count == 25)

    let second = Bench()
    second.time = first.time  // its time is used
    var resumed = second.search(["a", "b"], end: 20, known: first.trials)
    try resumed.run()
    let repeated = second.attempts.contains { attempt in
        first.trials.contains { $0.configuration == attempt.configuration && $0.share == attempt.share }
    }
    #expect(!repeated && !second.attempts.isEmpty)
    #expect(second.time <= 20 + 1e-9)
    // It ends where the undisturbed search does.
    func best(_ trials: [TuningTrial]) -> Double? { trials.filter { $0.share == 1 }.compactMap(\.score).max() }
    #expect(best(resumed.trials) == best(undisturbed.trials))

    // And once more, with all trials known: nothing is left to do.
    let third = Bench()
    third.time = 20
    var again = third.search(["a", "b"], end: 20, known: first.trials + second.trials)
    try again.run()
    #expect(third.attempts.isEmpty && best(again.trials) == best(undisturbed.trials))
}

@Test func whatWasTooSlowIsTriedAgainWhenThereIsMoreTime() throws {
    let bench = Bench()
    bench.seconds = ["m": 30]
    let slow = TuningTrial(
        configuration: TuningConfiguration(model: "m", settings: []), share: 1, outcome: .tooSlow, seconds: 10)
    var search = bench.search(["m"], shares: [1], end: 20, known: [slow])
    try search.run()
    #expect(bench.attempts.isEmpty)
    search = bench.search(["m"], shares: [1], end: 200, known: [slow])
    try search.run()
    #expect(bench.attempts.count > 1 && search.trials[0].score != nil)
}

@Test func estimatesComeFromTheTrialMostLikeIt() throws {
    var costs = TrialCosts()
    #expect(costs.estimate(model: "m", cost: 1, share: 1) == nil)
    func note(_ cost: Double, _ share: Double, _ seconds: Double) {
        let configuration = TuningConfiguration(model: "m", settings: [])
        costs.note(
            TuningTrial(configuration: configuration, share: share, outcome: .failed(""), seconds: seconds), cost: cost)
    }
    note(1, 0.25, 2)
    #expect(costs.estimate(model: "m", cost: 1, share: 0.25) == 2 * TrialCosts.caution)
    #expect(costs.estimate(model: "m", cost: 2, share: 1) == 16 * TrialCosts.caution)
    #expect(costs.estimate(model: "m", cost: 1, share: 0.0625) == 1 * TrialCosts.caution)
    note(2, 1, 5)
    #expect(costs.estimate(model: "m", cost: 4, share: 1) == 10 * TrialCosts.caution)
}
