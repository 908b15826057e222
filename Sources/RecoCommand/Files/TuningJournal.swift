import Glibc
import RecoKit
import Yams

/// The trials of a search, one a line as JSON, written when each has ended: what a search that was stopped goes on from.
///
///     {"reco_tune":1,"fingerprint":"9c0e...","metric":"ndcg@10"}
///     {"model":"als","settings":{"factors":"64"},"share":1,"score":0.091,"low":0.087,"high":0.095,"users":1287,"seconds":4.2}
///     {"model":"ease","settings":{},"share":1,"failed":"cannot train ease: ...","seconds":0.1}
///     {"model":"gf-cf","settings":{"factors":"512"},"share":1,"too_slow":true,"seconds":60}
final class TuningJournal {
    let path: String
    /// What the file held when it was opened.
    private(set) var trials: [TuningTrial] = []
    private let descriptor: Int32

    /// Opens the journal of a search or begins one. Throws `badData` if it belongs to another search.
    init(path: String, fingerprint: String, metric: String) throws {
        self.path = path
        var text = try TextFile.readIfThere(path) ?? ""
        // A line that was being written when the machine went down does not count.
        let whole = text.lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
        text = String(text[..<whole])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        if let first = lines.first {
            guard let header = Self.object(first), header["reco_tune"]?.scalar?.string == "1" else {
                throw RecoError(.badData, "\(path) is no journal of reco tune; choose another --out")
            }
            guard header["fingerprint"]?.scalar?.string == fingerprint else {
                throw RecoError(
                    .badData,
                    "\(path) is the journal of a search on other events, settings or another metric; remove it or "
                        + "choose another --out")
            }
        }
        for (number, line) in lines.enumerated().dropFirst() {
            guard let trial = Self.object(line).flatMap(Self.trial) else {
                throw RecoError(.badData, "\(path), line \(number + 1): this is no trial; remove the line")
            }
            trials.append(trial)
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw RecoError.system("cannot write \(path)") }
        guard ftruncate(descriptor, text.utf8.count) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw RecoError.system("cannot write \(path)")
        }
        if lines.isEmpty {
            try write(
                .object([
                    ("reco_tune", .integer(1)), ("fingerprint", .string(fingerprint)), ("metric", .string(metric)),
                ]))
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func add(_ trial: TuningTrial) throws {
        var members: [(String, JSON)] = [
            ("model", .string(trial.configuration.model)),
            ("settings", .object(trial.configuration.settings.map { ($0.name, .string($0.value)) })),
            ("share", .number(trial.share)),
        ]
        switch trial.outcome {
        case .score(let mean, let interval, let users):
            members += [
                ("score", .number(mean)), ("low", .number(interval.lowerBound)),
                ("high", .number(interval.upperBound)), ("users", .integer(users)),
            ]
        case .failed(let reason): members.append(("failed", .string(reason)))
        case .tooSlow: members.append(("too_slow", .bool(true)))
        }
        members.append(("seconds", .number(trial.seconds)))
        try write(.object(members))
    }

    private func write(_ line: JSON) throws {
        try Array((line.text + "\n").utf8).withUnsafeBytes {
            try writeAll($0, to: descriptor, failure: "cannot write \(path)")
        }
        fsync(descriptor)
    }

    /// JSON is YAML, too.
    private static func object(_ line: Substring) -> Node.Mapping? {
        (try? compose(yaml: String(line), .basic))?.mapping
    }

    private static func trial(_ object: Node.Mapping) -> TuningTrial? {
        func number(_ name: String) -> Double? {
            object[name]?.scalar.flatMap { Double($0.string) }.flatMap { $0.isFinite ? $0 : nil }
        }
        guard let model = object["model"]?.scalar?.string, let settings = object["settings"]?.mapping,
            let share = number("share"), let seconds = number("seconds"), share > 0, share <= 1, seconds >= 0
        else { return nil }
        let outcome: TuningTrial.Outcome
        if let score = number("score"), let low = number("low"), let high = number("high"), low <= high,
            let users = number("users"), let count = Int(exactly: users)
        {
            outcome = .score(score, interval: low...high, users: count)
        } else if let reason = object["failed"]?.scalar?.string {
            outcome = .failed(reason)
        } else if object["too_slow"] != nil {
            outcome = .tooSlow
        } else {
            return nil
        }
        let configuration = TuningConfiguration(
            model: model,
            settings: settings.map { .init(name: $0.key.string ?? "", value: $0.value.scalar?.string ?? "") })
        return TuningTrial(configuration: configuration, share: share, outcome: outcome, seconds: seconds)
    }
}
