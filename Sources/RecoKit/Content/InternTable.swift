import Glibc

/// Numbers words in the order in which they come; for training.
struct InternTable: ~Copyable {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var byteCapacity = 1 << 16
    private var byteCount = 0
    private var ends: UnsafeMutablePointer<UInt32>
    private var capacity = 1 << 12
    private(set) var count = 0
    /// The upper half of the hash, and the number + 1; 0 is empty. At most half full.
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask = 1 << 13 - 1

    init() {
        bytes = .allocate(capacity: byteCapacity)
        ends = .allocate(capacity: capacity)
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
    }

    deinit {
        bytes.deallocate()
        ends.deallocate()
        slots.deallocate()
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
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if slots[slot] >> 32 == hash >> 32 {
                let number = Int(slots[slot] & 0xFFFF_FFFF) - 1
                let known = self[number]
                if Self.areEqual(known, word) { return (number, false) }
            }
            slot = (slot + 1) & mask
        }
        return (try add(word, hash, slot), true)
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
        byteCount += word.count
        ends[count] = UInt32(byteCount)
        count += 1
        slots[slot] = (hash >> 32) << 32 | UInt64(count)
        if count * 2 > mask { rehash() }
        return count - 1
    }

    private mutating func rehash() {
        mask = mask * 2 + 1
        slots.deallocate()
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for number in 0..<count {
            let hash = Self.hash(self[number])
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = (hash >> 32) << 32 | UInt64(number + 1)
        }
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
        guard a.count == b.count, let left = UnsafeRawPointer(a.baseAddress), let right = UnsafeRawPointer(b.baseAddress)
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
