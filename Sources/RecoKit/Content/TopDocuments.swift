/// The best documents for a set of weighted terms: exact, with dynamic pruning.
///
/// Windows of 4096 documents, one after the other. In each, the words whose bounds together cannot reach the worst hit
/// so far are set aside; the postings of the others are added up, and only documents that could still get there ask the
/// set-aside words. That is MaxScore (Turtle and Flood 1995, doi:10.1016/0306-4573(95)00020-H) with the bounds of blocks
/// (Ding and Suel 2011, doi:10.1145/2009916.2010048) window by window, as Lucene does it. Scores are sums of whole
/// numbers, so that they are the same whatever was passed over.
///
/// O(postings of the terms) at worst; mostly a small part of it.
struct TopDocuments<Weighting: PostingWeighting> {
    private let weighting: Weighting
    private let clauses: UnsafeMutablePointer<TermClause>  // (count), the highest bound first
    private let count: Int
    private let sums: UnsafeMutablePointer<Int32>  // (window)
    private let marks: UnsafeMutablePointer<UInt64>  // (window / 64)
    private let bounds: UnsafeMutablePointer<Int>  // (count + 1): in a window, of the words from a place on together
    private let unit: Double  // what a whole number of 1 scores
    private let rowCount: Int

    /// More terms than that are not looked at.
    static var maximumTerms: Int { 128 }
    private static var window: Int { TermClause.window }

    /// Nil if no term has postings, or memory ran out. Weights are positive; those that are not are left out.
    init?(_ terms: QueryTerms, in index: InvertedIndex, weighting: Weighting, using scratch: Scratch) {
        self.weighting = weighting
        rowCount = min(index.rowCount, scratch.itemCount)
        let terms = UnsafeMutableBufferPointer(rebasing: terms.elements.prefix(Self.maximumTerms))
        var total = 0.0
        var groupCount = 0
        for term in terms where term.weight > 0 && term.weight < .infinity {
            total += Double(term.weight)
            groupCount = max(groupCount, min(term.group, QueryTerms.maximumGroups))
        }
        let ownMemory = TermClause.memorySize &* (groupCount &+ 1)
        guard total > 0, total.isFinite,
            let cursorMemory = scratch.memory(
                .cursors, terms.count &* (MemoryLayout<PostingCursor>.stride &+ MemoryLayout<TermClause>.stride)),
            let blockMemory = scratch.memory(.postings, terms.count &* PostingCursor.Block.size &* 4),
            let windowMemory = scratch.memory(.window, ownMemory &+ (terms.count &+ 1) &* 8)
        else { return nil }
        unit = total / 0x1p29
        windowMemory.initializeMemory(as: UInt8.self, repeating: 0, count: ownMemory)
        sums = windowMemory.assumingMemoryBound(to: Int32.self)
        marks = (windowMemory + Self.window * 4).assumingMemoryBound(to: UInt64.self)
        bounds = (windowMemory + ownMemory).assumingMemoryBound(to: Int.self)
        let cursors = cursorMemory.assumingMemoryBound(to: PostingCursor.self)
        clauses = (cursorMemory + terms.count &* MemoryLayout<PostingCursor>.stride)
            .assumingMemoryBound(to: TermClause.self)
        let blocks = blockMemory.assumingMemoryBound(to: UInt32.self)

        var cursorCount = 0
        var count = 0
        for group in 0...groupCount {
            let first = cursorCount
            for term in terms where term.group == group && term.weight > 0 && term.weight < .infinity {
                let block = PostingCursor.Block(blocks + cursorCount &* PostingCursor.Block.size)
                let weight = Float(Double(term.weight) / unit)
                guard var cursor = index.cursor(term.entry, weight: weight, block: block) else { continue }
                cursor.pass(0)
                cursors[cursorCount] = cursor
                cursorCount &+= 1
                if group == 0 {
                    Self.insert(TermClause(cursors + (cursorCount &- 1), 1, memory: windowMemory), clauses, &count)
                }
            }
            if group > 0, cursorCount > first {
                let memory = windowMemory + TermClause.memorySize &* group
                Self.insert(TermClause(cursors + first, cursorCount &- first, memory: memory), clauses, &count)
            }
        }
        guard count > 0 else { return nil }
        self.count = count
    }

    /// Insertion by bound: there are few.
    private static func insert(_ clause: TermClause, _ clauses: UnsafeMutablePointer<TermClause>, _ count: inout Int) {
        let bound = clause.bound
        var at = count
        while at > 0, clauses[at &- 1].bound < bound {
            clauses[at] = clauses[at &- 1]
            at &-= 1
        }
        clauses[at] = clause
        count &+= 1
    }

    private func score(_ sum: Int32) -> Float { Float(Double(sum) * unit) }

