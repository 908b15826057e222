/// For every item the regression of who has it on who has the items of its support: a small dense system for each, so
/// that memory is bounded, threads share nothing, and no item's weights wait for another's.
///
/// Within its support an item gets what the whole matrix would give if all other weights in its column were zero; that
/// is the sparse approximation of Steck 2019, "Markov random fields for collaborative filtering", arXiv:1910.09645,
/// with a neighbourhood of its own for each item. O(items x (entries of the support's rows + what solving takes)).
struct LocalRegression {
    /// A system over the items of one support.
    struct System {
        let size: Int
        let stride: Int
        /// Their part of XᵀX, the lower triangle by rows: `matrix[i * stride + j]`, j <= i.
        let matrix: UnsafeMutablePointer<Float>
        /// Their entries for the item in question; becomes the solution.
        let vector: UnsafeMutablePointer<Float>
        /// Writes matrix and vector again, after an attempt to solve has changed them.
        let restore: () -> Void
    }

    /// Trains what a model of local regressions holds. `solve` turns a system's vector into the weights.
    static func table(
        _ interactions: Interactions, _ weights: RegressionWeights, settings: Settings, model: String,
        run: TrainingRun, solve: (_ system: System, _ worker: Int) -> Void
    ) throws -> ItemSimilarityTable {
        let wanted = settings.integer("neighbors")
        let gigabytes = settings.number("memory")
        if let note = WorkingMemory.note(on: model, gigabytes: gigabytes) { run.note(note) }
        let budget = try ItemGram.Budget(interactions, support: wanted, gigabytes: gigabytes, model: model)
        if budget.support < min(wanted, budget.order.count - 1) {
            try run.progress("keeping \(budget.support) neighbors instead of \(wanted), to fit \(model).memory", 0, 1)
        }
        var columns = try solved(interactions, weights, budget, run: run, solve: solve)
        return try columns.transposed(items: budget.order, itemCount: interactions.itemCount, threads: run.threads)
    }

    /// The solutions: a list for each place, of places and weights. The matrix is gone when this returns.
    private static func solved(
        _ interactions: Interactions, _ weights: RegressionWeights, _ budget: ItemGram.Budget, run: TrainingRun,
        solve: (_ system: System, _ worker: Int) -> Void
    ) throws -> ItemLists {
        var (gram, lists) = try ItemGram.build(interactions, weights, budget: budget, run: run)
        let count = gram.items.count
        let workers = try (0..<min(run.threads, count)).map { _ in
            try LocalSystem(itemCount: count, limit: budget.support)
        }
        try lists.fill { lists in
            try parallelFor(count, chunk: 8, threads: run.threads) { range, worker in
                if worker == 0 { try run.progress("solving", range.lowerBound, count) }
                let local = workers[worker]
                for place in range {
                    local.load(lists.list(place), gram)
                    if local.size > 0 {
                        solve(
                            System(
                                size: local.size, stride: local.stride, matrix: local.matrix, vector: local.vector,
                                restore: { local.fill(gram) }), worker)
                    }
                    try lists.set(place, local.solution())
                }
            }
        }
        try run.progress("solving", count, count)
        return lists
    }
}

/// One thread's system.
private final class LocalSystem {
    let stride: Int
    /// Where the system starts, in rows with a column before it that takes what is not of the system.
    let matrix: UnsafeMutablePointer<Float>  // (limit, 1 + limit)
    let vector: UnsafeMutablePointer<Float>  // (limit)
    private let memory: DenseMatrix
    private let solved: DenseMatrix
    private var positions: [UInt16]  // (known): 1 + the position in the support; 0: not in it
    private var support: [Candidate] = []

    var size: Int { support.count }

    init(itemCount: Int, limit: Int) throws {
        stride = limit + 1
        memory = try DenseMatrix(rowCount: limit, columnCount: stride)
        solved = try DenseMatrix(rowCount: 1, columnCount: stride)
        matrix = memory.base + 1
        vector = solved.base
        positions = [UInt16](repeating: 0, count: itemCount)
    }

    func load(_ list: some Sequence<Candidate>, _ gram: ItemGram) {
        for entry in support { positions[Int(entry.row)] = 0 }
        support.removeAll(keepingCapacity: true)
        support.append(contentsOf: list)
        // In order of place, what a row of the matrix holds is what comes before it: a lower triangle.
        support.sort { $0.row < $1.row }
        for (i, entry) in support.enumerated() { positions[Int(entry.row)] = UInt16(i + 1) }
        fill(gram)
    }

    func fill(_ gram: ItemGram) {
        positions.withUnsafeBufferPointer { positions in
            for (i, entry) in support.enumerated() {
                vector[i] = entry.score
                let row = memory.row(i)
                row.update(repeating: 0, count: i + 1)
                gram.scatter(Int(entry.row), positions.baseAddress!, into: row)
                row[i + 1] = gram.diagonal[Int(entry.row)]
            }
        }
    }

    /// The solution as a list, without its zeros.
    func solution() throws -> [Candidate] {
        try support.indices.compactMap { i in
            guard vector[i].isFinite else {
                throw RecoError(.badData, "training gave weights that are not finite numbers; regularize more")
            }
            return vector[i] == 0 ? nil : Candidate(row: support[i].row, score: vector[i])
        }
    }
}
