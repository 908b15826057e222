/// XXH64, a 64-bit checksum for bytes that come in pieces (algorithm by Yann Collet, specified in xxhash_spec.md of
/// his project). Detects accidents, not forgeries.
public struct XXHash64: Sendable {
    private static let p1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let p3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let p4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let p5: UInt64 = 0x27D4_EB2F_1656_67C5

    private let seed: UInt64
    private var lanes: (UInt64, UInt64, UInt64, UInt64)
    private var pending: [UInt8] = []  // fewer than 32 bytes that wait for more
    private var length: UInt64 = 0

    public init(seed: UInt64 = 0) {
        self.seed = seed
        lanes = (seed &+ Self.p1 &+ Self.p2, seed &+ Self.p2, seed, seed &- Self.p1)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        var rest = bytes
        if !pending.isEmpty {
            let take = min(32 - pending.count, rest.count)
            pending.append(contentsOf: rest[0..<take])
            rest = UnsafeRawBufferPointer(rebasing: rest[take...])
            guard pending.count == 32 else { return }
            pending.withUnsafeBytes { block in consume(block) }
            pending.removeAll(keepingCapacity: true)
        }
        let whole = rest.count & ~31
        if whole > 0 { consume(UnsafeRawBufferPointer(rebasing: rest[0..<whole])) }
        if whole < rest.count { pending.append(contentsOf: rest[whole...]) }
    }

    public func finish() -> UInt64 {
        pending.withUnsafeBytes { Self.finish(tail: $0, lanes: lanes, length: length, seed: seed) }
    }

    /// The checksum of bytes that are all there, without allocating.
    public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var lanes = (seed &+ p1 &+ p2, seed &+ p2, seed, seed &- p1)
        let whole = bytes.count & ~31
        if whole > 0 { consume(UnsafeRawBufferPointer(rebasing: bytes[0..<whole]), &lanes) }
        let tail = UnsafeRawBufferPointer(rebasing: bytes[whole...])
        return finish(tail: tail, lanes: lanes, length: UInt64(bytes.count), seed: seed)
    }

    private mutating func consume(_ block: UnsafeRawBufferPointer) { Self.consume(block, &lanes) }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* p2, 31) &* p1
    }

    @inline(__always)
    private static func rotate(_ x: UInt64, _ n: UInt64) -> UInt64 { (x &<< n) | (x &>> (64 &- n)) }

    private static func consume(_ block: UnsafeRawBufferPointer, _ lanes: inout (UInt64, UInt64, UInt64, UInt64)) {
        guard var p = block.baseAddress else { return }
        let end = p + block.count
        var (a, b, c, d) = lanes
        while p < end {
            a = round(a, UInt64(littleEndian: p.loadUnaligned(as: UInt64.self)))
            b = round(b, UInt64(littleEndian: p.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            c = round(c, UInt64(littleEndian: p.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
            d = round(d, UInt64(littleEndian: p.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
            p += 32
        }
        lanes = (a, b, c, d)
    }

    private static func finish(
        tail: UnsafeRawBufferPointer, lanes: (UInt64, UInt64, UInt64, UInt64), length: UInt64, seed: UInt64
    ) -> UInt64 {
        var h: UInt64
        if length >= 32 {
            h = rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
            for i in 0..<4 {
                let lane = i == 0 ? lanes.0 : i == 1 ? lanes.1 : i == 2 ? lanes.2 : lanes.3
                h = (h ^ round(0, lane)) &* p1 &+ p4
            }
        } else {
            h = seed &+ p5
        }
        h = h &+ length
        var at = 0
        while at + 8 <= tail.count {
            h ^= round(0, UInt64(littleEndian: tail.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
            h = rotate(h, 27) &* p1 &+ p4
            at += 8
        }
        if at + 4 <= tail.count {
            h ^= UInt64(UInt32(littleEndian: tail.loadUnaligned(fromByteOffset: at, as: UInt32.self))) &* p1
            h = rotate(h, 23) &* p2 &+ p3
            at += 4
        }
        while at < tail.count {
            h ^= UInt64(tail[at]) &* p5
            h = rotate(h, 11) &* p1
            at += 1
        }
        h = (h ^ (h >> 33)) &* p2
        h = (h ^ (h >> 29)) &* p3
        return h ^ (h >> 32)
    }
}
