/// One of a user's own items and what it adds to a hit's score, laid out as `reco_reason` in `reco.h`.
package struct RawReason: BitwiseCopyable {
    package var row: UInt32
    package var contribution: Float
}

/// A feature that the ranker looked at and what it adds to a hit's score, laid out as `reco_feature` in `reco.h`.
package struct RawFeature: BitwiseCopyable {
    package var name: FixedName
    package var value: Float
    package var contribution: Float
}

/// The features of a hit, the largest part first, and what the score would be if none were known.
package struct FeatureParts {
    package var expected: Float
    package var features: [RawFeature]
}

extension Pipeline {
    /// What each item of the asker's history and session adds to the score of a hit, the largest part first; together
    /// they are the score, or for some models of vectors how alike each is to the hit. Fills what fits and returns how many
    /// there are. Hits that are for everyone have none.
    ///
    /// Throws `unsupported` where the source can tell neither. O(events x scoring one item).
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
        let isRanked = ranker?.scorer?.code.rawValue == hit.source
        let asked = sources.filter { isRanked || type(of: $0).code.rawValue == hit.source }
        guard let preferred = asked.first else {
            throw RecoError(.invalidArgument, "the hit to explain comes from a source that this model does not have")
        }
        let profile = try profile(of: question, using: scratch)
        guard let parts = scratch.floats(.reasons, profile.events.count) else { throw Self.outOfMemory }
        let contributions = UnsafeMutableBufferPointer(start: parts, count: profile.events.count)
        // A source that knows nothing of the item leaves it to the next.
        var (canTell, isKnown) = (false, false)
        for source in asked where !isKnown && source.explain(hit.row, for: profile, using: scratch, into: contributions) {
            canTell = true
            isKnown = contributions.contains { $0 != 0 }
        }
        guard canTell else {
            let name = type(of: preferred).code.name
            throw RecoError(
                .unsupported, "\(name) does not add up a user's events, so its scores have no parts to show")
        }
        guard isKnown else { return 0 }
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

    /// What each of the ranker's features adds to the score of a hit; nil for hits that it did not order. With the
    /// expected value they are the score, as it was before any boost. A perceptron's score has no such parts.
    ///
    /// Candidates are proposed once more, for ranks are ranks among them, so the question has to be the same.
    /// O(cost of the question + trees x leaves x depth²); memory of the trees' size, for the time of the call.
    func contributions(_ hit: RawHit, of question: Question, using scratch: Scratch) throws -> FeatureParts? {
        guard Int(hit.row) < items.count else {
            throw RecoError(.invalidArgument, "the hit to explain is none of this model's items")
        }
        guard let ranker, case .trees(let trees) = ranker.scorer, hit.source == SourceCode.boostedTrees.rawValue else {
            return nil
        }
        // What fills up a page of matches was proposed without these, which cannot be repeated.
        guard question.isSearch == (hit.rung == Rung.matching.rawValue) else { return nil }
        defer { scratch.unblock() }
        let profile = try profile(of: question, using: scratch)
        let conditions = try Conditions(
            filter: question.filter, boost: question.boost, live: question.live, catalog, items, using: scratch)
        try conditions.apply(to: scratch)
        exclude(question, profile, from: scratch, hideBoughtByDefault: !question.isSearch)
        let (pool, features) = try candidates(for: question, profile, by: ranker, using: scratch)
        guard let place = pool.firstIndex(of: hit.row) else {
            throw RecoError(.invalidArgument, "the hit to explain is not in the answer to this question")
        }
        let width = ranker.features.count
        let row = UnsafeBufferPointer(start: features + place &* width, count: width)
        let ensemble = try trees.layout.ensemble()
        guard ensemble.featureCount == width, ensemble.depth <= 512 else {
            throw RecoError(.unsupported, "the ranker's trees are too deep to be explained")
        }
        let parts = ensemble.contributions(row.map { Double($0) })
        var named = zip(ranker.features.names, zip(row, parts)).map { name, numbers in
            RawFeature(name: FixedName(name), value: numbers.0, contribution: Float(numbers.1))
        }
        named.sort { $0.contribution.magnitude > $1.contribution.magnitude }
        return FeatureParts(expected: Float(parts[width]), features: named)
    }
}
