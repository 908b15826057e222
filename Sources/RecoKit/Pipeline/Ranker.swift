/// Orders candidates by what people then bought, as boosted trees or a perceptron have learned it.
struct Ranker: Sendable {
    let features: RankingFeatures
    /// None while its training set is being made.
    let scorer: RankingScorer?

    /// What it puts in order.
    let orders: Orders

    struct Orders: OptionSet, Sendable {
        let rawValue: UInt32
        static let recommendations = Orders(rawValue: 1)
        static let searches = Orders(rawValue: 2)

        func write(to writer: ModelWriter) throws { try writer.add("ranking/orders", [rawValue]) }
    }

    /// As many candidates are looked at, those of all sources together.
    static let poolSize = 500

    /// Nil if the file holds no facts to rank by. `sources` are those of the pipeline, in its order.
    init?(_ file: ModelFile, _ sources: [any CandidateSource], _ history: History, itemCount: Int) throws {
        guard let facts = try RankingFacts(file, itemCount: itemCount, history: history) else { return nil }
        features = RankingFeatures(sources, facts, history)
        guard let scorer = try RankingScorer(file) else {
            self.scorer = nil
            orders = []
            return
        }
        guard let orders: Column<UInt32> = file.column("ranking/orders"), orders.count == 1 else {
            throw RecoError(.damaged, "the file does not say what its ranker puts in order")
        }
        self.orders = Orders(rawValue: orders[0])
        // The scorer goes from row to row by the number that stands in the file.
        guard scorer.featureNames == features.names, scorer.featureCount == features.count else {
            throw RecoError(.damaged, "the file's ranker was trained on other features than its models give")
        }
        self.scorer = scorer
    }

    /// Items with a row of features each.
    typealias Candidates = (pool: UnsafeBufferPointer<UInt32>, features: UnsafeMutablePointer<Float>)

    /// The candidates of a profile; nil if memory ran out.
    func candidates(for profile: Profile, using scratch: Scratch) -> Candidates? {
        guard let pool = CandidatePool(features.sources, for: profile, capacity: Self.poolSize, using: scratch),
            let values = scratch.floats(.features, pool.count &* features.count),
            features.compute(pool.rows, for: profile, using: scratch, into: values)
        else { return nil }
        features.setText(nil, count: pool.count, into: values)
        return (pool.rows, values)
    }

    /// What matches a text; nil if memory ran out.
    func candidates(
        matching text: TextQuery, by matcher: Matcher, for profile: Profile, using scratch: Scratch
    ) -> Candidates? {
        let depth = min(Self.poolSize / matcher.readings, scratch.itemCount)
        guard let found = matcher.pool(text, depth: depth, using: scratch),
            let values = scratch.floats(.features, found.count &* features.count),
            let block = scratch.floats(.block, found.count), let order = scratch.rows(.poolOrder, found.count)
        else { return nil }
        let scores = UnsafeMutableBufferPointer(start: block, count: found.count)
        matcher.fusion.fuse(found, into: scores)
        // At once: the sources use the same memory for their own scores.
        features.setText((scores: scores, order: order), count: found.count, into: values)
        guard features.compute(found.rows, for: profile, using: scratch, into: values) else { return nil }
        return (found.rows, values)
    }

    /// Scores rows of features. False if memory ran out.
    func score(
        _ values: UnsafePointer<Float>, count: Int, using scratch: Scratch, into scores: UnsafeMutablePointer<Float>
    ) -> Bool {
        guard let scorer, let memory = scratch.memory(.ranker, scorer.scratchBytes &+ 8 &* count) else { return false }
        let sums = memory.bindMemory(to: Double.self, capacity: count)
        scorer.score(values, count: count, into: sums, scratch: memory + 8 &* count)
        for i in 0..<count { scores[i] = Float(sums[i]) }
        return true
    }
}

extension Pipeline {
    /// What the ranker gets of a question: what matches its text, or else what all sources propose.
    func candidates(
        for question: Question, _ profile: Profile, by ranker: Ranker, using scratch: Scratch
    ) throws -> Ranker.Candidates {
        let candidates =
            question.isSearch
            ? ranker.candidates(matching: text(of: question), by: matcher, for: profile, using: scratch)
            : ranker.candidates(for: profile, using: scratch)
        guard let candidates else { throw Self.outOfMemory }
        return candidates
    }

    /// Fills the ladder with what all sources propose together, in the ranker's order.
    func ranked(_ profile: Profile, _ rung: Rung, _ ladder: inout Ladder) throws {
        guard let ranker, ranker.orders.contains(.recommendations) else { return }
        guard let candidates = ranker.candidates(for: profile, using: ladder.scratch) else { throw Self.outOfMemory }
        try rank(candidates, by: ranker, rung, &ladder)
    }

    /// Fills the ladder with what matches a text, in the ranker's order.
    func ranked(_ text: TextQuery, _ profile: Profile, _ ladder: inout Ladder) throws {
        guard let ranker, ranker.orders.contains(.searches), text.hasWord, !text.isItem, !text.isPrefix else { return }
        guard let candidates = ranker.candidates(matching: text, by: matcher, for: profile, using: ladder.scratch)
        else { throw Self.outOfMemory }
        if candidates.pool.count > 0 { try rank(candidates, by: ranker, .matching, &ladder) }
    }

    private func rank(_ candidates: Ranker.Candidates, by ranker: Ranker, _ rung: Rung, _ ladder: inout Ladder) throws {
        let scratch = ladder.scratch
        let (pool, features) = candidates
        guard let scores = scratch.floats(.sourceScores, pool.count),
            ranker.score(features, count: pool.count, using: scratch, into: scores),
            var selection = scratch.selection(ladder.hasCaps ? pool.count : ladder.depth)
        else { throw Self.outOfMemory }
        // A ranker's scores may be negative. A boost gets what they are the logarithm of: factors then work both ways, 0 is
        // last, and a boosted score is on the scale of the others.
        let isBoosted = ladder.boost != nil
        for i in 0..<pool.count { selection.offer(pool[i], isBoosted ? exponential(scores[i]) : scores[i]) }
        for candidate in ladder.best(of: &selection) {
            let score = isBoosted ? naturalLog(max(candidate.score, .leastNormalMagnitude)) : candidate.score
            ladder.add(candidate.row, score, rung, ranker.scorer?.code ?? .none)
        }
    }
}
