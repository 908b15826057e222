import Testing

@testable import RecoKit

/// Factors of another library's objective: visitors are folded in as that library would have solved them.
@Suite struct ImportedFactorsTests {
    private let items: [[Float]] = [
        [1, 0.5, -0.25], [0.25, 1, 0.5], [-0.5, 0.75, 1], [0.125, -1, 0.5], [0.75, 0.25, 0.5],
    ]

    /// Solves (Yᵀ Y + Σ (c - 1) y yᵀ + λ) x = Σ c y by elimination: Hu, Koren and Volinsky's equations as MLlib has them.
    private func solve(_ events: [(item: Int, value: Double)], alpha: Double, penalty: Double) -> [Double] {
        let n = 3
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: n + 1), count: n)
        for i in 0..<n {
            for j in 0..<n {
                matrix[i][j] = items.reduce(0) { $0 + Double($1[i]) * Double($1[j]) } + (i == j ? penalty : 0)
                for event in events {
                    matrix[i][j] += alpha * event.value * Double(items[event.item][i]) * Double(items[event.item][j])
                }
            }
            for event in events { matrix[i][n] += (1 + alpha * event.value) * Double(items[event.item][i]) }
        }
        for pivot in 0..<n {
            for row in 0..<n where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                for column in pivot...n { matrix[row][column] -= factor * matrix[pivot][column] }
            }
        }
        return (0..<n).map { matrix[$0][n] / matrix[$0][$0] }
    }

    @Test(arguments: [1, 2, 3])
    func visitorsAreFoldedInByMLlibsEquations(count: Int) throws {
        let trainer = Trainer()
        let imported = ImportedModels(into: trainer.log)
        var objective = ImportedModels.Objective()
        objective.alpha = 2
        objective.regularization = 0.3
        objective.frequencyScaling = 1
        objective.confidenceOffset = 1
        objective.countsObservedOnly = true
        try imported.addFactors(
            rank: 3,
            items: .init(ids: .integers(Column([10, 11, 12, 13, 14])), numbers: Column(items.flatMap { $0 })),
            users: nil, objective: objective)
        try trainer.take(imported)
        try trainer.train()
        let als = try #require(try ALS(try trainer.model().file, userCount: 0, itemCount: 5))
        let events = (0..<count).map { Profile.Event(item: UInt32($0), weight: 1) }
        let scratch = try #require(Scratch(itemCount: 5))
        let vector = try #require(events.withUnsafeBufferPointer { als.foldIn($0, using: scratch) })
        let expected = solve(events.map { (Int($0.item), 1) }, alpha: 2, penalty: 0.3 * Double(count))
        for item in 0..<5 {
            // The basis is another one; scores are what they are in any.
            let row = try #require(als.table.items.row(item, width: 3))
            let score = (0..<3).reduce(Float(0)) { $0 + row[$1] * vector[$1] }
            let wanted = (0..<3).reduce(0.0) { $0 + Double(items[item][$1]) * expected[$1] }
            #expect(abs(Double(score) - wanted) < 1e-4, "item \(item)")
        }
    }
}
