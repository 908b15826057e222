/// Gradients for ranking: pairs of a group's rows of which one is to stand above the other.
///
/// A pair adds the gradient of log(1 + e^(-σ Δscore)), for `lambdaMART` times the NDCG that swapping the two would
/// change (Burges 2010, "From RankNet to LambdaRank to LambdaMART: an overview", MSR-TR-2010-82). Only pairs with one row
/// in the first `truncation` places count. As in LightGBM, a pair's weight is divided by the distance of its scores and
/// a group's gradients by the logarithm of their sum, so that no group outweighs the others; with `pairwise` neither.
///
/// O(rows log rows + truncation x rows) for a group.
///
/// With positions, what a place adds to the chance of being chosen is learned as well, a number for each place that is
/// added to the score in training only, and regularised (as in LightGBM's unbiased lambdarank, after Hu et al. 2019,
/// arXiv:1809.05818).
final class RankingLoss: BoostingLoss {
    let base = 0.0
    private let table: RankingTable
    private let isLambdaMART: Bool
    private let sigma: Double
    private let truncation: Int
    private let normalizes: Bool
    private let ndcg: NDCG
    private let idealInverses: [Double]  // (groups); 0: nothing relevant
    private let gains: [Double]  // (rows)
    private let learningRate: Double
    private let biasRegularization: Double
    private var biases: [Double] = []  // by position

    struct Settings {
        var truncation = 30
        var sigma = 1.0
        var normalizes = true
        var learningRate = 0.1
        var biasRegularization = 0.0
    }

    init(_ table: RankingTable, isLambdaMART: Bool, _ settings: Settings) throws {
        self.table = table
        self.isLambdaMART = isLambdaMART
        truncation = settings.truncation
        sigma = settings.sigma
        normalizes = settings.normalizes && isLambdaMART
        learningRate = settings.learningRate
        biasRegularization = settings.biasRegularization
        let sizes = zip(table.groupOffsets.dropFirst(), table.groupOffsets).map { $0 - $1 }
        let ndcg = NDCG(longest: sizes.max() ?? 0)
        self.ndcg = ndcg
        gains = table.labels.map(NDCG.gain)
        idealInverses = (0..<table.groupCount).map { group in
            let labels = UnsafeBufferPointer(
                rebasing: table.labels[table.groupOffsets[group]..<table.groupOffsets[group + 1]])
            let ideal = ndcg.ideal(labels, cutoff: settings.truncation)
            return ideal > 0 ? 1 / ideal : 0
        }
        let hasPair = (0..<table.groupCount).contains { group in
            let range = table.groupOffsets[group]..<table.groupOffsets[group + 1]
            return range.contains { table.labels[$0] != table.labels[range.lowerBound] }
        }
        guard hasPair else {
            throw RecoError(.badData, "no group has two rows of different labels, so there is no order to learn")
        }
        let places = Int(table.positions.max() ?? 0)
        guard places < 1 << 20 else { throw RecoError(.badData, "a position is larger than \(1 << 20)") }
        if !table.positions.isEmpty { biases = [Double](repeating: 0, count: places + 1) }
    }

    func gradients(
        _ scores: UnsafePointer<Double>, _ gradients: UnsafeMutablePointer<Float>,
        _ hessians: UnsafeMutablePointer<Float>, _ crew: WorkCrew
    ) {
        let groupsInPiece = 32
        let (offsets, positions, weights) = (table.groupOffsets, table.positions, table.weights)
        crew.run(table.groupCount, chunk: groupsInPiece) { groups, _ in
            let longest = groups.reduce(0) { max($0, offsets[$1 + 1] - offsets[$1]) }
            withUnsafeTemporaryAllocation(of: Double.self, capacity: Group.memory(longest)) { memory in
                let group = Group(memory.baseAddress!, longest)
                for index in groups {
                    let (start, end) = (offsets[index], offsets[index + 1])
                    for row in start..<end {
                        group.scores[row - start] = scores[row] + (positions.isEmpty ? 0 : biases[Int(positions[row])])
                    }
                    addPairs(of: index, group)
                    for row in start..<end {
                        let weight = weights.isEmpty ? 1 : Double(weights[row])
                        gradients[row] = Float(group.gradients[row - start] * weight)
                        hessians[row] = Float(group.hessians[row - start] * weight)
                    }
                }
            }
        }
        if !positions.isEmpty { learnBiases(gradients, hessians) }
    }

