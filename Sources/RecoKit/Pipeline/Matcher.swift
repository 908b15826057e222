/// Finds items by a text: by its words, by its meaning, or by both, fused.
///
/// Each reading proposes its best items; both then score all that either proposed, and `Fusion` makes one order of the
/// two. The pool holds as many of each reading's items as are asked for, so nothing is left to look for behind it.
struct Matcher: Sendable {
    let words: (any TextSource)?
    let meaning: (any TextSource)?
    let fusion: Fusion

    static let missing = RecoError(
        .unsupported, "the model finds nothing by words: train bm25, tfidf or bert as well")

    /// Items that each reading proposes, at least.
    static let depth = 200

    /// The first model of each kind, in the file's order.
    init(_ sources: [any CandidateSource], _ fusion: Fusion) {
        let texts = sources.compactMap { $0 as? any TextSource }
        words = texts.first { type(of: $0).matching == .words }
        meaning = texts.first { type(of: $0).matching == .meaning }
        self.fusion = fusion
    }

    /// How many ways of reading a text there are, 1 or 2; 1 for none.
    var readings: Int { words != nil && meaning != nil ? 2 : 1 }

    var isEmpty: Bool { words == nil && meaning == nil }

    /// The readings that a text gets. Who is still typing is answered by words alone: half a word means nothing yet,
    /// and the answer shall come within the keystroke.
    private func reads(_ source: any TextSource, _ text: TextQuery) -> Bool {
        !text.isPrefix || type(of: source).matching == .words || words == nil
    }

    /// The one reading of a text that gets no second one.
    func only(for text: TextQuery) -> (any TextSource)? {
        guard let words, meaning != nil else { return words ?? meaning }
        return text.isPrefix ? words : nil
    }

    func code(of reading: TextMatching) -> SourceCode {
        let source = reading == .words ? words ?? meaning : meaning ?? words
        return source.map { type(of: $0).code } ?? .none
    }

    /// Items and how well each reading finds them to match.
    struct Pool {
        fileprivate var candidates: CandidatePool
        let words: UnsafeMutablePointer<Float>
        let meaning: UnsafeMutablePointer<Float>

        init?(_ scratch: Scratch, capacity: Int) {
            guard let candidates = CandidatePool(.matches, capacity: capacity, using: scratch),
                let words = scratch.floats(.words, capacity), let meaning = scratch.floats(.meaning, capacity)
            else { return nil }
            (self.candidates, self.words, self.meaning) = (candidates, words, meaning)
        }

        var rows: UnsafeBufferPointer<UInt32> { candidates.rows }
        var count: Int { candidates.count }
    }

    /// What either reading proposes, scored by both. Nil if memory ran out. O(cost of both searches).
    func pool(_ text: TextQuery, depth: Int, using scratch: Scratch) -> Pool? {
        guard var pool = Pool(scratch, capacity: 2 &* depth) else { return nil }
        for source in [words, meaning] {
            guard let source, reads(source, text) else { continue }
            guard var selection = scratch.selection(depth) else { return nil }
            if source.search(text, using: scratch, to: &selection) {
                pool.candidates.add(selection.finish(), using: scratch)
            }
        }
        score(text, using: scratch, pool)
        learn(text, using: scratch, pool)
        return pool
    }

    /// Matches that are taken for what the text means.
    private static let examples = 5

    /// Lets the best matches by words and meaning together say more about what is meant: blind relevance feedback
    /// (Rocchio 1971), on the pool alone, so that it costs no second search.
    private func learn(_ text: TextQuery, using scratch: Scratch, _ pool: Pool) {
        guard words != nil, let meaning, reads(meaning, text), pool.count > Self.examples,
            let block = scratch.floats(.taste, pool.count)
        else { return }
        let scores = UnsafeMutableBufferPointer(start: block, count: pool.count)
        fusion.fuse(pool, into: scores)
        guard var best = scratch.selection(Self.examples) else { return }
        for i in 0..<pool.count { best.offer(pool.rows[i], scores[i]) }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.examples) { rows in
            var count = 0
            for candidate in best.finish() where count < rows.count {
                rows[count] = candidate.row
                count &+= 1
            }
            let examples = UnsafeBufferPointer<UInt32>(rebasing: rows[..<count])
            guard meaning.score(pool.rows, for: text, like: examples, using: scratch, into: scores) else { return }
            for i in 0..<pool.count where scores[i].isFinite { pool.meaning[i] = scores[i] }
        }
    }

    /// Scores what is in the pool by both readings; 0 where one has nothing to say.
    private func score(_ text: TextQuery, using scratch: Scratch, _ pool: Pool) {
        for (source, scores) in [(words, pool.words), (meaning, pool.meaning)] {
            let scores = UnsafeMutableBufferPointer(start: scores, count: pool.count)
            var knows = false
            if let source, reads(source, text) {
                knows = source.score(pool.rows, for: text, using: scratch, into: scores)
            }
            if !knows { scores.update(repeating: 0) }
            for i in 0..<pool.count where !scores[i].isFinite { scores[i] = 0 }
        }
    }

    /// How well given items match, on one scale; 0 for those that do not. False if the text says nothing.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        if let only = only(for: text) { return only.score(rows, for: text, using: scratch, into: scores) }
        guard var pool = Pool(scratch, capacity: rows.count) else { return false }
        pool.candidates.add(all: rows)
        score(text, using: scratch, pool)
        fusion.fuse(pool, into: scores)
        return true
    }
}
