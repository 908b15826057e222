/// Items in order of time, sequence after sequence: what word2vec reads as sentences.
struct ItemSequences: Sendable {
    let offsets: [Int]  // (sequences + 1)
    let items: [UInt32]  // (places)

    var count: Int { offsets.count - 1 }

    func range(_ sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

    /// How often each item occurs in sequences that have another item beside it; elsewhere there is nothing to learn.
    func counts(itemCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: itemCount)
        for sequence in 0..<count {
            let part = items[range(sequence)]
            guard let first = part.first, part.contains(where: { $0 != first }) else { continue }
            for item in part { counts[Int(item)] += 1 }
        }
        return counts
    }

    /// Cuts the sequences into runs of about `size` places each: pieces of work that do not depend on threads.
    func runs(of size: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        for sequence in 0..<count where offsets[sequence + 1] - offsets[start] >= size || sequence == count - 1 {
            runs.append(start..<sequence + 1)
            start = sequence + 1
        }
        return runs
    }
}

extension EventLog {
    /// All that each user did and that is worth something, in order of time, one sequence for each user, who may have
    /// an empty one. An item that follows on itself, as when it is viewed and then bought, is there once. O(events log
    /// events per user).
    func histories(scale: WeightScale, threads: Int) throws -> ItemSequences {
        let order = try eventsByUser(threads: threads)
        var (offsets, items) = ([0], [UInt32]())
        for user in 0..<order.starts.count - 1 {
            for place in order.starts[user]..<order.starts[user + 1] {
                let event = Int(order.events[place])
                guard value(of: event, scale: scale) > 0 else { continue }
                let item = itemRows.elements[event]
                if items.count == offsets[user] || items[items.count - 1] != item { items.append(item) }
            }
            offsets.append(items.count)
        }
        return ItemSequences(offsets: offsets, items: items)
    }
}
