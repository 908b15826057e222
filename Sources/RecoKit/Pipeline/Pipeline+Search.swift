extension Pipeline {
    /// How much of a match's score taste can add, for whom the search names a user or a session.
    static let tasteWeight: Float = 0.2

    /// What matches the question's text; then, where that is asked for, recommendations.
    ///
    /// A page of search results shows what was found and nothing else, so it is not filled up by itself. A product's
    /// text asks for similar items, which are.
    func search(_ question: Question, _ profile: Profile, _ ladder: inout Ladder) throws {
        let isItem = question.options.contains(.textIsItem)
        try ranked(text(of: question), profile, &ladder)
        // Not where the ranker has filled the page: this would look for all of it once more.
        if !ladder.isFull { try matching(question, isItem ? .similar : .matching, &ladder, profile) }
        if question.options.contains(.fillUp) {
            try recommend(question, profile, &ladder)
        } else if isItem, !question.options.contains(.noFallback) {
            try bestsellers(profile, &ladder)
        }
    }

    /// The question's text as its sources read it.
    func text(of question: Question) -> TextQuery {
        TextQuery(
            bytes: question.text, isPrefix: question.options.contains(.textPrefix),
            isItem: question.options.contains(.textIsItem))
    }

    /// Fills the ladder with what matches the text.
    func matching(_ question: Question, _ rung: Rung, _ ladder: inout Ladder, _ profile: Profile? = nil) throws {
        let text = text(of: question)
        guard text.hasWord else { return }
        let taste = profile.flatMap { $0.events.isEmpty ? nil : $0 }
        if let only = matcher.only(for: text), taste == nil {
            try ladder.climb(rung, type(of: only).code) { only.search(text, using: $0, to: &$1) }
        } else {
            try fused(text, rung, taste, &ladder)
        }
    }

    /// The best matches by words and meaning together, and by taste.
    private func fused(_ text: TextQuery, _ rung: Rung, _ taste: Profile?, _ ladder: inout Ladder) throws {
        let scratch = ladder.scratch
        let depth = min(max(Matcher.depth, ladder.depth), items.count)
        guard let pool = matcher.pool(text, depth: depth, using: scratch) else { throw Self.outOfMemory }
        guard pool.count > 0 else { return }
        guard let block = scratch.floats(.block, pool.count) else { throw Self.outOfMemory }
        let scores = UnsafeMutableBufferPointer(start: block, count: pool.count)
        let best = matcher.fusion.fuse(pool, into: scores)
        if let taste { try add(taste, of: pool.rows, to: scores, using: scratch) }
        guard var selection = scratch.selection(ladder.depth) else { throw Self.outOfMemory }
        for i in 0..<pool.count { selection.offer(pool.rows[i], scores[i]) }
        let mark = scratch.scores
        for i in 0..<pool.count { mark[Int(pool.rows[i])] = Float(i) }
        for candidate in ladder.best(of: &selection) {
            let place = Int(mark[Int(candidate.row)])
            let leader = matcher.fusion.leader(pool.words[place], of: best, pool.meaning[place])
            ladder.add(candidate.row, candidate.score, rung, matcher.code(of: leader))
        }
        for i in 0..<pool.count { mark[Int(pool.rows[i])] = 0 }
    }

    /// Adds what the asker's taste says, as a share of the best match.
    func add(
        _ taste: Profile, of rows: UnsafeBufferPointer<UInt32>, to scores: UnsafeMutableBufferPointer<Float>,
        using scratch: Scratch
    ) throws {
        guard let block = scratch.floats(.taste, rows.count) else { throw Self.outOfMemory }
        let likes = UnsafeMutableBufferPointer(start: block, count: rows.count)
        for source in sources where !(source is any TextSource) {
            guard source.score(rows, for: taste, using: scratch, into: likes) else { continue }
            var (most, best): (Float, Float) = (0, 0)
            for i in 0..<rows.count where likes[i].isFinite { most = max(most, likes[i]) }
            for i in 0..<rows.count { best = max(best, scores[i]) }
            guard most > 0 else { continue }
            let scale = Self.tasteWeight * best / most
            for i in 0..<rows.count where likes[i].isFinite && likes[i] > 0 && scores[i] > 0 {
                scores[i] += scale * likes[i]
            }
            return
        }
    }
}
