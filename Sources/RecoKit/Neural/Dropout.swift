/// Dropout: sets a share of the numbers to zero while training, and lets the others grow by as much. Srivastava et al.
/// 2014, jmlr.org/papers/v15/srivastava14a.html.
struct Dropout: Sendable {
    /// Between 0 and 1; 0: nothing is dropped.
    let share: Float

    /// In place; `mask` remembers by what each number was multiplied.
    func forward(
        _ x: UnsafeMutablePointer<Float>, mask: UnsafeMutablePointer<Float>, _ count: Int,
        using generator: inout SeededGenerator
    ) {
        let kept = 1 / (1 - share)
        let bound = UInt64(share * 0x1p16)
        var i = 0
        while i < count {
            // Four numbers of 16 bits out of each draw.
            var bits = generator.next()
            for at in i..<min(i + 4, count) {
                mask[at] = bits & 0xFFFF < bound ? 0 : kept
                bits >>= 16
            }
            i += 4
        }
        Self.multiply(x, mask, count)
    }

    func backward(_ delta: UnsafeMutablePointer<Float>, mask: UnsafePointer<Float>, _ count: Int) {
        Self.multiply(delta, mask, count)
    }

    private static func multiply(_ x: UnsafeMutablePointer<Float>, _ mask: UnsafePointer<Float>, _ count: Int) {
        for i in 0..<count { x[i] *= mask[i] }
    }
}
