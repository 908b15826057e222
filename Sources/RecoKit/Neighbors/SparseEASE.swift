/// EASE for catalogues whose matrix does not fit: each item learns, in closed form, from the items that tell most about
/// it.
///
/// Steck 2019, "Embarrassingly shallow autoencoders for sparse data", doi:10.1145/3308558.3313710; the sparse form after
/// Steck 2019, "Markov random fields for collaborative filtering", arXiv:1910.09645. For item j with support S, of at
/// most `neighbors` items, the weights are
///
///     b = (G_SS + Λ_S)⁻¹ G_Sj                        G = Xᵀ W X
///
/// with W what users count and Λ what items pay (`RegressionWeights`). With all items in the support, a
/// `popularity-penalty` and a `user-discount` of 0, that is EASE. (SANSA, Spišák and others 2023, doi:10.1145/3604915.3608827, gets sparse weights from an
/// approximate inverse of the whole sparse matrix instead; systems of their own are exact on their support, need no
/// fill-in to be held, and share nothing between threads.)
///
/// O(sum over users of items² + items x neighbours³ / 3) operations; `memory` bounds what is held.
struct SparseEASE: ItemSimilarityModel {
    static let name = "sparse-ease"
    static let code = SourceCode.sparseEASE
    static let summary =
        "EASE for large catalogues, in bounded memory: each item learns from those that tell most of it"

    static let hyperparameters =
        [
            Hyperparameter(
                "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "100",
                "items that each item learns from; more for dense data, such as ratings of films"
            ).tuned(.log(50...400), cost: 1)
        ]
        + RegressionWeights.hyperparameters(
            ("regularization", "λ: how many events it takes to be trusted; more for sparser data"))
        + [
            Hyperparameter(
                "memory", .number(0.001...100_000), default: "4",
                "GB that training may take beside the events; it keeps fewer neighbors where these would not fit")
        ]

    let table: ItemSimilarityTable

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> SparseEASE {
        let weights = RegressionWeights(data.interactions.byUser, settings: settings, regularization: "regularization")
        return SparseEASE(
            table: try LocalRegression.table(data.interactions, weights, settings: settings, model: name, run: run) {
                system, _ in solve(system, weights)
            })
    }

    /// Entries that the matrix had no room for, and items that are nearly the same, can leave a system that is not
    /// positive definite in float32: such a one is regularised more, until it is.
    private static func solve(_ system: LocalRegression.System, _ weights: RegressionWeights) {
        var extra: Float = 0
        while true {
            var trace: Float = 0
            for i in 0..<system.size {
                let square = system.matrix[i * system.stride + i]
                system.matrix[i * system.stride + i] = square + weights.penalty(square) + extra
                trace += square
            }
            if solvePositiveDefinite(system.matrix, size: system.size, stride: system.stride, system.vector) { return }
            // Once this exceeds the trace, a diagonal outweighs its row.
            guard extra <= trace else { return system.vector.update(repeating: 0, count: system.size) }
            extra = max(8 * extra, 1e-3 * trace / Float(system.size))
            system.restore()
        }
    }
}
