import Glibc

/// Numbers words in the order in which they come; for training.
struct InternTable: ~Copyable {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var byteCapacity = 1 << 16
    private var byteCount = 0
    private var ends: UnsafeMutablePointer<UInt32>
    private var capacity = 1 << 12
    private(set) var count = 0
    /// At most half full.
    private var slots: UnsafeMutablePointer<Slot>
    private var mask = 1 << 13 - 1
    /// The words met last, by hash: most words of a text are a few common ones, and this fits into a near cache.
    private let recent: UnsafeMutablePointer<Slot>
    private static let recentCount = 4096

    /// All that a look-up needs but the bytes, side by side, for each would be a cache miss.
    private struct Slot: BitwiseCopyable {
        var hash: UInt32 = 0  // the upper half
        var number: UInt32 = 0  // + 1; 0 is empty
        var start: UInt32 = 0
        var count: UInt32 = 0
    }

    init() {
        bytes = .allocate(capacity: byteCapacity)
        ends = .allocate(capacity: capacity)
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: Slot(), count: mask + 1)
        recent = .allocate(capacity: Self.recentCount)
        recent.initialize(repeating: Slot(), count: Self.recentCount)
    }

    deinit {
        bytes.deallocate()
        ends.deallocate()
        slots.deallocate()
        recent.deallocate()
    }

    /// A word by its number; valid until the next one is added.
    subscript(number: Int) -> UnsafeBufferPointer<UInt8> {
        let start = number == 0 ? 0 : Int(ends[number - 1])
        return UnsafeBufferPointer(start: bytes + start, count: Int(ends[number]) - start)
    }

    /// The number of a word, and whether it is new. O(length) expected.
    @inline(__always)
    mutating func number(of word: UnsafeBufferPointer<UInt8>) throws -> (number: Int, isNew: Bool) {
        let hash = Self.hash(word)
        let near = recent + (Int(truncatingIfNeeded: hash) & (Self.recentCount - 1))
        if isWord(word, hash, near.pointee) { return (Int(near.pointee.number) - 1, false) }
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot].number != 0 {
            if isWord(word, hash, slots[slot]) {
                near.pointee = slots[slot]
                return (Int(slots[slot].number) - 1, false)
            }
            slot = (slot + 1) & mask
        }
        return (try add(word, hash, slot), true)
    }

    @inline(__always)
    private func isWord(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ slot: Slot) -> Bool {
        slot.number != 0 && slot.hash == UInt32(truncatingIfNeeded: hash >> 32)
            && Self.areEqual(UnsafeBufferPointer(start: bytes + Int(slot.start), count: Int(slot.count)), word)
    }

    private mutating func add(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64, _ slot: Int) throws -> Int {
        guard byteCount + word.count < UInt32.max, count < UInt32.max - 1 else {
            throw RecoError(.badData, "the text has more than four gigabytes of different words")
        }
        if byteCount + word.count > byteCapacity {
            byteCapacity = max(byteCapacity * 2, byteCount + word.count)
            bytes = Self.grown(bytes, byteCount, byteCapacity)
        }
        if count == capacity {
            capacity *= 2
            ends = Self.grown(ends, count, capacity)
        }
        memcpy(bytes + byteCount, word.baseAddress!, word.count)
        slots[slot] = Slot(
            hash: UInt32(truncatingIfNeeded: hash >> 32), number: UInt32(count + 1), start: UInt32(byteCount),
            count: UInt32(word.count))
        byteCount += word.count
        ends[count] = UInt32(byteCount)
        count += 1
        if count * 2 > mask { rehash() }
        return count - 1
    }

    private mutating func rehash() {
        let old = UnsafeBufferPointer(start: slots, count: mask + 1)
        mask = mask * 2 + 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: Slot(), count: mask + 1)
        for taken in old where taken.number != 0 {
            var slot = Int(truncatingIfNeeded: Self.hash(self[Int(taken.number) - 1])) & mask
            while slots[slot].number != 0 { slot = (slot + 1) & mask }
            slots[slot] = taken
        }
        old.deallocate()
    }

    private static func grown<T: BitwiseCopyable>(_ old: UnsafeMutablePointer<T>, _ count: Int, _ capacity: Int)
        -> UnsafeMutablePointer<T>
    {
        let new = UnsafeMutablePointer<T>.allocate(capacity: capacity)
        new.initialize(from: old, count: count)
        old.deallocate()
        return new
    }

    /// Words are short: a call of memcmp would take longer.
    @inline(__always)
    private static func areEqual(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard a.count == b.count, let left = UnsafeRawPointer(a.baseAddress),
            let right = UnsafeRawPointer(b.baseAddress)
        else { return false }
        var at = 0
        while at &+ 8 <= a.count {
            if left.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            {
                return false
            }
            at &+= 8
        }
        while at < a.count {
            if a[at] != b[at] { return false }
            at &+= 1
        }
        return true
    }

    /// Eight bytes at a time, multiplied and folded; words are not empty.
    @inline(__always)
    private static func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawPointer(word.baseAddress!)
        let count = word.count
        var hash = UInt64(count) &* 0x9E37_79B9_7F4A_7C15
        func mix(_ value: UInt64) {
            let (high, low) = (hash ^ value).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
            hash = high ^ low
        }
        if count >= 8 {
            var at = 0
            while at < count - 8 {
                mix(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                at += 8
            }
            mix(raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        } else if count >= 4 {
            let first = raw.loadUnaligned(as: UInt32.self)
            let last = raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            mix(UInt64(first) << 32 | UInt64(last))
        } else {
            mix(UInt64(word[0]) << 16 | UInt64(word[count / 2]) << 8 | UInt64(word[count - 1]))
        }
        mix(0xE703_7ED1_A0B4_28DB)
        return hash
    }
}
