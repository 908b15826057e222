/// A perceptron with one number on top: the score of a row.
final class ScoringNetwork: @unchecked Sendable {
    let perceptron: Perceptron
    let output: DenseLayer
    let weights: NetworkWeights

    init(
        inputs: Int, widths: [Int], batchNormalization: Bool, dropout: Float, using generator: inout SeededGenerator
    ) throws {
        var layout = WeightLayout()
        perceptron = try Perceptron(
            inputs: inputs, widths: widths, batchNormalization: batchNormalization, dropout: dropout, in: &layout)
        output = DenseLayer(inputs: perceptron.outputs, outputs: 1, in: &layout)
        weights = try NetworkWeights(layout)
        perceptron.initialize(weights.values, using: &generator)
        output.initialize(weights.values, gain: 1, using: &generator)
    }

    /// The memory of one chunk of rows on its way through and back.
    final class Chunk {
        let x: DenseMatrix  // (rows, inputs)
        let scores: DenseMatrix  // (rows)
        /// The derivatives by the scores: (rows).
        let delta: DenseMatrix
        let perceptron: Perceptron.Chunk

        init(_ network: ScoringNetwork, rows: Int) throws {
            x = try DenseMatrix(rowCount: rows, columnCount: network.perceptron.inputs)
            scores = try DenseMatrix(rowCount: rows, columnCount: 1)
            delta = try DenseMatrix(rowCount: rows, columnCount: 1)
            perceptron = try Perceptron.Chunk(network.perceptron, rows: rows)
        }
    }

    /// Scores the first `count` rows of the chunk. O(count weights).
    func forward(_ chunk: Chunk, _ count: Int, isTraining: Bool, using generator: inout SeededGenerator) {
        let hidden = perceptron.forward(
            MatrixRows(chunk.x), count, weights.values, chunk.perceptron, isTraining: isTraining, using: &generator)
        output.forward(hidden, count, weights.values, into: MatrixRows(chunk.scores))
    }

    /// The way back of the last `forward`, with `chunk.delta` filled in.
    func backward(
        _ chunk: Chunk, _ count: Int, gradients: UnsafeMutablePointer<Float>, into inputDelta: MatrixRows? = nil
    ) {
        output.backward(
            MatrixRows(chunk.delta), chunk.perceptron.output ?? MatrixRows(chunk.x), count, weights.values,
            gradients: gradients, into: chunk.perceptron.delta ?? inputDelta)
        perceptron.backward(
            MatrixRows(chunk.x), count, weights.values, gradients: gradients, chunk.perceptron, into: inputDelta)
    }

    /// All that a snapshot has to keep.
    var regions: [UnsafeMutableBufferPointer<Float>] { [weights.region] + perceptron.regions }

    /// The weights of the last layer as answers use them: (hidden, filled up to a panel), and the bias behind them.
    /// Scores come out times `scale`, plus `offset`.
    func exportedOutput(scale: Float = 1, offset: Float = 0) -> [Float] {
        let filled = ServingPerceptron.filled(output.inputs)
        return (0..<filled).map { $0 < output.inputs ? scale * weights.values[output.weights + $0] : 0 }
            + [scale * weights.values[output.weights + output.inputs] + offset]
    }
}

extension Perceptron {
    /// "64,32" as widths. Throws `invalidArgument` if it is nothing like that.
    static func widths(_ text: String) throws -> [Int] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let widths = parts.compactMap { part in Int(part.filter { $0 != " " }) }
        guard widths.count == parts.count, widths.count <= 16, widths.allSatisfy({ $0 >= 1 && $0 <= 4096 }) else {
            throw RecoError(
                .invalidArgument, "layers cannot be \"\(text)\"; it takes up to 16 widths of 1 to 4096, such as 64,32")
        }
        return widths
    }
}
