extension Item2Vec: VectorSource {
    static var isLinear: Bool { true }

    func cosine(_ a: UInt32, _ b: UInt32) -> Float? { vectors.cosine(a, b) }

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let query = query(of: profile, using: scratch) else { return false }
        if let contexts { return contexts.propose(query, using: scratch, to: &selection) }
        return vectors.scan(for: query, isCosine: true, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let query = query(of: profile, using: scratch) else { return false }
        if let contexts { return contexts.score(rows, query, into: scores) }
        guard vectors.score(rows, query, into: scores) else { return false }
        for i in 0..<min(rows.count, scores.count) { scores[i] *= vectors.inverseNorms[Int(rows[i])] }
        return true
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        vectors.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let weights = weights(of: profile, using: scratch) else { return false }
        let target = contexts ?? vectors
        guard let goal = target.items.row(Int(row), width: target.rank)?.baseAddress else { return false }
        for i in 0..<min(profile.events.count, contributions.count) {
            contributions[i] = 0
            guard weights[i] > 0, let own = vector(of: profile.events[i].item) else { continue }
            let product = Kernels.best.dot(own, goal, vectors.rank)
            contributions[i] =
                contexts == nil
                ? weights[i] * product * vectors.inverseNorms[Int(row)]
                : weights[i] * (product + goal[vectors.rank])
        }
        return true
    }

    /// The sum of the events' vectors, each as much as it counts, and a 1 for what an item scores anyway; nil if no
    /// event says anything.
    private func query(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        let rank = vectors.rank
        guard let weights = weights(of: profile, using: scratch), let query = scratch.floats(.vector, rank &+ 1) else {
            return nil
        }
        query.update(repeating: 0, count: rank)
        query[rank] = 1
        for i in 0..<profile.events.count where weights[i] > 0 {
            if let own = vector(of: profile.events[i].item) {
                Kernels.best.addScaled(weights[i], own, to: query, rank)
            }
        }
        return vectors.says(query) ? UnsafePointer(query) : nil
    }

    private func vector(of item: UInt32) -> UnsafePointer<Float>? {
        vectors.items.row(Int(item), width: vectors.rank)?.baseAddress
    }

    /// What each event of a profile counts: altogether 1, and where scores are cosines that by the length of its
    /// vector. Nil if none counts. O(events).
    private func weights(of profile: Profile, using scratch: Scratch) -> UnsafeMutablePointer<Float>? {
        let events = profile.events
        guard let weights = scratch.floats(.weights, events.count) else { return nil }
        weights.update(repeating: 0, count: events.count)
        var (later, sum) = (0, Float(0))
        func count(_ index: Int) {
            let event = events[index]
            guard event.weight > 0, vectors.inverseNorms[Int(event.item)] > 0 else { return }
            weights[index] = naturalLog(1 + event.weight)
            if recency > 0 { weights[index] *= Float(powerOfTwo(-Double(later) / Double(recency))) }
            sum += weights[index]
            later &+= 1
        }
        let history = max(0, min(profile.sessionStart, events.count))
        for index in (history..<events.count).reversed() { count(index) }
        if let user = profile.user, history > 0 {
            // The profile's history is in order of rows; where an item of it stands is noted by row meanwhile.
            let place = scratch.scores
            for index in 0..<history where Int(events[index].item) < scratch.itemCount {
                place[Int(events[index].item)] = Float(index &+ 1)
            }
            let range = userOffsets.range(user, limit: userItems.count)
            let past = userItems.slice(
                range.lowerBound, min(range.upperBound, range.lowerBound &+ Self.longestHistory))
            for item in past where Int(item) < scratch.itemCount {
                let noted = Int(place[Int(item)])
                place[Int(item)] = 0
                if noted > 0, noted <= history { count(noted &- 1) }
            }
            for index in 0..<history where Int(events[index].item) < scratch.itemCount {
                place[Int(events[index].item)] = 0
            }
        }
        guard sum > 0, sum < .infinity else { return nil }
        for index in 0..<events.count {
            weights[index] /= sum
            if contexts == nil { weights[index] *= vectors.inverseNorms[Int(events[index].item)] }
        }
        return weights
    }
}
