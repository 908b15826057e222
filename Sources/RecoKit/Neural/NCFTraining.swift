/// Trains one network of neural collaborative filtering on a sampler's pairs: the logistic loss of what users have against
/// what they lack. O(epochs pairs negatives weights).
struct NCFTraining {
    var epochs: Int
    var negatives: Int
    var batchRows: Int
    var rate: Float
    /// λ / 2 times the squared numbers that a pair's step touches.
    var regularization: Float
    var patience: Int

    /// Rows of a chunk, about: enough to be worth a matrix product, few enough to stay in cache.
    private static let chunkRows = 256

    struct Outcome {
        /// The epoch whose weights were kept, counted from 1.
        var epoch: Int
        var lastEpoch: Int
        var measure: Double
        var hasDiverged: Bool
    }

    /// - Parameter measure: says how good the network is as it stands; larger is better.
    func train(
        _ network: NCFNetwork, _ sampler: NCFSampler, crew: WorkCrew, using generator: inout SeededGenerator,
        measure: () throws -> Double, progress: (_ epoch: Int) throws -> Void
    ) throws -> Outcome {
        let groupSize = 1 + negatives
        let chunkGroups = max(1, Self.chunkRows / groupSize)
        let batchGroups = max(1, batchRows / groupSize)
        let width = network.shape.width
        let descent = try GradientDescent(
            network.weights, Adam(rate: rate, decay: regularization / Float(batchGroups)), batchRows: batchGroups,
            chunkRows: chunkGroups,
            crew: crew)
        let chunks = try (0..<crew.threads).map { _ in
            try NCFNetwork.Chunk(network, groups: chunkGroups, groupSize: groupSize)
        }
        let users = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: batchGroups)
        let items = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: batchGroups * groupSize)
        defer {
            users.deallocate()
            items.deallocate()
        }
        let userDelta = try DenseMatrix(rowCount: batchGroups, columnCount: width)
        let itemDelta = try DenseMatrix(rowCount: batchGroups * groupSize, columnCount: width)
        var labels = [Float](repeating: 0, count: chunkGroups * groupSize)
        for group in 0..<chunkGroups { labels[group * groupSize] = 1 }

        var batches = MiniBatches(rows: sampler.users.count, batchRows: batchGroups)
        var last = 0
        var best = BestEpoch(patience: patience, watching: network.regions)
        for epoch in 1...max(1, epochs) {
            try progress(epoch - 1)
            last = epoch
            batches.shuffle(using: &generator)
            descent.adam.rate = rate * Float(epochs - epoch + 1) / Float(epochs)
            var loss = 0.0
            for number in 0..<batches.count {
                let batch = batches[number]
                let seed = generator.next()
                loss += descent.step(batch.count) { chunk, groups, worker, gradients in
                    let memory = chunks[worker]
                    var draws = SeededGenerator(seed: seed &+ UInt64(chunk))
                    for group in groups {
                        let pair = Int(batch[batch.startIndex + group])
                        let start = group * groupSize
                        users[group] = sampler.users[pair]
                        items[start] = sampler.liked[pair]
                        sampler.drawOthers(
                            users[group], negatives, using: &draws, into: items.baseAddress! + start + 1)
                    }
                    let rows = groups.lowerBound * groupSize..<groups.upperBound * groupSize
                    network.forward(
                        users: UnsafeBufferPointer(rebasing: users[groups]),
                        items: UnsafeBufferPointer(rebasing: items[rows]), memory, using: &draws)
                    let loss = Loss.logistic(
                        memory.logits.base, labels: labels, rows.count, scale: 1 / Float(batch.count * groupSize),
                        into: memory.delta.base)
                    network.backward(
                        groups: groups.count, memory, gradients: gradients,
                        users: MatrixRows(start: userDelta.row(groups.lowerBound), stride: width),
                        items: MatrixRows(start: itemDelta.row(rows.lowerBound), stride: width))
                    return loss
                }
                network.users.step(
                    UnsafeBufferPointer(rebasing: users[0..<batch.count]), gradients: MatrixRows(userDelta),
                    descent.adam, crew: crew)
                network.items.step(
                    UnsafeBufferPointer(rebasing: items[0..<batch.count * groupSize]), gradients: MatrixRows(itemDelta),
                    descent.adam, crew: crew)
            }
            // Saying the same of all rows costs .7 a row at most: far above that, training has lost its way.
            let isLost = loss > 3 * Double(sampler.users.count * groupSize)
            guard try best.shouldContinue(after: epoch, loss: isLost ? .infinity : loss, measure: measure()) else {
                break
            }
        }
        try best.restore()
        return Outcome(
            epoch: best.best?.epoch ?? last, lastEpoch: last, measure: best.best?.measure ?? 0,
            hasDiverged: best.hasDiverged)
    }
}
