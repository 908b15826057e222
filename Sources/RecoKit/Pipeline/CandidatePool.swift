/// Items that several sources propose, each once, in the order in which they came.
struct CandidatePool {
    private(set) var count = 0
    private let memory: UnsafeMutablePointer<UInt32>  // (capacity)
    private let capacity: Int

    var rows: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: memory, count: count) }

    /// An empty pool; nil if memory ran out.
    init?(_ use: Scratch.RowUse, capacity: Int, using scratch: Scratch) {
        guard let memory = scratch.rows(use, capacity) else { return nil }
        self.memory = memory
        self.capacity = capacity
    }

    /// The best items of every source, as many of each as the pool has room for on average. Nil if memory ran out.
    /// O(cost of the sources).
    init?(_ sources: [any CandidateSource], for profile: Profile, capacity: Int, using scratch: Scratch) {
        self.init(.pool, capacity: min(capacity, scratch.itemCount), using: scratch)
        let share = min(max(1, capacity / max(1, sources.count)), max(1, scratch.itemCount))
        for source in sources where count < self.capacity {
            guard var selection = scratch.selection(share) else { return nil }
            if source.propose(for: profile, using: scratch, to: &selection) { add(selection.finish(), using: scratch) }
        }
    }

    /// Adds given items, whether they are there already or not.
    mutating func add(all rows: UnsafeBufferPointer<UInt32>) {
        for row in rows where count < capacity {
            memory[count] = row
            count &+= 1
        }
    }

    /// Adds those that are not there yet, as long as there is room. Among themselves they differ.
    mutating func add(_ found: UnsafeBufferPointer<Candidate>, using scratch: Scratch) {
        // Sources use `scores` for themselves, so that what is in the pool is marked there only now.
        let mark = scratch.scores
        let known = count
        for i in 0..<known { mark[Int(memory[i])] = 1 }
        for candidate in found where count < capacity && mark[Int(candidate.row)] == 0 {
            memory[count] = candidate.row
            count &+= 1
        }
        for i in 0..<known { mark[Int(memory[i])] = 0 }
    }
}
