import ArgumentParser
import RecoKit

/// `reco inspect`: what a model file holds.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a model file holds: counts, models, settings, sections.")

    @Argument(help: ArgumentHelp("The model file.", valueName: "file.reco"))
    var model: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let output = Output()
        let file = try ModelFile(path: model)
        switch ModelDescription(file)["holds"] {
        case SentenceEncoder.fileKind?:
            try show(part: file, "an encoder", isThere: SentenceEncoder(file) != nil, output)
            return try output.flush()
        case let kind?:
            guard RowModels.all.contains(where: { $0.name == kind }) else { break }
            let rows = try RowModels.open(file)
            if let trees = rows as? BoostedTrees {
                try show(trees, of: file, output)
            } else {
                try show(part: file, "a model of labelled rows", isThere: rows != nil, output)
            }
            return try output.flush()
        case nil: break
        }
        let model = try Model(path: model)
        if json {
            try output.line(describe(model))
        } else {
            for line in lines(model) { try output.line(line) }
        }
        try output.flush()
    }

    // MARK: a part alone

    /// A file that `reco import` wrote: no users, no items, only what the description says.
    private func show(part file: ModelFile, _ name: String, isThere: Bool, _ output: Output) throws {
        guard isThere else {
            throw RecoError(.damaged, "\(model) says that it holds \(name), and does not")
        }
        let facts = ModelDescription(file).entries
        if json {
            try output.line(
                .object([
                    ("file", .string(model)), ("bytes", .integer(file.length)),
                    ("description", .object(facts.map { ($0.name, .string($0.value)) })),
                    ("sections", .array(file.sections.map(describe))),
                ]))
            return
        }
        let size = [["file", model], ["size", "\(Format.bytes(file.length)) (\(Format.count(file.length)) bytes)"]]
        var lines = Format.table([.left, .left], size + facts.map { [$0.name, Format.plain($0.value)] })
        lines += ["", "sections"] + sections(of: file)
        for line in lines { try output.line(line) }
    }

    // MARK: boosted trees alone

    /// A file that `reco train --ranking` or `--table` wrote: its settings, and what each feature does.
    private func show(_ trees: BoostedTrees, of file: ModelFile, _ output: Output) throws {
        let facts = ModelDescription(file).entries
        let importances = trees.ensemble.importances()
        let names = trees.ensemble.featureNames
        func name(_ feature: Int) -> String { names.indices.contains(feature) ? names[feature] : "f\(feature)" }
        if json {
            try output.line(
                .object([
                    ("file", .string(model)), ("bytes", .integer(file.length)),
                    ("description", .object(facts.map { ($0.name, .string($0.value)) })),
                    (
                        "importance",
                        .array(
                            importances.map {
                                .object([
                                    ("feature", .string(name($0.feature))), ("gain", .number($0.gain)),
                                    ("splits", .integer($0.splits)),
                                ])
                            })
                    ),
                    ("sections", .array(file.sections.map(describe))),
                ]))
            return
        }
        let size = [["file", model], ["size", "\(Format.bytes(file.length)) (\(Format.count(file.length)) bytes)"]]
        var lines = Format.table([.left, .left], size + facts.map { [$0.name, Format.plain($0.value)] })
        lines += ["", "importance of features"]
        lines += Format.table(
            [.left, .left, .right, .right],
            [["", "feature", "gain", "splits"]]
                + importances.map {
                    ["", Format.plain(name($0.feature)), Format.fixed($0.gain, 2), Format.count($0.splits)]
                })
        lines += ["", "sections"] + sections(of: file)
        for line in lines { try output.line(line) }
    }

    private func sections(of file: ModelFile) -> [String] {
        Format.table(
            [.left, .left, .left, .right],
            file.sections.map { ["", Format.plain($0.name), "\($0.type)", Format.bytes($0.length)] })
    }

    // MARK: for people

    private func lines(_ model: Model) -> [String] {
        let file = model.file
        var facts = [
            ["file", self.model],
            ["size", "\(Format.bytes(file.length)) (\(Format.count(file.length)) bytes)"],
            ["written by", "reco \(model.description["reco"] ?? "?"), format version \(file.version)"],
            ["models", model.description.models.joined(separator: ", ")],
            ["users", "\(Format.count(model.users.count)), ids are \(ids(model.users))"],
            ["items", "\(Format.count(model.items.count)), ids are \(ids(model.items))"],
        ]
        if let events = model.description["events"].flatMap({ Int($0) }) {
            facts.append(["events", Format.count(events)])
        }
        if let latest = model.latestEvent { facts.append(["latest event", "\(Self.date(latest)) UTC"]) }
        if !model.catalog.attributes.isEmpty {
            let attributes = model.catalog.attributes.map { "\(Format.plain($0.name)) (\($0.kind.rawValue))" }
            facts.append(["attributes of items", attributes.joined(separator: ", ")])
        }
        for cost in QuestionCost.of(file) { facts.append(["a question", cost.text]) }
        var lines = Format.table([.left, .left], facts)

        lines += ["", "kinds of events"]
        lines += Format.table(
            [.left, .left, .right, .left, .left],
            [["", "kind", "weight", "half-life", "hides the item"]]
                + model.eventKinds.map {
                    [
                        "", Format.plain($0.name), "\($0.weight)", $0.halfLife.map(Format.duration) ?? "never fades",
                        $0.hides ? "yes" : "no",
                    ]
                })
        lines += ["", "settings"]
        lines += Format.table(
            [.left, .left, .left], settings(model).map { ["", Format.plain($0.name), Format.plain($0.value)] })
        lines += ["", "sections"] + sections(of: file)
        return lines
    }

    /// What the trainer wrote down, without the counts shown above.
    private func settings(_ model: Model) -> [(name: String, value: String)] {
        let counts: Set = ["reco", "models", "events", "users", "items", "latest-event"]
        return model.description.entries.filter { !counts.contains($0.name) }
    }

    private func ids(_ index: IDIndex) -> String { index.holdsIntegers ? "integers" : "text" }

    /// Seconds since 1970 as "2011-11-09 10:00:00".
    static func date(_ seconds: Int64) -> String {
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let day = second < 0 ? days - 1 : days
        let rest = second < 0 ? second + 86_400 : second
        // Eras of 400 years, in years that begin in March so that a leap day comes last.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(dayOfYear - (153 * marchMonth + 2) / 5 + 1)) "
            + "\(two(rest / 3600)):\(two(rest % 3600 / 60)):\(two(rest % 60))"
    }

    // MARK: for programs

    private func describe(_ model: Model) -> JSON {
        let file = model.file
        func count(_ name: String) -> JSON { model.description[name].flatMap { Int($0) }.map { .integer($0) } ?? .null }
        return .object([
            ("file", .string(self.model)),
            ("bytes", .integer(file.length)),
            ("format_version", .integer(Int(file.version))),
            ("reco_version", model.description["reco"].map { .string($0) } ?? .null),
            ("models", .array(model.description.models.map { .string($0) })),
            ("users", .object([("count", .integer(model.users.count)), ("ids", .string(ids(model.users)))])),
            (
                "items",
                .object([
                    ("count", .integer(model.items.count)), ("ids", .string(ids(model.items))),
                    (
                        "attributes",
                        .array(
                            model.catalog.attributes.map {
                                .object([("name", .string($0.name)), ("kind", .string($0.kind.rawValue))])
                            })
                    ),
                ])
            ),
            ("events", count("events")),
            (
                "costs",
                .array(
                    QuestionCost.of(file).map {
                        .object([
                            ("model", .string($0.model)), ("bytes", .integer($0.bytes)),
                            ("bytes_behind", .integer($0.behind)), ("seconds", .number($0.seconds)),
                        ])
                    })
            ),
            ("latest_event", model.latestEvent.map { .integer(Int($0)) } ?? .null),
            (
                "kinds",
                .array(
                    model.eventKinds.map {
                        .object([
                            ("name", .string($0.name)), ("weight", .float($0.weight)),
                            ("half_life", $0.halfLife.map { .number($0) } ?? .null), ("hides", .bool($0.hides)),
                        ])
                    })
            ),
            ("settings", .object(settings(model).map { ($0.name, .string($0.value)) })),
            ("sections", .array(file.sections.map(describe))),
        ])
    }

    private func describe(_ section: ModelFile.Section) -> JSON {
        .object([
            ("name", .string(section.name)), ("type", .string("\(section.type)")), ("offset", .integer(section.offset)),
            ("bytes", .integer(section.length)), ("checksum", .string(String(section.checksum, radix: 16))),
        ])
    }
}
