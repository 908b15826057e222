/// A setting of a model: its name, what it may be, and one line of help. `reco models` prints these.
public struct Hyperparameter: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case choice([String])
        case flag
        /// Any text; the model says what it may be and refuses the rest.
        case text(String)
    }

    public let name: String
    public let kind: Kind
    public let defaultValue: String
    public let help: String
    /// Where `reco tune` looks for better values; nil: it leaves the default.
    public let tuning: TuningRange?

    public init(_ name: String, _ kind: Kind, default value: String, _ help: String) {
        self.init(name, kind, default: value, help, tuning: nil)
    }

    init(_ name: String, _ kind: Kind, default value: String, _ help: String, tuning: TuningRange?) {
        self.name = name
        self.kind = kind
        self.defaultValue = value
        self.help = help
        self.tuning = tuning
    }

    /// "1 ... 1024", "0.0 ... 10.0", "log | linear | none", "yes | no".
    public var range: String {
        switch kind {
        case .integer(let range): "\(range.lowerBound) ... \(range.upperBound)"
        case .number(let range): "\(range.lowerBound) ... \(range.upperBound)"
        case .choice(let names): names.joined(separator: " | ")
        case .flag: "yes | no"
        case .text(let form): form
        }
    }

    /// Throws one sentence if `text` is no value for this setting.
    func check(_ text: String) throws {
        let fits =
            switch kind {
            case .integer(let range): Int(text).map(range.contains) ?? false
            case .number(let range): Double(text).map(range.contains) ?? false
            case .choice(let names): names.contains(text)
            case .flag: text == "yes" || text == "no"
            case .text: true
            }
        if !fits { throw RecoError(.invalidArgument, "\(name) cannot be \"\(text)\"; it takes \(range)") }
    }
}

/// The values of a model's hyperparameters, by name; what was not set has its default.
public struct Settings: Sendable {
    public let known: [Hyperparameter]
    private var values: [String: String] = [:]

    public init(_ known: [Hyperparameter]) { self.known = known }

    public mutating func set(_ name: String, to value: String) throws {
        guard let parameter = known.first(where: { $0.name == name }) else {
            let names = known.map(\.name)
            throw RecoError(
                .invalidArgument,
                "there is no setting \"\(name)\"\(didYouMean(name, among: names)); there are "
                    + names.joined(separator: ", "))
        }
        try parameter.check(value)
        values[name] = value
    }

    /// Forgets a value, so that the default holds again.
    mutating func unset(_ name: String) { values[name] = nil }

    /// The value as text. Asking for a name that is not among `known` is a mistake in the program.
    public func text(_ name: String) -> String {
        if let value = values[name] { return value }
        guard let parameter = known.first(where: { $0.name == name }) else { preconditionFailure("no setting \(name)") }
        return parameter.defaultValue
    }

    /// Whether somebody chose a value, rather than the default being used.
    public func isSet(_ name: String) -> Bool { values[name] != nil }

    public func integer(_ name: String) -> Int { Int(text(name))! }
    public func number(_ name: String) -> Double { Double(text(name))! }
    public func flag(_ name: String) -> Bool { text(name) == "yes" }
}
