/// What sells now: popularity with a short memory, and what sells faster than it used to.
///
///     now(i)  = sum of the item's events' values x 2^(-age / half-life), at least 0
///     long(i) = the same with `long-half-life`, scaled so that both have the same total
///     score   = now x ((now + m) / (long + m))^growth,   m the mean of `now` over the items that had events
///
/// The mean m keeps one sale of a forgotten item from looking like a trend. An event without a time does not fade, so
/// that without any times the score is plain popularity. Ages count back from the latest event of all. Training costs
/// O(events + items log items), answering O(hits + blocked items).
struct Trending: Sendable {
    static let code = SourceCode.trending
    static let audience = Audience.everyone

    let scores: Column<Float>  // (items)
    let order: Column<UInt32>  // (items with a positive score), best first
}

extension Trending: TrainableModel {
    static let name = "trending"
    static let summary = "what sells now: bestsellers with a short memory, optionally those that grow"

    static let hyperparameters = [
        Hyperparameter(
            "half-life", .number(0.001...36_500), default: "7", "days after which an event counts half"
        ).tuned(.log(1...60)),
        Hyperparameter(
            "growth", .number(0...4), default: "0.5",
            "how much selling faster than in the long run counts; 0: not at all"
        ).tuned(.linear(0...1.5)),
        Hyperparameter(
            "long-half-life", .number(0.001...36_500), default: "90",
            "growth: days after which an event counts half in the long run"),
    ]

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> Trending {
        let now = sums(data, halfLife: settings.number("half-life") * 86_400)
        let growth = settings.number("growth")
        var scores = now
        let total = now.reduce(0, +)
        if growth > 0, total > 0 {
            let long = sums(data, halfLife: settings.number("long-half-life") * 86_400)
            let longTotal = long.reduce(0, +)
            let scale = longTotal > 0 ? total / longTotal : 0
            let mean = total / Double(max(1, long.count { $0 > 0 }))
            for item in scores.indices {
                scores[item] *= power((now[item] + mean) / (long[item] * scale + mean), growth)
            }
        }
        guard scores.allSatisfy(\.isFinite) else {
            throw RecoError(.badData, "the events' weights are too large to be added up")
        }
        let rounded = scores.map { Float(min($0, Double(Float.greatestFiniteMagnitude))) }
        let order = (0..<UInt32(rounded.count)).filter { rounded[Int($0)] > 0 }.sorted {
            Candidate.isBetter(
                Candidate(row: $0, score: rounded[Int($0)]), Candidate(row: $1, score: rounded[Int($1)]))
        }
        return Trending(scores: Column(rounded), order: Column(order))
    }

    /// What each item's events come to, never below zero: an item that was only returned does not trend.
    private static func sums(_ data: TrainingData, halfLife: Double) -> [Double] {
        let log = data.log
        var sums = [Double](repeating: 0, count: log.items.count)
        for event in 0..<log.count {
            var value = Double(
                EventLog.bounded(
                    data.interactions.scale.apply(log.weights[event]) * log.kinds[log.kindCodes[event]].weight))
            let time = log.times[event]
            if time != EventLog.noTime { value *= powerOfTwo((Double(time) - Double(log.latestTime)) / halfLife) }
            sums[Int(log.itemRows[event])] += value
        }
        return sums.map { max(0, $0) }
    }

    func write(to writer: ModelWriter) throws {
        try writer.add("trending/scores", scores.elements)
        try writer.add("trending/order", order.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("trending/scores") else { return nil }
        guard let scores: Column<Float> = file.column("trending/scores"),
            let order: Column<UInt32> = file.column("trending/order"), scores.count == itemCount,
            order.count <= itemCount
        else { throw RecoError(.damaged, "the model's trending sections do not fit its items") }
        self.init(scores: scores, order: order)
    }
}

extension Trending: CandidateSource {
    /// The same for everybody: the best unblocked items. False if nothing trends.
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        for row in order.elements {
            if selection.isFull { break }
            selection.offer(row, scores[Int(row)])
        }
        return order.count > 0
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        for i in 0..<min(rows.count, scores.count) { scores[i] = self.scores[Int(rows[i])] }
        return order.count > 0
    }

    /// What trends knows no similarity.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool { false }
}
