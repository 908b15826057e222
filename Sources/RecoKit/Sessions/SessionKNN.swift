/// Sessions like this one: the stored visits and orders that share the most telling items with the current one, and
/// what else was in them.
///
/// Jannach and Ludewig 2017, "When recurrent neural networks meet the neighborhood for session-based recommendation",
/// doi:10.1145/3109859.3109872; the weights are those of V-SkNN, Ludewig and Jannach 2018, "Evaluation of session-based
/// recommendation algorithms", doi:10.1007/s11257-018-9209-6:
///
///     sim(s)   = sum over the items i of query and s of place(i) x idf(i)  /  |s|^length-power
///     score(j) = idf(j) x sum over the most similar sessions with j of sim(s)
///     idf(i)   = ln((sessions + 1) / sessions with i)^popularity-power
///
/// The query is the session: its latest of n items has place n/n, the one before (n - 1)/n, down to 1/n. Without a
/// session it is what the user did before, latest first, all at the same place; the user's own sessions then do not
/// count as neighbours. Either way place(i) is multiplied by ln(1 + w), w what the profile's events with i are worth.
///
/// What differs: the paper divides by sqrt|s|, counts the position of the last common item a second time, and looks at
/// a sample of sessions that share any item; here each item has its own latest `sample` sessions. Nobody is asked
/// about without a session in the paper.
///
/// Training O(events log events). A question costs O(items of the query x sample + sessions x their length).
struct SessionKNN: Sendable {
    static let code = SourceCode.sessionKNN

    /// Of a longer session, its latest items are kept and read.
    static let longestSession = 256
    /// Of a longer query, its latest items are looked up.
    static let longestQuery = 128
    /// Of a user with more sessions, the latest are kept and read.
    static let ownSessions = 4096
    static let mostNeighbors = 10_000
    static let largestSample = 10_000

    let sessions: RaggedOffsets  // (sessions + 1), the latest session first
    let items: Column<UInt32>  // (entries), in order of time
    let sessionWeights: Column<Float>  // (sessions), |s|^-length-power
    let itemWeights: Column<Float>  // (items), idf; 0 for an item in no session
    let itemOffsets: RaggedOffsets  // (items + 1)
    let itemSessions: Column<UInt32>  // sessions with the item, the latest first
    let userOffsets: RaggedOffsets  // (users + 1)
    let userSessions: Column<UInt32>  // sessions of the user, the latest first
    /// How many similar sessions are added up, and how many items of the user's past make a query.
    let limits: Column<UInt32>  // (2)

    var neighborCount: Int { min(Int(limits[0]), Self.mostNeighbors) }
    var historyCount: Int { min(Int(limits[1]), Self.longestQuery) }
}

extension SessionKNN: TrainableModel {
    static let name = "session-knn"
    static let summary = "visits and orders like the current one, and what else was in them"

    /// The defaults come from retailrocket with times, on a purchase of each user held out: a length-power of 0.25 beat
    /// 0, 0.5 and 1, and 200 neighbours were as good as 1000. There, decaying the places of a user's past lost up to a
    /// quarter, while for the next item of a live session places that fall evenly beat equal ones by a quarter.
    static let hyperparameters = [
        Hyperparameter(
            "gap", .number(0...1_000_000), default: "30", "minutes without an event after which a new session starts"
        ).tuned(.log(5...1440)),
        Hyperparameter(
            "neighbors", .integer(1...mostNeighbors), default: "200", "similar sessions that are added up"
        ).tuned(.log(50...1000)),
        Hyperparameter(
            "sample", .integer(1...largestSample), default: "1000",
            "sessions kept for each item, its latest: bounds what a question costs"),
        Hyperparameter(
            "length-power", .number(0...2), default: "0.25", "how much sessions with many items are held back"
        ).tuned(.linear(0...1)),
        Hyperparameter(
            "popularity-power", .number(0...4), default: "1", "how much items of many sessions are held back"
        ).tuned(.linear(0...2)),
        Hyperparameter(
            "history", .integer(1...longestQuery), default: "50",
            "items of the user's past that stand in where there is no session, the latest ones"),
    ]

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> SessionKNN {
        let baskets = try data.log.baskets(
            gap: settings.number("gap") * 60, scale: data.interactions.scale, threads: run.threads)
        guard baskets.count < Int(UInt32.max) else { throw RecoError(.badData, "more than 4 billion sessions") }
        let itemCount = data.log.items.count
        // Session 0 is the latest of all, so that ascending rows are ascending ages.
        let order = (0..<baskets.count).sorted {
            baskets.times[$0] != baskets.times[$1] ? baskets.times[$0] > baskets.times[$1] : $0 > $1
        }
        let lengthPower = Float(settings.number("length-power"))
        var (offsets, items, weights) = ([UInt64(0)], [UInt32](), [Float]())
        var counts = [Int](repeating: 0, count: itemCount)
        for basket in order {
            let kept = baskets.items[baskets.range(basket).suffix(longestSession)]
            for item in kept { counts[Int(item)] += 1 }
            items += kept
            offsets.append(UInt64(items.count))
            weights.append(power(Float(kept.count), -lengthPower))
        }
        let popularityPower = Float(settings.number("popularity-power"))
        let itemWeights = counts.map { count -> Float in
            guard count > 0 else { return 0 }
            return power(naturalLog(Float(baskets.count + 1) / Float(count)), popularityPower)
        }
        let sample = settings.integer("sample")
        let byItem = lists(itemCount) { add in
            for session in 0..<order.count {
                for place in Int(offsets[session])..<Int(offsets[session + 1]) {
                    add(Int(items[place]), session, sample)
                }
            }
        }
        let byUser = lists(data.log.users.count) { add in
            for session in 0..<order.count { add(Int(baskets.users[order[session]]), session, ownSessions) }
        }
        return SessionKNN(
            sessions: RaggedOffsets(offsets: Column(offsets)), items: Column(items), sessionWeights: Column(weights),
            itemWeights: Column(itemWeights), itemOffsets: byItem.offsets, itemSessions: byItem.entries,
            userOffsets: byUser.offsets, userSessions: byUser.entries,
            limits: Column([UInt32(settings.integer("neighbors")), UInt32(settings.integer("history"))]))
    }

    /// A ragged table of what `fill` adds to each row, in that order, no row longer than it says. `fill` runs twice.
    private static func lists(
        _ rowCount: Int, _ fill: (_ add: (_ row: Int, _ entry: Int, _ limit: Int) -> Void) -> Void
    ) -> (offsets: RaggedOffsets, entries: Column<UInt32>) {
        var counts = [Int](repeating: 0, count: rowCount)
        fill { row, _, limit in if counts[row] < limit { counts[row] += 1 } }
        var starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        var entries = [UInt32](repeating: 0, count: starts[rowCount])
        fill { row, entry, _ in
            guard next[row] < starts[row + 1] else { return }
            entries[next[row]] = UInt32(entry)
            next[row] += 1
        }
        return (RaggedOffsets(offsets: Column(starts.map { UInt64($0) })), Column(entries))
    }
}
