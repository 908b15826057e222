extension EmbeddingTraining {
    /// One pass of skip-gram: each item is guessed from each of those around it.
    ///
    /// To work side by side without locks and with the same result whatever the number of threads, the items are dealt
    /// into blocks by chance, anew for each portion of the sequences, and the portion's pairs into cells by the blocks
    /// of both items. The cells of a round (b, b + round) share neither a vector nor a context: Gemulla, Haas, Nijkamp
    /// and Sismanis 2011, doi:10.1145/2020408.2020426. Negatives are drawn from the block of the item that is guessed,
    /// which is another part of all in each portion. A block's rows stay in cache. O(places window negatives rank).
    func skipGramPass(seed: UInt64, rate: (_ done: Int) -> Float) throws -> Outcome {
        var generator = SeededGenerator(seed: seed)
        let runs = windows.sequences.runs(of: Self.runSize)
        let blockCount = max(1, min(Self.largestBlockCount, known.count / Self.smallestBlock))
        let bounds = (0...blockCount).map { $0 * known.count / blockCount }
        var outcome = Outcome()
        var order = known
        var start = 0
        while start < runs.count {
            let portion = start..<min(runs.count, start + Self.portion)
            order.shuffle(using: &generator)
            var blocks = [UInt8](repeating: 0, count: weights.count)
            for block in 0..<blockCount {
                for place in bounds[block]..<bounds[block + 1] { blocks[Int(order[place])] = UInt8(block) }
            }
            let table = NegativeTable(order, bounds: bounds, weights: weights)
            let portionSeed = generator.next()
            let dealt = portion.map { _ in DealtPairs() }
            try parallelFor(portion.count, threads: threads) { [windows] index, _ in
                var generator = SeededGenerator(seed: portionSeed &+ UInt64(index))
                dealt[index].deal(
                    windows, runs[portion.lowerBound + index], blocks, blockCount: blockCount, using: &generator)
            }
            let step = rate(windows.sequences.offsets[runs[start].lowerBound])
            for round in 0..<blockCount {
                let cells = Cells(blockCount)
                let roundSeed = generator.next()
                try parallelFor(blockCount, threads: threads) { block, _ in
                    cells.outcomes[block] = self.learn(
                        dealt, from: block, to: (block + round) % blockCount, blockCount, table, rate: step,
                        seed: roundSeed &+ UInt64(block))
                }
                for block in 0..<blockCount { outcome += cells.outcomes[block] }
            }
            start = portion.upperBound
        }
        return outcome
    }

    /// Enough blocks for as many threads; large enough each that an item meets many others.
    private static let largestBlockCount = 16
    private static let smallestBlock = 64
    /// Runs whose pairs are dealt at a time: half a million places make some three million pairs.
    private static let portion = 64

    /// Learns the pairs of one cell.
    private func learn(
        _ dealt: [DealtPairs], from block: Int, to other: Int, _ blockCount: Int, _ table: NegativeTable, rate: Float,
        seed: UInt64
    ) -> Outcome {
        var generator = SeededGenerator(seed: seed)
        var outcome = Outcome()
        table.withBlock(other) { negatives in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: EmbeddingKernels.mostRows) { rows in
                for part in dealt {
                    part.withCell(block * blockCount + other) { pairs in
                        for pair in pairs {
                            let vector = vectors.row(Int(pair.around))
                            step(
                                vector, vector, item: pair.item, negatives, rows, rate: rate, using: &generator,
                                &outcome)
                        }
                    }
                }
            }
        }
        return outcome
    }
}

/// What the cells of a round have found.
private final class Cells: @unchecked Sendable {
    let outcomes: UnsafeMutablePointer<EmbeddingTraining.Outcome>

    init(_ count: Int) {
        outcomes = .allocate(capacity: count)
        outcomes.initialize(repeating: .init(), count: count)
    }

    deinit { outcomes.deallocate() }
}

/// The pairs of a run of sequences, by cell.
private final class DealtPairs: @unchecked Sendable {
    struct Pair {
        var around: UInt32
        var item: UInt32
    }

    private var pairs: [Pair] = []
    private var bounds: [Int] = []  // (cells + 1)

    /// Finds the pairs and sorts them by cell, in order of the sequences within each. O(pairs).
    func deal(
        _ windows: ContextWindows, _ run: Range<Int>, _ blocks: [UInt8], blockCount: Int,
        using generator: inout SeededGenerator
    ) {
        var found: [Pair] = []
        bounds = [Int](repeating: 0, count: blockCount * blockCount + 1)
        blocks.withUnsafeBufferPointer { blocks in
            func cell(_ pair: Pair) -> Int {
                Int(blocks[Int(pair.around)]) &* blockCount &+ Int(blocks[Int(pair.item)])
            }
            windows.forEach(in: run, using: &generator) { item, around, _ in
                for other in around {
                    let pair = Pair(around: other, item: item)
                    found.append(pair)
                    bounds[cell(pair) + 1] += 1
                }
            }
            for cell in 1..<bounds.count { bounds[cell] += bounds[cell - 1] }
            var next = bounds
            pairs = [Pair](repeating: Pair(around: 0, item: 0), count: found.count)
            for pair in found {
                let cell = cell(pair)
                pairs[next[cell]] = pair
                next[cell] += 1
            }
        }
    }

    func withCell(_ cell: Int, _ body: (UnsafeBufferPointer<Pair>) -> Void) {
        pairs.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[bounds[cell]..<bounds[cell + 1]])) }
    }
}
