/// Deals the pairs of user and item into cells that may be learned from side by side, anew for each epoch.
///
/// Users and items are cut into as many blocks as each other; cell (u, i) holds the pairs between user block u and item
/// block i. The cells of a round (u, u + round) share no user and no item, so threads work on them without locks, and
/// rounds follow each other: Gemulla, Haas, Nijkamp and Sismanis 2011, doi:10.1145/2020408.2020426. The blocks do not
/// depend on the number of threads, hence neither do results. Items are dealt by chance in each epoch, so that any two
/// items meet in a block sooner or later: other items for a pair are drawn from its own block. As a block of items is
/// small, it stays in cache.
struct PairSchedule {
    let blockCount: Int
    private let pairs: SparseRows
    private let userBounds: [Int]  // (blocks + 1), users
    /// Items that have pairs, in the order of their blocks.
    private var items: [UInt32]  // (known)
    private var blockOfItem: [UInt8]  // (items)
    private var cellBounds: [Int]  // (blocks, blocks + 1), places in the dealt pairs
    private var dealtUsers: [UInt32]  // (pairs), by cell; within a cell in order of user
    private var dealtItems: [UInt32]  // (pairs)

    /// Enough blocks for as many threads; large enough each that an item meets many others.
    private static let largestBlockCount = 16
    private static let smallestBlock = 64

    init(_ pairs: SparseRows) {
        self.pairs = pairs
        var isKnown = [Bool](repeating: false, count: pairs.columnCount)
        for item in pairs.columns { isKnown[Int(item)] = true }
        items = (0..<pairs.columnCount).filter { isKnown[$0] }.map { UInt32($0) }
        blockCount = max(1, min(Self.largestBlockCount, min(pairs.rowCount, items.count) / Self.smallestBlock))
        // Blocks of users have about the same number of pairs.
        var bounds = [0]
        for user in 0..<pairs.rowCount
        where bounds.count < blockCount && pairs.offsets[user + 1] * blockCount >= bounds.count * pairs.entryCount {
            bounds.append(user + 1)
        }
        while bounds.count <= blockCount { bounds.append(pairs.rowCount) }
        userBounds = bounds
        blockOfItem = [UInt8](repeating: 0, count: pairs.columnCount)
        cellBounds = [Int](repeating: 0, count: blockCount * (blockCount + 1))
        dealtUsers = [UInt32](repeating: 0, count: pairs.entryCount)
        dealtItems = dealtUsers
    }

    /// Deals all pairs. O(items + pairs).
    mutating func deal(using generator: inout SeededGenerator, threads: Int) throws {
        items.shuffle(using: &generator)
        for block in 0..<blockCount {
            for place in itemRange(block) { blockOfItem[Int(items[place])] = UInt8(block) }
        }
        let (pairs, userBounds, blockCount, blockOfItem) = (pairs, userBounds, blockCount, blockOfItem)
        try cellBounds.withUnsafeMutableBufferPointer { cellBounds in
            try dealtUsers.withUnsafeMutableBufferPointer { dealtUsers in
                try dealtItems.withUnsafeMutableBufferPointer { dealtItems in
                    let (cellBounds, dealtUsers, dealtItems) = (cellBounds, dealtUsers, dealtItems)
                    try parallelFor(blockCount, threads: threads) { userBlock, _ in
                        let users = userBounds[userBlock]..<userBounds[userBlock + 1]
                        let entries = pairs.offsets[users.lowerBound]..<pairs.offsets[users.upperBound]
                        let bounds = UnsafeMutableBufferPointer(
                            rebasing: cellBounds[userBlock * (blockCount + 1)..<(userBlock + 1) * (blockCount + 1)])
                        var next = [Int](repeating: 0, count: blockCount)
                        for entry in entries { next[Int(blockOfItem[Int(pairs.columns[entry])])] += 1 }
                        bounds[0] = entries.lowerBound
                        for block in 0..<blockCount {
                            bounds[block + 1] = bounds[block] + next[block]
                            next[block] = bounds[block]
                        }
                        for user in users {
                            for entry in pairs.range(user) {
                                let item = pairs.columns[entry]
                                let block = Int(blockOfItem[Int(item)])
                                dealtUsers[next[block]] = UInt32(user)
                                dealtItems[next[block]] = item
                                next[block] += 1
                            }
                        }
                    }
                }
            }
        }
    }

    /// Where the items of a block stand.
    private func itemRange(_ block: Int) -> Range<Int> {
        block * items.count / blockCount..<(block + 1) * items.count / blockCount
    }

    /// Calls `body` for every pair of a cell, with an item of the same block that the user does not have. A user who
    /// has the whole block, as far as some draws tell, is passed over.
    @inline(__always)
    func forEach(
        userBlock: Int, itemBlock: Int, using generator: inout SeededGenerator,
        _ body: (_ user: Int, _ item: Int, _ other: Int) -> Void
    ) {
        let start = userBlock * (blockCount + 1) + itemBlock
        let range = itemRange(itemBlock)
        items.withUnsafeBufferPointer { items in
            pairs.columns.withUnsafeBufferPointer { columns in
                for place in cellBounds[start]..<cellBounds[start + 1] {
                    let user = Int(dealtUsers[place])
                    let own = UnsafeBufferPointer(rebasing: columns[pairs.range(user)])
                    for _ in 0..<Self.draws {
                        let other = items[range.lowerBound + generator.nextIndex(range.count)]
                        if own.isAscendingAndContains(other) { continue }
                        body(user, Int(dealtItems[place]), Int(other))
                        break
                    }
                }
            }
        }
    }

    private static let draws = 10
}

extension UnsafeBufferPointer<UInt32> {
    /// Binary search. O(log count).
    @inline(__always)
    func isAscendingAndContains(_ wanted: UInt32) -> Bool {
        let place = firstPlace(count) { self[$0] < wanted }
        return place < count && self[place] == wanted
    }
}
