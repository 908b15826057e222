/// The vectors of a training in progress, and one pass over the sequences that improves them.
///
/// Both ways to learn are by Mikolov, Chen, Corrado and Dean 2013, arXiv:1301.3781, with the negative sampling of
/// Mikolov, Sutskever, Chen, Corrado and Dean 2013, arXiv:1310.4546: for an item and those around it, σ(vector ·
/// context) shall be near 1 for the item's context and near 0 for `negatives` others drawn by their frequency to the
/// power `exponent`.
final class EmbeddingTraining {
    let rank: Int
    /// What an item is as one of those around.
    let vectors: DenseMatrix  // (items, rank)
    /// What goes with it.
    let contexts: DenseMatrix  // (items, rank)

    let windows: ContextWindows
    let weights: [Double]  // (items), of being drawn; 0 for items without anything to learn from
    let known: [UInt32]  // items with a positive weight
    let negatives: Int
    let threads: Int

    /// What a pass, or a part of one, has found.
    struct Outcome {
        /// Sum of squares of what guesses were off by.
        var left = 0.0
        /// Number of guesses.
        var guesses = 0

        static func += (a: inout Outcome, b: Outcome) {
            a.left += b.left
            a.guesses += b.guesses
        }
    }

    /// Places of a piece of work: enough to be worth handing out.
    static let runSize = 8192

    init(
        windows: ContextWindows, counts: [Int], rank: Int, negatives: Int, exponent: Double, threads: Int,
        using generator: inout SeededGenerator
    ) throws {
        self.windows = windows
        self.rank = rank
        self.negatives = negatives
        self.threads = threads
        weights = counts.map { $0 > 0 ? power(Double($0), exponent) : 0 }
        known = counts.indices.filter { counts[$0] > 0 }.map { UInt32($0) }
        vectors = try DenseMatrix(rowCount: counts.count, columnCount: rank)
        contexts = try DenseMatrix(rowCount: counts.count, columnCount: rank)
        for item in known {
            let row = vectors.row(Int(item))
            for k in 0..<rank { row[k] = (generator.nextFloat() - 0.5) / Float(rank) }
        }
    }

    /// Learns one item's context from `input`, and adds what the input should move by to `error`.
    @inline(__always)
    func step(
        _ input: UnsafePointer<Float>, _ error: UnsafeMutablePointer<Float>, item: UInt32, _ block: NegativeTable.Block,
        _ rows: UnsafeMutableBufferPointer<UInt32>, rate: Float, using generator: inout SeededGenerator,
        _ outcome: inout Outcome
    ) {
        rows[0] = item
        var count = 1
        for _ in 0..<negatives {
            let other = block.draw(using: &generator)
            if other == item { continue }
            rows[count] = other
            count &+= 1
        }
        let left = EmbeddingKernels.best.sampledStep(
            input: input, error: error, matrix: contexts.base, rank: rank, rows: rows.baseAddress.unsafelyUnwrapped,
            count: count, rate: rate)
        outcome.left += Double(left)
        outcome.guesses &+= count
    }

    /// Whether all is finite. O(items rank).
    var isFinite: Bool { vectors.elements.allSatisfy(\.isFinite) && contexts.elements.allSatisfy(\.isFinite) }
}
