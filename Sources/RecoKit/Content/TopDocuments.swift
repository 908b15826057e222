/// The best documents for a set of weighted terms: exact, with dynamic pruning.
///
/// Windows of 4096 documents, one after the other. In each, the terms whose bounds together cannot reach the worst hit
/// so far are set aside; the postings of the others are added up, and only documents that could still get there ask the
/// set-aside terms. That is MaxScore (Turtle and Flood 1995, doi:10.1016/0306-4573(95)00020-H) with the bounds of blocks
/// (Ding and Suel 2011, doi:10.1145/2009916.2010048) window by window, as Lucene does it. Scores are sums of whole
/// numbers, so that they are the same whatever was passed over.
///
/// O(postings of the terms) at worst; mostly a small part of it.
struct TopDocuments<Weighting: PostingWeighting> {
    private let weighting: Weighting
    private let cursors: UnsafeMutablePointer<PostingCursor>  // (count), the highest bound first
    private let count: Int
    private let sums: UnsafeMutablePointer<Int32>  // (window)
    private let marks: UnsafeMutablePointer<UInt64>  // (window / 64)
    private let bounds: UnsafeMutablePointer<Int>  // (count + 1): in a window, of the terms from a place on together
    private let unit: Double  // what a whole number of 1 scores
    private let rowCount: Int

    /// More terms than that are not looked at.
    static var maximumTerms: Int { 128 }
    private static var window: Int { 4096 }

    /// Nil if no term has postings, or memory ran out. Weights are positive; those that are not are left out.
    init?(_ terms: UnsafeMutableBufferPointer<QueryTerm>, in index: InvertedIndex, weighting: Weighting, using scratch: Scratch) {
        self.weighting = weighting
        rowCount = min(index.rowCount, scratch.itemCount)
        let limit = min(terms.count, Self.maximumTerms)
        var total = 0.0
        for term in terms.prefix(limit) where term.weight > 0 && term.weight < .infinity { total += Double(term.weight) }
        guard total > 0, total.isFinite,
            let cursorMemory = scratch.memory(.cursors, limit &* MemoryLayout<PostingCursor>.stride),
            let blockMemory = scratch.memory(.postings, limit &* PostingCursor.Block.size &* 4),
            let windowMemory = scratch.memory(.window, Self.window &* 4 &+ Self.window / 8 &+ (limit &+ 1) &* 8)
        else { return nil }
        unit = total / 0x1p29
        cursors = cursorMemory.assumingMemoryBound(to: PostingCursor.self)
        sums = windowMemory.assumingMemoryBound(to: Int32.self)
        marks = (windowMemory + Self.window * 4).assumingMemoryBound(to: UInt64.self)
        bounds = (windowMemory + Self.window * 4 + Self.window / 8).assumingMemoryBound(to: Int.self)
        let blocks = blockMemory.assumingMemoryBound(to: UInt32.self)
        var count = 0
        for term in terms.prefix(limit) where term.weight > 0 && term.weight < .infinity {
            let block = PostingCursor.Block(blocks + count &* PostingCursor.Block.size)
            let weight = Float(Double(term.weight) / unit)
            guard var cursor = index.cursor(term.entry, weight: weight, block: block) else { continue }
            cursor.pass(0)
            // Insertion by bound: there are few.
            var at = count
            while at > 0, Self.bound(cursors[at &- 1]) < Self.bound(cursor) {
                cursors[at] = cursors[at &- 1]
                at &-= 1
            }
            cursors[at] = cursor
            count &+= 1
        }
        guard count > 0 else { return nil }
        self.count = count
        sums.update(repeating: 0, count: Self.window)
        marks.update(repeating: 0, count: Self.window / 64)
    }

    private static func bound(_ cursor: PostingCursor) -> Int {
        Int(PostingCursor.fixed(cursor.bound, cursor.weight))
    }

    private func score(_ sum: Int32) -> Float { Float(Double(sum) * unit) }

    /// Offers the best documents to `selection`.
    func search(into selection: inout Selection) {
        var start = 0
        while start < rowCount {
            // On to the window of the next document that any term has.
            var next = UInt32.max
            for i in 0..<count { next = min(next, cursors[i].lowest) }
            guard Int(next) < rowCount else { return }
            start = max(start, Int(next) / Self.window &* Self.window)
            let end = min(start &+ Self.window, rowCount)
            searchWindow(UInt32(start), UInt32(end), &selection)
            start = end
            for i in 0..<count { cursors[i].pass(UInt32(end)) }
        }
    }

    private func searchWindow(_ start: UInt32, _ end: UInt32, _ selection: inout Selection) {
        // A little below, for a score is rounded once more.
        let threshold = Int(min(max(Double(selection.threshold) / unit * (1 - 1e-6) - 1, 0), 0x1p40))
        bounds[count] = 0
        for i in (0..<count).reversed() {
            bounds[i] = bounds[i &+ 1] &+ Int(PostingCursor.fixed(cursors[i].bound(before: end), cursors[i].weight))
        }
        guard bounds[0] > 0, bounds[0] >= threshold else { return }
        // Terms from `essential` on cannot do it without one of those before.
        var essential = count
        while essential > 1, bounds[essential &- 1] < threshold { essential &-= 1 }
        for i in 0..<essential {
            cursors[i].addAll(from: start, to: end, weighting, sums: sums, marks: marks)
        }
        for word in 0..<Self.window / 64 where marks[word] != 0 {
            var rest = marks[word]
            marks[word] = 0
            while rest != 0 {
                let place = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                let sum = Int(sums[place])
                sums[place] = 0
                let document = start &+ UInt32(place)
                if sum &+ bounds[essential] < threshold { continue }
                complete(document, sum, from: essential, threshold, &selection)
            }
        }
    }

    /// Adds what the set-aside terms give a document, as long as it can reach the threshold.
    @inline(__always)
    private func complete(
        _ document: UInt32, _ sum: Int, from essential: Int, _ threshold: Int, _ selection: inout Selection
    ) {
        var sum = sum
        for i in essential..<count {
            if sum &+ bounds[i] < threshold { return }
            if cursors[i].seek(document), cursors[i].document == document {
                sum &+= Int(cursors[i].contribution(weighting))
            }
        }
        selection.offer(document, score(Int32(truncatingIfNeeded: sum)))
    }

    /// Scores documents that ascend: `sums[i]` belongs to `documents[order[i]]`. O(documents x terms) at worst.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, order: UnsafePointer<UInt32>,
        into scores: UnsafeMutableBufferPointer<Float>
    ) {
        for i in 0..<rows.count {
            let place = Int(order[i])
            guard place < scores.count, place < rows.count else { continue }
            let row = rows[place]
            var sum: Int32 = 0
            if Int(row) < rowCount {
                for i in 0..<count where cursors[i].seek(row) && cursors[i].document == row {
                    sum = sum &+ cursors[i].contribution(weighting)
                }
            }
            scores[place] = score(sum)
        }
    }

    /// The frequency codes of the terms in a document.
    func codes(of row: UInt32, _ body: (UInt32) -> Void) {
        for i in 0..<count where cursors[i].seek(row) && cursors[i].document == row { body(cursors[i].code) }
    }
}
