extension UserKNN {
    /// Of a longer history, so many events are looked at, evenly spread over it.
    private static let maximumEvents = 2048
    /// Of a neighbour with more, so many items count.
    private static let maximumItems = 4096

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        var sum = ItemSum(scratch)
        guard add(profile, using: scratch, to: &sum) else { return false }
        return sum.offer(to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        var sum = ItemSum(scratch)
        guard add(profile, using: scratch, to: &sum) else { return false }
        return sum.take(rows, into: scores)
    }

    /// What is similar to items is what a profile of these items would get.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        var sum = ItemSum(scratch)
        let neighbors = neighbors(count: items.count, limit: neighborCount, using: scratch) { (items[$0], 1) }
        guard add(neighbors, to: &sum) else { return false }
        return sum.offer(to: &selection)
    }

    private func add(_ profile: Profile, using scratch: Scratch, to sum: inout ItemSum) -> Bool {
        add(neighbors(of: profile, limit: neighborCount, using: scratch), to: &sum)
    }

    /// Adds up what users have, each times what it has to say. False if there are none.
    private func add(_ neighbors: UnsafeBufferPointer<Candidate>, to sum: inout ItemSum) -> Bool {
        for neighbor in neighbors {
            let say = power(neighbor.score, amplification)
            let entries = history.entries(of: Int(neighbor.row))
            for entry in entries.lowerBound..<min(entries.upperBound, entries.lowerBound &+ Self.maximumItems) {
                let weight = history.weights[entry]
                guard weight > 0 else { continue }
                let item = history.items[entry]
                sum.add(item, say * weight * discounts[Int(item)])
            }
        }
        return !neighbors.isEmpty
    }

    /// The users who are most similar to a profile, the most similar first; without the profile's own.
    func neighbors(of profile: Profile, limit: Int, using scratch: Scratch) -> UnsafeBufferPointer<Candidate> {
        let events = profile.events
        return neighbors(count: events.count, except: profile.user, limit: limit, using: scratch) {
            (events[$0].item, events[$0].weight)
        }
    }

    /// The users who are most similar to `count` events; none if memory ran out.
    ///
    /// Events with a weight of zero or less say nothing about who is alike. O(events x postings).
    private func neighbors(
        count eventCount: Int, except user: Int? = nil, limit: Int, using scratch: Scratch,
        _ event: (_ index: Int) -> (item: UInt32, weight: Float)
    ) -> UnsafeBufferPointer<Candidate> {
        let userCount = squares.count
        let limit = max(0, min(limit, userCount))
        guard let overlaps = scratch.overlaps(userCount: userCount), let touched = scratch.rows(.users, userCount),
            let heap = scratch.neighbors(limit)
        else { return UnsafeBufferPointer(start: nil, count: 0) }
        let step = 1 &+ eventCount / Self.maximumEvents
        var total: Float = 0
        for i in stride(from: 0, to: eventCount, by: step) { total += max(0, event(i).weight) }
        let length = similarity.length(total)

        var square: Float = 0
        var count = 0
        for i in stride(from: 0, to: eventCount, by: step) {
            let (row, value) = event(i)
            guard value > 0 else { continue }
            let item = Int(row)
            let weight = similarity.weight(value, length: length, factor: itemFactors[item])
            square += weight * weight
            let range = offsets.range(item, limit: users.count)
            let end = min(range.upperBound, range.lowerBound &+ Self.maximumPostings)
            let rows = users.slice(range.lowerBound, end)
            let others = weights.slice(range.lowerBound, end)
            for j in 0..<min(rows.count, others.count) {
                let row = Int(rows[j])
                guard row < userCount else { continue }
                if overlaps[row].count == 0 {
                    touched[count] = rows[j]
                    count &+= 1
                }
                overlaps[row].sum += weight * others[j]
                overlaps[row].count &+= 1
            }
        }

        var best = Selection(heap: heap, limit: limit, itemCount: userCount)
        let own = similarity.own(square: square)
        for i in 0..<count {
            let row = Int(touched[i])
            let overlap = overlaps[row]
            overlaps[row] = Scratch.Overlap(sum: 0, count: 0)
            guard overlap.count >= similarity.support, row != user else { continue }
            let alike = similarity.similarity(overlap.sum, square: square, own: own, other: squares[row])
            if alike > 0, alike.isFinite { best.offer(touched[i], alike) }
        }
        return best.finish()
    }
}
