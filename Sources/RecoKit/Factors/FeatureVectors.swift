/// A vector for every feature of users, or of items, and what the optimiser remembers of each number's gradients. A
/// user's vector is the weighted sum of those of its features.
///
/// A class, so that the threads of an epoch can change rows of one table side by side.
final class FeatureVectors: @unchecked Sendable {
    /// Which features each user or item has, and how strongly.
    private let offsets: Column<Int64>  // (rows + 1)
    private let columns: Column<UInt32>  // (entries)
    private let values: Column<Float>  // (entries)
    /// The last number of each row is an offset: what the feature adds to any score.
    let vectors: DenseMatrix  // (features, rank + 1)
    /// Adagrad: 1 and the sum of squared gradients. Adadelta: their fading mean.
    let squares: DenseMatrix  // (features, rank + 1)
    /// Adadelta: the fading mean of squared steps.
    let steps: DenseMatrix?  // (features, rank + 1)
    private let optimizer: Optimizer
    private let penalty: Float
    private let width: Int

    /// How steps are measured out, number by number.
    enum Optimizer {
        /// Duchi, Hazan and Singer 2011, Journal of Machine Learning Research 12.
        case adagrad(rate: Float)
        /// Zeiler 2012, arXiv:1212.5701.
        case adadelta(decay: Float, epsilon: Float)
    }

    /// - Parameter penalty: λ; what a step touches is pulled towards zero by λ times itself.
    convenience init(_ features: SparseRows, rank: Int, optimizer: Optimizer, penalty: Float) throws {
        try self.init(
            offsets: Column(features.offsets.map { Int64($0) }), columns: features.columns.column,
            values: features.values.column, featureCount: features.columnCount, width: rank + 1, optimizer: optimizer,
            penalty: penalty)
        if case .adagrad = optimizer { for i in squares.elements.indices { squares.base[i] = 1 } }
    }

    private init(
        offsets: Column<Int64>, columns: Column<UInt32>, values: Column<Float>, featureCount: Int, width: Int,
        optimizer: Optimizer, penalty: Float
    ) throws {
        self.offsets = offsets
        self.columns = columns
        self.values = values
        self.width = width
        self.optimizer = optimizer
        self.penalty = penalty
        vectors = try DenseMatrix(rowCount: featureCount, columnCount: width)
        squares = try DenseMatrix(rowCount: featureCount, columnCount: width)
        if case .adadelta = optimizer {
            steps = try DenseMatrix(rowCount: featureCount, columnCount: width)
        } else {
            steps = nil
        }
    }

    /// Small random vectors for features that are `learned` and have none yet; offsets begin at zero.
    func start(_ learned: [Bool], using generator: inout SeededGenerator) {
        let scale = 1 / Float(max(1, width - 1))
        for feature in 0..<vectors.rowCount where learned[feature] && !has(feature) {
            let row = vectors.row(feature)
            for k in 0..<width - 1 { row[k] = scale * (generator.nextFloat() - 0.5) }
        }
    }

    /// Whether a feature has learned anything.
    func has(_ feature: Int) -> Bool {
        let row = vectors.row(feature)
        return (0..<width).contains { row[$0] != 0 }
    }

    var isFinite: Bool { vectors.elements.allSatisfy(\.isFinite) && squares.elements.allSatisfy(\.isFinite) }

    /// Vectors of the same features that begin with the same numbers.
    func copy() throws -> FeatureVectors {
        let copy = try FeatureVectors(
            offsets: offsets, columns: columns, values: values, featureCount: vectors.rowCount, width: width,
            optimizer: optimizer, penalty: penalty)
        copy.restore(self)
        return copy
    }

    /// Takes over the numbers of another's vectors of the same features.
    func restore(_ other: FeatureVectors) {
        let count = vectors.elements.count
        vectors.base.update(from: other.vectors.base, count: count)
        squares.base.update(from: other.squares.base, count: count)
        if let steps, let otherSteps = other.steps { steps.base.update(from: otherSteps.base, count: count) }
    }

    /// All of it as plain pointers, for the loops of an epoch; valid as long as the vectors are.
    var view: View {
        View(
            offsets: offsets.base!, columns: columns.base, values: values.base, vectors: vectors.base,
            squares: squares.base, steps: steps?.base, width: width, optimizer: optimizer, penalty: penalty)
    }

    /// Rows and features are trusted.
    struct View: @unchecked Sendable {
        fileprivate let offsets: UnsafePointer<Int64>
        fileprivate let columns: UnsafePointer<UInt32>?
        fileprivate let values: UnsafePointer<Float>?
        fileprivate let vectors: UnsafeMutablePointer<Float>
        fileprivate let squares: UnsafeMutablePointer<Float>
        fileprivate let steps: UnsafeMutablePointer<Float>?
        let width: Int
        fileprivate let optimizer: Optimizer
        fileprivate let penalty: Float

        /// The vector of a user or an item: where it stands, if it is that of one feature, else summed up in `room`,
        /// which has `width` numbers. O(features of the row x rank).
        @inline(__always)
        func vector(_ row: UInt32, _ room: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
            let (start, end) = (Int(offsets[Int(row)]), Int(offsets[Int(row) &+ 1]))
            guard let columns, let values, end > start else {
                room.update(repeating: 0, count: width)
                return UnsafePointer(room)
            }
            if end &- start == 1, values[start] == 1 { return UnsafePointer(vectors + Int(columns[start]) &* width) }
            room.update(repeating: 0, count: width)
            Kernels.best.addWeightedRows(
                of: vectors, rank: width, rows: columns + start, weights: values + start, count: end &- start, to: room)
            return UnsafePointer(room)
        }

        /// A step of every feature of a row down the gradient `scale` · `direction`: those features only that
        /// `remainder` is of `workers`. O(features of the row x rank).
        @inline(__always)
        func descend(
            _ row: UInt32, _ scale: Float, _ direction: UnsafePointer<Float>, remainder: Int, of workers: Int
        ) {
            guard let columns, let values else { return }
            for entry in Int(offsets[Int(row)])..<Int(offsets[Int(row) &+ 1]) {
                let feature = Int(columns[entry])
                if workers > 1, feature % workers != remainder { continue }
                let place = feature &* width
                step(place, scale * values[entry], direction)
            }
        }

        @inline(__always)
        private func step(_ place: Int, _ scale: Float, _ direction: UnsafePointer<Float>) {
            let (vector, square) = (vectors + place, squares + place)
            switch optimizer {
            case .adagrad(let rate):
                Kernels.best.adagradStep(
                    vector, squares: square, along: direction, scale: scale, rate: rate, penalty: penalty, width)
            case .adadelta(let decay, let epsilon):
                guard let steps else { return }
                let step = steps + place
                for k in 0..<width {
                    let gradient = scale * direction[k] + penalty * vector[k]
                    square[k] = decay * square[k] + (1 - decay) * gradient * gradient
                    let change = gradient * ((step[k] + epsilon) / (square[k] + epsilon)).squareRoot()
                    step[k] = decay * step[k] + (1 - decay) * change * change
                    vector[k] -= change
                }
            }
        }
    }
}
