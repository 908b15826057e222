import Glibc
import RecoKit

/// How long answers take in this process, one after the other on one thread.
struct QuestionTimes {
    let count: Int
    /// Seconds.
    let median: Double
    let p95: Double
    let p99: Double

    /// Users asked for at most.
    private static let most = 2000

    /// Asks for lists for users spread evenly over the given ones, once before the clock runs and once while it does.
    init(_ model: Model, users: [String], length: Int, options: QueryOptions) throws {
        let step = max(1, users.count / Self.most)
        let asked = stride(from: 0, to: users.count, by: step).prefix(Self.most).map { users[$0] }
        for user in asked.prefix(200) { _ = try model.recommend(user: user, limit: length, options: options) }
        var times: [Double] = []
        for user in asked {
            let start = monotonicSeconds()
            _ = try model.recommend(user: user, limit: length, options: options)
            times.append(monotonicSeconds() - start)
        }
        times.sort()
        func quantile(_ share: Double) -> Double {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))]
        }
        count = times.count
        (median, p95, p99) = (quantile(0.5), quantile(0.95), quantile(0.99))
    }

    /// "AMD EPYC 7B13, 2 processors".
    static func machine() -> String {
        let lines = (try? TextFile.lines("/proc/cpuinfo")) ?? []
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last
        let processors = processorCount()
        return "\(name.map { $0.trimmingSpaces } ?? "unknown processor"), "
            + "\(processors) \(processors == 1 ? "processor" : "processors")"
    }
}
