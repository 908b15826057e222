/// Items drawn at random, which stand for all others in a softmax that would take too long over all of them.
///
/// Half of the draws are as frequent as the item is in the sequences, half give every item the same chance: the first find
/// what has high scores, the second see to it that no item is left out. An item drawn with probability q, n draws in
/// all, m times, counts as m / (n q) items, so that the sum over the sample is that over all items on average
/// (Bengio and Senécal 2008, doi:10.1109/TNN.2007.912312).
struct ItemSample: Sendable {
    /// How often an item is drawn; some come up twice.
    let draws: Int
    private let popularity: [Int]  // (items), how often each stands in the sequences
    private let total: Int

    init(draws: Int, popularity: [Int]) {
        self.draws = draws
        self.popularity = popularity
        total = popularity.reduce(0, +)
    }

    /// Fills `rows` with what was drawn, ascending, each once, and `offsets` with the logarithm of what it counts as.
    /// `sequences` holds every item as often as `popularity` says. O(draws log draws).
    func draw(
        from sequences: UnsafeBufferPointer<UInt32>, using generator: inout SeededGenerator, rows: inout [UInt32],
        offsets: inout [Float]
    ) {
        var drawn: [UInt32] = []
        drawn.reserveCapacity(draws)
        for draw in 0..<draws {
            drawn.append(
                draw % 2 == 0
                    ? sequences[generator.nextIndex(sequences.count)] : UInt32(generator.nextIndex(popularity.count)))
        }
        drawn.sort()
        rows.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        var from = 0
        while from < draws {
            let item = drawn[from]
            var to = from + 1
            while to < draws, drawn[to] == item { to += 1 }
            let chance =
                0.5 * Double(popularity[Int(item)]) / Double(total) + 0.5 / Double(popularity.count)
            rows.append(item)
            offsets.append(Float(naturalLog(Double(to - from) / (Double(draws) * chance))))
            from = to
        }
    }
}
