extension SASRec {
    func cosine(_ a: UInt32, _ b: UInt32) -> Float? { table.cosine(a, b) }

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let state = state(of: profile, using: scratch) else { return false }
        return table.propose(state, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let state = state(of: profile, using: scratch) else { return false }
        return table.score(rows, state, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        table.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    /// The nearest of the user's own items: how alike each is to `row`, for a state is no sum over events. O(events width).
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard table.inverseNorms[Int(row)] > 0 else { return false }
        for i in 0..<min(profile.events.count, contributions.count) {
            let event = profile.events[i]
            contributions[i] = event.weight > 0 ? table.cosine(row, event.item) ?? 0 : 0
        }
        return true
    }

    /// The state after the latest thing that somebody did; nil if there is nothing that the model knows.
    private func state(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        if profile.isStoredUser { return table.userVector(profile.user) }
        let stored = profile.user.map { sequences.range($0, limit: items.count).suffix(encoder.shape.length) } ?? 0..<0
        guard let sequence = scratch.rows(.network, stored.count &+ profile.steps.count),
            let state = scratch.floats(.vector, table.rank)
        else { return nil }
        var count = 0
        func take(_ item: UInt32) {
            guard table.inverseNorms[Int(item)] > 0, count == 0 || sequence[count &- 1] != item else { return }
            sequence[count] = item
            count &+= 1
        }
        for place in stored { take(items[place]) }
        for step in profile.steps where step.weight > 0 { take(step.item) }
        let isKnown = encoder.encode(
            UnsafeBufferPointer(start: sequence, count: count), vectors: table.items, using: scratch, into: state)
        return isKnown && table.says(state) ? UnsafePointer(state) : nil
    }
}
