import Glibc

/// The pieces of a vocabulary and their numbers, in a hash table that is read in place. Pieces that continue a word begin
/// with "##".
///
/// Open addressing with steps of one; the slot of hash h is the top bits of h times a constant. No piece lies more than
/// `longestProbe` slots from its place, and no search goes further, whatever the file holds.
struct PieceTable: Sendable {
    let offsets: Column<UInt32>  // (pieces + 1) where each piece's bytes begin
    let bytes: Column<UInt8>  // the pieces, one after the other
    let slots: Column<UInt32>  // (a power of two) piece + 1, or 0

    static let longestProbe = 32

    // FNV-1a over the bytes, "##" included.
    static let seed: UInt32 = 2_166_136_261
    static let continuingSeed = step(step(seed, UInt8(ascii: "#")), UInt8(ascii: "#"))
    @inline(__always)
    static func step(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 16_777_619 }

    @inline(__always)
    private static func slot(_ hash: UInt32, among count: Int) -> Int {
        // FNV leaves its low bits better mixed than its high ones; the multiplication carries them up.
        Int((UInt64(hash &* 2_654_435_769) &* UInt64(count)) &>> 32)
    }

    var count: Int { max(0, offsets.count &- 1) }

    /// The number of a piece, given without its "##" but hashed with it; nil if there is none.
    func piece(_ text: UnsafeBufferPointer<UInt8>, continues: Bool, hash: UInt32) -> UInt32? {
        guard slots.count > 0, let start = text.baseAddress else { return nil }
        var slot = Self.slot(hash, among: slots.count)
        let marked = continues ? 2 : 0
        for _ in 0..<Self.longestProbe {
            let entry = slots[slot]
            if entry == 0 { return nil }
            let piece = Int(entry &- 1)
            let stored = bytes.slice(Int(offsets[piece]), Int(offsets[piece &+ 1]))
            if stored.count == text.count &+ marked, let other = stored.baseAddress,
                marked == 0 || (other[0] == UInt8(ascii: "#") && other[1] == UInt8(ascii: "#")),
                memcmp(other + marked, start, text.count) == 0
            {
                return entry &- 1
            }
            slot = slot &+ 1 == slots.count ? 0 : slot &+ 1
        }
        return nil
    }

    /// A table of `pieces`; of equal ones the last counts. Empty texts are numbers without a piece.
    init(_ pieces: [[UInt8]]) throws {
        var offsets: [UInt32] = [0]
        var bytes: [UInt8] = []
        var last: [[UInt8]: Int] = [:]
        for (number, piece) in pieces.enumerated() {
            bytes += piece
            guard let end = UInt32(exactly: bytes.count) else {
                throw RecoError(.badData, "the vocabulary has more than 4 GB")
            }
            offsets.append(end)
            if !piece.isEmpty { last[piece] = number }
        }
        var size = 64
        while size < 2 * last.count { size *= 2 }
        while true {
            if let slots = Self.slots(pieces, last, size) {
                self.init(offsets: Column(offsets), bytes: Column(bytes), slots: Column(slots))
                return
            }
            size *= 2
            guard size <= 1 << 26 else {
                throw RecoError(.badData, "the pieces of the vocabulary cannot be told apart")
            }
        }
    }

    init(offsets: Column<UInt32>, bytes: Column<UInt8>, slots: Column<UInt32>) {
        (self.offsets, self.bytes, self.slots) = (offsets, bytes, slots)
    }

    /// Nil if a piece would lie too far from its place.
    private static func slots(_ pieces: [[UInt8]], _ last: [[UInt8]: Int], _ size: Int) -> [UInt32]? {
        var slots = [UInt32](repeating: 0, count: size)
        for (number, piece) in pieces.enumerated() where last[piece] == number {
            var slot = Self.slot(piece.reduce(seed, step), among: size)
            var probes = 1
            while slots[slot] != 0 {
                slot = slot + 1 == size ? 0 : slot + 1
                probes += 1
            }
            if probes > longestProbe { return nil }
            slots[slot] = UInt32(number + 1)
        }
        return slots
    }
}

extension WordPiece {
    func write(to writer: ModelWriter) throws {
        let flags: [Bool] = [rules.lowercases, rules.stripsMarks, rules.separatesIdeographs]
        try writer.add("encoder/tokenizer", flags.map { $0 ? 1 : 0 } + [rules.first, rules.last, rules.unknown])
        try writer.add("encoder/piece-offsets", vocabulary.offsets.elements)
        try writer.add("encoder/piece-bytes", vocabulary.bytes.elements)
        try writer.add("encoder/piece-slots", vocabulary.slots.elements)
    }

    init(_ file: ModelFile) throws {
        guard let rules = file.column("encoder/tokenizer", as: UInt32.self), rules.count == 6,
            let offsets = file.column("encoder/piece-offsets", as: UInt32.self),
            let bytes = file.column("encoder/piece-bytes", as: UInt8.self),
            let slots = file.column("encoder/piece-slots", as: UInt32.self), slots.count <= 1 << 26
        else { throw RecoError(.damaged, "the encoder in the file has no tokenizer") }
        self.rules = TokenizerRules(
            lowercases: rules[0] != 0, stripsMarks: rules[1] != 0, separatesIdeographs: rules[2] != 0,
            first: rules[3], last: rules[4], unknown: rules[5])
        vocabulary = PieceTable(offsets: offsets, bytes: bytes, slots: slots)
    }
}
