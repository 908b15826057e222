import Testing

@testable import RecoKit

/// A table of random vectors with lengths of all sizes; some items are unknown. `bounded` or the plain scan.
private func table(items: Int, rank: Int, bounded: Bool) throws -> FactorTable {
    var generator = SeededGenerator(seed: 5)
    let vectors = (0..<items).flatMap { item -> [Float] in
        let length: Float = item % 11 == 5 ? 0 : [0.001, 1, 30][item % 3]
        return (0..<rank).map { _ in length * generator.nextNormal() }
    }
    let column = Column(vectors)
    let inverseNorms = (0..<items).map { item -> Float in
        let square = vectors[item * rank..<(item + 1) * rank].reduce(0) { $0 + $1 * $1 }
        return square > 0 ? 1 / square.squareRoot() : 0
    }
    return FactorTable(
        rank: rank, users: column, items: column, inverseNorms: Column(inverseNorms), metric: nil,
        bounds: bounded ? ScoreBounds(column.elements, rank: rank) : nil)
}

@Suite struct ScoreBoundsTests {
    /// Found the plain way and the bounded way, which sum up a row's products in the same order but for the last rows.
    private func expectEqual(_ a: UnsafeBufferPointer<Candidate>, _ b: [Candidate], _ comment: String) {
        #expect(a.count == b.count, "\(comment)")
        for (a, b) in zip(a, b) {
            #expect(abs(a.score - b.score) <= 1e-4 * abs(b.score), "\(comment)")
            #expect(a.row == b.row || abs(a.score - b.score) <= 1e-5 * abs(b.score), "\(comment)")
        }
    }

    @Test(arguments: [(5000, 64), (3001, 7), (4099, 100), (40, 64), (9, 3)])
    func aScanByBoundsFindsWhatAScanOfTheVectorsFinds(items: Int, rank: Int) throws {
        let (plain, bounded) = (
            try table(items: items, rank: rank, bounded: false), try table(items: items, rank: rank, bounded: true)
        )
        let (left, right) = (Scratch(itemCount: items)!, Scratch(itemCount: items)!)
        for scratch in [left, right] {
            for row in stride(from: 0, to: items, by: 7) { scratch.block(UInt32(row)) }
        }
        for user in [1, 2, 3, 8].filter({ $0 < items }) {
            let vector = try #require(plain.userVector(user))
            for limit in [1, 10, 500, items] {
                var (a, b) = (left.selection(limit)!, right.selection(limit)!)
                #expect(plain.propose(vector, using: left, to: &a))
                #expect(bounded.propose(vector, using: right, to: &b))
                expectEqual(a.finish(), Array(b.finish()), "best \(limit) for \(user)")
                (a, b) = (left.selection(limit)!, right.selection(limit)!)
                let given = [UInt32(user), 6]
                given.withUnsafeBufferPointer {
                    #expect(plain.proposeSimilar(to: $0, using: left, to: &a))
                    #expect(bounded.proposeSimilar(to: $0, using: right, to: &b))
                }
                expectEqual(a.finish(), Array(b.finish()), "\(limit) like \(user)")
            }
        }
    }

    @Test func noScoreExceedsItsBound() throws {
        // The worst for bytes: one large number beside many that lie half-way between two steps.
        let rank = 64
        var vectors = [Float](repeating: 0, count: 300 * rank)
        for row in 0..<300 {
            for k in 0..<rank { vectors[row * rank + k] = (Float(k % 5) + 0.5) / 127 * (row % 2 == 0 ? 1 : -1) }
            vectors[row * rank] = 1 + Float(row) * 1e-4
        }
        let column = Column(vectors)
        let inverse = Column([Float](repeating: 1, count: 300))
        func table(_ bounds: ScoreBounds?) -> FactorTable {
            FactorTable(rank: rank, users: column, items: column, inverseNorms: inverse, metric: nil, bounds: bounds)
        }
        let (left, right) = (Scratch(itemCount: 300)!, Scratch(itemCount: 300)!)
        for user in 0..<300 {
            let vector = try #require(column.row(user, width: rank)?.baseAddress)
            var (a, b) = (left.selection(3)!, right.selection(3)!)
            #expect(table(nil).propose(vector, using: left, to: &a))
            #expect(table(ScoreBounds(column.elements, rank: rank)).propose(vector, using: right, to: &b))
            expectEqual(a.finish(), Array(b.finish()), "user \(user)")
        }
    }

    @Test func aVectorThatBytesCannotHoldIsScannedThePlainWay() throws {
        let bounded = try table(items: 100, rank: 4, bounded: true)
        let scratch = Scratch(itemCount: 100)!
        for vector in [[Float](repeating: 0, count: 4), [1e-42, 0, 0, 0], [.nan, 1, 1, 1], [.infinity, 1, 1, 1]] {
            var best = scratch.selection(5)!
            _ = bounded.propose(vector, using: scratch, to: &best)
            #expect(best.finish().allSatisfy { !$0.score.isNaN })
        }
    }

