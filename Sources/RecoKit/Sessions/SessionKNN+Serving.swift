extension SessionKNN: CandidateSource {
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        var sum = sum(for: profile, using: scratch)
        return sum.offer(to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        var sum = sum(for: profile, using: scratch)
        return sum.take(rows, into: scores)
    }

    /// What else was in the sessions that share the most with the given items, all at the same place.
    func proposeSimilar(
        to given: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        guard let query = scratch.neighbors(Self.longestQuery &+ neighborCount) else { return false }
        let count = min(given.count, Self.longestQuery)
        for i in 0..<count { query[i] = Candidate(row: given[i], score: 1) }
        var sum = sum(of: nearest(query, count, except: nil, using: scratch), using: scratch)
        return sum.offer(to: &selection)
    }

    /// The scores of all items; without a session that the model knows anything about, by the user's past.
    private func sum(for profile: Profile, using scratch: Scratch) -> ItemSum {
        guard let query = scratch.neighbors(Self.longestQuery &+ neighborCount) else { return ItemSum(scratch) }
        var count = session(of: profile, into: query)
        var found = nearest(query, count, except: profile.user, using: scratch)
        if found.isEmpty {
            count = history(of: profile, into: query, using: scratch)
            found = nearest(query, count, except: profile.user, using: scratch)
        }
        return sum(of: found, using: scratch)
    }

    // MARK: The query: up to `longestQuery` items with their places

    /// The session's items, the latest at the first place.
    private func session(of profile: Profile, into query: UnsafeMutablePointer<Candidate>) -> Int {
        var count = 0
        var index = profile.events.count
        while index > profile.sessionStart, index > 0, count < Self.longestQuery {
            index &-= 1
            let event = profile.events[index]
            guard event.weight > 0 else { continue }
            query[count] = Candidate(row: event.item, score: naturalLog(1 + event.weight))
            count &+= 1
        }
        for i in 0..<count { query[i].score *= Float(count &- i) / Float(count) }
        return count
    }

    /// The latest items of the user's sessions, if they are still worth something.
    private func history(
        of profile: Profile, into query: UnsafeMutablePointer<Candidate>, using scratch: Scratch
    ) -> Int {
        guard let user = profile.user else { return 0 }
        var weights = ItemSum(scratch)
        for event in profile.events where event.weight > 0 { weights.add(event.item, event.weight) }
        var count = 0
        for session in own(user) {
            for item in stored(session).reversed() where count < historyCount {
                let weight = weights[item]
                guard weight > 0 else { continue }
                weights.remove(item)  // an item once, where it is latest
                query[count] = Candidate(row: item, score: naturalLog(1 + weight))
                count &+= 1
            }
            if count >= historyCount { break }
        }
        _ = weights.clear()
        return count
    }

    // MARK: The neighbours

    /// The sessions most similar to a query, but the user's own; they lie behind the query in the same memory.
    private func nearest(
        _ query: UnsafeMutablePointer<Candidate>, _ count: Int, except user: Int?, using scratch: Scratch
    ) -> UnsafeBufferPointer<Candidate> {
        let sessionCount = sessionWeights.count
        guard count > 0, let sums = scratch.sums(sessionCount), let touched = scratch.rows(.groups, sessionCount)
        else { return UnsafeBufferPointer(start: nil, count: 0) }
        var similarity = ItemSum(sums: sums, touched: touched, rowCount: sessionCount)
        for i in 0..<count {
            let item = Int(query[i].row)
            let weight = query[i].score * itemWeights[item]
            guard weight > 0 else { continue }
            let range = itemOffsets.range(item, limit: itemSessions.count)
            for session in itemSessions.slice(
                range.lowerBound, min(range.upperBound, range.lowerBound &+ Self.largestSample))
            {
                similarity.add(session, weight * sessionWeights[Int(session)])
            }
        }
        if let user { for session in own(user) { similarity.remove(session) } }
        var best = Selection(
            heap: query + Self.longestQuery, limit: min(neighborCount, sessionCount), itemCount: sessionCount)
        _ = similarity.offer(to: &best)
        return best.finish()
    }

    private func sum(of nearest: UnsafeBufferPointer<Candidate>, using scratch: Scratch) -> ItemSum {
        var sum = ItemSum(scratch)
        for session in nearest {
            for item in stored(session.row) { sum.add(item, session.score * itemWeights[Int(item)]) }
        }
        return sum
    }

    private func stored(_ session: UInt32) -> UnsafeBufferPointer<UInt32> {
        let range = sessions.range(Int(session), limit: items.count)
        return items.slice(range.lowerBound, min(range.upperBound, range.lowerBound &+ Self.longestSession))
    }

    private func own(_ user: Int) -> UnsafeBufferPointer<UInt32> {
        let range = userOffsets.range(user, limit: userSessions.count)
        return userSessions.slice(range.lowerBound, min(range.upperBound, range.lowerBound &+ Self.ownSessions))
    }
}
