import Glibc
import RecoKit

/// What makes a training run one of many: the folder that it locks, what it knows from the run before, and what a new
/// model has to fulfil before it takes the old one's place.
final class TrainingJob {
    /// Where the new model waits to be published.
    let candidate: String
    let incremental: TrainingSources.Incremental
    let forgotten: IDTable?
    private let sources: TrainingSources
    private let out: String
    private let state: StateFolder
    private let forgottenList: ForgottenList
    private let publication: Publication
    private let accept: Bool

    /// Nil for a configuration that asks for none of it.
    init?(_ file: TrainingFile, _ sources: TrainingSources, out: String, accept: Bool) throws {
        guard sources.haveQueries || file.publication != nil || file.state != nil else { return nil }
        self.sources = sources
        self.out = out
        self.accept = accept
        candidate = "\(out).candidate"
        publication = file.publication ?? Publication()
        state = try StateFolder(path: file.statePath(out: out))
        // Whoever holds the lock is the only one who writes here.
        let name = out.split(separator: "/").last ?? ""
        TemporaryFile.removeAbandoned(in: TextFile.folder(of: out), beginning: "\(name).")
        TemporaryFile.removeAbandoned(in: state.path)
        forgottenList = try ForgottenList(folder: state.path, model: out)
        forgotten = try forgottenList.users()
        incremental = TrainingSources.Incremental(
            folder: state.path, overlap: file.overlap, full: file.fullReading, now: Int64(time(nil)),
            forgotten: forgotten)
    }

    /// Throws if a query gave far more rows than last time, or far fewer.
    func check(_ source: DataSource, rows: Int) throws {
        guard source.isQuery else { return }
        let name = "rows of \(source.title)"
        if !accept { try publication.checkRows(of: source, rows, last: state[name]) }
        state[name] = String(rows)
    }

    /// Throws if ids that were integers in the model in place are texts now: another column is read than before, or one that
    /// has changed, and who asks by the old ids finds nobody.
    func checkIDs(_ log: EventLog) throws {
        guard !accept, let old = try? ModelFile(path: out) else { return }
        for (what, ids) in [("user", log.users), ("item", log.items)] where ids.count > 0 && !ids.holdsIntegers {
            guard let before = try? IDIndex(old, prefix: "\(what)s"), before.count > 0, before.holdsIntegers else {
                continue
            }
            let example = (0..<ids.count).lazy.map { ids.id(of: $0) }.first { Int64($0) == nil } ?? ids.id(of: 0)
            throw CommandFailure.refused(
                "\(what) ids are integers in the last model, and now there are texts, such as \"\(Format.plain(example))\"; if "
                    + "that is right, run once with --accept")
        }
    }

    /// Trains on a part of the events, if that is asked for, and throws if the result is too bad.
    func measure(
        _ trainer: Trainer, progress: @escaping (_ phase: String, _ done: Int, _ total: Int) throws -> Void
    ) throws {
        guard publication.measures else { return }
        let cutoffs = Set([publication.metric?.cutoff ?? 20, 20]).sorted()
        let summary = try trainer.evaluateHeldOut(publication.holdOut, cutoffs: cutoffs, progress: progress)
        for name in [publication.metric?.name, "coverage@20"].compactMap({ $0 }) {
            guard let value = summary[name]?.value else { continue }
            complain("\(name) of \(Format.count(summary.userCount)) users: \(Format.fixed(value, 4))")
            if name == publication.metric?.name, !accept { try publication.check(summary, last: state[name]) }
            state[name] = String(value)
        }
        if publication.metric == nil, !accept { try publication.check(summary, last: nil) }
    }

    /// Puts the candidate in the old model's place.
    func publish() throws {
        do {
            if !accept { try publication.checkSize(of: candidate, against: out) }
            // First: on a full disk this fails, and then the old model has to stay. Who was forgotten while the new one was
            // being trained may be in it.
            try state.save()
            try forgottenList.renew(about: candidate)
            try publication.publish(candidate, as: out)
        } catch {
            unlink(candidate)
            throw error
        }
        try forgottenList.renew()
        sources.removeOutdatedCaches(in: state.path)
    }
}

extension TrainingFile {
    /// The folder of what is kept between runs.
    func statePath(out: String) -> String { state ?? "\(out).state" }
}
