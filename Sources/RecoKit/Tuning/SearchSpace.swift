/// One model with settings, as a search tries it.
public struct TuningConfiguration: Hashable, Sendable {
    public struct Setting: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let model: String
    /// The settings that were searched, in the model's order; without any, the model's defaults.
    public let settings: [Setting]

    public init(model: String, settings: [Setting]) {
        self.model = model
        self.settings = settings
    }
}

/// The configurations of one model that a search may try: its defaults, and values drawn from the ranges that the model
/// declares.
struct SearchSpace: Sendable {
    let model: String
    private let parameters: [Hyperparameter]

    /// Settings in `fixed` were chosen by the user and are not searched.
    init(model: String, parameters: [Hyperparameter], fixed: (String) -> Bool) {
        self.model = model
        self.parameters = parameters.filter { $0.tuning != nil && !fixed($0.name) }
    }

    /// The defaults first, then random ones, no two alike; fewer than `count` where there are not more. The first of
    /// them are the same whatever the count.
    func configurations(_ count: Int, seed: UInt64) -> [TuningConfiguration] {
        var all = [TuningConfiguration(model: model, settings: [])]
        guard !parameters.isEmpty else { return all }
        var name = model
        let offset = name.withUTF8 { XXHash64.hash(UnsafeRawBufferPointer($0)) }
        var generator = SeededGenerator(seed: mix(seed) ^ offset)
        var seen = Set(all)
        for _ in 0..<count * 8 where all.count < count {
            let drawn = parameters.map { ($0, $0.tuning!.sample(for: $0.kind, using: &generator)) }
            let settings = drawn.filter { parameter, _ in
                guard let condition = parameter.tuning!.condition else { return true }
                return drawn.contains { "\($0.0.name)=\($0.1)" == condition }
            }
            let configuration = TuningConfiguration(
                model: model, settings: settings.map { .init(name: $0.0.name, value: $0.1) })
            if seen.insert(configuration).inserted { all.append(configuration) }
        }
        return all
    }

    /// How long a configuration trains, in units that only compare within the model.
    func cost(of configuration: TuningConfiguration) -> Double {
        var cost = 1.0
        for parameter in parameters {
            guard let exponent = parameter.tuning?.cost, exponent != 0 else { continue }
            let text = configuration.settings.first { $0.name == parameter.name }?.value ?? parameter.defaultValue
            if let value = Double(text), value > 0 { cost *= powerOfTwo(exponent * binaryLog(value)) }
        }
        return cost
    }
}
