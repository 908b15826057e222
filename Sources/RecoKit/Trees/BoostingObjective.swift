/// What boosted trees minimise.
public enum BoostingObjective: String, CaseIterable, Sendable {
    /// NDCG, by pairs weighted with what swapping them would change.
    case lambdaMART = "lambdamart"
    /// The number of pairs of a group in the wrong order.
    case pairwise
    /// Log loss of labels 0 and 1.
    case logistic
    /// Squared error.
    case squaredError = "squared-error"

    public var isRanking: Bool { self == .lambdaMART || self == .pairwise }

    /// Throws one sentence about labels that this objective cannot learn from.
    func check(_ table: RankingTable, _ what: String) throws {
        guard table.rowCount > 0 else { throw RecoError(.badData, "\(what) has no rows") }
        guard table.rowCount <= Int(UInt32.max) else { throw RecoError(.badData, "\(what) has too many rows") }
        for (row, label) in table.labels.enumerated() {
            let fits =
                switch self {
                case .lambdaMART, .pairwise: label >= 0 && label <= NDCG.largestLabel
                case .logistic: label >= 0 && label <= 1
                case .squaredError: label.isFinite
                }
            if fits { continue }
            let range =
                switch self {
                case .lambdaMART, .pairwise: "a grade from 0 to \(Int(NDCG.largestLabel))"
                case .logistic: "between 0 and 1"
                case .squaredError: "finite"
                }
            throw RecoError(
                .badData, "\(what): the label of row \(row + 1) is \(label); for \(rawValue) it must be \(range)")
        }
        guard isRanking else { return }
        guard table.hasGroups else {
            throw RecoError(.badData, "\(what) says nothing of groups (qid or a .query file), which \(rawValue) needs")
        }
    }
}

/// The gradients of an objective on one table.
protocol BoostingLoss: AnyObject {
    /// The score that is best for all rows alike.
    var base: Double { get }

    /// Writes the gradient and the hessian of the loss by each row's score: all are (rows).
    func gradients(
        _ scores: UnsafePointer<Double>, _ gradients: UnsafeMutablePointer<Float>,
        _ hessians: UnsafeMutablePointer<Float>, _ crew: WorkCrew)
}

/// Squared error and log loss: every row for itself.
final class PointwiseLoss: BoostingLoss {
    private let table: RankingTable
    private let isLogistic: Bool
    let base: Double

    init(_ table: RankingTable, isLogistic: Bool) throws {
        self.table = table
        self.isLogistic = isLogistic
        var (sum, weight) = (0.0, 0.0)
        for (row, label) in table.labels.enumerated() {
            let w = table.weights.isEmpty ? 1 : Double(table.weights[row])
            sum += w * Double(label)
            weight += w
        }
        guard weight > 0 else { throw RecoError(.badData, "all weights are zero") }
        let mean = sum / weight
        if isLogistic {
            // Where all labels are the same, one row in a million might not have been.
            let p = min(max(mean, 1e-6), 1 - 1e-6)
            base = naturalLog(p / (1 - p))
        } else {
            base = mean
        }
    }

    func gradients(
        _ scores: UnsafePointer<Double>, _ gradients: UnsafeMutablePointer<Float>,
        _ hessians: UnsafeMutablePointer<Float>, _ crew: WorkCrew
    ) {
        let (labels, isLogistic) = (table.labels.baseAddress!, isLogistic)
        table.weights.withUnsafeBufferPointer { weights in
            nonisolated(unsafe) let weights = weights.count > 0 ? weights.baseAddress : nil
            crew.run(table.rowCount, chunk: 8192) { rows, _ in
                for row in rows {
                    let weight = weights?[row] ?? 1
                    if isLogistic {
                        let p = 1 / (1 + exponential(-scores[row]))
                        gradients[row] = Float(p - Double(labels[row])) * weight
                        hessians[row] = Float(p * (1 - p)) * weight
                    } else {
                        gradients[row] = Float(scores[row] - Double(labels[row])) * weight
                        hessians[row] = weight
                    }
                }
            }
        }
    }
}
