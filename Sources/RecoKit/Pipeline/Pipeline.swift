/// Answers questions: finds out who asks, keeps out what must not appear, and lets source after source fill the list.
///
/// Knows the sources of one model, and nothing of files, handles or threads. One call uses one `Scratch`.
struct Pipeline: Sendable {
    let users: IDIndex
    /// Whom the answers do not know, although the model does.
    let forgotten: ForgottenUsers
    let items: IDIndex
    let catalog: CatalogIndex
    let history: History
    let kinds: KindTable
    /// Models that know people's taste, the preferred one first.
    let sources: [any CandidateSource]
    /// Models whose proposals are for everyone, the preferred one first; popularity comes after them.
    let publicSources: [any CandidateSource]
    /// The same, the preferred one for similar items first.
    let similarSources: [any CandidateSource]
    let popularity: Popularity
    /// What finds items by words, and by meaning.
    let matcher: Matcher
    /// What makes one order of all sources' proposals.
    let ranker: Ranker?
    /// How alike items are, for lists that shall not be all alike.
    let likeness: Likeness

    static let outOfMemory = RecoError(.outOfMemory, "no memory for the query")

    /// Writes at most `hits.count` hits and returns how many.
    func answer(_ question: Question, using scratch: Scratch, into hits: UnsafeMutableBufferPointer<RawHit>) throws
        -> Int
    {
        defer { scratch.unblock() }
        let profile = try profile(of: question, using: scratch)
        if !question.text.isEmpty, matcher.isEmpty { throw Matcher.missing }
        let conditions = try Conditions(
            filter: question.filter, boost: question.boost, live: question.live, catalog, items, using: scratch)
        if !question.candidates.isEmpty {
            exclude(question, profile, from: scratch, hideBoughtByDefault: false)
            try conditions.apply(to: scratch)
            return try rank(question, profile, conditions.boost, using: scratch, into: hits)
        }
        let limit = question.limit == 0 ? Question.usualLimit : question.limit
        let caps = try Caps(question.caps, catalog, using: scratch)
        var ladder = Ladder(hits: hits, limit: limit, scratch: scratch, boost: conditions.boost, caps: caps)
        try conditions.apply(to: scratch)
        let isRecommending = question.similarTo.isEmpty && question.text.isEmpty
        exclude(question, profile, from: scratch, hideBoughtByDefault: isRecommending)
        if question.diversity > 0 {
            try diversify(question, profile, Diversity(weight: min(question.diversity, 1), caps: caps), &ladder)
        }
        // What is still empty then, and everything where nobody asked for diversity.
        try fill(question, profile, &ladder)
        return ladder.count
    }

    private func fill(_ question: Question, _ profile: Profile, _ ladder: inout Ladder) throws {
        guard !ladder.isFull else { return }
        if !question.similarTo.isEmpty {
            try similar(question, profile, &ladder)
        } else if !question.text.isEmpty {
            try search(question, profile, &ladder)
        } else {
            try recommend(question, profile, &ladder)
        }
    }

    /// Fills a longer list first, and takes from it what makes a list that is not all alike.
    private func diversify(
        _ question: Question, _ profile: Profile, _ diversity: Diversity, _ ladder: inout Ladder
    ) throws {
        let scratch = ladder.scratch
        let depth = min(Diversity.depth(ladder.room), items.count)
        guard let memory = scratch.ranking(depth) else { throw Self.outOfMemory }
        let hits = UnsafeMutableBufferPointer(start: memory, count: depth)
        var longer = Ladder(hits: hits, limit: depth, scratch: scratch, boost: ladder.boost)
        try fill(question, profile, &longer)
        let found = UnsafeMutableBufferPointer(rebasing: hits[0..<longer.count])
        let chosen = diversity.choose(ladder.room, of: found, likeness, using: scratch)
        for hit in found { scratch.allow(hit.row) }
        for hit in found[0..<chosen] { ladder.add(hit, counted: true) }
    }

    // MARK: What must not appear

