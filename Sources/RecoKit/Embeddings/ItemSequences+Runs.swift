extension ItemSequences {
    /// How often each item occurs in sequences that have another item beside it; elsewhere there is nothing to learn.
    func counts(itemCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: itemCount)
        for sequence in 0..<count {
            let part = items[range(sequence)]
            guard let first = part.first, part.contains(where: { $0 != first }) else { continue }
            for item in part { counts[Int(item)] += 1 }
        }
        return counts
    }

    /// Cuts the sequences into runs of about `size` places each: pieces of work that do not depend on threads.
    func runs(of size: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start = 0
        for sequence in 0..<count where offsets[sequence + 1] - offsets[start] >= size || sequence == count - 1 {
            runs.append(start..<sequence + 1)
            start = sequence + 1
        }
        return runs
    }
}
