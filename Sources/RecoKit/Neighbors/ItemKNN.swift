/// Item-based collaborative filtering: every item keeps its most similar items, and a profile's score for an item is
/// the sum of its similarities to the profile's items, each times what the profile's event is worth.
///
/// Sarwar, Karypis, Konstan, Riedl 2001, "Item-based collaborative filtering recommendation algorithms",
/// doi:10.1145/371920.372071; Deshpande and Karypis 2004, "Item-based top-N recommendation algorithms",
/// doi:10.1145/963770.963776. An item is not among its own neighbours, so an item of the profile scores only by what
/// its fellow items say about it. An event with a negative weight (a dislike) takes from the scores of its item's
/// neighbours; what is left with a score of zero or less is not proposed. Training sees positive pairs only.
///
/// A question costs O(events x neighbours).
struct ItemKNN: TrainableModel {
    static let name = "item-knn"
    static let code = SourceCode.itemKNN
    static let summary = "similar items by who had both: cosine, TF-IDF or BM25, the best neighbours of each item kept"

    /// The longest list of neighbours; what a file holds beyond that is not read.
    static let maximumNeighbors = 1000

    /// The defaults are a compromise between MovieLens 1M, Gowalla and Online Retail, each with a tenth of the training
    /// pairs held out: TF-IDF beat cosine on all three by 5 to 12 %, 20 neighbours beat 50 on two and tied on one, and
    /// a shrinkage of 10 gained 13 % of recall@20 on the sparsest for about 1 % on the others.
    static let hyperparameters = [
        Hyperparameter("neighbors", .integer(1...maximumNeighbors), default: "20", "similar items kept for each item"),
        Hyperparameter(
            "similarity", .choice(ItemWeighting.Scheme.allCases.map(\.rawValue)), default: "tfidf",
            "how what users did is weighed before items are compared"),
        Hyperparameter(
            "shrinkage", .number(0...1_000_000), default: "10",
            "distrusts items with few events: a pair of items with this many each has its similarity halved"),
        Hyperparameter(
            "bm25-k1", .number(0...1000), default: "1.2", "bm25: how fast repeated events of a pair stop to count"),
        Hyperparameter(
            "bm25-b", .number(0...1), default: "0.75", "bm25: how much items with many events are held back"),
    ]

    let offsets: RaggedOffsets  // (items + 1)
    let neighbors: Column<UInt32>  // (entries): within an item the most similar first
    let similarities: Column<Float>  // (entries)

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        var sum = Sum(scratch)
        for event in profile.events { add(Int(event.item), weight: event.weight, to: &sum) }
        return sum.offer(to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        var sum = Sum(scratch)
        for event in profile.events { add(Int(event.item), weight: event.weight, to: &sum) }
        for i in 0..<min(rows.count, scores.count) { scores[i] = sum[rows[i]] }
        return sum.clear()
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        var sum = Sum(scratch)
        for item in items { add(Int(item), weight: 1, to: &sum) }
        return sum.offer(to: &selection)
    }

    @inline(__always)
    private func add(_ item: Int, weight: Float, to sum: inout Sum) {
        let range = offsets.range(item, limit: neighbors.count)
        let end = min(range.upperBound, range.lowerBound &+ Self.maximumNeighbors)
        let rows = neighbors.slice(range.lowerBound, end)
        let values = similarities.slice(range.lowerBound, end)
        for i in 0..<min(rows.count, values.count) { sum.add(rows[i], weight * values[i]) }
    }
}

/// A sparse vector over items, summed up in a scratch and taken out of it again.
private struct Sum {
    private let scores: UnsafeMutablePointer<Float>
    private let touched: UnsafeMutablePointer<UInt32>
    private let itemCount: Int
    private var count = 0  // distinct rows in `touched`

    /// Stands for a sum of zero at a row that was touched, so that a row is listed once however its sum moves.
    private static let zero = Float.leastNonzeroMagnitude

    init(_ scratch: Scratch) {
        scores = scratch.scores
        touched = scratch.touched
        itemCount = scratch.itemCount
    }

    @inline(__always)
    mutating func add(_ row: UInt32, _ value: Float) {
        guard Int(row) < itemCount else { return }
        let old = scores[Int(row)]
        if old == 0 {
            touched[count] = row
            count &+= 1
        }
        let new = old + value
        scores[Int(row)] = new == 0 ? Self.zero : new
    }

    subscript(row: UInt32) -> Float {
        guard Int(row) < itemCount else { return 0 }
        let score = scores[Int(row)]
        return score == Self.zero ? 0 : score
    }

    /// Offers every row with a positive sum, and clears. False if there was none.
    mutating func offer(to selection: inout Selection) -> Bool {
        var any = false
        for i in 0..<count {
            let row = touched[i]
            let score = scores[Int(row)]
            scores[Int(row)] = 0
            if score > Self.zero {
                selection.offer(row, score)
                any = true
            }
        }
        count = 0
        return any
    }

    /// Leaves the scratch as it was. False if no row was touched.
    mutating func clear() -> Bool {
        for i in 0..<count { scores[Int(touched[i])] = 0 }
        defer { count = 0 }
        return count > 0
    }
}
