/// What a network that scores rows minimises.
public enum RowObjective: String, CaseIterable, Sendable {
    /// The cross entropy of a group's gains and the softmax of its scores: Cao et al. 2007, doi:10.1145/1273496.1273513,
    /// with gains instead of scores as the target, as in Bruch et al. 2019, doi:10.1145/3341981.3344221.
    case softmax
    /// NDCG, by pairs weighted with what swapping them would change.
    case lambdarank
    /// The number of pairs of a group in the wrong order.
    case pairwise
    /// Log loss of labels 0 and 1.
    case logistic
    /// Squared error.
    case squaredError = "squared-error"

    var measure: RowMeasure {
        switch self {
        case .softmax, .lambdarank, .pairwise: .ranking
        case .logistic: .classification
        case .squaredError: .regression
        }
    }

    /// Trees' objective that takes the same labels.
    private var labels: BoostingObjective {
        switch self {
        case .softmax, .lambdarank: .lambdaMART
        case .pairwise: .pairwise
        case .logistic: .logistic
        case .squaredError: .squaredError
        }
    }

    /// Throws one sentence about labels that this objective cannot learn from.
    func check(_ table: RankingTable, _ what: String) throws { try labels.check(table, what) }

    static func named(_ name: String, for table: RankingTable) -> RowObjective {
        if let named = RowObjective(rawValue: name) { return named }
        if table.hasGroups { return .lambdarank }
        return table.labels.allSatisfy { $0 == 0 || $0 == 1 } ? .logistic : .squaredError
    }
}

/// The loss of an objective on one table, and its derivatives by the scores of some of its rows.
struct RowLoss {
    let objective: RowObjective
    private let table: RankingTable
    private let pairs: RankingLoss?
    /// Scores stand for (label - offset) / scale.
    let scale: Float
    let offset: Float
    /// The score that is best for all rows alike.
    let base: Float

    init(_ objective: RowObjective, _ table: RankingTable, truncation: Int) throws {
        self.objective = objective
        self.table = table
        pairs =
            objective.measure == .ranking
            ? try RankingLoss(
                table, isLambdaMART: objective == .lambdarank,
                .init(truncation: truncation, sigma: 1, normalizes: true, learningRate: 0, biasRegularization: 0)) : nil
        var (scale, offset, base): (Float, Float, Float) = (1, 0, 0)
        if pairs == nil, let first = table.labels.first, table.labels.allSatisfy({ $0 == first }) {
            throw RecoError(.badData, "all labels are \(first), so there is nothing to tell apart")
        }
        if objective == .logistic { base = Float(try PointwiseLoss(table, isLogistic: true).base) }
        if objective == .squaredError {
            let count = Double(table.rowCount)
            let mean = table.labels.reduce(0) { $0 + Double($1) } / count
            let variance = table.labels.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
            (scale, offset) = (variance > 0 ? Float(variance.squareRoot()) : 1, Float(mean))
        }
        (self.scale, self.offset, self.base) = (scale, offset, base)
    }

    /// Writes the derivatives by the scores of whole units that follow each other, `units` of them groups or rows, times
    /// `share`; returns what the loss comes to, or for pairs how strongly they pull.
    func derivatives(
        _ scores: UnsafePointer<Float>, of units: ArraySlice<UInt32>, share: Float,
        into delta: UnsafeMutablePointer<Float>
    ) -> Double {
        let sum: Double
        switch objective {
        case .softmax: sum = groups(units, scores, delta) { softmax($0, $1, $2, $3) }
        case .lambdarank, .pairwise: sum = groupPairs(units, scores, delta)
        case .logistic, .squaredError: sum = rows(units, scores, delta)
        }
        let count = units.reduce(0) { $0 + table.rows(ofUnit: $1).count }
        var place = 0
        for unit in units {
            for row in table.rows(ofUnit: unit) {
                delta[place] *= share * (table.weights.isEmpty ? 1 : table.weights[row])
                place += 1
            }
        }
        // What is no number shows in the sum.
        return (0..<count).reduce(sum) { $0 + 0 * Double(scores[$1]) }
    }

