/// Orders candidates by what people then bought, as boosted trees have learned it.
struct Ranker: Sendable {
    let features: RankingFeatures
    /// None while its training set is being made.
    let trees: TreeScorer?

    /// As many candidates are looked at, those of all sources together.
    static let poolSize = 500

    /// Nil if the file holds no facts to rank by. `sources` are those of the pipeline, in its order.
    init?(_ file: ModelFile, _ sources: [any CandidateSource], _ history: History, itemCount: Int) throws {
        guard let facts = try RankingFacts(file, itemCount: itemCount, history: history) else { return nil }
        features = RankingFeatures(sources, facts, history)
        guard let layout = try TreeLayout(file) else {
            trees = nil
            return
        }
        guard layout.featureNames == features.names else {
            throw RecoError(.damaged, "the file's trees were trained on other features than its models give")
        }
        trees = TreeScorer(layout)
    }

    /// The candidates of a profile with a row of features each; nil if memory ran out.
    func candidates(for profile: Profile, using scratch: Scratch) -> (
        pool: UnsafeBufferPointer<UInt32>, features: UnsafeMutablePointer<Float>
    )? {
        guard let pool = CandidatePool(features.sources, for: profile, capacity: Self.poolSize, using: scratch),
            let values = scratch.floats(.features, pool.count &* features.count),
            features.compute(pool.rows, for: profile, using: scratch, into: values)
        else { return nil }
        return (pool.rows, values)
    }

    /// Scores rows of features. False if memory ran out.
    func score(
        _ values: UnsafePointer<Float>, count: Int, using scratch: Scratch, into scores: UnsafeMutablePointer<Float>
    ) -> Bool {
        guard let trees, let memory = scratch.memory(.trees, trees.scratchBytes &+ 8 &* count) else { return false }
        let sums = memory.bindMemory(to: Double.self, capacity: count)
        trees.score(values, count: count, into: sums, scratch: memory + 8 &* count, raw: true)
        for i in 0..<count { scores[i] = Float(sums[i]) }
        return true
    }
}

extension Pipeline {
    /// Fills the ladder with what all sources propose together, in the ranker's order.
    func ranked(_ profile: Profile, _ rung: Rung, _ ladder: inout Ladder) throws {
        guard let ranker, ranker.trees != nil else { return }
        let scratch = ladder.scratch
        guard let (pool, features) = ranker.candidates(for: profile, using: scratch),
            let scores = scratch.floats(.sourceScores, pool.count),
            ranker.score(features, count: pool.count, using: scratch, into: scores),
            var selection = scratch.selection(ladder.depth)
        else { throw Self.outOfMemory }
        for i in 0..<pool.count { selection.offer(pool[i], scores[i]) }
        for candidate in ladder.best(of: &selection) { ladder.add(candidate.row, candidate.score, rung, .boostedTrees) }
    }
}
