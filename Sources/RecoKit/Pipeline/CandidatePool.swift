/// What several sources propose for one profile, each item once.
struct CandidatePool {
    private(set) var count = 0
    private let memory: UnsafeMutablePointer<UInt32>  // (capacity)
    private let capacity: Int

    var rows: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: memory, count: count) }

    /// Asks every source for its best items, as many of each as the pool has room for on average. Nil if memory ran out.
    /// O(cost of the sources).
    init?(_ sources: [any CandidateSource], for profile: Profile, capacity: Int, using scratch: Scratch) {
        self.capacity = min(capacity, scratch.itemCount)
        guard let memory = scratch.rows(.pool, self.capacity) else { return nil }
        self.memory = memory
        let share = max(1, self.capacity / max(1, sources.count))
        // The sources use `scores` for themselves, so that what is in the pool already is marked there only in between.
        for source in sources {
            guard count < self.capacity else { break }
            guard var selection = scratch.selection(share) else { return nil }
            guard source.propose(for: profile, using: scratch, to: &selection) else { continue }
            let mark = scratch.scores
            let known = count
            for i in 0..<known { mark[Int(memory[i])] = 1 }
            for candidate in selection.finish() where count < self.capacity && mark[Int(candidate.row)] == 0 {
                memory[count] = candidate.row
                count &+= 1
            }
            for i in 0..<known { mark[Int(memory[i])] = 0 }
        }
    }
}
