/// Where the weights of a network's layers stand among all of them: layers claim their places before there is memory.
struct WeightLayout {
    private(set) var count = 0

    mutating func claim(_ more: Int) -> Int {
        defer { count += more }
        return count
    }
}

/// The dense weights of a network in one row of memory, with Adam's two moments of each.
///
/// Layers are small structs that know where their weights stand, and get the row, and a row of gradients in the same
/// order, handed in: so a thread computes gradients into memory of its own, and sums and steps are loops over one row.
final class NetworkWeights: @unchecked Sendable {
    let count: Int
    private let memory: DenseMatrix  // (values, first and second moments; weights)

    /// Zeros, for layers to initialise.
    init(_ layout: WeightLayout) throws {
        count = layout.count
        memory = try DenseMatrix(rowCount: 3, columnCount: max(1, count))
    }

    var values: UnsafeMutablePointer<Float> { memory.row(0) }

    /// One step against `gradients`, which have the order of the values. O(weights).
    func step(_ gradients: UnsafePointer<Float>, _ adam: Adam) {
        adam.update(values, memory.row(1), memory.row(2), gradients, count)
    }

    var region: UnsafeMutableBufferPointer<Float> { .init(start: values, count: count) }
}
