/// What stands for one word of a question: a term, or several of which a document gets the best.
///
/// Several are brought together window by window, when a search first needs them, into the memory of the clause; then
/// they are as one term that is looked up by its place in the window.
struct TermClause: BitwiseCopyable {
    private let cursors: UnsafeMutablePointer<PostingCursor>
    private let count: Int
    /// The best of several terms, for each document of a window; zeros and no marks between windows.
    private let best: UnsafeMutablePointer<Int32>  // (window)
    private let marks: UnsafeMutablePointer<UInt64>  // (window / 64)
    private var isGathered = false

    static let window = 4096
    /// Bytes that a clause of several terms takes.
    static let memorySize = window * 4 + window / 8

    /// `memory` has `memorySize` bytes of zeros; a clause of one term does not use it.
    init(_ cursors: UnsafeMutablePointer<PostingCursor>, _ count: Int, memory: UnsafeMutableRawPointer) {
        self.cursors = cursors
        self.count = count
        best = memory.assumingMemoryBound(to: Int32.self)
        marks = (memory + Self.window * 4).assumingMemoryBound(to: UInt64.self)
    }

    /// No document gets more.
    var bound: Int {
        (0..<count).reduce(0) { max($0, Int(PostingCursor.fixed(cursors[$1].bound, cursors[$1].weight))) }
    }

    /// No document before `end` gets more.
    func bound(before end: UInt32) -> Int {
        var highest: Int32 = 0
        for i in 0..<count {
            highest = max(highest, PostingCursor.fixed(cursors[i].bound(before: end), cursors[i].weight))
        }
        return Int(highest)
    }

    /// No document before this one is to come.
    var lowest: UInt32 {
        var lowest = UInt32.max
        for i in 0..<count { lowest = min(lowest, cursors[i].lowest) }
        return lowest
    }

    /// The place in the postings of the term, if it is only one.
    var onlyTerm: UnsafeMutablePointer<PostingCursor>? { count == 1 ? cursors : nil }

    /// Adds what the documents of a window get.
    mutating func addAll<Weighting: PostingWeighting>(
        from start: UInt32, to end: UInt32, _ weighting: UnsafePointer<Weighting>,
        sums: UnsafeMutablePointer<Int32>, marks all: UnsafeMutablePointer<UInt64>
    ) {
        if count == 1 {
            cursors[0].addAll(from: start, to: end, weighting, sums: sums, marks: all, isBest: false)
            return
        }
        gather(from: start, to: end, weighting)
        for word in 0..<Self.window / 64 where marks[word] != 0 {
            all[word] |= marks[word]
            var rest = marks[word]
            while rest != 0 {
                let place = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                sums[place] = sums[place] &+ best[place]
            }
        }
    }

    /// What a document of the window gets.
    @inline(__always)
    mutating func contribution<Weighting: PostingWeighting>(
        to document: UInt32, from start: UInt32, to end: UInt32, _ weighting: UnsafePointer<Weighting>
    ) -> Int32 {
        if count == 1 { return contribution(to: document, weighting) }
        gather(from: start, to: end, weighting)
        return best[Int(document &- start)]
    }

    /// What a document gets; documents ascend.
    func contribution<Weighting: PostingWeighting>(
        to document: UInt32, _ weighting: UnsafePointer<Weighting>
    ) -> Int32 {
        var highest: Int32 = 0
        for i in 0..<count where cursors[i].seek(document) && cursors[i].document == document {
            highest = max(highest, cursors[i].contribution(weighting))
        }
        return highest
    }

    /// The frequency codes of the terms in a document.
    func codes(of document: UInt32, _ body: (UInt32) -> Void) {
        for i in 0..<count where cursors[i].seek(document) && cursors[i].document == document { body(cursors[i].code) }
    }

    private mutating func gather<Weighting: PostingWeighting>(
        from start: UInt32, to end: UInt32, _ weighting: UnsafePointer<Weighting>
    ) {
        if isGathered { return }
        isGathered = true
        for i in 0..<count {
            cursors[i].addAll(from: start, to: end, weighting, sums: best, marks: marks, isBest: true)
        }
    }

    /// Goes on to the window that begins with `end`.
    mutating func pass(_ end: UInt32) {
        if isGathered {
            isGathered = false
            for word in 0..<Self.window / 64 where marks[word] != 0 {
                var rest = marks[word]
                marks[word] = 0
                while rest != 0 {
                    best[word &* 64 &+ rest.trailingZeroBitCount] = 0
                    rest &= rest &- 1
                }
            }
        }
        for i in 0..<count { cursors[i].pass(end) }
    }
}
