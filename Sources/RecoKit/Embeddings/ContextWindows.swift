/// Walks over sequences and hands out each item with the items around it, as word2vec does: items that are everywhere
/// are dropped by chance first, and each window is as wide as it may be, or by chance narrower.
///
/// In a whole basket all others are around an item; of a large one, some of them by chance, others in each epoch.
struct ContextWindows: Sendable {
    let sequences: ItemSequences
    /// How many items on each side; 0: the whole sequence.
    let width: Int
    /// Chance of an item to be kept, times 2^32.
    private let chances: [UInt32]  // (items)

    /// The most items around one in a whole basket.
    static let mostOfBasket = 10

    /// - Parameter sample: items that are a larger part of all places than this are dropped more and more often;
    ///   0: none.
    init(_ sequences: ItemSequences, counts: [Int], width: Int, sample: Double) {
        self.sequences = sequences
        self.width = width
        let limit = sample * Double(counts.reduce(0, +))
        chances = counts.map { count in
            guard count > 0 else { return 0 }
            guard sample > 0 else { return .max }
            let share = limit / Double(count)
            return UInt32(min((share.squareRoot() + share) * 0x1p32, 0x1p32 - 1))
        }
    }

    /// Calls `body` for every item of some sequences that has others around it.
    func forEach(
        in run: Range<Int>, using generator: inout SeededGenerator,
        _ body: (_ item: UInt32, _ around: UnsafeBufferPointer<UInt32>, _ generator: inout SeededGenerator) -> Void
    ) {
        var kept: [UInt32] = []
        let most = width == 0 ? Self.mostOfBasket : 2 * width
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: most) { around in
            for sequence in run {
                kept.removeAll(keepingCapacity: true)
                for item in sequences.items[sequences.range(sequence)] {
                    let chance = chances[Int(item)]
                    if chance == .max || UInt32(truncatingIfNeeded: generator.next() >> 32) < chance {
                        kept.append(item)
                    }
                }
                kept.withUnsafeBufferPointer { kept in
                    for place in 0..<kept.count {
                        let item = kept[place]
                        var count = 0
                        func add(_ other: UInt32) {
                            guard other != item else { return }
                            around[count] = other
                            count &+= 1
                        }
                        if width == 0, kept.count > most + 1 {
                            for _ in 0..<most { add(kept[generator.nextIndex(kept.count)]) }
                        } else {
                            let reach = width == 0 ? kept.count : 1 + generator.nextIndex(width)
                            for other in max(0, place - reach)..<place { add(kept[other]) }
                            for other in place + 1..<min(kept.count, place + reach + 1) { add(kept[other]) }
                        }
                        if count > 0 { body(item, UnsafeBufferPointer(rebasing: around[0..<count]), &generator) }
                    }
                }
            }
        }
    }
}
