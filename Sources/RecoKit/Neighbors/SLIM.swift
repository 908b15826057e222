/// Sparse linear methods: each item's weights from other items by elastic net, none of them negative.
///
/// Ning and Karypis 2011, "SLIM: Sparse linear methods for top-N recommender systems", doi:10.1109/ICDM.2011.134; with
/// the features of an item chosen beforehand, as their fsSLIM. For item j with support S, of at most `neighbors` items,
/// the weights minimise
///
///     ½ bᵀ G_SS b - bᵀ G_Sj + l1 Σ b + ½ Σ Λ b²        b >= 0, G = Xᵀ W X
///
/// with W what users count and Λ what items pay (`RegressionWeights`), by coordinate descent on G (Friedman, Hastie and
/// Tibshirani 2010, doi:10.18637/jss.v033.i01), which does not touch the users again. With a `popularity-penalty`
/// and a `user-discount` of 0 that is SLIM.
///
/// O(sum over users of items² + items x neighbours x (neighbours + weights that move) x sweeps).
struct SLIM: ItemSimilarityModel {
    static let name = "slim"
    static let code = SourceCode.slim
    static let summary = "sparse linear weights from item to item, none of them negative, by elastic net"

    static let hyperparameters =
        [
            Hyperparameter(
                "neighbors", .integer(1...ItemSimilarityTable.maximumNeighbors), default: "100",
                "items among which each item finds those that it learns from"
            ).tuned(.log(50...400), cost: 1),
            Hyperparameter(
                "l1", .number(0...1e9), default: "0.5", "how many events together it takes to count at all"
            ).tuned(.log(0.1...3)),
        ]
        + RegressionWeights.hyperparameters(("l2", "how many events it takes to be trusted; more for sparser data"))
        + [
            Hyperparameter(
                "memory", .number(0.001...100_000), default: "4",
                "GB that training may take beside the events; it keeps fewer neighbors where these would not fit")
        ]

    /// A sweep that moves no weight by more than this part of the largest is the last.
    private static let tolerance: Float = 1e-5
    private static let maximumSweeps = 300

    let table: ItemSimilarityTable

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> SLIM {
        let weights = RegressionWeights(data.interactions.byUser, settings: settings, regularization: "l2")
        let l1 = Float(settings.number("l1"))
        let width = min(settings.integer("neighbors"), data.interactions.itemCount)
        let rests = try DenseMatrix(rowCount: 2 * run.threads, columnCount: width)
        return SLIM(
            table: try LocalRegression.table(data.interactions, weights, settings: settings, model: name, run: run) {
                system, worker in
                descend(system, weights, l1: l1, rest: rests.row(2 * worker), penalties: rests.row(2 * worker + 1))
            })
    }

    private static func descend(
        _ system: LocalRegression.System, _ weights: RegressionWeights, l1: Float,
        rest: UnsafeMutablePointer<Float>, penalties: UnsafeMutablePointer<Float>
    ) {
        let (size, stride, matrix, solution) = (system.size, system.stride, system.matrix, system.vector)
        for i in 0..<size {
            for j in 0..<i { matrix[j * stride + i] = matrix[i * stride + j] }
            penalties[i] = weights.penalty(matrix[i * stride + i])
            // What the weights, all zero, leave unexplained.
            rest[i] = solution[i]
            solution[i] = 0
        }
        for _ in 0..<maximumSweeps {
            var largest: Float = 0
            var moved: Float = 0
            for i in 0..<size {
                let square = matrix[i * stride + i]
                let weight = max(0, (rest[i] + square * solution[i] - l1) / (square + penalties[i]))
                let step = weight - solution[i]
                largest = max(largest, weight)
                guard step != 0 else { continue }
                moved = max(moved, step.magnitude)
                solution[i] = weight
                Kernels.best.addScaled(-step, matrix + i * stride, to: rest, size)
            }
            if moved <= tolerance * largest { return }
        }
    }
}
