import RecoKit

/// A figure, and what holds it in 95 of 100 samples of users, where it is a mean over them.
struct Estimate {
    let value: Double
    let interval: ClosedRange<Double>?

    init(_ value: Double, _ interval: ClosedRange<Double>? = nil) {
        self.value = value
        self.interval = interval
    }

    init(_ share: Share) { self.init(share.value, share.interval) }

    /// A metric of a summary at the length of the report's lists; nil if it is not there.
    init?(_ name: String, of summary: EvaluationSummary) {
        guard let metric = summary["\(name)@\(ReportData.length)"] ?? summary[name] else { return nil }
        self.init(metric.value, metric.interval)
    }

    var upper: Double { interval?.upperBound ?? value }
}

extension Format {
    /// 0.3142 as "31.4 %", with a space at which no line ends; shares below a tenth of a percent keep a second decimal.
    static func percent(_ share: Double) -> String {
        let percent = 100 * share
        return "\(fixed(percent, percent != 0 && percent.magnitude < 0.095 ? 2 : 1))\u{A0}%"
    }

    /// The same for round figures along an axis: "30 %".
    static func percentTick(_ share: Double) -> String {
        let percent = (1e4 * share).rounded() / 100
        let decimals = percent == percent.rounded() ? 0 : (10 * percent) == (10 * percent).rounded() ? 1 : 2
        return "\(fixed(percent, decimals))\u{A0}%"
    }

    /// 0.3142 as "31": of a hundred.
    static func ofHundred(_ share: Double) -> String { fixed(100 * share, share > 0 && share < 0.0095 ? 1 : 0) }
}
