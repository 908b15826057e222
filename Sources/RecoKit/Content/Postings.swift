// How the postings of a term lie in an index's section `postings`:
//
//   bound     1 byte: no document's impact is above `ImpactBound.value` of it
//   skips     only with more than one block, 7 bytes for each: its last document (u32), its length (u16), its bound (u8)
//   blocks    of 128 documents, the last with what is left:
//               width of the documents, width of the codes   1 byte each
//               documents   packed: how many rows lie between each and the one before, in this block or the last
//               codes       packed: which of `tf-tuples` says how often the term is in each field
//
// A block's bound lets a search pass over it without unpacking it (Ding and Suel, "Faster top-k document retrieval using
// block-max indexes", 2011, doi:10.1145/2009916.2010048).

/// What a document's postings are worth: the part of a score that depends on the document.
protocol PostingWeighting: Sendable {
    /// The impacts of a term in documents with these frequency codes: more than 0, at most 1, before the weight of the
    /// term in the query. Any number may stand among `documents` and `codes`.
    func impacts(
        _ documents: UnsafePointer<UInt32>, _ codes: UnsafePointer<UInt32>, _ count: Int,
        into impacts: UnsafeMutablePointer<Float>)
}

enum Postings {
    static let blockSize = 128
    static let skipSize = 7

    static func blockCount(_ documentFrequency: Int) -> Int { (documentFrequency &+ blockSize &- 1) / blockSize }

    /// Appends the postings of a term, whose documents ascend.
    static func append(
        _ entries: UnsafeBufferPointer<TermEntry>, weighting: some PostingWeighting, to bytes: inout [UInt8]
    ) {
        let blockCount = blockCount(entries.count)
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: blockCount > 1 ? 1 + blockCount * skipSize : 1))
        // Documents, codes and the gaps between documents of a block; then its impacts.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * blockSize) { numbers in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: blockSize) { impacts in
                var next: UInt32 = 0
                for block in 0..<blockCount {
                    let part = entries[block * blockSize..<min((block + 1) * blockSize, entries.count)]
                    for (i, entry) in part.enumerated() {
                        numbers[i] = entry.document
                        numbers[blockSize + i] = entry.code
                        numbers[2 * blockSize + i] = entry.document - next
                        next = entry.document + 1
                    }
                    let documents = numbers.baseAddress!
                    let blockStart = bytes.count
                    append(
                        UnsafeBufferPointer(start: documents + 2 * blockSize, count: part.count),
                        UnsafeBufferPointer(start: documents + blockSize, count: part.count), to: &bytes)
                    weighting.impacts(documents, documents + blockSize, part.count, into: impacts.baseAddress!)
                    let bound = ImpactBound.code(impacts[..<part.count].max() ?? 0)
                    bytes[start] = max(bytes[start], bound)
                    if blockCount > 1 {
                        let skip = start + 1 + block * skipSize
                        let length = bytes.count - blockStart
                        for i in 0..<4 { bytes[skip + i] = UInt8(truncatingIfNeeded: (next - 1) >> UInt32(8 * i)) }
                        for i in 0..<2 { bytes[skip + 4 + i] = UInt8(truncatingIfNeeded: length >> (8 * i)) }
                        bytes[skip + 6] = bound
                    }
                }
            }
        }
    }

    /// Appends a block: both widths, then the numbers.
    private static func append(
        _ deltas: UnsafeBufferPointer<UInt32>, _ codes: UnsafeBufferPointer<UInt32>, to bytes: inout [UInt8]
    ) {
        let documentWidth = BitPacking.width(deltas)
        let codeWidth = BitPacking.width(codes)
        bytes.append(UInt8(documentWidth))
        bytes.append(UInt8(codeWidth))
        BitPacking.append(deltas, width: documentWidth, to: &bytes)
        BitPacking.append(codes, width: codeWidth, to: &bytes)
    }
}

