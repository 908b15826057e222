import ArgumentParser
import RecoKit

/// `reco models`: what can be trained, and with which settings.
struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the models and their settings with defaults and ranges.",
        discussion: "Settings are given to `reco train` as --set KEY=VALUE, such as --set als.factors=128.")

    @Argument(help: "Only this model.")
    var name: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let models =
            Trainer.models + RowModels.all.map { (name: $0.name, summary: $0.summary, hyperparameters: $0.hyperparameters) }
        if let name, !models.contains(where: { $0.name == name }) {
            let names = models.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no model \"\(name)\"; there are \(names).")
        }
        let shown = models.filter { name == nil || $0.name == name }
        let output = Output()
        if json {
            let described = shown.map { model in
                JSON.object([
                    ("name", .string(model.name)), ("summary", .string(model.summary)),
                    ("settings", .array(model.hyperparameters.map { Self.json($0, prefix: "\(model.name).") })),
                ])
            }
            var members: [(String, JSON)] = [("models", .array(described))]
            if name == nil { members.append(("options", .array(general.map { Self.json($0, prefix: "") }))) }
            try output.line(.object(members))
        } else {
            for (place, model) in shown.enumerated() {
                if place > 0 { try output.line() }
                try output.line("\(model.name): \(model.summary)")
                for line in Self.lines(model.hyperparameters, prefix: "\(model.name).") { try output.line(line) }
            }
            if name == nil {
                try output.line()
                try output.line("for all models:")
                for line in Self.lines(general, prefix: "") { try output.line(line) }
            }
        }
        try output.flush()
    }

    /// The options of training that are no model's, and the two families that kinds of events have.
    private var general: [Hyperparameter] {
        let kinds = EventKinds().kinds
        return Trainer.options
            + kinds.map {
                Hyperparameter(
                    "weight.\($0.name)", .number(-1e6...1e6), default: "\($0.weight)",
                    "what an event of this kind is worth; a name of your own adds a kind")
            }
            + [
                Hyperparameter(
                    "half-life.KIND", .choice(["14d", "36h", "900s", "never"]), default: "never",
                    "after this time an event of a kind counts half")
            ]
    }

    private static func lines(_ parameters: [Hyperparameter], prefix: String) -> [String] {
        Format.table(
            [.left, .left, .left, .left, .left],
            parameters.map { ["", prefix + $0.name, $0.defaultValue, range($0), $0.help] })
    }

    private static func range(_ parameter: Hyperparameter) -> String {
        parameter.name == "model" ? (Trainer.models.map(\.name) + ["auto"]).joined(separator: " | ") : parameter.range
    }

    private static func json(_ parameter: Hyperparameter, prefix: String) -> JSON {
        .object([
            ("name", .string(prefix + parameter.name)), ("default", .string(parameter.defaultValue)),
            ("range", .string(range(parameter))), ("help", .string(parameter.help)),
        ])
    }
}
