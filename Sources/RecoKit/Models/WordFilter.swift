/// A condition on items that is looked at only where somebody asks: for the 64 items of a word of the bit set at a time.
///
/// What it does not let through is written into the bit set of blocked items, and a second bit set says for which words
/// that has been done. So a source that looks at few items costs little, and no source pays for what another has asked
/// already. Once an eighth of the words has been asked for, all others are decided in one go: in the order of memory
/// that costs less than the next eighth would, here and there. (docs/filters.md has the measurements.)
struct WordFilter {
    /// Which items of a word get through, a bit each: of the items 64 x word and following.
    typealias Admission = @convention(c) (_ context: UnsafeRawPointer, _ word: Int) -> UInt64

    private let context: UnsafeRawPointer
    private let admits: Admission
    private let blocked: UnsafeMutablePointer<UInt64>  // a bit per item
    private let wordCount: Int  // of `blocked`
    private let decided: UnsafeMutablePointer<UInt64>  // a bit per word of `blocked`; behind them, how many were asked for

    static func memorySize(wordCount: Int) -> Int { (wordCount / 64 &+ 2) &* 8 }

    /// `memory` has `memorySize` bytes, all zero.
    init(
        _ admits: @escaping Admission, _ context: UnsafeRawPointer, blocked: UnsafeMutablePointer<UInt64>,
        wordCount: Int,
        memory: UnsafeMutableRawPointer
    ) {
        self.context = context
        self.admits = admits
        self.blocked = blocked
        self.wordCount = wordCount
        decided = memory.assumingMemoryBound(to: UInt64.self)
    }

    /// Whether the filter blocks an item, whose bit is not set yet and which exists.
    @inline(never)
    func blocks(_ row: UInt32) -> Bool {
        let word = Int(row &>> 6)
        guard decide(word) else { return false }
        let asked = decided + (wordCount / 64 &+ 1)
        asked.pointee &+= 1
        if asked.pointee == UInt64(truncatingIfNeeded: wordCount / 8 &+ 1) {
            for word in 0..<wordCount { _ = decide(word) }
        }
        return blocked[word] & (1 &<< UInt64(row & 63)) != 0
    }

    /// False if that had been done.
    @inline(__always)
    private func decide(_ word: Int) -> Bool {
        let mark: UInt64 = 1 &<< UInt64(word & 63)
        guard decided[word &>> 6] & mark == 0 else { return false }
        decided[word &>> 6] |= mark
        // Where lists have left nothing there is nothing to find out.
        if blocked[word] != .max { blocked[word] |= ~admits(context, word) }
        return true
    }
}
