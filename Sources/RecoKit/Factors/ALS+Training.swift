extension ALS {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> ALS {
        let positive = data.interactions.byUser
        guard positive.entryCount > 0 else {
            throw RecoError(.badData, "als has nothing to learn from: no user has a positive event")
        }
        let rank = FactorTable.rank(settings, positive)
        let objective = ALSObjective(settings, positive)
        let iterations = settings.integer("iterations")
        let steps = settings.integer("cg-steps")
        let (byUser, byItem) = try feedback(data.interactions)

        let users = try DenseMatrix(rowCount: byUser.rowCount, columnCount: rank)
        let items = try DenseMatrix(rowCount: byItem.rowCount, columnCount: rank)
        var generator = SeededGenerator(seed: run.seed)
        for i in 0..<users.elements.count { users.base[i] = generator.nextFloat() * 0.01 }
        for i in 0..<items.elements.count { items.base[i] = generator.nextFloat() * 0.01 }

        for iteration in 0..<iterations {
            try run.progress(name, iteration, iterations)
            for (side, fixed, feedback) in [(users, items, byUser), (items, users, byItem)] {
                let spectrum = try diagonalizeGram(of: fixed, turning: side, threads: run.threads)
                try solve(
                    side, fixed: fixed, spectrum: spectrum, feedback: feedback, objective: objective, steps: steps,
                    threads: run.threads)
            }
        }
        let spectrum = try diagonalizeGram(of: items, turning: users, threads: run.threads)
        try solve(
            users, fixed: items, spectrum: spectrum, feedback: byUser, objective: objective,
            steps: ConfidenceSystem.exactSteps, threads: run.threads)
        try run.progress(name, iterations, iterations)

        let table = try FactorTable(rank: rank, users: users, items: items, metric: nil)
        return ALS(table: table, spectrum: spectrum, objective: objective)
    }

    /// Both views of the values that count: all that are not zero.
    private static func feedback(_ interactions: Interactions) throws -> (byUser: SparseRows, byItem: SparseRows) {
        let history = interactions.history
        guard history.values.contains(where: { $0 < 0 }) else { return (interactions.byUser, interactions.byItem) }
        return (history, try history.transposed())
    }

    /// Turns both sides so that the Gram matrix of `fixed` is a diagonal, and returns that: (rank).
    static func diagonalizeGram(
        of fixed: DenseMatrix, turning side: DenseMatrix, threads: Int
    ) throws -> Column<Float> {
        let rank = fixed.columnCount
        let (values, vectors) = try symmetricEigen(fixed.gram(threads: threads), size: rank)
        var rotation = [Float](repeating: 0, count: rank * rank)  // (rank, rank), an eigenvector in each column
        for j in 0..<rank {
            for i in 0..<rank { rotation[i * rank + j] = Float(vectors[j * rank + i]) }
        }
        try fixed.replaceRows(byTimes: rotation, threads: threads)
        try side.replaceRows(byTimes: rotation, threads: threads)
        return Column(values.map { Float(max($0, 0)) })  // rounding may leave a zero below zero
    }

    /// Solves every row of `side` against the other side's factors, in parallel; rows do not depend on each other.
    private static func solve(
        _ side: DenseMatrix, fixed: DenseMatrix, spectrum: Column<Float>, feedback: SparseRows,
        objective: ALSObjective, steps: Int, threads: Int
    ) throws {
        let rank = side.columnCount
        let longest = (0..<feedback.rowCount).reduce(0) { max($0, feedback.range($1).count) }
        defer { withExtendedLifetime((fixed, spectrum)) {} }  // the systems see only their bytes
        try parallelFor(side.rowCount, chunk: 64, threads: threads) { rows, _ in
            withUnsafeTemporaryAllocation(
                of: Float.self, capacity: ConfidenceSystem.workCount(rank: rank, capacity: longest)
            ) { floats in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, longest)) { indices in
                    for row in rows {
                        let entries = feedback.range(row)
                        var system = ConfidenceSystem(
                            factors: fixed.base, rank: rank, spectrum: spectrum.base!,
                            unobserved: objective.unobserved, floats: floats.baseAddress!,
                            rows: indices.baseAddress!, capacity: entries.count)
                        for entry in entries {
                            system.observe(feedback.columns[entry], objective.confidence(feedback.values[entry]))
                        }
                        if system.hasPreference {
                            let penalty = objective.penalty(observed: system.count, others: fixed.rowCount)
                            system.solve(side.row(row), penalty: penalty, steps: steps)
                        } else {
                            side.row(row).update(repeating: 0, count: rank)
                        }
                    }
                }
            }
        }
    }
}
