/// The network of neural collaborative filtering: He, Liao, Zhang, Nie, Hu and Chua 2017, arXiv:1708.05031.
///
/// Generalised matrix factorisation weighs the product of a user's and an item's vectors, number by number; a perceptron
/// reads two other vectors of theirs side by side; NeuMF adds up what both say. The first dense layer is a part for the
/// user plus a part for the item: so a user's is computed once for all the items beside it.
final class NCFNetwork: @unchecked Sendable {
    struct Shape: Sendable {
        /// Numbers of the vectors that are multiplied; 0: there is no such part.
        var factors: Int
        /// Widths of the perceptron's layers; none: there is no such part.
        var layers: [Int]

        /// Numbers of the vectors that the perceptron reads: both together are as long as its first layer.
        var inputs: Int { layers.isEmpty ? 0 : max(1, layers[0] / 2) }
        var width: Int { factors + inputs }
    }

    let shape: Shape
    let weights: NetworkWeights
    let users: Embedding  // (users, factors + inputs)
    let items: Embedding  // (items, factors + inputs)
    let factorWeights: Int  // where they start among the weights: (factors)
    let userHalf: DenseLayer  // (inputs, first layer), with its biases
    let itemHalf: DenseLayer  // (inputs, first layer)
    let perceptron: Perceptron  // from the first layer on
    let output: DenseLayer  // (last layer, 1)
    let dropout: Dropout

    init(
        _ shape: Shape, users userCount: Int, items itemCount: Int, dropout: Float,
        using generator: inout SeededGenerator
    ) throws {
        self.shape = shape
        self.dropout = Dropout(share: dropout)
        var layout = WeightLayout()
        factorWeights = layout.claim(shape.factors)
        let first = shape.layers.first ?? 0
        userHalf = DenseLayer(inputs: shape.inputs, outputs: first, in: &layout)
        itemHalf = DenseLayer(inputs: shape.inputs, outputs: first, hasBias: false, in: &layout)
        perceptron = try Perceptron(
            inputs: first, widths: Array(shape.layers.dropFirst()), dropout: dropout, in: &layout)
        output = DenseLayer(inputs: perceptron.outputs, outputs: 1, in: &layout)
        weights = try NetworkWeights(layout)
        users = try Embedding(rowCount: userCount, width: shape.width, scale: Self.spread, using: &generator)
        items = try Embedding(rowCount: itemCount, width: shape.width, scale: Self.spread, using: &generator)
        let values = weights.values
        for k in 0..<shape.factors { values[factorWeights + k] = 1 }
        // Each half sees half of the inputs.
        userHalf.initialize(values, gain: 1, using: &generator)
        itemHalf.initialize(values, gain: 1, using: &generator)
        perceptron.initialize(values, using: &generator)
        output.initialize(values, gain: 1, using: &generator)
    }

    /// Deviation of the numbers that vectors start with.
    private static let spread: Float = 0.1

    /// All that a copy of the network has to keep.
    var regions: [UnsafeMutableBufferPointer<Float>] { [weights.region, users.region, items.region] }

    /// Starts from networks of the two parts alone, each of which is to say half of it.
    func adopt(factorization: NCFNetwork, perceptron other: NCFNetwork) {
        for (mine, theirs, others) in [
            (users, factorization.users, other.users), (items, factorization.items, other.items),
        ] {
            for row in 0..<mine.rowCount {
                mine.values.row(row).update(from: theirs.values.row(row), count: shape.factors)
                (mine.values.row(row) + shape.factors).update(from: others.values.row(row), count: shape.inputs)
            }
        }
        let values = weights.values
        for k in 0..<shape.factors {
            values[factorWeights + k] = factorization.weights.values[factorization.factorWeights + k] / 2
        }
        // The layers stand in the same order in both; the factors' weights before them do not.
        let (mine, theirs) = (values + userHalf.weights, other.weights.values + other.userHalf.weights)
        mine.update(from: theirs, count: weights.count - userHalf.weights)
        for k in 0..<output.inputs { values[output.weights + k] /= 2 }
        let bias = output.weights + output.inputs
        values[bias] = (values[bias] + factorization.weights.values[factorization.weights.count - 1]) / 2
    }

