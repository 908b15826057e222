/// What is ranked for each test user where an evaluation names candidates: those and the user's test items, each once,
/// in an order that says nothing.
///
/// Equal scores are ranked in the order of the list. With the test item first a model that gives every item the same
/// score would look perfect, so a hash of seed, user and item decides: the same for every model, and fair.
struct CandidateLists: Sendable {
    private let ids: [[UInt8]]  // (candidates, then test items), each ended by NUL
    private let rows: [[UInt32]]  // (test users) into ids, in the order of the hash

    var largestCount: Int { rows.reduce(0) { max($0, $1.count) } }
    var meanCount: Double { Double(rows.reduce(0) { $0 + $1.count }) / Double(max(rows.count, 1)) }

    /// `relevant` holds the distinct test items of each user of `test`. O(candidates log candidates per user).
    init(_ candidates: EventLog, for test: EventLog, _ relevant: [[UInt32]], seed: UInt64) throws {
        // Test items take the candidates' rows where they have one, so that none is listed twice.
        let items = candidates.items
        var ids = (0..<items.count).map { Array(items.id(of: $0).utf8) + [0] }
        var places: [UInt32] = []
        for item in 0..<test.items.count {
            var id = test.items.id(of: item)
            if let row = id.withUTF8({ items.find($0) }) {
                places.append(row)
            } else {
                places.append(UInt32(ids.count))
                ids.append(Array(id.utf8) + [0])
            }
        }
        let hashes = ids.map { id in id.withUnsafeBytes { XXHash64.hash($0, seed: seed) } }

        let listed = candidates.itemsByUser()
        var rows: [[UInt32]] = []
        var without: [String] = []
        for user in 0..<relevant.count {
            var id = test.users.id(of: user)
            let row = id.withUTF8 { candidates.users.find($0) }
            if row == nil { without.append(id) }
            let userHash = id.withUTF8 { XXHash64.hash(UnsafeRawBufferPointer($0), seed: seed) }
            let all = Set(row.map { listed[Int($0)] } ?? []).union(relevant[user].lazy.map { places[Int($0)] })
            let keyed = all.map { (key: mix(hashes[Int($0)] ^ userHash), row: $0) }
            rows.append(keyed.sorted { ($0.key, $0.row) < ($1.key, $1.row) }.map(\.row))
        }
        guard without.isEmpty else {
            throw RecoError(
                .badData,
                "the candidates name no items for \(without.count) of \(relevant.count) test users, such as "
                    + without[0])
        }
        self.ids = ids
        self.rows = rows
    }

    /// The ids of what is ranked for test user `user`, as a question takes them.
    func packed(for user: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for row in rows[user] { bytes += ids[Int(row)] }
        return bytes
    }
}
