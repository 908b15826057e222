import RecoKit

/// What a search found, for people, as JSON, and as the configuration that `reco train` reads.
struct TuningReport {
    private let found: Tuner.Result
    private let metric: String
    private let seconds: Double

    init(_ found: Tuner.Result, metric: String, seconds: Double) {
        self.found = found
        self.metric = metric
        self.seconds = seconds
    }

    /// One trial, while the search goes on.
    static func line(_ trial: TuningTrial, metric: String) -> String {
        let name = trial.configuration.model + (trial.configuration.settings.isEmpty ? "" : " ")
        let what = name + settings(trial.configuration) + (trial.share < 1 ? " on \(share(trial.share))" : "")
        switch trial.outcome {
        case .score(let mean, _, _):
            return "\(what): \(metric) \(Format.fixed(mean, 4)), \(Format.duration(trial.seconds))"
        case .failed(let reason): return "\(what): \(reason)"
        case .tooSlow: return "\(what): stopped after \(Format.duration(trial.seconds)), there is no time for more"
        }
    }

    private static func settings(_ configuration: TuningConfiguration) -> String {
        configuration.settings.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }

    private static func share(_ share: Double) -> String { "1/\(Int((1 / share).rounded())) of the users" }

    /// The table of the best of each model, and what to do with it.
    func lines(out: String) -> [String] {
        var rows = [["", metric, "95 % interval", "trials", "time", "settings"]]
        func row(_ name: String, _ trial: TuningTrial, _ count: Int?) -> [String] {
            guard case .score(let mean, let interval, _) = trial.outcome else { return [] }
            let settings = Self.settings(trial.configuration)
            let note = trial.share < 1 ? " (on \(Self.share(trial.share)))" : ""
            return [
                name, Format.fixed(mean, 4), Self.interval(interval), count.map { "\($0)" } ?? "",
                Format.duration(trial.seconds), (settings.isEmpty ? "defaults" : settings) + note,
            ]
        }
        for trial in found.bestOfEachModel {
            let model = trial.configuration.model
            rows.append(row(model, trial, found.trials.filter { $0.configuration.model == model }.count))
        }
        if let baseline = found.baseline, baseline.score != nil {
            rows.append(row("bestsellers", baseline, nil))
        }
        var lines = [heading, ""]
        lines += Format.table([.left, .right, .left, .right, .right, .left], rows)
        let failed = failures
        if !failed.isEmpty { lines += [""] + failed }
        lines.append("")
        if let best = found.best {
            lines.append("wrote \(out): \(best.configuration.model); now: reco train --config \(out) --out FILE")
        } else {
            lines.append("no model could be measured in this time; nothing was written")
        }
        return lines
    }

    private var heading: String {
        let count = found.trials.count
        let trials = "\(Format.count(count)) \(count == 1 ? "trial" : "trials") in \(Format.duration(seconds))"
        return "held out: \(heldOut); \(trials)\(found.wasStopped ? ", stopped" : "")"
    }

    private var heldOut: String { found.holdOut.text }

    /// Models without any score, and why.
    private var failures: [String] {
        var seen: Set<String> = Set(found.trials.filter { $0.score != nil }.map(\.configuration.model))
        return found.trials.compactMap { trial in
            guard seen.insert(trial.configuration.model).inserted else { return nil }
            return "not measured: " + Self.line(trial, metric: metric)
        }
    }

    private static func interval(_ interval: ClosedRange<Double>) -> String {
        "\(Format.fixed(interval.lowerBound, 4)) – \(Format.fixed(interval.upperBound, 4))"
    }

    func json(out: String) -> JSON {
        func object(_ trial: TuningTrial) -> JSON {
            var members: [(String, JSON)] = [
                ("model", .string(trial.configuration.model)),
                ("settings", .object(trial.configuration.settings.map { ($0.name, .string($0.value)) })),
                ("share", .number(trial.share)),
            ]
            if case .score(let mean, let interval, let users) = trial.outcome {
                members += [
                    ("score", .number(mean)),
                    ("interval", .array([.number(interval.lowerBound), .number(interval.upperBound)])),
                    ("users", .integer(users)),
                ]
            }
            return .object(members + [("seconds", .number(trial.seconds))])
        }
        return .object([
            ("metric", .string(metric)), ("held_out", .string(heldOut)), ("stopped", .bool(found.wasStopped)),
            ("trials", .integer(found.trials.count)), ("seconds", .number(seconds)),
            ("best", found.best.map(object) ?? .null), ("models", .array(found.bestOfEachModel.map(object))),
            ("baseline", found.baseline.map(object) ?? .null),
            ("not_measured", .array(failures.map { .string($0) })), ("out", found.best == nil ? .null : .string(out)),
        ])
    }

    /// The YAML file: `TrainingFile` reads it.
    func configuration(
        _ best: TuningTrial, _ events: [String], _ items: [String], _ users: [String],
        _ fixed: [(name: String, value: String)],
        out: String
    ) -> String {
        func quoted(_ text: String) -> String { JSON.string(text).text }  // JSON is YAML, too
        var lines = ["# Written by reco tune. Train with: reco train --config FILE --out MODEL"]
        if case .score(let mean, let interval, let users) = best.outcome {
            lines.append(
                "# \(metric) \(Format.fixed(mean, 4)) (\(Self.interval(interval))) for \(Format.count(users)) users, "
                    + "held out: \(heldOut)")
        }
        if let score = found.baseline?.score { lines.append("# bestsellers: \(Format.fixed(score, 4))") }
        lines.append("events:")
        lines += events.map { "  - \(quoted($0))" }
        if !items.isEmpty { lines += ["items:"] + items.map { "  - \(quoted($0))" } }
        if !users.isEmpty { lines += ["users:"] + users.map { "  - \(quoted($0))" } }
        lines.append("model: \(best.configuration.model)")
        let model = best.configuration.model
        let searched = best.configuration.settings.map { ("\(model).\($0.name)", $0.value) }
        // Settings of other models say nothing here; kinds of events and options of the run do.
        let others = found.bestOfEachModel.map { $0.configuration.model + "." }.filter { $0 != model + "." }
        var settings: [(name: String, value: String)] = []
        for (name, value) in fixed + searched where !others.contains(where: { name.hasPrefix($0) }) {
            settings.removeAll { $0.name == name }
            settings.append((name, value))
        }
        let apart = settings.filter { $0.name == "seed" }
        settings.removeAll { $0.name == "seed" || $0.name == "threads" }
        if !settings.isEmpty { lines += ["set:"] + settings.map { "  \(quoted($0.name)): \(quoted($0.value))" } }
        lines += apart.map { "seed: \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