    /// A sum that a document needs for a score; a little below, for a score is rounded once more.
    private func sum(_ score: Float) -> Int { Int(min(max(Double(score) / unit * (1 - 1e-6) - 1, 0), 0x1p40)) }

    /// Offers the best documents to `selection`.
    func search(into selection: inout Selection) {
        // Its address goes down to the postings: a copy for each of them takes longer than their scores.
        withUnsafePointer(to: weighting) { search(into: &selection, $0) }
    }

    @inline(__always)
    private func search(into selection: inout Selection, _ weighting: UnsafePointer<Weighting>) {
        var start = 0
        while start < rowCount {
            // On to the window of the next document that any term has.
            var next = UInt32.max
            for i in 0..<count { next = min(next, clauses[i].lowest) }
            guard Int(next) < rowCount else { return }
            start = max(start, Int(next) / Self.window &* Self.window)
            let end = min(start &+ Self.window, rowCount)
            searchWindow(UInt32(start), UInt32(end), weighting, &selection)
            start = end
            for i in 0..<count { clauses[i].pass(UInt32(end)) }
        }
    }

    @inline(__always)
    private func searchWindow(
        _ start: UInt32, _ end: UInt32, _ weighting: UnsafePointer<Weighting>, _ selection: inout Selection
    ) {
        var least = selection.threshold
        var threshold = sum(least)
        bounds[count] = 0
        for i in (0..<count).reversed() { bounds[i] = bounds[i &+ 1] &+ clauses[i].bound(before: end) }
        guard bounds[0] > 0, bounds[0] >= threshold else { return }
        // Words from `essential` on cannot do it without one of those before.
        var essential = count
        while essential > 1, bounds[essential &- 1] < threshold { essential &-= 1 }
        let rest = bounds[essential]
        if essential == 1, let term = clauses[0].onlyTerm {
            // Mostly so after a while: nothing has to be added up.
            term.pointee.forEach(from: start, to: end, weighting) { document, contribution in
                let sum = Int(contribution)
                if sum &+ rest < threshold { return }
                complete(document, sum, from: 1, start, end, weighting, threshold, &selection)
                if selection.threshold != least {
                    least = selection.threshold
                    threshold = self.sum(least)
                }
            }
            return
        }
        for i in 0..<essential { clauses[i].addAll(from: start, to: end, weighting, sums: sums, marks: marks) }
        for word in 0..<Self.window / 64 where marks[word] != 0 {
            var left = marks[word]
            marks[word] = 0
            while left != 0 {
                let place = word &* 64 &+ left.trailingZeroBitCount
                left &= left &- 1
                let sum = Int(sums[place])
                sums[place] = 0
                if sum &+ rest < threshold { continue }
                complete(start &+ UInt32(place), sum, from: essential, start, end, weighting, threshold, &selection)
            }
            if selection.threshold != least {
                least = selection.threshold
                threshold = sum(least)
            }
        }
    }

    /// Adds what the set-aside words give a document, as long as it can reach the threshold.
    @inline(__always)
    private func complete(
        _ document: UInt32, _ sum: Int, from essential: Int, _ start: UInt32, _ end: UInt32,
        _ weighting: UnsafePointer<Weighting>, _ threshold: Int, _ selection: inout Selection
    ) {
        var sum = sum
        for i in essential..<count {
            if sum &+ bounds[i] < threshold { return }
            sum &+= Int(clauses[i].contribution(to: document, from: start, to: end, weighting))
        }
        selection.offer(document, score(Int32(truncatingIfNeeded: sum)))
    }

    /// Scores documents that ascend in the order given: `scores[order[i]]` belongs to `rows[order[i]]`.
    /// O(documents x terms) at worst.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, order: UnsafePointer<UInt32>,
        into scores: UnsafeMutableBufferPointer<Float>
    ) {
        withUnsafePointer(to: weighting) { weighting in
            for i in 0..<rows.count {
                let place = Int(order[i])
                guard place < scores.count, place < rows.count else { continue }
                let row = rows[place]
                var sum: Int32 = 0
                if Int(row) < rowCount {
                    for i in 0..<count { sum = sum &+ clauses[i].contribution(to: row, weighting) }
                }
                scores[place] = score(sum)
            }
        }
    }

    /// What each word of the question gives a document, and the frequency codes of the terms that stand for it there.
    func explain(_ row: UInt32, _ body: (Float, ((UInt32) -> Void) -> Void) -> Void) {
        guard Int(row) < rowCount else { return }
        withUnsafePointer(to: weighting) { weighting in
            for i in 0..<count {
                let score = score(clauses[i].contribution(to: row, weighting))
                if score > 0 { body(score) { clauses[i].codes(of: row, $0) } }
            }
        }
    }
}
