/// What makes a list that is not all alike: how much difference counts, and how many items of a kind it may hold.
///
/// Maximal marginal relevance (Carbonell and Goldstein 1998, doi:10.1145/290941.291025): place by place the item with the
/// highest
///
///     (1 - weight) relevance - weight max similarity to those already chosen
///
/// Relevance is the item's place in the list as the sources and the ranker made it, from 1 down to 0, so that it compares
/// across sources and rungs. Similarity is the cosine of the items' vectors where a source has vectors, and at least what
/// they share: half for the category, half for the brand.
struct Diversity {
    /// 0: by relevance alone; 1: by difference alone.
    let weight: Float
    let caps: Caps

    /// How many items are looked at for `limit` places.
    static func depth(_ limit: Int) -> Int { limit > 1 << 20 ? limit : max(50, 4 &* limit) }

    /// The longest list that is diversified; what comes after it stays in its order.
    static let longest = 200

    /// Puts `hits` in a new order, of which the first `limit` are chosen, and returns how many there are.
    /// O(limit x hits x length of a vector).
    func choose(
        _ limit: Int, of hits: UnsafeMutableBufferPointer<RawHit>, _ likeness: Likeness, using scratch: Scratch
    ) -> Int {
        guard let similar = scratch.floats(.likeness, hits.count) else { return min(limit, hits.count) }
        for i in 0..<hits.count { similar[i] = 0 }
        guard let places = scratch.rows(.places, hits.count) else { return min(limit, hits.count) }
        for i in 0..<hits.count { places[i] = UInt32(truncatingIfNeeded: i) }
        let scale = 1 / Float(max(1, hits.count))
        let end = min(limit, hits.count, Self.longest)
        var chosen = 0
        while chosen < end {
            var best = -1
            var bestValue = -Float.infinity
            for i in chosen..<hits.count where !caps.isFull(for: hits[i].row) {
                let value = (1 - weight) * (1 - Float(places[i]) * scale) - weight * similar[i]
                if value > bestValue || (value == bestValue && best >= 0 && places[i] < places[best]) {
                    (best, bestValue) = (i, value)
                }
            }
            guard best >= 0 else { break }
            hits.swapAt(chosen, best)
            (places[chosen], places[best]) = (places[best], places[chosen])
            (similar[chosen], similar[best]) = (similar[best], similar[chosen])
            let row = hits[chosen].row
            caps.count(row)
            chosen &+= 1
            if weight > 0, chosen < end {
                for i in chosen..<hits.count { similar[i] = max(similar[i], likeness.of(row, hits[i].row)) }
            }
        }
        return chosen
    }
}

/// How alike two items are, between 0 and 1. Its views point into the model file, which the pipeline keeps.
struct Likeness: @unchecked Sendable {
    let vectors: (any VectorSource)?
    let category: AttributeView?
    let brand: AttributeView?

    func of(_ a: UInt32, _ b: UInt32) -> Float {
        var shared: Float = 0
        if let category { shared += Self.same(category, a, b) }
        if let brand { shared += Self.same(brand, a, b) }
        guard let cosine = vectors?.cosine(a, b), cosine.isFinite else { return shared }
        return max(shared, cosine)
    }

    private static func same(_ attribute: AttributeView, _ a: UInt32, _ b: UInt32) -> Float {
        let code = attribute.code(Int(a))
        return code != 0 && code == attribute.code(Int(b)) ? 0.5 : 0
    }
}

/// How many items with the same value of an attribute a list may hold: "brand=2".
struct Caps {
    static let maximumCount = 8

    private struct Cap: BitwiseCopyable {
        var attribute: AttributeView
        var limit: UInt32
        /// How many of each code there are so far.
        var counts: UnsafeMutableBufferPointer<UInt32>
    }

    private let caps: UnsafeMutableBufferPointer<Cap>

    var isEmpty: Bool { caps.isEmpty }

    /// Reads texts such as "brand=2". Throws one sentence about what makes no sense. O(caps + values of the attributes)
    init(_ texts: PackedTexts, _ catalog: CatalogIndex, using scratch: Scratch) throws {
        guard !texts.isEmpty else {
            caps = UnsafeMutableBufferPointer(start: nil, count: 0)
            return
        }
        var found: [(attribute: AttributeView, limit: UInt32)] = []
        for text in texts {
            let said = String(decoding: text.prefix(80), as: UTF8.self)
            func wrong(_ why: String) -> RecoError { RecoError(.invalidArgument, "caps: \"\(said)\" \(why)") }
            guard let equals = text.lastIndex(of: UInt8(ascii: "=")) else {
                throw wrong("is no cap; it takes an attribute and a number, as in brand=2")
            }
            let name = String(decoding: text[..<equals], as: UTF8.self)
            guard let limit = UInt32(String(decoding: text[(equals + 1)...].prefix(16), as: UTF8.self)), limit > 0
            else {
                throw wrong("takes a whole number from 1 on")
            }
            guard let attribute = catalog.attribute(named: name) else {
                throw wrong("names no attribute of this model")
            }
            guard attribute.kind == .category else {
                throw wrong("names a \(attribute.kind.rawValue); only a category can be capped")
            }
            guard found.count < Self.maximumCount else {
                throw RecoError(.invalidArgument, "caps: there are more than \(Self.maximumCount)")
            }
            found.append((attribute.view, limit))
        }
        let sizes = found.map { $0.attribute.texts.count &+ 1 }
        let head = found.count &* MemoryLayout<Cap>.stride
        let words = sizes.reduce(0, &+)
        guard let memory = scratch.memory(.caps, head &+ 4 &* words) else { throw Pipeline.outOfMemory }
        let base = memory.bindMemory(to: Cap.self, capacity: found.count)
        let counts = (memory + head).bindMemory(to: UInt32.self, capacity: words)
        counts.update(repeating: 0, count: words)
        var next = counts
        for (place, cap) in found.enumerated() {
            (base + place).initialize(
                to: Cap(
                    attribute: cap.attribute, limit: cap.limit,
                    counts: UnsafeMutableBufferPointer(start: next, count: sizes[place])))
            next += sizes[place]
        }
        caps = UnsafeMutableBufferPointer(start: base, count: found.count)
    }

    /// Whether the list has as many items of this one's kind as it may. What has no value is never too many.
    func isFull(for row: UInt32) -> Bool {
        for cap in caps {
            let code = Int(cap.attribute.code(Int(row)))
            if code != 0, code < cap.counts.count, cap.counts[code] >= cap.limit { return true }
        }
        return false
    }

    func count(_ row: UInt32) {
        for cap in caps {
            let code = Int(cap.attribute.code(Int(row)))
            if code != 0, code < cap.counts.count { cap.counts[code] &+= 1 }
        }
    }

    /// Keeps all items of a kind out that has become full with `row`. O(items) for each.
    func blockFull(with row: UInt32, in scratch: Scratch) {
        for cap in caps {
            let code = cap.attribute.code(Int(row))
            guard code != 0, Int(code) < cap.counts.count, cap.counts[Int(code)] == cap.limit else { continue }
            let codes = cap.attribute.codes
            for row in 0..<min(codes.count, scratch.itemCount) where codes[row] == code {
                scratch.block(UInt32(truncatingIfNeeded: row))
            }
        }
    }
}
