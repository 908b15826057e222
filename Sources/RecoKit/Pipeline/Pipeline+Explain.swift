/// One of a user's own items and what it adds to a hit's score, laid out as `reco_reason` in `reco.h`.
package struct RawReason: BitwiseCopyable {
    package var row: UInt32
    package var contribution: Float
}

extension Pipeline {
    /// What each item of the asker's history and session adds to the score of a hit, the largest part first; together
    /// they are the score. Fills what fits and returns how many there are. Hits that are for everyone have none.
    ///
    /// Throws `unsupported` where the score is no such sum. O(events x scoring one item).
    func explain(
        _ hit: RawHit, of question: Question, using scratch: Scratch,
        into reasons: UnsafeMutableBufferPointer<RawReason>
    ) throws -> Int {
        guard Int(hit.row) < items.count else {
            throw RecoError(.invalidArgument, "the hit to explain is none of this model's items")
        }
        switch Rung(rawValue: hit.rung) {
        case .personal, .session: break
        case .category, .popular: return 0
        default: throw RecoError(.unsupported, "only hits for a user or a session can be explained")
        }
        // What the ranker has ordered is explained by the first source that can: its parts add up to its own score.
        let isRanked = ranker?.trees != nil && hit.source == SourceCode.boostedTrees.rawValue
        let asked = sources.filter { isRanked || type(of: $0).code.rawValue == hit.source }
        guard let preferred = asked.first else {
            throw RecoError(.invalidArgument, "the hit to explain comes from a source that this model does not have")
        }
        let profile = try profile(of: question, using: scratch)
        guard let parts = scratch.floats(.reasons, profile.events.count) else { throw Self.outOfMemory }
        let contributions = UnsafeMutableBufferPointer(start: parts, count: profile.events.count)
        guard asked.contains(where: { $0.explain(hit.row, for: profile, using: scratch, into: contributions) }) else {
            let name = type(of: preferred).code.name
            throw RecoError(
                .unsupported, "\(name) does not add up a user's events, so its scores have no parts to show")
        }
        guard var best = scratch.selection(profile.events.count) else { throw Self.outOfMemory }
        for i in 0..<profile.events.count where contributions[i] != 0 {
            best.offer(profile.events[i].item, contributions[i])
        }
        let sorted = best.finish()
        for i in 0..<min(sorted.count, reasons.count) {
            reasons[i] = RawReason(row: sorted[i].row, contribution: sorted[i].score)
        }
        return sorted.count
    }

    /// The fields of a hit's text that are like what was asked, the largest share first; `body` gets none where the hit
    /// does not stand there for its content, and where the model has no words to compare.
    ///
    /// A text is compared where one was asked; else the items it asked about; else what the asker likes.
    /// O(length of the text, or of those of the items).
    func matchedFields<Result>(
        _ hit: RawHit, of question: Question, using scratch: Scratch,
        _ body: (UnsafeBufferPointer<RawField>) throws -> Result
    ) throws -> Result {
        guard Int(hit.row) < items.count else {
            throw RecoError(.invalidArgument, "the hit to explain is none of this model's items")
        }
        guard let matches = FieldMatches(scratch) else { throw Self.outOfMemory }
        if let words = matcher.words, let asked = try compared(hit, question, using: scratch) {
            words.matchedFields(of: hit.row, for: asked, using: scratch, to: matches)
        }
        return try body(matches.finish())
    }

    private func compared(_ hit: RawHit, _ question: Question, using scratch: Scratch) throws -> ContentQuestion? {
        let isContent = [matcher.code(of: .words), matcher.code(of: .meaning)].contains { $0.rawValue == hit.source }
        let text = ContentQuestion.text(text(of: question))
        switch Rung(rawValue: hit.rung) {
        case .matching: return question.text.isEmpty ? nil : text
        case .similar where isContent:
            let given = try givenItems(question, using: scratch)
            if !given.isEmpty { return .items(given) }
            if !question.text.isEmpty { return text }
            let profile = try profile(of: question, using: scratch)
            return recentItems(profile, using: scratch).map { .items($0) }
        case .personal where isContent, .session where isContent:
            return .profile(try profile(of: question, using: scratch))
        default: return nil
        }
    }
}
