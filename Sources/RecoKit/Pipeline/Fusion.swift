/// Makes one score of how well words and meaning match.
///
/// Both are put on one scale first: a share of the best in the pool for the words, whose scores grow with the length of
/// the query, and the cosine for the meaning.
struct Fusion: Sendable {
    /// The part of the meaning, 0 to 1.
    let meaningWeight: Float

    static let usual = Fusion(meaningWeight: 0.5)

    /// Writes the scores of a pool, and returns the best score by words, which the others are a share of.
    @discardableResult
    func fuse(_ pool: Matcher.Pool, into scores: UnsafeMutableBufferPointer<Float>) -> Float {
        var best: Float = 0
        for i in 0..<pool.count { best = max(best, pool.words[i]) }
        let scale = best > 0 ? (1 - meaningWeight) / best : 0
        for i in 0..<min(pool.count, scores.count) {
            scores[i] = scale * pool.words[i] + meaningWeight * pool.meaning[i]
        }
        return best
    }

    /// Which reading says more for a match.
    func leader(_ words: Float, of best: Float, _ meaning: Float) -> TextMatching {
        guard best > 0 else { return .meaning }
        return (1 - meaningWeight) * words / best >= meaningWeight * meaning ? .words : .meaning
    }
}
