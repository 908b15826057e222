/// A condition on items that is looked at only where somebody asks: for the 64 items of a word of the bit set at a time.
///
/// What it does not let through is written into the bit set of blocked items, and a second bit set says for which words
/// that has been done. So a source that looks at few items costs little, one that looks at all of them costs what the
/// whole column costs, and no source pays for what another has asked already.
struct WordFilter {
    /// Which items of a word get through, a bit each: of the items 64 x word and following.
    typealias Admission = @convention(c) (_ context: UnsafeRawPointer, _ word: Int) -> UInt64

    let context: UnsafeRawPointer
    let admits: Admission
    let blocked: UnsafeMutablePointer<UInt64>  // a bit per item
    let decided: UnsafeMutablePointer<UInt64>  // a bit per word of `blocked`

    /// Whether the filter blocks an item, whose bit is not set yet and which exists.
    @inline(never)
    func blocks(_ row: UInt32) -> Bool {
        let word = Int(row &>> 6)
        let mark: UInt64 = 1 &<< UInt64(word & 63)
        guard decided[word &>> 6] & mark == 0 else { return false }
        decided[word &>> 6] |= mark
        blocked[word] |= ~admits(context, word)
        return blocked[word] & (1 &<< UInt64(row & 63)) != 0
    }
}
