/// A term that documents are looked for with.
struct QueryTerm: BitwiseCopyable {
    var entry: Vocabulary.Entry
    /// How often it was said, weighted; then what it weighs in the query's vector; then what an impact of 1 scores.
    var weight: Float
    /// In how many documents it counts as being: more than it is in, where several terms stand for one word.
    var documentFrequency: Int
    /// Less than 1 for what was not said in these letters.
    var factor: Float = 1
    /// Terms of one group stand for one word: a document gets the best of them. 0: the term stands for itself.
    var group = 0
}

/// The different terms of a question, in memory of `Scratch`.
struct QueryTerms {
    /// More different terms than that are not looked at.
    static let capacity = 2048
    private static let slotCount = 4096

    /// Which memory of `Scratch` they take.
    enum Place { case question, item }

    private let terms: UnsafeMutablePointer<QueryTerm>  // (capacity)
    private let slots: UnsafeMutablePointer<UInt16>  // (slotCount), place + 1; 0 is empty
    private(set) var count = 0
    private(set) var groupCount = 0

    /// More words than that with several terms each are taken as if each of the terms had been said.
    static let maximumGroups = 12

    /// None yet; nil if memory ran out.
    init?(_ scratch: Scratch, _ place: Place) {
        let size = Self.capacity &* MemoryLayout<QueryTerm>.stride
        guard let memory = scratch.memory(place == .question ? .terms : .itemTerms, size &+ Self.slotCount &* 2) else {
            return nil
        }
        terms = memory.assumingMemoryBound(to: QueryTerm.self)
        slots = (memory + size).assumingMemoryBound(to: UInt16.self)
        removeAll()
    }

    mutating func removeAll() {
        count = 0
        groupCount = 0
        slots.update(repeating: 0, count: Self.slotCount)
    }

    var elements: UnsafeMutableBufferPointer<QueryTerm> { .init(start: terms, count: count) }

    /// The slot of a term, or the empty one where it would go; half of all slots are empty.
    private func slot(of term: UInt32) -> Int {
        var slot = Int((term &* 0x9E37_79B1) &>> 20)
        while slots[slot] != 0, terms[Int(slots[slot]) &- 1].entry.term != term {
            slot = (slot &+ 1) & (Self.slotCount &- 1)
        }
        return slot
    }

    /// The number of a new group.
    mutating func newGroup() -> Int {
        guard groupCount < Self.maximumGroups else { return 0 }
        groupCount &+= 1
        return groupCount
    }

    /// Puts a term into a group, if it is there and stands for itself.
    func join(_ term: UInt32, group: Int) {
        let place = Int(slots[slot(of: term)]) &- 1
        if place >= 0, terms[place].group == 0 { terms[place].group = group }
    }

    func contains(_ term: UInt32) -> Bool { slots[slot(of: term)] != 0 }

    /// Adds a term, or its weight to that of the same term. O(1) expected.
    mutating func add(_ term: QueryTerm) {
        let slot = slot(of: term.entry.term)
        if slots[slot] != 0 {
            terms[Int(slots[slot]) &- 1].weight += term.weight
            return
        }
        guard count < Self.capacity else { return }
        terms[count] = term
        count &+= 1
        slots[slot] = UInt16(truncatingIfNeeded: count)
    }

    /// Keeps the `limit` heaviest; of equals, those that came first. O(terms log limit).
    mutating func keepHeaviest(_ limit: Int, using scratch: Scratch) {
        guard count > limit, let heap = scratch.neighbors(limit) else { return }
        var best = Selection(heap: heap, limit: limit, itemCount: count)
        for i in 0..<count { best.offer(UInt32(truncatingIfNeeded: i), terms[i].weight) }
        let kept = best.finish()
        // The lowest weight that stays decides; the order stays too.
        guard let last = kept.last else { return }
        var to = 0
        for i in 0..<count {
            let candidate = Candidate(row: UInt32(truncatingIfNeeded: i), score: terms[i].weight)
            if Candidate.isBetter(last, candidate) { continue }
            terms[to] = terms[i]
            to &+= 1
        }
        count = to
    }
}
