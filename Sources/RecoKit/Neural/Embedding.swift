/// A learned vector for each row of a table: users, items, categories.
///
/// A mini-batch names rows, some of them many times, and brings a gradient for each mention. The gradients of a row are
/// added in the order of the batch, whatever the number of threads, and the row takes one step of Adam. O(mentions
/// width) for a step, however long the table.
final class Embedding: @unchecked Sendable {
    let rowCount: Int
    let width: Int
    let values: DenseMatrix  // (rows, width)
    private let first: DenseMatrix  // (rows, width), Adam's moments
    private let second: DenseMatrix

    /// The mentions of a row are a chain through the batch; a slot stands for each row that has one.
    private var slotOfRow: [Int32]  // (rows), -1: none
    private var slots: [Slot] = []
    private var nextMention: [Int32] = []  // (mentions), -1: the last

    private struct Slot {
        var row: Int
        var first: Int32
        var last: Int32
    }

    /// How many slots a thread takes at a time.
    private static let chunk = 64

    /// Normal numbers of deviation `scale`.
    init(rowCount: Int, width: Int, scale: Float, using generator: inout SeededGenerator) throws {
        self.rowCount = rowCount
        self.width = width
        values = try DenseMatrix(rowCount: rowCount, columnCount: width)
        first = try DenseMatrix(rowCount: rowCount, columnCount: width)
        second = try DenseMatrix(rowCount: rowCount, columnCount: width)
        slotOfRow = [Int32](repeating: -1, count: rowCount)
        for i in 0..<rowCount * width { values.base[i] = scale * generator.nextNormal() }
    }

    var region: UnsafeMutableBufferPointer<Float> { .init(start: values.base, count: rowCount * width) }

    /// Copies the named rows' numbers from `column` on, `count` of each. Zeros for a row that there is not.
    func gather(
        _ rows: UnsafeBufferPointer<UInt32>, column: Int = 0, count: Int, into out: MatrixRows
    ) {
        for (place, row) in rows.enumerated() {
            if Int(row) < rowCount {
                out.row(place).update(from: values.row(Int(row)) + column, count: count)
            } else {
                out.row(place).update(repeating: 0, count: count)
            }
        }
    }

    /// One step of every row that is mentioned; `gradients` has a row for each mention, and is used up. A row that there
    /// is not, such as what fills up a sequence, is passed over.
    func step(_ rows: UnsafeBufferPointer<UInt32>, gradients: MatrixRows, _ adam: Adam, crew: WorkCrew) {
        link(rows)
        slots.withUnsafeBufferPointer { slots in
            nextMention.withUnsafeBufferPointer { nextMention in
                crew.run(slots.count, chunk: Self.chunk) { range, _ in
                    for slot in slots[range] {
                        let sum = gradients.row(Int(slot.first))
                        var mention = nextMention[Int(slot.first)]
                        while mention >= 0 {
                            Kernels.best.addScaled(1, gradients.row(Int(mention)), to: sum, self.width)
                            mention = nextMention[Int(mention)]
                        }
                        adam.update(
                            self.values.row(slot.row), self.first.row(slot.row), self.second.row(slot.row), sum,
                            self.width)
                    }
                }
            }
        }
        for slot in slots { slotOfRow[slot.row] = -1 }
    }

    private func link(_ rows: UnsafeBufferPointer<UInt32>) {
        slots.removeAll(keepingCapacity: true)
        if nextMention.count < rows.count { nextMention = [Int32](repeating: -1, count: rows.count) }
        for (mention, row) in rows.enumerated() where Int(row) < rowCount {
            nextMention[mention] = -1
            let slot = Int(slotOfRow[Int(row)])
            if slot < 0 {
                slotOfRow[Int(row)] = Int32(slots.count)
                slots.append(Slot(row: Int(row), first: Int32(mention), last: Int32(mention)))
            } else {
                nextMention[Int(slots[slot].last)] = Int32(mention)
                slots[slot].last = Int32(mention)
            }
        }
    }
}
