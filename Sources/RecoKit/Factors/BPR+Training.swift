extension BPR {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> BPR {
        let pairs = data.interactions.byUser
        guard pairs.entryCount > 0 else {
            throw RecoError(.badData, "bpr has nothing to learn from: no user has a positive event")
        }
        let rank = FactorTable.rank(settings, pairs)
        let epochs = settings.integer("epochs")
        let rate = Float(settings.number("learning-rate"))
        let regularization = Float(settings.number("regularization"))

        var generator = SeededGenerator(seed: run.seed)
        let users = try start(pairs, rank: rank, using: &generator)
        let items = try start(data.interactions.byItem, rank: rank, using: &generator)
        var schedule = PairSchedule(pairs)
        for epoch in 0..<epochs {
            try run.progress(name, epoch, epochs)
            try schedule.deal(using: &generator, threads: run.threads)
            let step = rate * Float(epochs - epoch) / Float(epochs)
            let keep = 1 - step * regularization
            let seed = generator.next()
            let (dealt, blockCount) = (schedule, schedule.blockCount)
            for round in 0..<blockCount {
                try parallelFor(blockCount, threads: run.threads) { block, _ in
                    var draws = SeededGenerator(seed: seed &+ UInt64(round * blockCount + block))
                    dealt.forEach(
                        userBlock: block, itemBlock: (block + round) % blockCount, using: &draws
                    ) { user, item, other in
                        Kernels.best.pairwiseStep(
                            user: users.row(user), liked: items.row(item), other: items.row(other), rate: step,
                            keep: keep, rank)
                    }
                }
            }
        }
        try run.progress(name, epochs, epochs)
        let table = try FactorTable(rank: rank, users: users, items: items, metric: nil)
        return BPR(table: table, learningRate: rate, regularization: regularization)
    }

    /// Small random vectors for rows that have pairs, zeros for the others.
    private static func start(
        _ rows: SparseRows, rank: Int, using generator: inout SeededGenerator
    ) throws -> DenseMatrix {
        let matrix = try DenseMatrix(rowCount: rows.rowCount, columnCount: rank)
        let scale = 0.1 / Float(rank).squareRoot()
        for row in 0..<rows.rowCount where !rows.range(row).isEmpty {
            for k in 0..<rank { matrix.row(row)[k] = scale * generator.nextNormal() }
        }
        return matrix
    }
}
