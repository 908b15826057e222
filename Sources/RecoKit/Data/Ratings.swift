/// What users said about items in numbers: the weight of each pair's latest event, just as the table has it.
///
/// Neither kinds nor `weight-scale` nor half-lives come in: four stars are four stars. Of events without a time the
/// later one in the log counts.
struct Ratings: Sendable {
    let byUser: SparseRows  // (users, items)
    let byItem: SparseRows  // (items, users)
    let mean: Float
    /// The standard deviation; 0 where all ratings are equal.
    let spread: Float
    let lowest: Float
    let highest: Float

    init(byUser: SparseRows) throws {
        self.byUser = byUser
        byItem = try byUser.transposed()
        var (sum, lowest, highest) = (0.0, Float.infinity, -Float.infinity)
        for rating in byUser.values {
            sum += Double(rating)
            lowest = min(lowest, rating)
            highest = max(highest, rating)
        }
        let count = Double(max(1, byUser.entryCount))
        let mean = sum / count
        let squares = byUser.values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        self.mean = Float(mean)
        self.lowest = byUser.entryCount > 0 ? lowest : 0
        self.highest = byUser.entryCount > 0 ? highest : 0
        spread = lowest < highest ? Float((squares / count).squareRoot()) : 0
    }

    var count: Int { byUser.entryCount }
}

extension EventLog {
    /// The latest rating of every pair of user and item. O(events log events per user); 4 bytes an event meanwhile.
    func ratings(threads: Int) throws -> Ratings {
        let order = try eventsByUser(threads: threads)
        var offsets = [0]
        offsets.reserveCapacity(users.count + 1)
        var (columns, values) = (LargeArray<UInt32>(), LargeArray<Float>())
        var keys: [UInt64] = []
        for user in 0..<users.count {
            let start = order.starts[user]
            keys.removeAll(keepingCapacity: true)
            for place in start..<order.starts[user + 1] {
                keys.append(UInt64(itemRows.elements[Int(order.events[place])]) << 32 | UInt64(place - start))
            }
            keys.sort()
            for (index, key) in keys.enumerated() {
                // The last of a run of equal items is the latest.
                if index + 1 < keys.count, keys[index + 1] >> 32 == key >> 32 { continue }
                try columns.append(UInt32(key >> 32))
                try values.append(weights.elements[Int(order.events[start + Int(key & 0xFFFF_FFFF)])])
            }
            offsets.append(columns.count)
        }
        return try Ratings(
            byUser: SparseRows(offsets: offsets, columns: columns, values: values, columnCount: items.count))
    }
}
