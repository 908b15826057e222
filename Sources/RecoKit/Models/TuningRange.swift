/// Where a search for good settings looks, and what a setting costs: a model declares it beside the hyperparameter.
///
///     Hyperparameter("factors", .integer(1...4096), default: "64", "length of the vectors").tuned(.log(16...256), cost: 1)
public struct TuningRange: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        /// Every value is as likely as the next; whole numbers where the setting takes those.
        case linear(ClosedRange<Double>)
        /// Every order of magnitude is as likely as the next; both ends are positive.
        case log(ClosedRange<Double>)
        /// One of these, all equally likely.
        case choices([String])
    }

    public let values: Values
    /// Training takes about value^cost as long; 0 for what costs nothing.
    public let cost: Double
    /// Only looked at where another setting has a certain value, such as "similarity=bm25".
    public let condition: String?
}

extension Hyperparameter {
    /// The same setting, with a range that `reco tune` searches.
    public func tuned(_ values: TuningRange.Values, cost: Double = 0, when condition: String? = nil) -> Hyperparameter {
        Hyperparameter(
            name, kind, default: defaultValue, help,
            tuning: TuningRange(values: values, cost: cost, condition: condition))
    }
}

extension TuningRange {
    /// A value drawn at random, as text that a setting of `kind` takes. Numbers keep two significant digits, whole
    /// numbers three: nobody can tell finer ones apart by measuring.
    func sample(for kind: Hyperparameter.Kind, using generator: inout SeededGenerator) -> String {
        let drawn: Double
        switch values {
        case .choices(let names): return names[generator.nextIndex(names.count)]
        case .linear(let range): drawn = Self.between(range.lowerBound, range.upperBound, &generator)
        case .log(let range):
            drawn = powerOfTwo(
                Self.between(binaryLog(range.lowerBound), binaryLog(range.upperBound), &generator))
        }
        if case .integer = kind { return String(Int(Self.rounded(drawn, digits: 3).rounded())) }
        let text = "\(Self.rounded(drawn, digits: 2))"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func between(_ low: Double, _ high: Double, _ generator: inout SeededGenerator) -> Double {
        low + (high - low) * Double(generator.next() >> 11) * 0x1p-53
    }

    private static func rounded(_ value: Double, digits: Int) -> Double {
        guard value != 0 else { return 0 }
        // Powers of ten by multiplication, and one division or none: those that print short.
        var scale = 1.0
        var magnitude = value.magnitude
        while magnitude >= 10 {
            magnitude /= 10
            scale /= 10
        }
        while magnitude < 1 {
            magnitude *= 10
            scale *= 10
        }
        for _ in 1..<digits { scale *= 10 }
        if scale >= 1 { return (value * scale).rounded() / scale }
        let unit = (1 / scale).rounded()
        return (value / unit).rounded() * unit
    }
}
