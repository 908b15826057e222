extension SASRec {
    /// The nearest of the user's own items: how alike each is to `row`, for a state is no sum over events. O(events width).
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        table.likeness(of: row, to: profile.events, into: contributions)
    }

    /// The state after the latest thing that somebody did; nil if there is nothing that the model knows.
    func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
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
