/// The loss of telling the next item from others: -log softmax(state · vectors)[next item], for each place.
///
/// Over all items it is far better than a loss that compares with one item or a few (Klenitskiy and Vasilev 2023,
/// arXiv:2309.07602; Petrov and Macdonald 2023, arXiv:2308.07192). Over a sample, the next item is told from what was
/// drawn, itself left out there.
struct NextItemLoss {
    let width: Int
    /// Places whose logits are computed together: enough for a product of good size, few enough for the cache.
    static let tile = 256

    /// Returns the sum over places, writes the derivatives by the states to `delta` and adds those by the items' vectors to
    /// `gradients`, both times `scale`. `logits` has room for a tile and one column more than there are candidates. With
    /// `isFirst`, what candidates' gradients were does not matter.
    /// O(places candidates width).
    func learn(
        _ states: MatrixRows, targets: UnsafeBufferPointer<UInt32>, _ items: BatchItems, scale: Float,
        isFirst: Bool = false, logits: DenseMatrix, into delta: MatrixRows, gradients: MatrixRows
    ) -> Double {
        let candidates = items.candidateCount
        let logits = MatrixRows(start: logits.base, stride: candidates + (items.isSample ? 1 : 0))
        // Of a sample, the next item has the column behind the candidates'.
        let own = [UInt32](repeating: UInt32(candidates), count: items.isSample ? Self.tile : 0)
        var loss = 0.0
        for start in stride(from: 0, to: targets.count, by: Self.tile) {
            let count = min(Self.tile, targets.count - start)
            let (states, delta) = (states.from(row: start), delta.from(row: start))
            let targets = UnsafeBufferPointer(rebasing: targets[start..<start + count])
            multiply(
                states, by: items.table, .transposed, rows: count, inner: width, columns: candidates, into: logits)
            if items.isSample {
                for place in 0..<count {
                    let (row, slot) = (logits.row(place), Int(targets[place]))
                    Kernels.best.addScaled(1, items.offsets, to: row, candidates)
                    row[candidates] = Kernels.best.dot(states.row(place), items.table.row(slot), width)
                    if slot < candidates { row[slot] = -.greatestFiniteMagnitude }
                }
                loss += Loss.softmax(logits, rows: count, columns: candidates + 1, targets: own, scale: scale)
            } else {
                loss += Loss.softmax(
                    logits, rows: count, columns: candidates, targets: targets.baseAddress!, scale: scale)
            }
            multiply(logits, by: items.table, rows: count, inner: candidates, columns: width, into: delta)
            multiply(
                logits, .transposed, by: states, rows: candidates, inner: count, columns: width,
                keep: isFirst && start == 0 ? 0 : 1, into: gradients)
            guard items.isSample else { continue }
            for place in 0..<count {
                let (share, slot) = (logits.row(place)[candidates], Int(targets[place]))
                Kernels.best.addScaled(share, items.table.row(slot), to: delta.row(place), width)
                Kernels.best.addScaled(share, states.row(place), to: gradients.row(slot), width)
            }
        }
        return loss
    }
}
