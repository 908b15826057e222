/// What is minimised over observed pairs of user and item, each beside items that the user does not have.
struct PairLoss {
    enum Kind: String, CaseIterable {
        /// Weston, Bengio and Usunier 2011, doi:10.5591/978-1-57735-516-8/IJCAI11-460: an item that scores within 1 of the
        /// user's own, or above it, is looked for; the sooner one is found, the worse the own item stands, and the more the
        /// pair counts.
        case warp
        /// Weston, Yee and Weiss 2013, doi:10.1145/2507157.2507210: the same for the k-th best of some of the user's items,
        /// for users whose taste is of many kinds.
        case warpKOS = "warp-kos"
        /// Rendle, Freudenthaler, Gantner and Schmidt-Thieme 2009, doi:10.48550/arXiv.1205.2618.
        case bpr
        /// Log-odds of the pair itself, and of one item that the user does not have.
        case logistic
    }

    let kind: Kind
    /// How many items are looked at for one that is ranked too high.
    let maxSampled: Int
    /// How many of the user's items are drawn for `warpKOS`, and the place of the one that is learned from, from 1.
    let drawn: Int
    let position: Int

    /// What a pair teaches: how its loss changes with the two scores.
    struct Lesson {
        var item: UInt32
        var other: UInt32
        var ofItem: Float
        var ofOther: Float
        var loss: Float
    }

    /// No pair counts more than this, however low it stands.
    private static let largestRankLoss: Float = 10
    /// How many draws may meet the user's own items.
    private static let patience = 10

    /// The mean loss before anything is learned, when all scores are zero.
    func untrained(itemCount: Int) -> Double {
        switch kind {
        case .warp, .warpKOS: Double(Self.rankLoss(above: 1, of: itemCount))
        case .bpr: 0.6931
        case .logistic: 2 * 0.6931
        }
    }

    /// The loss of an item for which so many others had to be drawn until one was ranked too high: ln(1 + its rank), by
    /// what that suggests. The 1 lets items of a small shop learn, too.
    @inline(__always)
    private static func rankLoss(above draws: Int, of itemCount: Int) -> Float {
        min(largestRankLoss, naturalLog(1 + Float(itemCount &- 1) / Float(draws)))
    }

    /// What the pair of a user with `item` teaches; nil if nothing.
    ///
    /// - Parameters:
    ///   - own: one of the user's items, by chance; only for `warpKOS`.
    ///   - candidate: an item with events, by chance.
    ///   - has: whether the user has an item.
    @inline(__always)
    func lesson(
        _ item: UInt32, itemCount: Int, using generator: inout SeededGenerator,
        own: (inout SeededGenerator) -> UInt32, candidate: (inout SeededGenerator) -> UInt32,
        has: (UInt32) -> Bool, score: (UInt32) -> Float
    ) -> Lesson? {
        switch kind {
        case .warp:
            return ranked(item, score(item), itemCount, using: &generator, candidate: candidate, has: has, score: score)
        case .warpKOS:
            let (chosen, value) = kth(using: &generator, own: own, score: score)
            return ranked(chosen, value, itemCount, using: &generator, candidate: candidate, has: has, score: score)
        case .bpr:
            guard let other = missing(using: &generator, candidate: candidate, has: has) else { return nil }
            let margin = score(item) - score(other)
            let push = 1 / (1 + exponential(margin))
            return Lesson(item: item, other: other, ofItem: -push, ofOther: push, loss: Self.softPlus(-margin))
        case .logistic:
            let value = score(item)
            var lesson = Lesson(
                item: item, other: item, ofItem: -1 / (1 + exponential(value)), ofOther: 0, loss: Self.softPlus(-value))
            if let other = missing(using: &generator, candidate: candidate, has: has) {
                let value = score(other)
                lesson.other = other
                lesson.ofOther = 1 / (1 + exponential(-value))
                lesson.loss += Self.softPlus(value)
            }
            return lesson
        }
    }

    /// What a dislike teaches, where the loss knows dislikes.
    @inline(__always)
    func lesson(disliked item: UInt32, score: (UInt32) -> Float) -> Lesson {
        let value = score(item)
        return Lesson(
            item: item, other: item, ofItem: 1 / (1 + exponential(-value)), ofOther: 0, loss: Self.softPlus(value))
    }

    @inline(__always)
    private func ranked(
        _ item: UInt32, _ value: Float, _ itemCount: Int, using generator: inout SeededGenerator,
        candidate: (inout SeededGenerator) -> UInt32, has: (UInt32) -> Bool, score: (UInt32) -> Float
    ) -> Lesson? {
        for draw in 1...max(1, maxSampled) {
            let other = candidate(&generator)
            let difference = score(other) - value
            guard difference > -1, !has(other) else { continue }
            let push = Self.rankLoss(above: draw, of: itemCount)
            return Lesson(item: item, other: other, ofItem: -push, ofOther: push, loss: push * (1 + difference))
        }
        return nil
    }

    /// Of some of the user's items the one at `position`, the best first. O(drawn x position).
    @inline(__always)
    private func kth(
        using generator: inout SeededGenerator, own: (inout SeededGenerator) -> UInt32, score: (UInt32) -> Float
    ) -> (UInt32, Float) {
        withUnsafeTemporaryAllocation(of: Candidate.self, capacity: drawn) { best in
            for place in 0..<drawn {
                let item = own(&generator)
                let candidate = Candidate(row: item, score: score(item))
                var at = place
                while at > 0, Candidate.isBetter(candidate, best[at &- 1]) {
                    best[at] = best[at &- 1]
                    at &-= 1
                }
                best[at] = candidate
            }
            let chosen = best[min(position, drawn) &- 1]
            return (chosen.row, chosen.score)
        }
    }

    @inline(__always)
    private func missing(
        using generator: inout SeededGenerator, candidate: (inout SeededGenerator) -> UInt32, has: (UInt32) -> Bool
    ) -> UInt32? {
        for _ in 0..<Self.patience {
            let other = candidate(&generator)
            if !has(other) { return other }
        }
        return nil
    }

    /// ln(1 + exp(x)), without overflow.
    @inline(__always)
    private static func softPlus(_ x: Float) -> Float { max(x, 0) + naturalLog(1 + exponential(-x.magnitude)) }
}
