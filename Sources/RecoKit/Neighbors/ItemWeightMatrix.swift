/// What every known item says about every other: the dense matrix of a linear model, over the items that training had
/// events for.
///
/// The score of an item for a profile is the sum over the profile's events of weight x entry. A question costs
/// O(events x known items), at the speed of memory.
struct ItemWeightMatrix: Sendable {
    let items: Column<UInt32>  // (known): the items' rows, ascending
    let weights: Column<Float>  // (known, known): row i says what item i tells of the others

    /// Where an item stands among the known ones. O(log known).
    private func position(of item: UInt32) -> Int? {
        let place = firstPlace(items.count) { items[$0] < item }
        return place < items.count && items[place] == item ? place : nil
    }

    /// A profile in terms of the matrix, in scratch memory.
    private struct Given {
        let rows: UnsafeMutablePointer<UInt32>
        let weights: UnsafeMutablePointer<Float>
        var count = 0
    }

    /// Nil if no item is known.
    private func given(
        count: Int, using scratch: Scratch, _ event: (_ index: Int) -> (item: UInt32, weight: Float)
    ) -> Given? {
        // A profile has an item once, so as many places as there are items are enough.
        let count = min(count, scratch.itemCount)
        guard let weights = scratch.floats(.vector, count) else { return nil }
        var given = Given(rows: scratch.touched, weights: weights)
        for index in 0..<count {
            let (item, weight) = event(index)
            guard let position = position(of: item) else { continue }
            given.rows[given.count] = UInt32(truncatingIfNeeded: position)
            given.weights[given.count] = weight
            given.count &+= 1
        }
        return given.count > 0 ? given : nil
    }

    private func offer(_ given: Given, using scratch: Scratch, to selection: inout Selection) -> Bool {
        let width = items.count
        guard let matrix = weights.base, let scores = scratch.floats(.block, width) else { return false }
        scores.update(repeating: 0, count: width)
        Kernels.best.addWeightedRows(
            of: matrix, rank: width, rows: given.rows, weights: given.weights, count: given.count, to: scores)
        var any = false
        var last = -1  // rows ascend; where a damaged file has them otherwise, no item is offered twice
        for i in 0..<width where scores[i] > 0 {
            let row = items[i]
            guard Int(row) > last else { continue }
            last = Int(row)
            selection.offer(row, scores[i])
            any = true
        }
        return any
    }

    /// Offers every item with a positive score. False if there is none.
    func propose(
        for events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        guard let given = given(count: events.count, using: scratch, { (events[$0].item, events[$0].weight) }) else {
            return false
        }
        return offer(given, using: scratch, to: &selection)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        guard let given = given(count: items.count, using: scratch, { (items[$0], 1) }) else { return false }
        return offer(given, using: scratch, to: &selection)
    }

    /// Scores given items; 0 for one that training had no events for.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let given = given(count: events.count, using: scratch, { (events[$0].item, events[$0].weight) }) else {
            scores.update(repeating: 0)
            return false
        }
        for i in 0..<min(rows.count, scores.count) {
            var sum: Float = 0
            if let column = position(of: rows[i]) {
                for k in 0..<given.count {
                    sum += given.weights[k] * weights[Int(given.rows[k]) &* items.count &+ column]
                }
            }
            scores[i] = sum
        }
        return true
    }
}

extension ItemWeightMatrix {
    /// Writes `name/items` and `name/weights`.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/items", items.elements)
        try writer.add("\(name)/weights", weights.elements)
    }

    /// Reads what `write` wrote; nil if the file has no matrix of that name.
    init?(_ file: ModelFile, name: String, itemCount: Int) throws {
        guard file.contains("\(name)/weights") else { return nil }
        guard let items = file.column("\(name)/items", as: UInt32.self),
            let weights = file.column("\(name)/weights", as: Float.self),
            items.count <= itemCount, items.count < 1 << 31, weights.count == items.count * items.count
        else { throw RecoError(.damaged, "the model's \(name) weights do not fit its items") }
        self.init(items: items, weights: weights)
    }
}
