/// What every item says about its most telling fellow items: the sparse matrix that neighbour models answer from.
///
/// The score of an item for a profile is the sum over the profile's events of weight x similarity. An event with a
/// negative weight (a dislike) takes from the scores of its item's neighbours. Costs O(events x neighbours).
struct ItemSimilarityTable: Sendable {
    /// The longest row; what a file holds beyond that is not read.
    static let maximumNeighbors = 4000

    let offsets: RaggedOffsets  // (items + 1)
    let neighbors: Column<UInt32>  // (entries): within an item the most telling first
    let similarities: Column<Float>  // (entries)

    /// Adds what an item says, times `weight`, to a sum.
    @inline(__always)
    func add(_ item: Int, weight: Float, to sum: inout ItemSum) {
        let range = offsets.range(item, limit: neighbors.count)
        let end = min(range.upperBound, range.lowerBound &+ Self.maximumNeighbors)
        let rows = neighbors.slice(range.lowerBound, end)
        let values = similarities.slice(range.lowerBound, end)
        for i in 0..<min(rows.count, values.count) { sum.add(rows[i], weight * values[i]) }
    }

    /// The table, if all its numbers are finite: what training hands on.
    func checked() throws -> ItemSimilarityTable {
        guard similarities.elements.allSatisfy(\.isFinite) else {
            throw RecoError(.badData, "training gave similarities that are not finite numbers")
        }
        return self
    }

    func propose(
        for events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        var sum = ItemSum(scratch)
        for event in events { add(Int(event.item), weight: event.weight, to: &sum) }
        return sum.offer(to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        var sum = ItemSum(scratch)
        for event in events { add(Int(event.item), weight: event.weight, to: &sum) }
        return sum.take(rows, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        var sum = ItemSum(scratch)
        for item in items { add(Int(item), weight: 1, to: &sum) }
        return sum.offer(to: &selection)
    }
}

extension ItemSimilarityTable {
    /// Writes `name/offsets`, `name/neighbors` and `name/similarities`.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/offsets", offsets.offsets.elements)
        try writer.add("\(name)/neighbors", neighbors.elements)
        try writer.add("\(name)/similarities", similarities.elements)
    }

    /// Reads what `write` wrote; nil if the file has no table of that name.
    init?(_ file: ModelFile, name: String, itemCount: Int) throws {
        guard file.contains("\(name)/offsets") else { return nil }
        guard let offsets = file.column("\(name)/offsets", as: UInt64.self),
            let neighbors = file.column("\(name)/neighbors", as: UInt32.self),
            let similarities = file.column("\(name)/similarities", as: Float.self),
            offsets.count == itemCount + 1, neighbors.count == similarities.count
        else {
            throw RecoError(.damaged, "the model's \(name) sections are missing or do not fit together")
        }
        self.init(offsets: RaggedOffsets(offsets: offsets), neighbors: neighbors, similarities: similarities)
    }
}

/// A model that is nothing but such a table: only its training differs.
protocol ItemSimilarityModel: TrainableModel {
    var table: ItemSimilarityTable { get }
    init(table: ItemSimilarityTable)
}

extension ItemSimilarityModel {
    static var isLinear: Bool { true }

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        table.propose(for: profile.events, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        table.score(rows, for: profile.events, using: scratch, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        table.proposeSimilar(to: items, using: scratch, to: &selection)
    }

    func write(to writer: ModelWriter) throws { try table.write(to: writer, name: Self.name) }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try ItemSimilarityTable(file, name: Self.name, itemCount: itemCount) else { return nil }
        self.init(table: table)
    }
}
