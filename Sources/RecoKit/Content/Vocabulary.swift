import Glibc

/// The terms of an index in the order of their bytes, front-coded in blocks of 16, each with what leads to its postings.
///
/// A term is stored as the number of bytes that it shares with the one before, the number of its other bytes, and
/// those; then in how many documents it is, and how many bytes its postings take (both varints). The first of a block
/// shares nothing. That is a third of the room that offsets and whole words take (Witten, Moffat and Bell, "Managing
/// Gigabytes", 1999, section 4.1).
struct Vocabulary: Sendable {
    static let blockSize = 16

    let bytes: Column<UInt8>
    let blocks: Column<UInt32>  // (blocks), where each begins in `bytes`
    let listStarts: Column<UInt64>  // (blocks), where the postings of its first term begin
    /// In how many documents the most frequent term of each block is, for finding the words that complete another.
    let blockPeaks: Column<UInt32>  // (blocks)
    /// What `TermMask` says about each term, for finding typing mistakes.
    let masks: Column<UInt32>  // (terms)

    var count: Int { masks.count }

    /// A term and its postings.
    struct Entry: BitwiseCopyable {
        var term: UInt32
        var documentFrequency: UInt32
        /// Where its postings lie.
        var start: UInt64
        var length: UInt32
    }

    /// The entry of a term, or nil. O(log blocks).
    func find(_ term: UnsafeBufferPointer<UInt8>) -> Entry? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Reader.bufferSize) { buffer -> Entry? in
            var reader = Reader(self, buffer)
            guard reader.seek(to: term) else { return nil }
            return reader.compare(term) == 0 ? reader.entry : nil
        }
    }

    /// Walks over terms, one after the other.
    struct Reader {
        /// One byte for a length says that no term is longer.
        static let bufferSize = 256

        private let vocabulary: Vocabulary
        private let bytes: UnsafeBufferPointer<UInt8>
        private let buffer: UnsafeMutableBufferPointer<UInt8>
        private var position = 0
        private var length = 0
        private var nextStart: UInt64 = 0
        private var nextTerm = 0
        private(set) var entry = Entry(term: 0, documentFrequency: 0, start: 0, length: 0)

        /// `buffer` has `bufferSize` bytes.
        init(_ vocabulary: Vocabulary, _ buffer: UnsafeMutableBufferPointer<UInt8>) {
            self.vocabulary = vocabulary
            bytes = vocabulary.bytes.elements
            self.buffer = buffer
        }

        /// The bytes of the term, valid until the next one.
        var term: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: buffer.baseAddress, count: length) }

        /// Goes before the first term of a block.
        mutating func seek(block: Int) {
            position = Int(vocabulary.blocks[block])
            nextStart = vocabulary.listStarts[block]
            nextTerm = block &* Vocabulary.blockSize
            length = 0
        }

        /// Goes to the next term; false at the end, or where the bytes make no sense.
        mutating func next() -> Bool {
            guard nextTerm < vocabulary.count, position &+ 1 < bytes.count else { return false }
            if nextTerm % Vocabulary.blockSize == 0 { seek(block: nextTerm / Vocabulary.blockSize) }
            guard position >= 0, position &+ 1 < bytes.count else { return false }
            let shared = min(Int(bytes[position]), length)
            let more = Int(bytes[position &+ 1])
            position &+= 2
            guard shared &+ more < Self.bufferSize, more <= bytes.count &- position,
                let to = buffer.baseAddress, let from = bytes.baseAddress
            else { return false }
            // Terms are short: a call would take longer than the bytes.
            for i in 0..<more { to[shared &+ i] = from[position &+ i] }
            length = shared &+ more
            position &+= more
            guard let frequency = Varint.read(bytes, &position), let size = Varint.read(bytes, &position) else {
                return false
            }
            entry = Entry(
                term: UInt32(truncatingIfNeeded: nextTerm), documentFrequency: UInt32(truncatingIfNeeded: frequency),
                start: nextStart, length: UInt32(truncatingIfNeeded: size))
            nextStart &+= UInt64(size)
            nextTerm &+= 1
            return true
        }

        /// Goes to the next term; blocks in which none is in more than `frequency` documents are passed over.
        mutating func next(moreFrequentThan frequency: UInt32) -> Bool {
            if frequency > 0, nextTerm % Vocabulary.blockSize == 0 {
                let peaks = vocabulary.blockPeaks.elements
                var block = nextTerm / Vocabulary.blockSize
                while block < peaks.count, peaks[block] <= frequency { block &+= 1 }
                nextTerm = block &* Vocabulary.blockSize
            }
            return next()
        }

        /// The entry of a term by its number; nil if there is none. O(block size).
        mutating func entry(of term: UInt32) -> Entry? {
            guard Int(term) < vocabulary.count else { return nil }
            seek(block: Int(term) / Vocabulary.blockSize)
            for _ in 0...Int(term) % Vocabulary.blockSize { if !next() { return nil } }
            return entry.term == term ? entry : nil
        }

        /// Below 0 if the term stands before `other`, 0 if it is the same.
        func compare(_ other: UnsafeBufferPointer<UInt8>) -> Int { compareBytes(term, other) }

        /// Goes to the first term that does not stand before `term`; false if there is none. O(log blocks).
        mutating func seek(to term: UnsafeBufferPointer<UInt8>) -> Bool {
            let after = firstPlace(vocabulary.blocks.count) { compareBytes(vocabulary.first(of: $0), term) <= 0 }
            seek(block: max(0, after &- 1))
            while next() {
                if compare(term) >= 0 { return true }
            }
            return false
        }
    }

    /// The first term of a block, which is stored whole.
    private func first(of block: Int) -> UnsafeBufferPointer<UInt8> {
        let position = Int(blocks[block])
        guard position < bytes.count &- 1 else { return UnsafeBufferPointer(start: nil, count: 0) }
        return bytes.slice(position &+ 2, position &+ 2 &+ Int(bytes[position &+ 1]))
    }
}

