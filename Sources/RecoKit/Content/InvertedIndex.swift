/// Which documents hold which terms, and how often in each field: what BM25 and TF-IDF search in.
///
/// The vocabulary is front-coded, the postings are packed in blocks of 128 with a bound of their impact (`Postings`). A
/// posting names a code, and `frequencies` says what it stands for: nearly all postings share a few.
struct InvertedIndex: Sendable {
    let vocabulary: Vocabulary
    let postings: Column<UInt8>
    /// How often a term is in each field, a byte for each of at most eight fields, the first lowest; 255 is for more.
    let frequencies: Column<UInt64>  // (codes), the most common first
    let rowCount: Int

    static let maximumFields = 8

    /// A cursor over the postings of a term; nil if they make no sense.
    func cursor(_ entry: Vocabulary.Entry, weight: Float, block: PostingCursor.Block) -> PostingCursor? {
        PostingCursor(entry, in: postings, rowCount: rowCount, weight: weight, block: block)
    }
}

extension InvertedIndex {
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/terms", vocabulary.bytes.elements)
        try writer.add("\(name)/term-blocks", vocabulary.blocks.elements)
        try writer.add("\(name)/list-starts", vocabulary.listStarts.elements)
        try writer.add("\(name)/block-peaks", vocabulary.blockPeaks.elements)
        try writer.add("\(name)/term-masks", vocabulary.masks.elements)
        try writer.add("\(name)/postings", postings.elements)
        try writer.add("\(name)/frequencies", frequencies.elements)
    }

    /// Nil if the file holds no index of this name.
    init?(_ file: ModelFile, name: String, rowCount: Int) throws {
        guard let terms: Column<UInt8> = file.column("\(name)/terms") else { return nil }
        guard let blocks: Column<UInt32> = file.column("\(name)/term-blocks"),
            let listStarts: Column<UInt64> = file.column("\(name)/list-starts"),
            let blockPeaks: Column<UInt32> = file.column("\(name)/block-peaks"),
            let masks: Column<UInt32> = file.column("\(name)/term-masks"),
            let postings: Column<UInt8> = file.column("\(name)/postings"),
            let frequencies: Column<UInt64> = file.column("\(name)/frequencies"),
            masks.count < Int(UInt32.max), blocks.count == listStarts.count,
            blocks.count == blockPeaks.count,
            blocks.count == (masks.count + Vocabulary.blockSize - 1) / Vocabulary.blockSize,
            postings.count >= BitPacking.slack, rowCount < Int(UInt32.max)
        else { throw RecoError(.damaged, "the model's \(name) sections do not fit each other") }
        vocabulary = Vocabulary(
            bytes: terms, blocks: blocks, listStarts: listStarts, blockPeaks: blockPeaks, masks: masks)
        self.postings = postings
        self.frequencies = frequencies
        self.rowCount = rowCount
    }
}