    /// Whether training has lost its way, even if its numbers are finite: saying the same of all rows costs .7 a row at most,
    /// and this is far above. How strongly pairs pull says nothing of the kind.
    func isLost(_ sum: Double, rows: Int) -> Bool { objective.measure != .ranking && sum > 3 * Double(rows) }

    private func rows(
        _ units: ArraySlice<UInt32>, _ scores: UnsafePointer<Float>, _ delta: UnsafeMutablePointer<Float>
    ) -> Double {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: units.count) { labels in
            for (place, row) in units.enumerated() { labels[place] = (table.labels[Int(row)] - offset) / scale }
            let labels = UnsafePointer(labels.baseAddress!)
            return objective == .logistic
                ? Loss.logistic(scores, labels: labels, units.count, scale: 1, into: delta)
                : Loss.squared(scores, labels: labels, units.count, scale: 1, into: delta)
        }
    }

    private func groups(
        _ units: ArraySlice<UInt32>, _ scores: UnsafePointer<Float>, _ delta: UnsafeMutablePointer<Float>,
        _ body: (Range<Int>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Double
    ) -> Double {
        var (sum, start) = (0.0, 0)
        for unit in units {
            let range = table.rows(ofUnit: unit)
            sum += body(range, scores + start, delta + start, range.count)
            start += range.count
        }
        return sum
    }

    private func softmax(
        _ range: Range<Int>, _ scores: UnsafePointer<Float>, _ delta: UnsafeMutablePointer<Float>, _ count: Int
    ) -> Double {
        let total = range.reduce(0.0) { $0 + NDCG.gain(table.labels[$1]) }
        guard total > 0 else {
            delta.update(repeating: 0, count: count)
            return 0
        }
        delta.update(from: scores, count: count)
        TransformerKernels.best.softmax(delta, count, scale: 1)
        var loss = 0.0
        for place in 0..<count {
            let target = Float(NDCG.gain(table.labels[range.lowerBound + place]) / total)
            if target > 0 { loss -= Double(target * naturalLog(max(delta[place], .leastNormalMagnitude))) }
            delta[place] -= target
        }
        return loss
    }

    private func groupPairs(
        _ units: ArraySlice<UInt32>, _ scores: UnsafePointer<Float>, _ delta: UnsafeMutablePointer<Float>
    ) -> Double {
        guard let pairs else { return 0 }
        let longest = units.reduce(0) { max($0, table.rows(ofUnit: $1).count) }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: RankingLoss.Group.memory(longest)) { memory in
            let group = RankingLoss.Group(memory.baseAddress!, longest)
            var (sum, start) = (0.0, 0)
            for unit in units {
                let count = table.rows(ofUnit: unit).count
                for place in 0..<count { group.scores[place] = Double(scores[start + place]) }
                pairs.addPairs(of: Int(unit), group)
                for place in 0..<count {
                    delta[start + place] = Float(group.gradients[place])
                    sum += group.gradients[place].magnitude
                }
                start += count
            }
            return sum
        }
    }
}

extension RankingTable {
    /// A unit is a group, or a row where there are no groups.
    var unitCount: Int { hasGroups ? groupCount : rowCount }

    func rows(ofUnit unit: UInt32) -> Range<Int> {
        hasGroups ? groupOffsets[Int(unit)]..<groupOffsets[Int(unit) + 1] : Int(unit)..<Int(unit) + 1
    }

    /// Units to learn from and units to measure by, about a `share` of all; none of the latter where they would be fewer
    /// than 25 groups or 100 rows.
    func split(heldOut share: Double, seed: UInt64) -> (learned: [UInt32], held: [UInt32]) {
        let all = (0..<UInt32(unitCount)).map { $0 }
        guard share * Double(unitCount) >= (hasGroups ? 25 : 100) else { return (all, []) }
        let bound = UInt64(share * 0x1p32)
        let isHeld = all.map { mix(UInt64($0) ^ mix(seed ^ 0x5EED)) >> 32 < bound }
        return (all.filter { !isHeld[Int($0)] }, all.filter { isHeld[Int($0)] })
    }
}
