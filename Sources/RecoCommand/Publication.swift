import Glibc
import RecoKit

/// What has to be true before a new model takes the place of the old one, and how it does.
struct Publication {
    /// Earlier models that stay beside the new one, as shop.reco.1 (the latest), shop.reco.2 ...
    var keep = 2
    /// Measured on the last part of the events by a model that has not seen it; nil: nothing is measured.
    var metric: TuningMetric?
    /// How far the metric may fall below that of the last model, as a share.
    var worse = 0.1
    var holdOut: HoldOut?
    /// The least share of the catalogue that is in somebody's first 20.
    var coverage: Double?
    /// How much smaller than the last model the new one may be, as a share.
    var smaller = 0.5
    /// How many times as many rows as last time, or as few, a query may give.
    var rows = 10.0

    static let mostKept = 100
    static let keys = ["keep", "metric", "worse", "hold-out", "coverage", "smaller", "rows"]
    /// Below that many rows, ten times as many are nothing unusual.
    private static let fewRows = 100

    var measures: Bool { metric != nil || coverage != nil }

    /// Throws if a query gave far more or less than in the last run.
    func checkRows(of source: DataSource, _ count: Int, last: String?) throws {
        // A query that had nothing to give begins with whatever comes first.
        guard let last = last.flatMap({ Int($0) }), last > 0, max(last, count) >= Self.fewRows else { return }
        let ratio = Double(max(last, count)) / Double(max(min(last, count), 1))
        guard ratio >= rows else { return }
        throw CommandFailure.refused(
            "\(source.name) gave \(Format.count(count)) rows, where the last run had \(Format.count(last)); if that is right, "
                + "run once with --accept")
    }

    /// Throws if the model is worse than the one before, or shows too little of the catalogue.
    func check(_ summary: EvaluationSummary, last: String?) throws {
        if let metric, let value = summary[metric.name]?.value, let last = last.flatMap({ Double($0) }),
            value < last * (1 - worse)
        {
            throw CommandFailure.refused(
                "\(metric.name) is \(Format.fixed(value, 4)) where the last model had \(Format.fixed(last, 4)); the old model "
                    + "stays, and --accept publishes the new one")
        }
        if let coverage, let value = summary["coverage@20"]?.value, value < coverage {
            throw CommandFailure.refused(
                "only \(Format.fixed(value * 100, 1)) % of the items are in anybody's first 20, less than "
                    + "\(Format.fixed(coverage * 100, 1)) %; the old model stays, and --accept publishes the new one")
        }
    }

    /// Throws if the new file is much smaller than the old one.
    func checkSize(of candidate: String, against old: String) throws {
        var (new, last) = (stat(), stat())
        guard stat(candidate, &new) == 0, stat(old, &last) == 0 else { return }
        if Double(new.st_size) < Double(last.st_size) * (1 - smaller) {
            throw CommandFailure.refused(
                "the new model has \(Format.bytes(Int(new.st_size))) where the old one has "
                    + "\(Format.bytes(Int(last.st_size))); the old model stays, and --accept publishes the new one")
        }
    }

    /// Puts the new model in the old one's place by one rename, after the old one has got a second name.
    func publish(_ candidate: String, as path: String) throws {
        if keep > 0, access(path, F_OK) == 0 {
            unlink("\(path).\(keep)")
            for number in stride(from: keep - 1, to: 0, by: -1) { rename("\(path).\(number)", "\(path).\(number + 1)") }
            guard link(path, "\(path).1") == 0 else { throw RecoError.system("cannot keep \(path) as \(path).1") }
        }
        guard rename(candidate, path) == 0 else { throw RecoError.system("cannot publish the model \(path)") }
        sync(folderOf: path)
    }

    /// Puts the latest kept model back. What was there is kept as `path.rejected`.
    static func rollBack(_ path: String) throws {
        guard access("\(path).1", R_OK) == 0 else { throw RecoError.system("there is no earlier model \(path).1") }
        _ = try ModelFile(path: "\(path).1")
        unlink("\(path).rejected")
        if access(path, F_OK) == 0, link(path, "\(path).rejected") != 0 {
            throw RecoError.system("cannot keep \(path) as \(path).rejected")
        }
        guard rename("\(path).1", path) == 0 else { throw RecoError.system("cannot publish the model \(path)") }
        var number = 2
        while rename("\(path).\(number)", "\(path).\(number - 1)") == 0 { number += 1 }
        sync(folderOf: path)
    }
}

extension Publication {
    /// The models that may take the place of the one at `path`, and are there.
    static func earlierModels(of path: String) -> [String] {
        (["\(path).rejected"] + (1...mostKept).map { "\(path).\($0)" }).filter { access($0, F_OK) == 0 }
    }

    /// Removes all kept models.
    static func removeEarlier(_ path: String) {
        for model in earlierModels(of: path) { unlink(model) }
    }
}

/// Makes renames last.
private func sync(folderOf path: String) {
    let descriptor = open(TextFile.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
}
