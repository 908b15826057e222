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
        guard let source = sources.first(where: { type(of: $0).code.rawValue == hit.source }) else {
            throw RecoError(.invalidArgument, "the hit to explain comes from a source that this model does not have")
        }
        let profile = try profile(of: question, using: scratch)
        guard let parts = scratch.floats(.reasons, profile.events.count) else { throw Self.outOfMemory }
        let contributions = UnsafeMutableBufferPointer(start: parts, count: profile.events.count)
        guard source.explain(hit.row, for: profile, using: scratch, into: contributions) else {
            let name = type(of: source).code.name
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
}