    /// Working memory for a group.
    struct Group {
        let scores: UnsafeMutablePointer<Double>
        fileprivate let sorted: UnsafeMutablePointer<Double>  // scores in order
        let gradients: UnsafeMutablePointer<Double>
        let hessians: UnsafeMutablePointer<Double>
        fileprivate let order: UnsafeMutablePointer<Int>  // rows, best score first

        /// Numbers of memory for groups of so many rows.
        static func memory(_ longest: Int) -> Int { 5 * longest + 1 }

        init(_ memory: UnsafeMutablePointer<Double>, _ longest: Int) {
            scores = memory
            sorted = memory + longest
            gradients = memory + 2 * longest
            hessians = memory + 3 * longest
            order = UnsafeMutableRawPointer(memory + 4 * longest).assumingMemoryBound(to: Int.self)
        }
    }

    /// Writes the gradients and hessians of one group, whose scores are filled in; rows' weights are left out.
    func addPairs(of index: Int, _ group: Group) {
        let start = table.groupOffsets[index]
        let count = table.groupOffsets[index + 1] - start
        let labels = table.labels.baseAddress! + start
        group.gradients.update(repeating: 0, count: count)
        group.hessians.update(repeating: 0, count: count)
        let inverse = idealInverses[index]
        if count < 2 || (isLambdaMART && inverse == 0) { return }
        let order = group.order
        for place in 0..<count { order[place] = place }
        sort(order, count, by: group.scores)
        let (scores, sorted) = (group.scores, group.sorted)
        for place in 0..<count { sorted[place] = scores[order[place]] }
        let differ = sorted[0] != sorted[count - 1]
        var sum = 0.0
        gains.withUnsafeBufferPointer { gains in
            ndcg.discounts.withUnsafeBufferPointer { discounts in
                let (gains, discounts) = (gains.baseAddress! + start, discounts.baseAddress!)
                for first in 0..<min(count - 1, isLambdaMART ? truncation : count - 1) {
                    let a = order[first]
                    for second in first + 1..<count {
                        let b = order[second]
                        if labels[a] == labels[b] { continue }
                        let (high, low) = labels[a] > labels[b] ? (a, b) : (b, a)
                        let distance = scores[high] - scores[low]
                        var weight = 1.0
                        if isLambdaMART {
                            weight =
                                (gains[high] - gains[low]) * inverse
                                * (discounts[first] - discounts[second]).magnitude
                            if normalizes, differ { weight /= 0.01 + distance.magnitude }
                        }
                        let p = 1 / (1 + exponential(sigma * distance))
                        let lambda = sigma * weight * p
                        let hessian = sigma * sigma * weight * p * (1 - p)
                        group.gradients[high] -= lambda
                        group.gradients[low] += lambda
                        group.hessians[high] += hessian
                        group.hessians[low] += hessian
                        sum += 2 * lambda
                    }
                }
            }
        }
        if normalizes, sum > 0 {
            let factor = binaryLog(1 + sum) / sum
            for place in 0..<count {
                group.gradients[place] *= factor
                group.hessians[place] *= factor
            }
        }
    }

    /// Best score first, equal ones in the order of the rows. Most groups are short.
    private func sort(_ order: UnsafeMutablePointer<Int>, _ count: Int, by scores: UnsafePointer<Double>) {
        guard count <= 48 else {
            var rows = UnsafeMutableBufferPointer(start: order, count: count)
            return rows.sort { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
        }
        for place in 1..<max(1, count) {
            let row = order[place]
            let score = scores[row]
            var at = place
            while at > 0, scores[order[at &- 1]] < score {
                order[at] = order[at &- 1]
                at &-= 1
            }
            order[at] = row
        }
    }

    /// A Newton step for what each position adds.
    private func learnBiases(_ gradients: UnsafePointer<Float>, _ hessians: UnsafePointer<Float>) {
        var (first, second) = (biases.map { _ in 0.0 }, biases.map { _ in 0.0 })
        for (row, position) in table.positions.enumerated() {
            let bias = biases[Int(position)]
            first[Int(position)] -= Double(gradients[row]) + bias * biasRegularization
            second[Int(position)] -= Double(hessians[row]) + biasRegularization
        }
        for position in biases.indices {
            biases[position] += learningRate * first[position] / (second[position].magnitude + 0.001)
        }
    }
}
