extension EASE {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> EASE {
        let byItem = data.interactions.byItem
        let known = (0..<byItem.rowCount).filter { !byItem.range($0).isEmpty }
        guard !known.isEmpty else {
            throw RecoError(.badData, "ease has nothing to learn from: no user has a positive event")
        }
        try checkMemory(known.count, limit: settings.number("memory"))
        if let note = WorkingMemory.note(
            on: name, gigabytes: min(settings.number("memory"), matrixGigabytes(known.count)))
        {
            run.note(note)
        }

        let matrix = try gram(data.interactions, known, regularization: settings.number("regularization"), run: run)
        do {
            try matrix.invertPositiveDefinite(threads: run.threads) { try run.progress("inverting", $0, $1) }
        } catch let error as RecoError where error.code == .badData {
            throw RecoError(
                .badData,
                "some items are too much alike for a regularization of \(settings.text("regularization")); take a "
                    + "larger ease.regularization")
        }
        try turnIntoWeights(matrix, threads: run.threads)

        var limit = settings.integer("neighbors")
        if !settings.isSet("neighbors"), known.count > denseItems { limit = 500 }
        if limit == 0 {
            let weights = Column(base: UnsafePointer(matrix.base), count: known.count * known.count, owner: matrix)
            return EASE(weights: .all(ItemWeightMatrix(items: Column(known.map { UInt32($0) }), weights: weights)))
        }
        let table = try strongest(limit, of: matrix, known, itemCount: byItem.rowCount, threads: run.threads)
        return EASE(weights: .strongest(table))
    }

    /// Refuses what would not fit, before it is allocated.
    private static func matrixGigabytes(_ known: Int) -> Double { 4e-9 * Double(known) * Double(known) }

    private static func checkMemory(_ known: Int, limit: Double) throws {
        let needed = matrixGigabytes(known)
        guard needed > limit else { return }
        func shown(_ gigabytes: Double) -> String { "\((gigabytes * 100).rounded(.up) / 100)" }
        throw RecoError(
            .badData,
            "\(known) items have events, and their matrix takes \(shown(needed)) GB, more than the \(shown(limit)) GB "
                + "of ease.memory; take sparse-ease for a catalogue of this size, or allow more memory")
    }

    /// The lower triangle of XᵀX + λ over the known items, values in units of their root mean square.
    ///
    /// A row is one sum over the item's users in their order, by one thread. O(sum over users of (items of the user)²).
    private static func gram(
        _ interactions: Interactions, _ known: [Int], regularization: Double, run: TrainingRun
    ) throws -> DenseMatrix {
        let byItem = interactions.byItem
        let byUser = interactions.byUser
        var places = [Int](repeating: 0, count: byItem.rowCount)
        for (place, item) in known.enumerated() { places[item] = place }
        let square = byUser.values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(byUser.entryCount)
        let unit = Float(1 / max(square, Double(Float.leastNormalMagnitude)).squareRoot())

        let matrix = try DenseMatrix(rowCount: known.count, columnCount: known.count)
        try byUser.columns.withUnsafeBufferPointer { items in
            try byUser.values.withUnsafeBufferPointer { values in
                try parallelFor(known.count, chunk: 16, threads: run.threads) { rows, worker in
                    if worker == 0 { try run.progress("comparing items", rows.lowerBound, known.count) }
                    for row in rows {
                        let sums = matrix.row(row)
                        for entry in byItem.range(known[row]) {
                            let value = byItem.values[entry] * unit
                            for other in byUser.range(Int(byItem.columns[entry])) {
                                let column = places[Int(items[other])]
                                if column > row { break }
                                sums[column] += value * (values[other] * unit)
                            }
                        }
                        sums[row] += Float(regularization)
                    }
                }
            }
        }
        return matrix
    }

    /// From P to B: every entry divided by its column's diagonal one, with the sign turned and nothing on the diagonal.
    private static func turnIntoWeights(_ matrix: DenseMatrix, threads: Int) throws {
        let scales = (0..<matrix.rowCount).map { -1 / matrix.row($0)[$0] }
        try parallelFor(matrix.rowCount, chunk: 64, threads: threads) { rows, _ in
            for i in rows {
                let row = matrix.row(i)
                row[i] = 0
                var finite = true
                for j in 0..<scales.count {
                    row[j] *= scales[j]
                    finite = finite && row[j].isFinite
                }
                guard finite else {
                    throw RecoError(
                        .badData, "training gave weights that are not finite numbers; take a larger ease.regularization"
                    )
                }
            }
        }
    }

    /// Each item's `limit` weights of the largest magnitude, those first.
    private static func strongest(
        _ limit: Int, of matrix: DenseMatrix, _ known: [Int], itemCount: Int, threads: Int
    ) throws -> ItemSimilarityTable {
        let limit = min(limit, max(known.count - 1, 1))
        var lists = ItemLists(itemCount: itemCount, limit: limit)
        let unblocked = [UInt64](repeating: 0, count: known.count / 64 + 1)
        try lists.fill { lists in
            try parallelFor(known.count, chunk: 16, threads: threads) { rows, _ in
                withUnsafeTemporaryAllocation(of: Candidate.self, capacity: limit) { heap in
                    for row in rows {
                        var selection = Selection(
                            heap: heap.baseAddress!, limit: limit, blocked: unblocked, itemCount: known.count)
                        for column in 0..<known.count {
                            let strength = matrix.row(row)[column].magnitude
                            if strength > 0 { selection.offer(UInt32(column), strength) }
                        }
                        let best = UnsafeMutableBufferPointer(mutating: selection.finish())
                        for i in 0..<best.count {
                            let column = Int(best[i].row)
                            best[i] = Candidate(row: UInt32(known[column]), score: matrix.row(row)[column])
                        }
                        lists.set(known[row], UnsafeBufferPointer(best))
                    }
                }
            }
        }
        return lists.table()
    }
}