    func exclude(
        _ question: Question, _ profile: Profile, from scratch: Scratch, hideBoughtByDefault: Bool
    ) {
        if let allow = question.allow {
            scratch.blockAll()
            for id in allow { if let row = items.row(of: id) { scratch.allow(row) } }
        }
        for id in question.deny { if let row = items.row(of: id) { scratch.block(row) } }

        let hideBought =
            question.options.contains(.hideBought)
            || (hideBoughtByDefault && !question.options.contains(.showBought))
        let hideSeen = question.options.contains(.hideSeen)
        if let user = profile.user, hideBought || hideSeen {
            for entry in history.entries(of: user) where hideSeen || history.has(entry, kinds: kinds.hidingMask) {
                scratch.block(history.items[entry])
            }
        }
        guard hideBoughtByDefault || hideBought || hideSeen else { return }
        let hideSession = !question.options.contains(.showSession)
        for (index, id) in question.session.enumerated() {
            let bought = index < question.sessionKinds.count && kinds.hides(question.sessionKinds[index])
            if hideSession || hideSeen || (bought && hideBought), let row = items.row(of: id) { scratch.block(row) }
        }
    }

    // MARK: Recommend

    func recommend(_ question: Question, _ profile: Profile, _ ladder: inout Ladder) throws {
        let rung: Rung = profile.user != nil ? .personal : .session
        if let only = question.source {
            for source in sources + publicSources where type(of: source).code == only {
                try ladder.climb(rung, only) { source.propose(for: profile, using: $0, to: &$1) }
            }
            return try ladder.climb(.popular, Popularity.code) {
                popularity.propose(for: profile, using: $0, to: &$1)
            }
        }
        if !profile.events.isEmpty { try ranked(profile, rung, &ladder) }
        for source in sources where !ladder.isFull {
            try ladder.climb(rung, type(of: source).code) {
                source.propose(for: profile, using: $0, to: &$1)
            }
        }
        if !ladder.isFull, let recent = recentItems(profile, using: ladder.scratch), !recent.isEmpty {
            for source in similarSources where !ladder.isFull {
                try ladder.climb(.similar, type(of: source).code) {
                    source.proposeSimilar(to: recent, using: $0, to: &$1)
                }
            }
            // Whoever names only models for everyone wants those, and not the category's own bestsellers before them.
            let isPublic = sources.isEmpty && !publicSources.isEmpty
            if !question.options.contains(.noFallback), !isPublic { try byCategory(recent, &ladder) }
        }
        if !question.options.contains(.noFallback) { try bestsellers(profile, &ladder) }
    }

    /// The items a profile likes, latest first, at most 16.
    func recentItems(_ profile: Profile, using scratch: Scratch) -> UnsafeBufferPointer<UInt32>? {
        guard let rows = scratch.rows(.similar, 16) else { return nil }
        var count = 0
        for event in profile.events.reversed() where count < 16 && event.weight > 0 {
            rows[count] = event.item
            count &+= 1
        }
        return UnsafeBufferPointer(start: rows, count: count)
    }

    // MARK: Similar

    private func similar(_ question: Question, _ profile: Profile, _ ladder: inout Ladder) throws {
        let given = try givenItems(question, using: ladder.scratch)
        for row in given { ladder.scratch.block(row) }
        if !given.isEmpty {
            let together = similarSources.first { type(of: $0).code == .boughtTogether }
            if question.options.contains(.boughtTogether), let together {
                try ladder.climb(.similar, SourceCode.boughtTogether) {
                    together.proposeSimilar(to: given, using: $0, to: &$1)
                }
            }
            for source in similarSources where !ladder.isFull {
                try ladder.climb(.similar, type(of: source).code) {
                    source.proposeSimilar(to: given, using: $0, to: &$1)
                }
            }
        }
        if !question.text.isEmpty { try matching(question, .similar, &ladder) }
        if question.options.contains(.noFallback) { return }
        try byCategory(given, &ladder)
        try bestsellers(profile, &ladder)
    }

    /// The items that a question names for comparison.
    func givenItems(_ question: Question, using scratch: Scratch) throws -> UnsafeBufferPointer<UInt32> {
        let limit = Self.longestSession
        guard let rows = scratch.rows(.similar, limit) else { throw Self.outOfMemory }
        var count = 0
        for id in question.similarTo where count < limit {
            guard let row = items.row(of: id), Int(row) < items.count else { continue }
            rows[count] = row
            count &+= 1
        }
        return UnsafeBufferPointer(start: rows, count: count)
    }

