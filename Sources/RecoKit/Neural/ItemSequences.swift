/// What each user did in order of time, as items alone: what models of sequences learn from.
///
/// Events that are worth something count, whatever their kind; an item right after itself counts once, such as one that
/// is viewed, put into the cart and bought.
struct ItemSequences: Sendable {
    let offsets: [Int]  // (users + 1)
    let items: [UInt32]  // (entries)

    var userCount: Int { offsets.count - 1 }

    func range(_ user: Int) -> Range<Int> { offsets[user]..<offsets[user + 1] }

    init(offsets: [Int], items: [UInt32]) {
        self.offsets = offsets
        self.items = items
    }

    /// Events without a time stay behind those before them in the log. O(events log events per user).
    init(_ log: EventLog, scale: WeightScale, threads: Int) throws {
        let order = try log.eventsByUser(threads: threads)
        var (offsets, items) = ([0], [UInt32]())
        items.reserveCapacity(order.events.count)
        for user in 0..<order.starts.count - 1 {
            for place in order.starts[user]..<order.starts[user + 1] {
                let event = Int(order.events[place])
                guard log.value(of: event, scale: scale) > 0 else { continue }
                let item = log.itemRows.elements[event]
                if items.count == offsets[user] || items[items.count - 1] != item { items.append(item) }
            }
            offsets.append(items.count)
        }
        (self.offsets, self.items) = (offsets, items)
    }
}

extension ItemSequences {
    /// All sequences in windows of at most `length` items and one more to tell, without each user's last `held` items. Of
    /// a longer sequence, where the windows are cut changes from call to call, and the last window is mostly shorter.
    func windows(
        length: Int, without held: Int, using generator: inout SeededGenerator
    ) -> [SequenceWindow] {
        var windows: [SequenceWindow] = []
        for user in 0..<userCount {
            var last = offsets[user + 1] - 1 - held  // the one to tell at the window's end
            let isLong = last - offsets[user] > length
            var most = isLong ? 1 + generator.nextIndex(length) : length
            while last > offsets[user] {
                let count = min(most, last - offsets[user])
                windows.append(SequenceWindow(start: last - count, count: count))
                last -= count
                most = length
            }
        }
        return windows
    }

    /// A window for each user's last item, of `limit` users at most, spread evenly.
    func lastItems(length: Int, atMost limit: Int) -> [SequenceWindow] {
        // Held out, an item still has to leave one before it to read and another to learn from.
        let users = (0..<userCount).filter { range($0).count > 2 }
        let stride = max(1, (users.count + limit - 1) / limit)
        return Swift.stride(from: 0, to: users.count, by: stride).map { place in
            let last = offsets[users[place] + 1] - 1
            let count = min(length, last - offsets[users[place]])
            return SequenceWindow(start: last - count, count: count)
        }
    }

    /// The latest `length` items of each user.
    func latest(_ length: Int) -> ItemSequences {
        var (offsets, items) = ([0], [UInt32]())
        for user in 0..<userCount {
            items += self.items[range(user).suffix(length)]
            offsets.append(items.count)
        }
        return ItemSequences(offsets: offsets, items: items)
    }
}
