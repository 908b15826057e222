/// Draws items by their frequency to a power, in O(1): the alias method of Walker 1977, doi:10.1145/355744.355749, with
/// the set-up of Vose 1991, doi:10.1109/32.92917. The items stand in blocks, and are drawn from one block at a time.
struct NegativeTable: Sendable {
    /// Drawn with probability `share` / 2^32, else its stand-in is.
    fileprivate struct Slot {
        var item: UInt32
        var other: UInt32
        var share: UInt32
    }

    private var slots: [Slot]
    private let bounds: [Int]  // (blocks + 1)

    /// - Parameter weights: of all items by row; those of `items` are positive.
    init(_ items: [UInt32], bounds: [Int], weights: [Double]) {
        self.bounds = bounds
        slots = items.map { Slot(item: $0, other: $0, share: .max) }
        var (small, large) = ([Int](), [Int]())
        var shares = [Double](repeating: 1, count: items.count)
        for block in 0..<bounds.count - 1 {
            let range = bounds[block]..<bounds[block + 1]
            let mean = range.reduce(0) { $0 + weights[Int(items[$1])] } / Double(max(1, range.count))
            for slot in range {
                shares[slot] = weights[Int(items[slot])] / mean
                if shares[slot] < 1 { small.append(slot) } else { large.append(slot) }
            }
            while let poor = small.popLast() {
                guard let rich = large.last else { continue }  // rounding: what is left has about its share
                slots[poor].share = UInt32(min(max(shares[poor], 0) * 0x1p32, 0x1p32 - 1))
                slots[poor].other = items[rich]
                shares[rich] -= 1 - shares[poor]
                if shares[rich] < 1 {
                    large.removeLast()
                    small.append(rich)
                }
            }
            large.removeAll(keepingCapacity: true)
        }
    }

    /// Draws from one block at a time without looking at bounds again.
    struct Block {
        fileprivate let slots: UnsafeBufferPointer<Slot>

        @inline(__always)
        func draw(using generator: inout SeededGenerator) -> UInt32 {
            let bits = generator.next()
            let place = Int(truncatingIfNeeded: (bits >> 32 &* UInt64(truncatingIfNeeded: slots.count)) >> 32)
            let slot = slots[place]
            return UInt32(truncatingIfNeeded: bits) < slot.share ? slot.item : slot.other
        }
    }

    func withBlock<Result>(_ block: Int, _ body: (Block) throws -> Result) rethrows -> Result {
        try slots.withUnsafeBufferPointer {
            try body(Block(slots: UnsafeBufferPointer(rebasing: $0[bounds[block]..<bounds[block + 1]])))
        }
    }
}
