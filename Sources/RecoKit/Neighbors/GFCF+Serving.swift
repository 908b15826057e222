extension GFCF {
    /// How many items are scored at a time: their scores and a part of their vectors fit the first-level cache.
    private static let blockRows = 256

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        offer(count: profile.events.count, using: scratch, to: &selection) {
            (profile.events[$0].item, profile.events[$0].weight)
        }
    }

    /// What is similar to items is what a profile of these items would get.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        offer(count: items.count, using: scratch, to: &selection) { (items[$0], 1) }
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let out = scores.baseAddress, scores.count >= rows.count else { return rows.isEmpty }
        let events = profile.events
        guard let vector = vector(count: events.count, using: scratch, { (events[$0].item, events[$0].weight) }) else {
            return filter.score(rows, for: events, using: scratch, into: scores)
        }
        Kernels.best.scores(of: rows, in: factors.elements, rank: rank, vector: vector, into: out)
        var sum = ItemSum(scratch)
        for event in events { filter.add(Int(event.item), weight: event.weight, to: &sum) }
        for i in 0..<rows.count { out[i] += sum[rows[i]] }
        _ = sum.clear()
        return true
    }

    /// Offers every item with a positive score. False if there is none.
    private func offer(
        count: Int, using scratch: Scratch, to selection: inout Selection,
        _ event: (_ index: Int) -> (item: UInt32, weight: Float)
    ) -> Bool {
        var sum = ItemSum(scratch)
        for index in 0..<count {
            let (item, weight) = event(index)
            filter.add(Int(item), weight: weight, to: &sum)
        }
        guard let start = factors.base, let vector = vector(count: count, using: scratch, event),
            let block = scratch.floats(.block, Self.blockRows)
        else { return sum.offer(to: &selection) }
        var any = false
        var row = 0
        while row < pulls.count {
            let length = min(Self.blockRows, pulls.count &- row)
            _ = Kernels.best.scores(
                ofRowsAt: start + row &* rank, count: length, rank: rank, vector: vector, into: block)
            for i in 0..<length {
                let item = UInt32(truncatingIfNeeded: row &+ i)
                let score = block[i] + sum[item]
                if score > 0 {
                    selection.offer(item, score)
                    any = true
                }
            }
            row &+= length
        }
        _ = sum.clear()
        return any
    }

    /// A profile as the low-pass filter sees it: the sum of its items' factors times their pulls. Nil if it sees
    /// nothing. O(events rank).
    private func vector(
        count: Int, using scratch: Scratch, _ event: (_ index: Int) -> (item: UInt32, weight: Float)
    ) -> UnsafePointer<Float>? {
        guard let vector = scratch.floats(.vector, rank) else { return nil }
        vector.update(repeating: 0, count: rank)
        for index in 0..<count {
            let (item, weight) = event(index)
            guard let row = factors.row(Int(item), width: rank)?.baseAddress else { continue }
            Kernels.best.addScaled(weight * pulls[Int(item)], row, to: vector, rank)
        }
        let square = Kernels.best.dot(vector, vector, rank)
        return square > 0 && square < .infinity ? UnsafePointer(vector) : nil
    }
}
