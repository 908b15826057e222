/// Mini-batch gradient descent with the same result for any number of threads.
///
/// A mini-batch is cut into chunks of fixed length. Each chunk computes its gradients into memory of its own, and they are
/// added up in the order of the chunks before Adam takes its step.
final class GradientDescent {
    let weights: NetworkWeights
    let crew: WorkCrew
    let chunkRows: Int
    var adam: Adam
    private let gradients: DenseMatrix  // (chunks of a mini-batch, weights)
    private var losses: [Double]  // (chunks of a mini-batch)

    init(_ weights: NetworkWeights, _ adam: Adam, batchRows: Int, chunkRows: Int, crew: WorkCrew) throws {
        self.weights = weights
        self.adam = adam
        self.crew = crew
        self.chunkRows = chunkRows
        let chunks = max(1, (batchRows + chunkRows - 1) / chunkRows)
        gradients = try DenseMatrix(rowCount: chunks, columnCount: max(1, weights.count))
        losses = [Double](repeating: 0, count: chunks)
    }

    /// One step on a mini-batch of `count` rows, at most those it was made for: `body` gets the number of a chunk, its
    /// rows within the mini-batch, the number of the worker for scratch memory, and gradients to add to; it returns the
    /// chunk's loss. Returns the sum of the losses. Embeddings take their steps afterwards, with `adam`.
    func step(
        _ count: Int,
        _ body: (_ chunk: Int, _ rows: Range<Int>, _ worker: Int, _ gradients: UnsafeMutablePointer<Float>) -> Double
    ) -> Double {
        let chunks = (count + chunkRows - 1) / chunkRows
        precondition(chunks <= gradients.rowCount)
        losses.withUnsafeMutableBufferPointer { losses in
            let losses = losses
            crew.run(chunks) { chunk, worker in
                let sums = self.gradients.row(chunk)
                sums.update(repeating: 0, count: self.weights.count)
                let rows = chunk * self.chunkRows..<min(count, (chunk + 1) * self.chunkRows)
                losses[chunk] = body(chunk, rows, worker, sums)
            }
        }
        adam.beginStep()
        let total = gradients.row(0)
        for chunk in 1..<max(1, chunks) {
            Kernels.best.addScaled(1, gradients.row(chunk), to: total, weights.count)
        }
        if chunks > 0 { weights.step(total, adam) }
        return losses.prefix(chunks).reduce(0, +)
    }
}