    // MARK: The last rungs

    private func byCategory(_ given: UnsafeBufferPointer<UInt32>, _ ladder: inout Ladder) throws {
        // One category after the other, in the order of the items; asking for one again proposes nothing new.
        for item in given.prefix(16) where !ladder.isFull {
            try ladder.climb(.category, Popularity.code) { popularity.proposeCategory(of: item, to: &$1) }
        }
        ladder.sortRung(.category)
    }

    func bestsellers(_ profile: Profile, _ ladder: inout Ladder) throws {
        for source in publicSources where !ladder.isFull {
            try ladder.climb(.popular, type(of: source).code) { source.propose(for: profile, using: $0, to: &$1) }
        }
        if ladder.isFull { return }
        try ladder.climb(.popular, Popularity.code) { popularity.propose(for: profile, using: $0, to: &$1) }
    }
}

/// An answer that is being filled, rung by rung; what is on it is not proposed again.
struct Ladder {
    private let hits: UnsafeMutableBufferPointer<RawHit>
    private let limit: Int
    let scratch: Scratch
    let boost: Boost?
    private let caps: Caps?
    private(set) var count = 0

    init(
        hits: UnsafeMutableBufferPointer<RawHit>, limit: Int, scratch: Scratch, boost: Boost?, caps: Caps? = nil
    ) {
        self.caps = caps.flatMap { $0.isEmpty ? nil : $0 }
        self.hits = hits
        self.limit = min(limit, hits.count)
        self.scratch = scratch
        self.boost = boost
    }

    var isFull: Bool { count >= limit }

    /// Lets a source fill what is still empty; `propose` says whether it offered anything.
    mutating func climb(_ rung: Rung, _ source: SourceCode, _ propose: (Scratch, inout Selection) -> Bool) throws {
        // With caps, what was selected may be one too many of its kind, and there may be more to select then.
        for _ in 0..<(caps == nil ? 1 : Self.mostRounds) {
            guard !isFull else { return }
            guard var selection = scratch.selection(depth) else { throw Pipeline.outOfMemory }
            guard propose(scratch, &selection) else { return }
            let before = count
            let found = best(of: &selection)
            for candidate in found { add(candidate.row, candidate.score, rung, source) }
            if count &- before == found.count || count == before { return }
        }
    }

    private static let mostRounds = 64

    var hasCaps: Bool { caps != nil }

    /// Writes a hit, if there is room left.
    mutating func add(_ row: UInt32, _ score: Float, _ rung: Rung, _ source: SourceCode) {
        add(
            RawHit(row: row, score: score, source: source.rawValue, rung: rung.rawValue, position: RawHit.none),
            counted: false)
    }

    /// The same; the caps have counted it already, or do so now.
    mutating func add(_ hit: RawHit, counted: Bool) {
        guard !isFull else { return }
        if let caps {
            if !counted {
                if caps.isFull(for: hit.row) { return }
                caps.count(hit.row)
            }
            caps.blockFull(with: hit.row, in: scratch)
        }
        hits[count] = hit
        count &+= 1
        scratch.block(hit.row)
    }

    /// How many places are still empty.
    var room: Int { max(0, limit &- count) }

    /// How many items are looked at to fill them.
    var depth: Int { boost == nil ? room : Boost.depth(room) }

    /// What goes into the empty places, of items that were selected for them.
    func best(of selection: inout Selection) -> UnsafeBufferPointer<Candidate> {
        let found = selection.finish()
        return boost?.best(room, of: found, itemCount: scratch.itemCount) ?? found
    }

    /// Puts the hits of a rung that several proposals filled in order of score.
    mutating func sortRung(_ rung: Rung) {
        guard let start = hits[0..<count].firstIndex(where: { $0.rung == rung.rawValue }) else { return }
        var part = UnsafeMutableBufferPointer(rebasing: hits[start..<count])
        part.sort {
            Candidate.isBetter(Candidate(row: $0.row, score: $0.score), Candidate(row: $1.row, score: $1.score))
        }
    }
}
