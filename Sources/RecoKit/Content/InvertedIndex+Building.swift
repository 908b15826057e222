extension InvertedIndex {
    /// Packs what was collected, with the impacts that `weighting` gives. O(entries).
    ///
    /// Stretches of terms are packed side by side and then put together, so that the bytes do not depend on the threads.
    init(_ collected: CollectedTerms, weighting: some PostingWeighting, run: TrainingRun) throws {
        let pieceSize = 64 * Vocabulary.blockSize
        let termCount = collected.terms.count
        var pieces = [Piece](repeating: Piece(), count: (termCount + pieceSize - 1) / pieceSize)
        try run.progress("packing the index", 0, termCount)
        try pieces.withUnsafeMutableBufferPointer { pieces in
            nonisolated(unsafe) let pieces = pieces
            try parallelFor(termCount, chunk: pieceSize, threads: run.threads) { range, _ in
                var piece = Piece()
                for term in range {
                    let bytes = collected.terms[term]
                    var shared = 0
                    if term % Vocabulary.blockSize == 0 {
                        piece.blocks.append(UInt32(piece.terms.count))
                        piece.listStarts.append(UInt64(piece.postings.count))
                        piece.blockPeaks.append(0)
                    } else {
                        shared = zip(bytes, collected.terms[term - 1]).prefix { $0 == $1 }.count
                    }
                    piece.terms.append(UInt8(shared))
                    piece.terms.append(UInt8(bytes.count - shared))
                    piece.terms.append(contentsOf: bytes[shared...])
                    let entries = collected.starts[term]..<collected.starts[term + 1]
                    let start = piece.postings.count
                    collected.entries.withUnsafeBufferPointer {
                        Postings.append(
                            UnsafeBufferPointer(rebasing: $0[entries]), weighting: weighting, to: &piece.postings)
                    }
                    piece.blockPeaks[piece.blockPeaks.count - 1] = max(
                        piece.blockPeaks[piece.blockPeaks.count - 1], UInt32(entries.count))
                    Varint.append(entries.count, to: &piece.terms)
                    Varint.append(piece.postings.count - start, to: &piece.terms)
                }
                pieces[range.lowerBound / pieceSize] = piece
            }
        }
        try run.progress("packing the index", termCount, termCount)
        var terms: [UInt8] = []
        var blocks: [UInt32] = []
        var listStarts: [UInt64] = []
        var blockPeaks: [UInt32] = []
        var postings: [UInt8] = []
        for piece in pieces {
            guard terms.count + piece.terms.count < UInt32.max else {
                throw RecoError(.badData, "the text has more than four gigabytes of different words")
            }
            blocks += piece.blocks.map { $0 + UInt32(terms.count) }
            listStarts += piece.listStarts.map { $0 + UInt64(postings.count) }
            blockPeaks += piece.blockPeaks
            terms += piece.terms
            postings += piece.postings
        }
        postings += repeatElement(0, count: BitPacking.slack)
        let masks = collected.terms.map { $0.withUnsafeBufferPointer { TermMask.mask($0) } }
        vocabulary = Vocabulary(
            bytes: Column(terms), blocks: Column(blocks), listStarts: Column(listStarts),
            blockPeaks: Column(blockPeaks), masks: Column(masks))
        self.postings = Column(postings)
        frequencies = Column(collected.frequencies)
        rowCount = collected.rowCount
    }
}

/// The terms of a stretch, packed.
private struct Piece {
    var terms: [UInt8] = []
    var blocks: [UInt32] = []
    var listStarts: [UInt64] = []
    var blockPeaks: [UInt32] = []
    var postings: [UInt8] = []
}