    /// The memory of one chunk: groups of a user and some items each.
    final class Chunk {
        let groups: Int
        let groupSize: Int
        let userVectors: DenseMatrix  // (groups, factors + inputs)
        let itemVectors: DenseMatrix  // (groups · group size, factors + inputs)
        let weighted: DenseMatrix  // (groups, factors): a user's factors times their weights
        let userParts: DenseMatrix  // (groups, first layer)
        let hidden: DenseMatrix  // (rows, first layer)
        let hiddenDelta: DenseMatrix
        let mask: DenseMatrix?
        let perceptron: Perceptron.Chunk
        let logits: DenseMatrix  // (rows, 1)
        let delta: DenseMatrix  // (rows, 1), the derivatives by the logits

        init(_ network: NCFNetwork, groups: Int, groupSize: Int) throws {
            self.groups = groups
            self.groupSize = groupSize
            let rows = groups * groupSize
            let (width, first) = (network.shape.width, network.shape.layers.first ?? 0)
            userVectors = try DenseMatrix(rowCount: groups, columnCount: width)
            itemVectors = try DenseMatrix(rowCount: rows, columnCount: width)
            weighted = try DenseMatrix(rowCount: groups, columnCount: network.shape.factors)
            userParts = try DenseMatrix(rowCount: groups, columnCount: first)
            hidden = try DenseMatrix(rowCount: rows, columnCount: first)
            hiddenDelta = try DenseMatrix(rowCount: rows, columnCount: first)
            mask = network.dropout.share > 0 ? try DenseMatrix(rowCount: rows, columnCount: first) : nil
            perceptron = try Perceptron.Chunk(network.perceptron, rows: rows)
            logits = try DenseMatrix(rowCount: rows, columnCount: 1)
            delta = try DenseMatrix(rowCount: rows, columnCount: 1)
        }
    }

    /// Computes the logits of each group's user with each of its items, and drops nothing unless it is training.
    /// O(rows weights).
    func forward(
        users userRows: UnsafeBufferPointer<UInt32>, items itemRows: UnsafeBufferPointer<UInt32>, _ chunk: Chunk,
        isTraining: Bool = true, using generator: inout SeededGenerator
    ) {
        let (groups, size, rows) = (userRows.count, chunk.groupSize, itemRows.count)
        let values = weights.values
        users.gather(userRows, count: shape.width, into: MatrixRows(chunk.userVectors))
        items.gather(itemRows, count: shape.width, into: MatrixRows(chunk.itemVectors))
        if let first = shape.layers.first {
            let userInputs = MatrixRows(chunk.userVectors).column(shape.factors)
            let itemInputs = MatrixRows(chunk.itemVectors).column(shape.factors)
            userHalf.forward(userInputs, groups, values, into: MatrixRows(chunk.userParts))
            itemHalf.forward(itemInputs, rows, values, into: MatrixRows(chunk.hidden))
            for row in 0..<rows {
                Kernels.best.addScaled(1, chunk.userParts.row(row / size), to: chunk.hidden.row(row), first)
            }
            Activation.rectifier.forward(chunk.hidden.base, rows * first)
            if isTraining, let mask = chunk.mask {
                dropout.forward(chunk.hidden.base, mask: mask.base, rows * first, using: &generator)
            }
            let last = perceptron.forward(
                MatrixRows(chunk.hidden), rows, values, chunk.perceptron, isTraining: isTraining, using: &generator)
            output.forward(last, rows, values, into: MatrixRows(chunk.logits))
        } else {
            chunk.logits.base.update(repeating: values[output.weights + output.inputs], count: rows)
        }
        for group in 0..<(shape.factors > 0 ? groups : 0) {
            let (vector, weighted) = (chunk.userVectors.row(group), chunk.weighted.row(group))
            for k in 0..<shape.factors { weighted[k] = vector[k] * values[factorWeights + k] }
            for row in group * size..<(group + 1) * size {
                chunk.logits.base[row] += Kernels.best.dot(weighted, chunk.itemVectors.row(row), shape.factors)
            }
        }
    }
}
