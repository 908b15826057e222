/// An expression that gives items found a new score, and with it a new order.
///
/// It sees more items than are asked for: a source's best `depth`, of which the best by the new score remain. An item for
/// which the expression gives no number scores 0.
struct Boost: BitwiseCopyable {
    private let expression: UnsafePointer<Expression>
    private let rows: UnsafeMutablePointer<UInt32>  // (64)
    private let scores: UnsafeMutablePointer<Double>  // (64)

    static let memorySize = Expression.width * 16

    init(_ expression: UnsafePointer<Expression>, in memory: UnsafeMutableRawPointer) {
        self.expression = expression
        scores = memory.assumingMemoryBound(to: Double.self)
        rows = (memory + Expression.width * 8).assumingMemoryBound(to: UInt32.self)
    }

    /// How many of a source's items are looked at where `limit` are wanted.
    static func depth(_ limit: Int) -> Int { max(200, limit.multipliedReportingOverflow(by: 10).partialValue) }

    /// Gives `count` items, which stand in the order of their scores, new ones.
    @inline(__always)
    func rescore(
        _ count: Int, row: (Int) -> UInt32, score: (Int) -> Float, _ give: (Int, Float) -> Void
    ) {
        var start = 0
        while start < count {
            let part = min(Expression.width, count &- start)
            for i in 0..<part {
                rows[i] = row(start &+ i)
                scores[i] = Double(score(start &+ i))
            }
            let results = expression.pointee.numbers(
                Expression.Rows(
                    first: 0, list: UnsafePointer(rows), count: part, scores: UnsafePointer(scores), rank: start &+ 1))
            for i in 0..<part {
                let greatest = Double(Float.greatestFiniteMagnitude)
                give(start &+ i, results[i].isFinite ? Float(max(-greatest, min(results[i], greatest))) : 0)
            }
            start &+= part
        }
    }

    /// The best `limit` of the candidates by their new scores, in the memory of the candidates.
    func best(
        _ limit: Int, of candidates: UnsafeBufferPointer<Candidate>, itemCount: Int
    ) -> UnsafeBufferPointer<Candidate> {
        guard let base = UnsafeMutablePointer(mutating: candidates.baseAddress) else { return candidates }
        rescore(candidates.count, row: { base[$0].row }, score: { base[$0].score }) { base[$0].score = $1 }
        // The heap grows behind the candidate that is being read, never beyond it.
        var selection = Selection(heap: base, limit: min(max(0, limit), candidates.count), itemCount: itemCount)
        for i in 0..<candidates.count {
            let candidate = base[i]
            selection.offer(candidate.row, candidate.score)
        }
        return selection.finish()
    }
}
