/// What each user of the training data did, one entry per item, in a model file: for fold-in and for hiding.
struct History: Sendable {
    private let offsets: RaggedOffsets  // (users + 1)
    let items: Column<UInt32>  // (entries)
    let weights: Column<Float>  // (entries)
    private let kindBits: Column<UInt8>  // (entries), bit k for events of kind k

    init(_ file: ModelFile, userCount: Int) throws {
        guard let offsets: Column<UInt64> = file.column("history/offsets"),
            let items: Column<UInt32> = file.column("history/items"),
            let weights: Column<Float> = file.column("history/weights"),
            let kindBits: Column<UInt8> = file.column("history/kinds"),
            offsets.count == userCount + 1, items.count == weights.count, items.count == kindBits.count
        else { throw RecoError(.damaged, "the model's history does not fit its users") }
        self.offsets = RaggedOffsets(offsets: offsets)
        self.items = items
        self.weights = weights
        self.kindBits = kindBits
    }

    /// The history as training sees it, before there is a file.
    init(_ interactions: Interactions) {
        offsets = RaggedOffsets(offsets: Column(interactions.history.offsets.map { UInt64($0) }))
        items = interactions.history.columns.column
        weights = interactions.history.values.column
        kindBits = interactions.kindBits.column
    }

    static func write(_ interactions: Interactions, to writer: ModelWriter) throws {
        try writer.add("history/offsets", interactions.history.offsets.map { UInt64($0) })
        try interactions.history.columns.withUnsafeBufferPointer { try writer.add("history/items", $0) }
        try interactions.history.values.withUnsafeBufferPointer { try writer.add("history/weights", $0) }
        try interactions.kindBits.withUnsafeBufferPointer { try writer.add("history/kinds", $0) }
    }

    /// The entries of a user.
    func entries(of user: Int) -> Range<Int> { offsets.range(user, limit: items.count) }

    /// The entry of an item; nil if the user has none. O(log entries).
    func entry(of item: UInt32, user: Int) -> Int? {
        let range = entries(of: user)
        let place = range.lowerBound &+ firstPlace(range.count) { items[range.lowerBound &+ $0] < item }
        return place < range.upperBound && items[place] == item ? place : nil
    }

    /// Whether an entry has an event of one of the kinds in `mask`.
    func has(_ entry: Int, kinds mask: UInt8) -> Bool { kindBits[entry] & mask != 0 }
}