    @Test func boundsAreWrittenForLargeTablesAndReadBack() throws {
        let users = try DenseMatrix(rowCount: 1, columnCount: 64)
        users.row(0)[3] = 1
        let items = try DenseMatrix(rowCount: ScoreBounds.worthwhile / 64, columnCount: 64)
        var generator = SeededGenerator(seed: 3)
        for i in 0..<ScoreBounds.worthwhile { items.base[i] = generator.nextNormal() }
        let table = try FactorTable(rank: 64, users: users, items: items, metric: nil)
        let bounds = try #require(table.bounds)
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try table.write(to: writer, name: "x")
        try writer.finish()
        let file = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        let read = try #require(try FactorTable(file, name: "x", userCount: 1, itemCount: table.itemCount))
        let again = try #require(read.bounds)
        #expect(again.rows.bytes.toArray() == bounds.rows.bytes.toArray())
        #expect(again.rows.scales.toArray() == bounds.rows.scales.toArray())
        #expect(again.margins.toArray() == bounds.margins.toArray())
    }

    @Test func boundsOfOtherShapesAreDamaged() throws {
        func file(bytes: Int, scales: Int, margins: Int) throws -> ModelFile {
            let sink = MemorySink()
            let writer = try ModelWriter(sink: sink)
            try writer.add("x/item-bytes", [UInt8](repeating: 128, count: bytes))
            try writer.add("x/item-scales", [Float](repeating: 1, count: scales))
            try writer.add("x/item-margins", [Float](repeating: 1, count: margins))
            try writer.finish()
            return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        }
        #expect(try ScoreBounds(file(bytes: 320, scales: 5, margins: 10), name: "x", rank: 4, itemCount: 5) != nil)
        #expect(try ScoreBounds(file(bytes: 320, scales: 5, margins: 10), name: "y", rank: 4, itemCount: 5) == nil)
        for (bytes, scales, margins) in [
            (319, 5, 10), (384, 5, 10), (320, 4, 10), (320, 5, 9), (320, 5, 11), (0, 0, 0),
        ] {
            let file = try file(bytes: bytes, scales: scales, margins: margins)
            #expect(throws: RecoError.self) { try ScoreBounds(file, name: "x", rank: 4, itemCount: 5) }
        }
    }

    @Test(arguments: [false, true])
    func boundsFullOfNonsenseGiveAnswersWithoutNumbersThatAreNone(ordered: Bool) throws {
        let nonsense: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 1, 0, -1, 1e-45]
        let factors = Column((0..<40 * 4).map { nonsense[$0 * 5 % 8] })
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try writer.add("x/item-bytes", (0..<40 * 64).map { UInt8(truncatingIfNeeded: $0 * 37) })
        try writer.add("x/item-scales", (0..<40).map { nonsense[$0 * 3 % 8] })
        try writer.add("x/item-margins", (0..<80).map { nonsense[$0 * 7 % 8] })
        if ordered {
            try writer.add("x/item-order", (0..<40).map { UInt32(truncatingIfNeeded: $0 * $0 * 0x1234_567 % 97) })
            try writer.add("x/item-reach", [Float.nan])
        }
        try writer.finish()
        let file = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        let table = FactorTable(
            rank: 4, users: factors, items: factors, inverseNorms: Column((0..<40).map { nonsense[$0 % 8] }),
            metric: nil, bounds: try ScoreBounds(file, name: "x", rank: 4, itemCount: 40))
        let scratch = Scratch(itemCount: 40)!
        var best = scratch.selection(40)!
        #expect(table.propose([1, -2, 3, 0.5], using: scratch, to: &best))
        #expect(best.finish().allSatisfy { !$0.score.isNaN })
    }

    @Test func aScanEndsWhereAllThatIsLeftIsTooShort() throws {
        // Lengths that halve every hundred items, in no order: a question of one block or two.
        var generator = SeededGenerator(seed: 9)
        let (items, rank) = (6400, 64)
        var vectors = [Float](repeating: 0, count: items * rank)
        for item in 0..<items {
            let length = Float(sign: .plus, exponent: -(item * 37 % items) / 100, significand: 1)
            for k in 0..<rank { vectors[item * rank + k] = length * generator.nextNormal() }
        }
        let bounds = vectors.withUnsafeBufferPointer { ScoreBounds($0, rank: rank) }
        #expect(
            bounds.reach.count == 25
                && zip(bounds.reach.toArray(), bounds.reach.toArray().dropFirst()).allSatisfy { $0 >= $1 })
        #expect(bounds.reach[4] < bounds.reach[0] / 100)
        let order = try #require(bounds.order).toArray()
        #expect(order.sorted() == (0..<UInt32(items)).map { $0 })
        #expect(order.prefix(100).allSatisfy { Int($0) * 37 % items < 400 })
    }
}
