/// The items that a mini-batch learns about, under numbers of its own, the slots: all items, or those that were drawn to be
/// compared with and those that the batch's sequences have.
final class BatchItems {
    private let vectors: Embedding
    /// The items by slot.
    private(set) var rows: [UInt32]
    /// The first so many slots are what every place is compared with.
    private(set) var candidateCount: Int
    /// What the candidates' logits grow by; empty where all items are candidates.
    private(set) var offsets: [Float] = []
    /// The vectors by slot, as they were when the batch began.
    private(set) var table: MatrixRows
    private let sample: ItemSample?
    private var copies: DenseMatrix?  // (slots, width), of a sample
    private var slots: [Int32]  // (items), -1: none

    init(_ vectors: Embedding, sample: ItemSample?) {
        self.vectors = vectors
        self.sample = sample
        table = MatrixRows(vectors.values)
        rows = sample == nil ? (0..<UInt32(vectors.rowCount)).map { $0 } : []
        candidateCount = rows.count
        slots = sample == nil ? [] : [Int32](repeating: -1, count: vectors.rowCount)
    }

    var isSample: Bool { sample != nil }
    var count: Int { rows.count }

    /// The most candidates that a batch can have.
    var mostCandidates: Int { min(vectors.rowCount, sample?.draws ?? .max) }

    @inline(__always)
    func slot(_ item: UInt32) -> UInt32 { sample == nil ? item : UInt32(bitPattern: slots[Int(item)]) }

    /// Draws candidates, and gives a slot to each item of `windows`. Nothing to do where all items have theirs.
    func begin(
        _ windows: [SequenceWindow], of items: UnsafeBufferPointer<UInt32>, using generator: inout SeededGenerator
    ) throws {
        guard let sample else { return }
        for row in rows { slots[Int(row)] = -1 }
        sample.draw(from: items, using: &generator, rows: &rows, offsets: &offsets)
        candidateCount = rows.count
        for (slot, row) in rows.enumerated() { slots[Int(row)] = Int32(slot) }
        for window in windows {
            for item in items[window.start...window.start + window.count] where slots[Int(item)] < 0 {
                slots[Int(item)] = Int32(rows.count)
                rows.append(item)
            }
        }
        if (copies?.rowCount ?? 0) < rows.count {
            copies = try DenseMatrix(rowCount: rows.count * 5 / 4, columnCount: vectors.width)
        }
        table = MatrixRows(copies!)
        rows.withUnsafeBufferPointer { vectors.gather($0, count: vectors.width, into: table) }
    }
}
