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
        let size = 256
        var parts = [Evaluation?](repeating: nil, count: (relevant.count + size - 1) / size)
        // Pieces of a fixed size, merged in order: the sums do not depend on the number of threads.
        for batch in stride(from: 0, to: parts.count, by: 64) {
            let end = min(parts.count, batch + 64)
            let done = try parts[batch..<end].withUnsafeMutableBufferPointer { parts in
                nonisolated(unsafe) let parts = parts
                try parallelFor(parts.count, threads: threads) { part, _ in
                    let first = (batch + part) * size
                    parts[part] = try self.evaluate(
                        test, users: first..<min(relevant.count, first + size), relevant, rows, lists, depth: depth,
                        cutoffs: cutoffs, repeats: repeats, source: source)
                }
                return min(relevant.count, end * size)
            }
            try progress(done, relevant.count)
        }
        var total = Evaluation(cutoffs: cutoffs, itemCount: items.count)
        for part in parts { if let part { total.merge(part) } }
        return total.summary(seed: seed, threads: threads, meanCandidates: lists?.meanCount)
    }

    private func evaluate(
        _ test: EventLog, users: Range<Int>, _ relevant: [[UInt32]], _ rows: [UInt32?], _ candidates: CandidateLists?,
        depth: Int, cutoffs: [Int], repeats: Bool, source: SourceCode?
    ) throws -> Evaluation {
        var result = Evaluation(cutoffs: cutoffs, itemCount: items.count)
        let hits = UnsafeMutableBufferPointer<RawHit>.allocate(capacity: max(depth, candidates?.largestCount ?? 0))
        defer { hits.deallocate() }
        for user in users {
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
            result.add(ranked: hits[0..<count].lazy.map(\.row), relevant: known, unknown: unknown)
        }
        return result
    }
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