/// Which letters a term has, and how long it is: enough to rule out nearly all words that are not meant.
enum TermMask {
    private static let letters: UInt32 = 0x07FF_FFFF

    /// Bits 0 to 25: a to z; bit 26: anything else; bits 27 to 31: the length, 31 for more.
    static func mask(_ term: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var mask = UInt32(min(31, term.count)) &<< 27
        for byte in term {
            let letter = byte &- UInt8(ascii: "a")
            mask |= 1 &<< UInt32(letter < 26 ? letter : 26)
        }
        return mask
    }

    /// Whether two terms can be within `distance` edits: each changes the length by one at most, and takes away one
    /// letter and brings one at most.
    @inline(__always)
    static func mayMatch(_ a: UInt32, _ b: UInt32, distance: Int) -> Bool {
        let difference = Int(a &>> 27) &- Int(b &>> 27)
        guard difference <= distance, difference >= 0 &- distance else { return false }
        var rest = (a ^ b) & letters
        for _ in 0..<2 &* distance { rest &= rest &- 1 }
        return rest == 0
    }

    /// Whether any of the terms from `start` to before `end` can be, four at a time: this loop sees the whole vocabulary.
    @inline(__always)
    static func anyMatches(
        _ masks: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int, _ mask: UInt32, distance: Int
    ) -> Bool {
        guard let raw = UnsafeRawPointer(masks.baseAddress) else { return false }
        let shortest = SIMD4<UInt32>(repeating: mask &>> 27 &- UInt32(distance))
        let span = SIMD4<UInt32>(repeating: UInt32(2 &* distance))
        let one = SIMD4<UInt32>(repeating: 1)
        var place = start
        while place &+ 4 <= end {
            let four = raw.loadUnaligned(fromByteOffset: 4 &* place, as: SIMD4<UInt32>.self)
            var rest = (four ^ SIMD4(repeating: mask)) & SIMD4(repeating: letters)
            rest &= rest &- one
            rest &= rest &- one
            if distance > 1 {
                rest &= rest &- one
                rest &= rest &- one
            }
            // All bits where the length is wrong.
            let length = (four &>> SIMD4(repeating: 27)) &- shortest
            rest.replace(with: SIMD4(repeating: letters), where: length .> span)
            if rest.min() == 0 { return true }
            place &+= 4
        }
        while place < end {
            if mayMatch(masks[place], mask, distance: distance) { return true }
            place &+= 1
        }
        return false
    }
}
