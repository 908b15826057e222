/// Items in order of time, sequence after sequence: what each user did, or whatever else was done together.
///
/// Events that are worth something count, whatever their kind; an item right after itself counts once, such as one that
/// is viewed, put into the cart and bought.
struct ItemSequences: Sendable {
    let offsets: [Int]  // (sequences + 1)
    let items: [UInt32]  // (entries)

    var count: Int { offsets.count - 1 }

    func range(_ sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

    init(offsets: [Int], items: [UInt32]) {
        self.offsets = offsets
        self.items = items
    }

    /// A sequence for each user, who may have an empty one. Events without a time stay behind those before them in the
    /// log. O(events log events per user).
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