/// A place in a term's postings, which moves forward only.
///
/// It lives in `Scratch`, as do the block that it has unpacked. Whatever the bytes hold, it stays within them and comes
/// to an end: every step passes over a block.
struct PostingCursor: BitwiseCopyable {
    private var list: UnsafePointer<UInt8>
    private var listLength: Int
    private(set) var documentFrequency: Int
    private var blockCount: Int
    private var block = 0
    private var blockStart: Int
    /// The document before the block, plus one.
    private var base: UInt32 = 0
    private let isUnpackedInto: Block
    private(set) var count = 0
    /// The place within the unpacked block.
    var position = 0
    private var state = State.packed
    /// The weight of the term in the query, in the unit of the scores.
    let weight: Float

    private enum State: BitwiseCopyable { case packed, documents, codes, impacts }

    /// Room for an unpacked block.
    struct Block: BitwiseCopyable {
        let documents: UnsafeMutablePointer<UInt32>  // (128)
        let codes: UnsafeMutablePointer<UInt32>  // (128)
        let impacts: UnsafeMutablePointer<Float>  // (128)

        /// Numbers of 4 bytes that a block takes.
        static let size = 3 * Postings.blockSize

        init(_ memory: UnsafeMutablePointer<UInt32>) {
            documents = memory
            codes = memory + Postings.blockSize
            impacts = UnsafeMutableRawPointer(memory + 2 * Postings.blockSize).assumingMemoryBound(to: Float.self)
        }
    }

    /// Nil if the list cannot be one. `postings` end with `BitPacking.slack` bytes that belong to none.
    init?(_ entry: Vocabulary.Entry, in postings: Column<UInt8>, rowCount: Int, weight: Float, block: Block) {
        guard let start = Int(exactly: entry.start), let all = postings.base, start <= postings.count,
            Int(entry.length) &+ BitPacking.slack <= postings.count &- start, entry.documentFrequency > 0,
            Int(entry.documentFrequency) <= rowCount
        else { return nil }
        list = all + start
        listLength = Int(entry.length)
        documentFrequency = Int(entry.documentFrequency)
        blockCount = Postings.blockCount(documentFrequency)
        blockStart = blockCount > 1 ? 1 &+ blockCount &* Postings.skipSize : 1
        guard blockStart < listLength else { return nil }
        isUnpackedInto = block
        self.weight = weight
    }

    /// No document's impact is above this.
    var bound: Float { ImpactBound.value(list[0]) }

    var isAtEnd: Bool { block >= blockCount }

    /// No document before this one is to come.
    @inline(__always)
    var lowest: UInt32 {
        if isAtEnd { return .max }
        return state != .packed && position < count ? isUnpackedInto.documents[position] : base
    }

