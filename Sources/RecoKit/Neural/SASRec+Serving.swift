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

    /// The nearest of the user's own items: a state is no sum over events, so the score is shared out among those whose
    /// vectors point the item's way, in proportion to the cosine. A score of zero or less has no parts. O(events width).
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let state = state(of: profile, using: scratch),
            let item = table.items.row(Int(row), width: table.rank)?.baseAddress
        else { return false }
        let score = Kernels.best.dot(state, item, table.rank)
        let count = min(profile.events.count, contributions.count)
        var sum: Float = 0
        for i in 0..<count {
            let event = profile.events[i]
            let likeness = event.weight > 0 ? max(0, table.cosine(row, event.item) ?? 0) : 0
            contributions[i] = likeness
            sum += likeness
        }
        let share = sum > 0 && score > 0 ? score / sum : 0
        for i in 0..<count { contributions[i] *= share }
        return true
    }

    /// The state after the latest thing that somebody did; nil if there is nothing that the model knows.
    private func state(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        if profile.isStoredUser { return table.userVector(profile.user) }
        let stored = profile.user.map { sequences.range($0, limit: items.count).suffix(encoder.shape.length) } ?? 0..<0
        guard let sequence = scratch.rows(.sequence, stored.count &+ profile.steps.count),
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
