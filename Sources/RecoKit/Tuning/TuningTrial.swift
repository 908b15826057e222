/// One configuration, trained on a share of the users and measured.
public struct TuningTrial: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        /// The metric's mean over so many users, and where it lies in 95 of 100 samples of them.
        case score(Double, interval: ClosedRange<Double>, users: Int)
        /// The model cannot be trained like that on this data, and why.
        case failed(String)
        /// It was stopped because it took longer than there was time for.
        case tooSlow
    }

    public let configuration: TuningConfiguration
    /// Of the users; 1: all.
    public let share: Double
    public let outcome: Outcome
    /// Training and measuring together.
    public let seconds: Double

    public init(configuration: TuningConfiguration, share: Double, outcome: Outcome, seconds: Double) {
        self.configuration = configuration
        self.share = share
        self.outcome = outcome
        self.seconds = seconds
    }

    public var score: Double? { if case .score(let mean, _, _) = outcome { mean } else { nil } }
}

/// How long trials took, and so how long others will take.
struct TrialCosts {
    private struct Observation {
        let cost: Double
        let share: Double
        let seconds: Double
    }

    /// Estimates are rather too high: a trial that does not end is lost.
    static let caution = 1.25

    private var observations: [String: [Observation]] = [:]  // by model

    mutating func note(_ trial: TuningTrial, cost: Double) {
        // What was stopped takes longer than it was given, nobody knows how much.
        let seconds = trial.outcome == .tooSlow ? 2 * trial.seconds : trial.seconds
        observations[trial.configuration.model, default: []].append(
            Observation(cost: cost, share: trial.share, seconds: seconds))
    }

    /// Seconds that a trial will take; nil if the model was never tried. From the trial most like it: in proportion to
    /// the users and to what the settings cost, but no less than by the root of that where it is smaller, because part of
    /// a trial costs the same whatever its size.
    func estimate(model: String, cost: Double, share: Double) -> Double? {
        func ratio(_ observation: Observation) -> Double { cost / observation.cost * share / observation.share }
        func distance(_ observation: Observation) -> Double {
            abs(binaryLog(cost / observation.cost)) + abs(binaryLog(share / observation.share))
        }
        guard let nearest = observations[model]?.min(by: { distance($0) < distance($1) }) else { return nil }
        let scale = ratio(nearest)
        return Self.caution * nearest.seconds * (scale >= 1 ? scale : scale.squareRoot())
    }
}
