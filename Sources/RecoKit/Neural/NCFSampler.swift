/// What a network of neural collaborative filtering learns from: pairs of user and item, and for each of them items that
/// the user does not have, drawn anew in each epoch, all as likely as each other.
struct NCFSampler: Sendable {
    private let pairs: SparseRows  // all of them, also those held out: none is drawn as an item that a user lacks
    private let items: [UInt32]  // those that have pairs
    let users: [UInt32]  // (pairs to learn from)
    let liked: [UInt32]  // (pairs to learn from)
    /// A pair of each of some users, not to be learned from, that shows which epoch is best.
    let heldOut: [(user: UInt32, item: UInt32)]

    /// Draws until an item is one that the user lacks, and gives up at a user who has nearly everything.
    private static let draws = 20

    /// - Parameter heldOut: how many pairs to hold out, at most one of a user, and none of users with two items or fewer.
    init(_ pairs: SparseRows, heldOut wanted: Int, using generator: inout SeededGenerator) {
        self.pairs = pairs
        var isKnown = [Bool](repeating: false, count: pairs.columnCount)
        for item in pairs.columns { isKnown[Int(item)] = true }
        items = (0..<pairs.columnCount).filter { isKnown[$0] }.map { UInt32($0) }
        var holders = (0..<pairs.rowCount).filter { pairs.range($0).count > 2 }
        if wanted < holders.count { holders.shuffle(using: &generator) }
        var isHeld = [Bool](repeating: false, count: pairs.entryCount)
        var heldOut: [(user: UInt32, item: UInt32)] = []
        for user in holders.prefix(wanted).sorted() {
            let range = pairs.range(user)
            let entry = range.lowerBound + generator.nextIndex(range.count)
            isHeld[entry] = true
            heldOut.append((UInt32(user), pairs.columns[entry]))
        }
        var users: [UInt32] = []
        var liked: [UInt32] = []
        users.reserveCapacity(pairs.entryCount)
        liked.reserveCapacity(pairs.entryCount)
        for user in 0..<pairs.rowCount {
            for entry in pairs.range(user) where !isHeld[entry] {
                users.append(UInt32(user))
                liked.append(pairs.columns[entry])
            }
        }
        (self.users, self.liked, self.heldOut) = (users, liked, heldOut)
    }

    /// Writes `count` items that a user lacks, as far as some draws tell.
    func drawOthers(
        _ user: UInt32, _ count: Int, using generator: inout SeededGenerator, into out: UnsafeMutablePointer<UInt32>
    ) {
        let range = pairs.range(Int(user))
        pairs.columns.withUnsafeBufferPointer { columns in
            items.withUnsafeBufferPointer { items in
                for place in 0..<count {
                    for _ in 0..<Self.draws {
                        out[place] = items[generator.nextIndex(items.count)]
                        let wanted = out[place]
                        let found =
                            range.lowerBound + firstPlace(range.count) { columns[range.lowerBound + $0] < wanted }
                        if found == range.upperBound || columns[found] != wanted { break }
                    }
                }
            }
        }
    }
}