    @inline(__always)
    private func last(_ block: Int) -> UInt32 {
        guard blockCount > 1 else { return .max }
        let raw = UnsafeRawPointer(list + (1 &+ block &* Postings.skipSize))
        return UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self))
    }

    private mutating func nextBlock() {
        if blockCount > 1 {
            let skip = list + (1 &+ block &* Postings.skipSize)
            base = last(block) &+ 1
            blockStart &+= Int(skip[4]) | Int(skip[5]) &<< 8
        }
        block &+= 1
        state = .packed
        position = 0
        count = 0
    }

    /// The highest impact that documents before `end` may have.
    func bound(before end: UInt32) -> Float {
        if isAtEnd || lowest >= end { return 0 }
        guard blockCount > 1 else { return bound }
        var highest: UInt8 = 0
        for block in block..<blockCount {
            highest = max(highest, list[1 &+ block &* Postings.skipSize &+ 6])
            if last(block) >= end &- 1 { break }
        }
        return ImpactBound.value(highest)
    }

    /// Passes over blocks that end before `target`, without unpacking any; a list of one block is unpacked, so that its
    /// first document is known.
    mutating func pass(_ target: UInt32) {
        if blockCount == 1 {
            _ = seek(target)
        } else {
            while !isAtEnd, last(block) < target { nextBlock() }
        }
    }

    /// Goes to the first document that is not before `target`, and unpacks its block; false at the end.
    mutating func seek(_ target: UInt32) -> Bool {
        while !isAtEnd {
            if last(block) < target {
                nextBlock()
                continue
            }
            if state == .packed, !unpack() {
                block = blockCount
                return false
            }
            let documents = isUnpackedInto.documents
            while position &+ 8 < count, documents[position &+ 7] < target { position &+= 8 }
            while position < count, documents[position] < target { position &+= 1 }
            if position < count { return true }
            nextBlock()
        }
        return false
    }

    /// The document at the cursor, once `seek` has found one.
    var document: UInt32 { isUnpackedInto.documents[position] }
    var code: UInt32 {
        mutating get {
            if state == .documents { unpackCodes() }
            return isUnpackedInto.codes[position]
        }
    }

    private mutating func unpack() -> Bool {
        let size = min(Postings.blockSize, documentFrequency &- block &* Postings.blockSize)
        guard blockStart &+ 2 <= listLength else { return false }
        let documentWidth = Int(list[blockStart])
        let codeWidth = Int(list[blockStart &+ 1])
        guard documentWidth <= 32, codeWidth <= 32,
            blockStart &+ 2 &+ BitPacking.byteCount(size, width: documentWidth)
                &+ BitPacking.byteCount(size, width: codeWidth) <= listLength
        else { return false }
        let documents = isUnpackedInto.documents
        BitPacking.unpack(list + (blockStart &+ 2), size, width: documentWidth, into: documents)
        var next = base
        for i in 0..<size {
            let document = next &+ documents[i]
            documents[i] = document
            next = document &+ 1
        }
        count = size
        position = 0
        state = .documents
        return true
    }

    private mutating func unpackCodes() {
        let start = blockStart &+ 2 &+ BitPacking.byteCount(count, width: Int(list[blockStart]))
        BitPacking.unpack(list + start, count, width: Int(list[blockStart &+ 1]), into: isUnpackedInto.codes)
        state = .codes
    }

    /// What the document at the cursor adds to a score.
    mutating func contribution<Weighting: PostingWeighting>(_ weighting: UnsafePointer<Weighting>) -> Int32 {
        if state == .documents { unpackCodes() }
        let room = isUnpackedInto
        if state == .codes {
            weighting.pointee.impacts(
                room.documents + position, room.codes + position, 1, into: room.impacts + position)
        }
        return Self.fixed(room.impacts[position], weight)
    }

    /// Adds what documents before `end` get to `sums`, which belong to documents from `start` on, and marks them; with
    /// `isBest`, a sum becomes the larger of the two instead.
    @inline(__always)
    mutating func addAll<Weighting: PostingWeighting>(
        from start: UInt32, to end: UInt32, _ weighting: UnsafePointer<Weighting>,
        sums: UnsafeMutablePointer<Int32>, marks: UnsafeMutablePointer<UInt64>, isBest: Bool
    ) {
        forEach(from: start, to: end, weighting) { document, contribution in
            let at = Int(document &- start)
            sums[at] = isBest ? max(sums[at], contribution) : sums[at] &+ contribution
            marks[at &>> 6] |= 1 &<< UInt64(at & 63)
        }
    }

    /// Goes through the documents from `start` to before `end`, and what they get.
    @inline(__always)
    mutating func forEach<Weighting: PostingWeighting>(
        from start: UInt32, to end: UInt32, _ weighting: UnsafePointer<Weighting>, _ body: (UInt32, Int32) -> Void
    ) {
        guard seek(start) else { return }
        while true {
            if state == .documents { unpackCodes() }
            let room = isUnpackedInto
            if state == .codes {
                weighting.pointee.impacts(
                    room.documents + position, room.codes + position, count &- position, into: room.impacts + position)
                state = .impacts
            }
            var i = position
            while i < count {
                // Below `start` only where a damaged list goes back.
                let document = room.documents[i]
                guard document &- start < end &- start else { break }
                body(document, Self.fixed(room.impacts[i], weight))
                i &+= 1
            }
            position = i
            if i < count { return }
            nextBlock()
            guard !isAtEnd, base < end, unpack() else {
                if !isAtEnd, base < end { block = blockCount }
                return
            }
        }
    }

    /// Whole numbers add up to the same in any order: scores do not depend on which lists a search could pass over.
    @inline(__always)
    static func fixed(_ impact: Float, _ weight: Float) -> Int32 {
        // Not a number becomes 0.
        let bounded = impact > 0 ? min(impact, 1) : 0
        return Int32(bounded * weight + 0.5)
    }
}
