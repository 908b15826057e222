extension EmbeddingTraining {
    /// One pass of CBOW, "continuous bag of words": each item is guessed from the mean of those around it.
    ///
    /// A step touches many vectors at once, so that no dealing keeps threads apart: one thread works, or, with
    /// `lockFree`, all do on the same vectors, and now and then one writes over what another has just written (Recht,
    /// Re, Wright and Niu 2011, arXiv:1106.5730). O(places (window + negatives) rank).
    func cbowPass(seed: UInt64, lockFree: Bool, rate: (_ done: Int) -> Float) throws -> Outcome {
        let runs = windows.sequences.runs(of: Self.runSize)
        let rates = runs.map { rate(windows.sequences.offsets[$0.lowerBound]) }
        let table = NegativeTable(known, bounds: [0, known.count], weights: weights)
        let outcomes = UnsafeMutablePointer<Outcome>.allocate(capacity: runs.count)
        defer { outcomes.deallocate() }
        nonisolated(unsafe) let found = outcomes
        try parallelFor(runs.count, threads: lockFree ? threads : 1) { run, _ in
            (found + run).initialize(
                to: self.learn(runs[run], table, rate: rates[run], seed: seed &+ UInt64(run)))
        }
        var outcome = Outcome()
        for run in runs.indices { outcome += outcomes[run] }
        return outcome
    }

    private func learn(_ run: Range<Int>, _ table: NegativeTable, rate: Float, seed: UInt64) -> Outcome {
        var generator = SeededGenerator(seed: seed)
        var outcome = Outcome()
        table.withBlock(0) { negatives in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: EmbeddingKernels.mostRows) { rows in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * rank) { memory in
                    guard let mean = memory.baseAddress else { return }
                    let error = mean + rank
                    windows.forEach(in: run, using: &generator) { item, around, generator in
                        mean.update(repeating: 0, count: 2 * rank)
                        let share = 1 / Float(around.count)
                        for other in around { Kernels.best.addScaled(share, vectors.row(Int(other)), to: mean, rank) }
                        step(mean, error, item: item, negatives, rows, rate: rate, using: &generator, &outcome)
                        for other in around { Kernels.best.addScaled(1, error, to: vectors.row(Int(other)), rank) }
                    }
                }
            }
        }
        return outcome
    }
}
