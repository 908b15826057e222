extension ItemSequences {
    /// All sequences in windows of at most `length` items and one more to tell, without each user's last `held` items. Of
    /// a longer sequence, where the windows are cut changes from call to call, and the last window is mostly shorter.
    func windows(
        length: Int, without held: Int, using generator: inout SeededGenerator
    ) -> [SequenceWindow] {
        var windows: [SequenceWindow] = []
        for user in 0..<count {
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
        let users = (0..<count).filter { range($0).count > 2 }
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
        for user in 0..<count {
            items += self.items[range(user).suffix(length)]
            offsets.append(items.count)
        }
        return ItemSequences(offsets: offsets, items: items)
    }
}
