/// Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002, doi:10.1145/582415.582418): gain 2^label - 1,
/// discount 1 / log2(place + 2), divided by what the best order would reach.
struct NDCG {
    /// Labels of rankings go from 0 to this: 2^31 is as far as gains make sense.
    static let largestLabel: Float = 31

    private(set) var discounts: [Double] = []  // by place, as long as the longest group

    init(longest: Int) { discounts = (0..<max(1, longest)).map { 1 / binaryLog(Double($0) + 2) } }

    @inline(__always)
    static func gain(_ label: Float) -> Double { powerOfTwo(Double(label)) - 1 }

    /// What the best order reaches in the first `cutoff` places. O(n log n).
    func ideal(_ labels: some Sequence<Float>, cutoff: Int) -> Double {
        gain(of: labels.sorted(by: >), cutoff: cutoff)
    }

    /// What labels in this order reach in the first `cutoff` places.
    func gain(of ordered: [Float], cutoff: Int) -> Double {
        zip(ordered.prefix(cutoff), discounts).reduce(0) { $0 + Self.gain($1.0) * $1.1 }
    }

    /// The NDCG at each of `cutoffs` of one group; nil if nothing in it is relevant.
    ///
    /// Rows of equal score share their places: each has the mean of their gains, as if all their orders were averaged
    /// (McSherry and Najork 2008, doi:10.1007/978-3-540-78646-7_38). The order of the file cannot help.
    func values(scores: UnsafeBufferPointer<Double>, labels: UnsafeBufferPointer<Float>, cutoffs: [Int]) -> [Double]? {
        guard labels.contains(where: { $0 > 0 }) else { return nil }
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        var gains = [Double](repeating: 0, count: order.count)
        var start = 0
        while start < order.count {
            var end = start
            var sum = 0.0
            while end < order.count, scores[order[end]] == scores[order[start]] {
                sum += Self.gain(labels[order[end]])
                end += 1
            }
            if end == start { end += 1 }  // no number
            for place in start..<end { gains[place] = sum / Double(end - start) }
            start = end
        }
        return cutoffs.map { cutoff in
            zip(gains.prefix(cutoff), discounts).reduce(0) { $0 + $1.0 * $1.1 } / ideal(labels, cutoff: cutoff)
        }
    }
}
