extension Pipeline {
    /// Orders the candidates of a question; all of them come back, up to the limit, but those that are denied
    /// or filtered out.
    func rank(
        _ question: Question, _ profile: Profile, _ boost: Boost?, using scratch: Scratch,
        into hits: UnsafeMutableBufferPointer<RawHit>
    ) throws -> Int {
        let listed = question.candidates.countTexts()
        guard listed < Int(RawHit.none), let rows = scratch.rows(.candidates, listed),
            let positions = scratch.rows(.positions, listed), let values = scratch.floats(.block, listed)
        else { throw Self.outOfMemory }
        let scores = UnsafeMutableBufferPointer(start: values, count: listed)
        guard let ranked = scratch.ranking(listed) else { throw Self.outOfMemory }
        var known = 0
        var unknown = 0
        for (position, id) in question.candidates.enumerated() {
            if let row = items.row(of: id), Int(row) < items.count {
                if scratch.isBlocked(row) { continue }
                rows[known] = row
                positions[known] = UInt32(truncatingIfNeeded: position)
                known &+= 1
            } else if question.allow == nil, question.filter.isEmpty {
                // Unknown candidates wait at the end of the block, in reverse.
                unknown &+= 1
                positions[listed &- unknown] = UInt32(truncatingIfNeeded: position)
            }
        }
        let given = UnsafeBufferPointer(start: rows, count: known)
        let matching = Rung.matching.rawValue
        for i in 0..<known {
            ranked[i] = RawHit(
                row: rows[i], score: popularity.score(of: rows[i]), source: Popularity.code.rawValue,
                rung: Rung.popular.rawValue, position: positions[i])
        }
        // The first source that has something to say about an item decides; a score of 0 says nothing.
        for (sources, rung) in [(publicSources, Rung.popular), (sources, profile.user != nil ? .personal : .session)] {
            for source in sources.reversed() where source.score(given, for: profile, using: scratch, into: scores) {
                for i in 0..<known where scores[i].isFinite && scores[i] != 0 {
                    ranked[i].score = scores[i]
                    ranked[i].source = type(of: source).code.rawValue
                    ranked[i].rung = rung.rawValue
                }
            }
        }
        if !question.text.isEmpty { try rank(question, profile, given, using: scratch, scores, into: ranked) }
        var order = UnsafeMutableBufferPointer(start: ranked, count: known)
        func sort() {
            order.sort { a, b in
                if a.rung != b.rung { return a.rung == matching || (b.rung != matching && a.rung < b.rung) }
                if a.score != b.score { return a.score > b.score }
                return a.position < b.position
            }
        }
        sort()
        if let boost {
            boost.rescore(known, row: { ranked[$0].row }, score: { ranked[$0].score }) { ranked[$0].score = $1 }
            sort()
        }
        let limit = min(question.limit == 0 ? listed : question.limit, hits.count)
        let count = min(known, limit)
        for i in 0..<count { hits[i] = ranked[i] }
        let filled = min(limit, known &+ unknown)
        for i in count..<max(count, filled) {
            hits[i] = RawHit(
                row: RawHit.none, score: 0, source: SourceCode.none.rawValue, rung: Rung.none.rawValue,
                position: positions[listed &- 1 &- (i &- count)])
        }
        return max(count, filled)
    }

    /// Where the question has words, what matches them comes first, in the order of a search.
    private func rank(
        _ question: Question, _ profile: Profile, _ given: UnsafeBufferPointer<UInt32>, using scratch: Scratch,
        _ scores: UnsafeMutableBufferPointer<Float>, into ranked: UnsafeMutablePointer<RawHit>
    ) throws {
        let text = text(of: question)
        guard matcher.score(given, for: text, using: scratch, into: scores) else { return }
        if !profile.events.isEmpty { try add(profile, of: given, to: scores, using: scratch) }
        let source = matcher.only(for: text).map { type(of: $0).code } ?? matcher.code(of: .words)
        for i in 0..<given.count where scores[i].isFinite && scores[i] > 0 {
            ranked[i].score = scores[i]
            ranked[i].source = source.rawValue
            ranked[i].rung = Rung.matching.rawValue
        }
    }
}
