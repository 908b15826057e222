/// The options of a training run by name and text: its own, and each model's under "model.setting".
struct TrainerOptions {
    static let own = [
        Hyperparameter(
            "model", .choice([]), default: ModelCatalogue.hybrid,
            "which models to train, the preferred one first: als,item-knn; auto chooses by the data; hybrid is auto "
                + "and boosted-trees, which makes one order of what they propose, as mlp-ranker and wide-deep do"),
        Hyperparameter("threads", .integer(0...1024), default: "0", "threads for training; 0: one per processor"),
        Hyperparameter("seed", .integer(0...Int.max), default: "1", "the same seed gives the same model"),
        Hyperparameter(
            "weight-scale", .choice(WeightScale.allCases.map(\.rawValue)), default: "log",
            "how an event's own weight (quantity, rating) counts: 1 + ln, as it is, or not at all"),
        Hyperparameter(
            "encoder", .text("a file"), default: "",
            "the sentence encoder that `reco import bert` wrote, for the model bert"),
        Hyperparameter(
            "continue", .text("a file"), default: "",
            "an earlier model file that lightfm goes on from; other models are trained anew"),
    ]

    /// Which models to train; nil: `AutomaticChoice` decides.
    private(set) var models: [any TrainableModel.Type]?
    /// Whether a ranker makes one order of what the models propose.
    enum Ranker: Equatable {
        case trained(String)
        case factsOnly
    }
    private(set) var ranker: Ranker? = .trained(BoostedTrees.name)
    private(set) var settings: [String: Settings] = [:]
    private var general = Settings(own.filter { $0.name != "model" })

    init() {
        for type in ModelCatalogue.all { settings[type.name] = Settings(type.hyperparameters) }
        for type in RowModels.rankers { settings[type.name] = Settings(type.hyperparameters + Replay.hyperparameters) }
    }

    var threads: Int {
        let threads = general.integer("threads")
        return threads == 0 ? processorCount() : threads
    }
    var seed: UInt64 { UInt64(general.integer("seed")) }
    var encoderPath: String? { general.isSet("encoder") ? general.text("encoder") : nil }
    var earlierPath: String? { general.isSet("continue") ? general.text("continue") : nil }
    var weightScale: WeightScale { WeightScale(rawValue: general.text("weight-scale")) ?? .log }

    /// The same options for certain models, with no ranker trained but all that one needs.
    func sources(_ types: [any TrainableModel.Type]) -> TrainerOptions {
        var options = self
        options.models = types
        options.ranker = .factsOnly
        options.general.unset("continue")  // an earlier model knows what is the future then
        return options
    }

    /// Sets an option. "weight.KIND" and "half-life.KIND" ("14d", "36h", "900s", "never") change `kinds`.
    mutating func set(_ name: String, to value: String, kinds: inout EventKinds) throws {
        if name == "model" {
            ranker = nil
            if value == ModelCatalogue.automatic || value == ModelCatalogue.hybrid {
                models = nil
                ranker = value == ModelCatalogue.hybrid ? .trained(BoostedTrees.name) : nil
                return
            }
            var types: [any TrainableModel.Type] = []
            for part in value.split(separator: ",", omittingEmptySubsequences: false) {
                guard part != ModelCatalogue.automatic, part != ModelCatalogue.hybrid else {
                    throw RecoError(.invalidArgument, "\(part) chooses the models by itself and stands alone")
                }
                if let type = RowModels.rankers.first(where: { $0.name == part }) {
                    guard ranker == nil else {
                        throw RecoError(.invalidArgument, "\(part) is one ranker too many: there is one order")
                    }
                    ranker = .trained(type.name)
                    continue
                }
                let type = try ModelCatalogue.type(named: String(part))
                guard !types.contains(where: { $0 == type }) else {
                    throw RecoError(.invalidArgument, "the model \(part) is named twice")
                }
                types.append(type)
            }
            guard !types.isEmpty else {
                throw RecoError(.invalidArgument, "\(value) orders what other models propose; name some with it")
            }
            models = types
            return
        }
        guard let dot = name.firstIndex(of: ".") else { return try general.set(name, to: value) }
        let group = String(name[..<dot])
        let rest = String(name[name.index(after: dot)...])
        switch group {
        case "weight":
            guard let weight = Float(value), weight.isFinite else {
                throw RecoError(.invalidArgument, "\(name) cannot be \"\(value)\"; it takes a number")
            }
            try kinds.setWeight(weight, of: rest)
        case "half-life":
            try kinds.setHalfLife(try Self.seconds(value, for: name), of: rest)
        default:
            guard settings[group] != nil else {
                let meant = nearestName(to: group, among: settings.keys.sorted() + ["weight", "half-life"])
                throw RecoError(
                    .invalidArgument,
                    "there is no option \"\(name)\"\(meant.map { " (did you mean \($0).\(rest)?)" } ?? ""); it would start "
                        + "with a model's name, weight or half-life")
            }
            do {
                try settings[group]!.set(rest, to: value)
            } catch let error as RecoError {
                throw RecoError(error.code, "\(group): \(error.message)")
            }
        }
    }

    /// "14d", "36h", "15m", "900s", "900", "never" in seconds.
    private static func seconds(_ text: String, for name: String) throws -> Double {
        if text == "never" { return .infinity }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = text.last.flatMap { units[$0] }
        let number = Double(unit == nil ? text : String(text.dropLast()))
        guard let number, number.isFinite, number > 0 else {
            throw RecoError(
                .invalidArgument, "\(name) cannot be \"\(text)\"; it takes a time such as 14d, 36h, 900s or never")
        }
        return number * (unit ?? 1)
    }
}
