extension BPR {
    /// So many passes over the events; the vector is the mean of the second half's.
    private static let passes = 20
    /// Longer profiles are folded in by their last events.
    private static let longestProfile = 1024

    /// The training's own steps for one user, the items held still; nil if no event is positive. The items to compare
    /// with are drawn from a fixed seed, so that the same events always give the same vector. O(events rank passes).
    func foldIn(_ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch) -> UnsafePointer<Float>? {
        let rank = table.rank
        let count = min(events.count, Self.longestProfile)
        guard let x = scratch.floats(.vector, 2 &* rank), let items = table.items.base, table.itemCount > 0 else {
            return nil
        }
        let mean = x + rank
        x.update(repeating: 0, count: 2 &* rank)
        // Marks the profile's own items meanwhile, so that none is drawn as one the user does not have.
        let own = scratch.scores
        for event in events where Int(event.item) < scratch.itemCount && event.weight > 0 { own[Int(event.item)] = 1 }
        defer { for event in events where Int(event.item) < scratch.itemCount { own[Int(event.item)] = 0 } }
        var generator = SeededGenerator(seed: 1)
        for pass in 0..<Self.passes {
            let rate = learningRate * Float(Self.passes &- pass) / Float(Self.passes)
            for event in events.suffix(count) where event.weight > 0 && Int(event.item) < table.itemCount {
                let other = generator.nextIndex(table.itemCount)
                guard other < scratch.itemCount, own[other] == 0, table.inverseNorms[other] > 0 else { continue }
                let (liked, passed) = (items + Int(event.item) &* rank, items + other &* rank)
                let margin = Kernels.best.dot(x, liked, rank) - Kernels.best.dot(x, passed, rank)
                let push = rate / (1 + exponential(margin))
                let keep = 1 - rate * regularization
                for k in 0..<rank { x[k] = keep * x[k] + push * (liked[k] - passed[k]) }
            }
            if pass >= Self.passes / 2 { Kernels.best.addScaled(1, x, to: mean, rank) }
        }
        return table.says(mean) ? UnsafePointer(mean) : nil
    }
}
