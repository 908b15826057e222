extension Model {
    /// What the ranker orders the proposals of, bestsellers last; none without a ranker.
    public var rankedSources: [SourceCode] {
        guard let ranker = pipeline.ranker, ranker.orders.contains(.recommendations) else { return [] }
        return ranker.features.sources.map { type(of: $0).code }
    }

    /// Ranks the whole catalogue for every user of `test` and measures how high their test items stand.
    ///
    /// The items a user has in training are left out of the ranking and of the user's test items, unless `repeats`
    /// says that buying again counts. Test items that the model does not know count as missed. Lists are filled down
    /// the whole ladder, as a shop would see them, and cut at the largest of `cutoffs`, at least 100: `mrr` is 0 for a
    /// user whose first test item stands lower. O(users x items) for factor models.
    ///
    /// With `candidates` nothing else is ranked for a user than the items that it lists for that user and the user's
    /// test items: the sampled protocols of some papers ("1 against 99"), whose figures are much higher and cannot be
    /// compared with those of the full ranking. Candidates with equal scores stand in an order that a hash of user and
    /// item decides, so that a model which cannot tell them apart gets what chance gets. Throws `badData` if a test
    /// user has no candidates.
    ///
    /// With `source` only what that one proposes is ranked, and bestsellers after it.
    public func evaluate(
        _ test: EventLog, candidates: EventLog? = nil, cutoffs: [Int] = [10, 20], repeats: Bool = false,
        source: SourceCode? = nil, threads: Int = processorCount(), seed: UInt64 = 1,
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> EvaluationSummary {
        guard test.count > 0 else { throw RecoError(.badData, "there are no test events to evaluate on") }
        guard let deepest = cutoffs.max(), cutoffs.allSatisfy({ $0 > 0 }) else {
            throw RecoError(.invalidArgument, "a cut-off must be at least 1")
        }
        let relevant = test.itemsByUser()
        let lists = try candidates.map { try CandidateLists($0, for: test, relevant, seed: seed) }
        let rows = (0..<test.items.count).map { items.row(of: test.items.id(of: $0)).map { UInt32($0) } }
        let depth = min(items.count, max(deepest, 100))
        let parts = try inParts(relevant.count, threads: threads, progress) { users in
            var part = Evaluation(cutoffs: cutoffs, itemCount: items.count)
            try rank(users, of: test, relevant, rows, lists, depth: depth, repeats: repeats, source: source) {
                part.add(ranked: $1.lazy.map(\.row), relevant: $2, unknown: $3)
            }
            return part
        }
        var total = Evaluation(cutoffs: cutoffs, itemCount: items.count)
        for part in parts { total.merge(part) }
        return total.summary(seed: seed, threads: threads, meanCandidates: lists?.meanCount)
    }

    /// What `evaluate` looks at, list by list, for those who measure more: `Evaluation` over them, with the same
    /// cut-offs, gives what `evaluate` gives. Users who have nothing relevant are left out. 4 bytes an item of each list.
    public func judgedLists(
        _ test: EventLog, repeats: Bool = false, source: SourceCode? = nil, threads: Int = processorCount(),
        progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> [JudgedList] {
        let relevant = test.itemsByUser()
        let rows = (0..<test.items.count).map { items.row(of: test.items.id(of: $0)).map { UInt32($0) } }
        let parts = try inParts(relevant.count, threads: threads, progress) { users in
            var part: [JudgedList] = []
            try rank(
                users, of: test, relevant, rows, nil, depth: min(items.count, 100), repeats: repeats, source: source
            ) { user, ranked, known, unknown in
                guard known.count + unknown > 0 else { return }
                part.append(
                    JudgedList(user: user, ranked: ranked.map(\.row), relevant: known, unknown: unknown))
            }
            return part
        }
        return parts.flatMap { $0 }
    }

    /// Hands users to `body` in pieces of a fixed size, so that sums over the results in their order do not depend on
    /// the number of threads.
    private func inParts<Part>(
        _ users: Int, threads: Int, _ progress: (_ done: Int, _ total: Int) throws -> Void,
        _ body: (Range<Int>) throws -> Part
    ) throws -> [Part] {
        let size = 256
        var parts = [Part?](repeating: nil, count: (users + size - 1) / size)
        for batch in stride(from: 0, to: parts.count, by: 64) {
            let end = min(parts.count, batch + 64)
            try parts[batch..<end].withUnsafeMutableBufferPointer { parts in
                nonisolated(unsafe) let (parts, body) = (parts, body)
                try parallelFor(parts.count, threads: threads) { part, _ in
                    let first = (batch + part) * size
                    parts[part] = try body(first..<min(users, first + size))
                }
            }
            try progress(min(users, end * size), users)
        }
        return parts.map { $0! }
    }

    /// Ranks for some users of a test: hands over each one who has test items, the list, and which of those items are
    /// known and new to the user, and how many the model does not know.
    private func rank(
        _ users: Range<Int>, of test: EventLog, _ relevant: [[UInt32]], _ rows: [UInt32?],
        _ candidates: CandidateLists?, depth: Int, repeats: Bool, source: SourceCode?,
        _ body: (_ user: Int, _ ranked: Slice<UnsafeMutableBufferPointer<RawHit>>, Set<UInt32>, _ unknown: Int) -> Void
    ) throws {
        let hits = UnsafeMutableBufferPointer<RawHit>.allocate(capacity: max(depth, candidates?.largestCount ?? 0))
        defer { hits.deallocate() }
        // The test may share its table of ids with a log of many more users.
        for user in users where !relevant[user].isEmpty {
            var id = test.users.id(of: user)
            let count = try id.withUTF8 { id in
                try (candidates?.packed(for: user) ?? []).withUnsafeBufferPointer { packed in
                    var question = Question()
                    question.user = id
                    question.limit = candidates == nil ? depth : 0  // of candidates all
                    question.options = repeats ? .showBought : .hideSeen
                    question.candidates = PackedTexts(packed)
                    question.source = source
                    return try answer(question, into: hits)
                }
            }
            var known = Set(relevant[user].compactMap { rows[Int($0)] })
            let unknown = relevant[user].count - known.count
            if !repeats, let row = self.users.row(of: id) {
                for entry in pipeline.history.entries(of: row) { known.remove(pipeline.history.items[entry]) }
            }
            body(user, hits[0..<count], known, unknown)
        }
    }
}

/// What a model showed one user of a test, and what of it was right.
public struct JudgedList: Sendable, Equatable {
    public let user: Int  // a row of the test's users
    /// Rows of the model's items, best first, 100 at most.
    public let ranked: [UInt32]
    /// The test items that count, as rows of the model.
    public let relevant: Set<UInt32>
    /// How many more the model has no row for.
    public let unknown: Int
}

extension EventLog {
    /// The distinct items of each user, ascending.
    func itemsByUser() -> [[UInt32]] {
        var lists = [[UInt32]](repeating: [], count: users.count)
        for event in 0..<count { lists[Int(userRows[event])].append(itemRows[event]) }
        return lists.map { list in
            var distinct: [UInt32] = []
            for item in list.sorted() where item != distinct.last { distinct.append(item) }
            return distinct
        }
    }
}
