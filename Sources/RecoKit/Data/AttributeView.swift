/// An attribute of a model file as plain pointers, for loops over many items: no reference is counted on the way.
///
/// Every access is bounded, as in `Column`: what a damaged file does not have reads as no value.
struct AttributeView: BitwiseCopyable {
    enum Kind: UInt8 { case number, category, tags, text }

    /// Texts one after the other; the last offset is the end of the last.
    struct Texts: BitwiseCopyable {
        var offsets = UnsafeBufferPointer<UInt64>(start: nil, count: 0)
        var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

        var count: Int { max(0, offsets.count &- 1) }

        @inline(__always)
        subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
            let range = AttributeView.range(index, offsets, limit: bytes.count)
            guard let base = bytes.baseAddress else { return UnsafeBufferPointer(start: nil, count: 0) }
            return UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
        }
    }

    var kind: Kind
    var numbers = UnsafeBufferPointer<Double>(start: nil, count: 0)  // number: (rows)
    var codes = UnsafeBufferPointer<UInt32>(start: nil, count: 0)  // category: (rows); tags: of all rows
    var offsets = UnsafeBufferPointer<UInt64>(start: nil, count: 0)  // tags: (rows + 1)
    var texts = Texts()  // text: (rows); category, tags: (names), name c - 1 for code c
    var slots = UnsafeBufferPointer<UInt32>(start: nil, count: 0)  // hash table of the names; empty in older files

    init(kind: Kind) { self.kind = kind }

    /// The number of a row; NaN for none.
    @inline(__always)
    func number(_ row: Int) -> Double { row >= 0 && row < numbers.count ? numbers[row] : .nan }

    /// The category's code of a row; 0 for none.
    @inline(__always)
    func code(_ row: Int) -> UInt32 { row >= 0 && row < codes.count ? codes[row] : 0 }

    /// The codes of a row's tags.
    @inline(__always)
    func tags(_ row: Int) -> UnsafeBufferPointer<UInt32> {
        let range = Self.range(row, offsets, limit: codes.count)
        guard let base = codes.baseAddress else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// The text of a row, or the name of its category; empty for none.
    @inline(__always)
    func text(_ row: Int) -> UnsafeBufferPointer<UInt8> { texts[kind == .text ? row : Int(code(row)) &- 1] }

    /// The code of a name of a category or a tag; 0 if no item has it. O(length) expected; O(names) in older files.
    func code(of name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        guard slots.count > 0, slots.count & (slots.count &- 1) == 0 else {
            for code in 0..<texts.count where sameBytes(texts[code], name) {
                return UInt32(truncatingIfNeeded: code &+ 1)
            }
            return 0
        }
        var slot = Int(truncatingIfNeeded: XXHash64.hash(UnsafeRawBufferPointer(name))) & (slots.count &- 1)
        for _ in 0..<slots.count {
            let code = slots[slot]
            if code == 0 { return 0 }
            if sameBytes(texts[Int(code) &- 1], name) { return code }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return 0
    }

    @inline(__always)
    private static func range(_ row: Int, _ offsets: UnsafeBufferPointer<UInt64>, limit: Int) -> Range<Int> {
        guard row >= 0, row < offsets.count &- 1, let base = offsets.baseAddress else { return 0..<0 }
        let (start, end) = (base[row], base[row &+ 1])
        guard start <= end, end <= UInt64(truncatingIfNeeded: limit) else { return 0..<0 }
        return Range(uncheckedBounds: (Int(truncatingIfNeeded: start), Int(truncatingIfNeeded: end)))
    }
}
