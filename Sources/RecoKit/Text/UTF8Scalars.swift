/// The scalars of UTF-8 text, one after the other; what is not valid UTF-8 comes as U+FFFD and is counted.
///
/// One U+FFFD stands for each maximal part of a sequence that breaks off, and for each byte that can start none, as the
/// Unicode standard recommends (chapter 3.9). Allocates nothing, whatever the bytes are. O(bytes).
struct UTF8Scalars {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// Where the next scalar begins.
    private(set) var position = 0
    /// How many pieces were not valid so far.
    private(set) var replacedCount = 0

    static let replacement: UInt32 = 0xFFFD

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The next scalar, or nil at the end.
    @inline(__always)
    mutating func next() -> UInt32? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        if first < 0x80 {
            position &+= 1
            return UInt32(first)
        }
        return nextLong(first)
    }

    private mutating func nextLong(_ first: UInt8) -> UInt32 {
        position &+= 1
        // How many bytes follow, and between which bounds the first of them lies: neither surrogates, nor more than
        // U+10FFFF, nor a longer form than needed.
        let more: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        var scalar: UInt32
        switch first {
        case 0xC2...0xDF: (more, scalar) = (1, UInt32(first & 0x1F))
        case 0xE0...0xEF:
            (more, scalar) = (2, UInt32(first & 0x0F))
            if first == 0xE0 { low = 0xA0 }
            if first == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            (more, scalar) = (3, UInt32(first & 0x07))
            if first == 0xF0 { low = 0x90 }
            if first == 0xF4 { high = 0x8F }
        default: return replaced()
        }
        for _ in 0..<more {
            guard position < bytes.count, bytes[position] >= low, bytes[position] <= high else { return replaced() }
            scalar = scalar &<< 6 | UInt32(bytes[position] & 0x3F)
            position &+= 1
            (low, high) = (0x80, 0xBF)
        }
        return scalar
    }

    private mutating func replaced() -> UInt32 {
        replacedCount &+= 1
        return Self.replacement
    }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
    /// The first bytes of UTF-8 text, at most `limit`, and no part of a character that goes on behind them. O(1).
    func firstCharacters(_ limit: Int) -> SubSequence {
        guard count > limit else { return self[...] }
        let end = startIndex &+ Swift.max(0, limit)
        // A character has at most three bytes behind its first one; where more follow, the text is no UTF-8.
        for shorter in 0...3 where end &- shorter >= startIndex && self[end &- shorter] & 0xC0 != 0x80 {
            return self[startIndex..<end &- shorter]
        }
        return self[startIndex..<end]
    }
}

/// Writes a scalar as UTF-8 and returns how many bytes it took, 1 to 4; 0 if `room` is too small.
@inline(__always)
func encodeUTF8(_ scalar: UInt32, into bytes: UnsafeMutablePointer<UInt8>, room: Int) -> Int {
    if scalar < 0x80 {
        guard room >= 1 else { return 0 }
        bytes[0] = UInt8(truncatingIfNeeded: scalar)
        return 1
    }
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar &>> shift & 0x3F) }
    if scalar < 0x800 {
        guard room >= 2 else { return 0 }
        bytes[0] = 0xC0 | UInt8(truncatingIfNeeded: scalar &>> 6)
        bytes[1] = tail(0)
        return 2
    }
    if scalar < 0x10000 {
        guard room >= 3 else { return 0 }
        bytes[0] = 0xE0 | UInt8(truncatingIfNeeded: scalar &>> 12)
        bytes[1] = tail(6)
        bytes[2] = tail(0)
        return 3
    }
    guard room >= 4 else { return 0 }
    bytes[0] = 0xF0 | UInt8(truncatingIfNeeded: scalar &>> 18 & 0x07)
    bytes[1] = tail(12)
    bytes[2] = tail(6)
    bytes[3] = tail(0)
    return 4
}
