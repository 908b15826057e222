/// A proposed item.
struct Candidate {
    var row: UInt32
    var score: Float

    /// Higher scores first; equal ones in order of row, so that answers do not depend on the way they were found.
    @inline(__always)
    static func isBetter(_ a: Candidate, _ b: Candidate) -> Bool {
        a.score > b.score || (a.score == b.score && a.row < b.row)
    }
}

/// The best `limit` of the items offered, without those that are blocked: a heap with the worst on top.
///
/// O(1) for an item that is not good enough, O(log limit) for one that is.
struct Selection {
    private let heap: UnsafeMutablePointer<Candidate>
    private let limit: Int
    private let blocked: UnsafePointer<UInt64>?  // a bit per item; nil: none is blocked
    private let filter: WordFilter?  // blocks more items, as they come up
    private let itemCount: Int
    private(set) var count = 0

    /// An item must score at least this much to have a chance; grows as the heap fills.
    private(set) var threshold = -Float.infinity

    /// `heap` has room for `limit` candidates.
    init(
        heap: UnsafeMutablePointer<Candidate>, limit: Int, blocked: UnsafePointer<UInt64>? = nil,
        filter: WordFilter? = nil, itemCount: Int
    ) {
        self.heap = heap
        self.limit = limit
        self.blocked = blocked
        self.filter = filter
        self.itemCount = itemCount
        if limit == 0 { threshold = .infinity }
    }

    var isFull: Bool { count == limit }

    @inline(__always)
    func isBlocked(_ row: UInt32) -> Bool {
        guard Int(row) < itemCount else { return true }
        guard let blocked else { return false }
        if blocked[Int(row &>> 6)] & (1 &<< UInt64(row & 63)) != 0 { return true }
        return filter?.blocks(row) ?? false
    }

    /// Takes the item if it is good enough and not blocked. An item must not be offered twice. NaN is never taken.
    @inline(__always)
    mutating func offer(_ row: UInt32, _ score: Float) {
        guard score >= threshold else { return }
        offerSlowly(Candidate(row: row, score: score))
    }

    @inline(never)
    private mutating func offerSlowly(_ candidate: Candidate) {
        guard limit > 0, !isBlocked(candidate.row) else { return }
        if count < limit {
            heap[count] = candidate
            siftUp(count)
            count &+= 1
            if count == limit { threshold = heap[0].score }
        } else if Candidate.isBetter(candidate, heap[0]) {
            heap[0] = candidate
            siftDown(from: 0, count)
            threshold = heap[0].score
        }
    }

    /// Sorts the candidates, best first, and returns them. The selection is of no use afterwards.
    mutating func finish() -> UnsafeBufferPointer<Candidate> {
        var rest = count
        while rest > 1 {
            rest &-= 1
            let worst = heap[0]
            heap[0] = heap[rest]
            heap[rest] = worst
            siftDown(from: 0, rest)
        }
        return UnsafeBufferPointer(start: heap, count: count)
    }

    private func siftUp(_ start: Int) {
        let moving = heap[start]
        var at = start
        while at > 0 {
            let parent = (at &- 1) / 2
            guard Candidate.isBetter(heap[parent], moving) else { break }
            heap[at] = heap[parent]
            at = parent
        }
        heap[at] = moving
    }

    private func siftDown(from start: Int, _ count: Int) {
        let moving = heap[start]
        var at = start
        while true {
            var child = 2 &* at &+ 1
            guard child < count else { break }
            if child &+ 1 < count, Candidate.isBetter(heap[child], heap[child &+ 1]) { child &+= 1 }
            guard Candidate.isBetter(moving, heap[child]) else { break }
            heap[at] = heap[child]
            at = child
        }
        heap[at] = moving
    }
}
