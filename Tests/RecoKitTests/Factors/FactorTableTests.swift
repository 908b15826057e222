import Testing

@testable import RecoKit

/// A table of random vectors; item 5 is unknown.
private func table(users: Int, items: Int, rank: Int) throws -> FactorTable {
    var generator = SeededGenerator(seed: 11)
    let userRows = try DenseMatrix(rowCount: users, columnCount: rank)
    let itemRows = try DenseMatrix(rowCount: items, columnCount: rank)
    for i in 0..<users * rank { userRows.base[i] = generator.nextNormal() }
    for i in 0..<items * rank { itemRows.base[i] = generator.nextNormal() }
    itemRows.row(5).update(repeating: 0, count: rank)
    return try FactorTable(rank: rank, users: userRows, items: itemRows, metric: nil)
}

private func selection(_ scratch: Scratch, _ limit: Int) -> Selection {
    scratch.selection(limit)!
}

private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
    (0..<count).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
}

@Test(arguments: [(700, 12), (256, 64), (1, 3), (513, 130)])
func theScanFindsTheBestItemsThatAreNotBlocked(items: Int, rank: Int) throws {
    let items = max(items, 6)
    let table = try table(users: 2, items: items, rank: rank)
    let scratch = Scratch(itemCount: items)!
    let vector = try #require(table.userVector(1))
    let order = (0..<items).filter { $0 != 5 && $0 % 3 != 0 }.sorted {
        dot(table.items.base! + $0 * rank, vector, rank) > dot(table.items.base! + $1 * rank, vector, rank)
    }
    for row in stride(from: 0, to: items, by: 3) { scratch.block(UInt32(row)) }
    for limit in [1, 3, 20, items] {
        var best = selection(scratch, limit)
        #expect(table.propose(vector, using: scratch, to: &best))
        let found = best.finish()
        #expect(found.map { Int($0.row) } == Array(order.prefix(limit)))
    }
}

@Test func itemsThatTrainingDoesNotKnowAreNotProposed() throws {
    let table = try table(users: 1, items: 20, rank: 4)
    let scratch = Scratch(itemCount: 20)!
    var best = selection(scratch, 20)
    #expect(table.propose(try #require(table.userVector(0)), using: scratch, to: &best))
    #expect(best.count == 19)
    var similar = selection(scratch, 20)
    #expect([UInt32(5)].withUnsafeBufferPointer { !table.proposeSimilar(to: $0, using: scratch, to: &similar) })
    #expect(similar.count == 0)
}

@Test func similarItemsComeByCosineWithTheItemItselfFirst() throws {
    let table = try table(users: 1, items: 300, rank: 8)
    let scratch = Scratch(itemCount: 300)!
    var best = selection(scratch, 300)
    #expect([UInt32(7)].withUnsafeBufferPointer { table.proposeSimilar(to: $0, using: scratch, to: &best) })
    let found = Array(best.finish())
    #expect(found.count == 299)
    #expect(found[0].row == 7 && abs(found[0].score - 1) < 1e-5)
    let seven = table.items.base! + 7 * 8
    for candidate in found {
        let row = table.items.base! + Int(candidate.row) * 8
        let cosine = dot(seven, row, 8) / (dot(seven, seven, 8) * dot(row, row, 8)).squareRoot()
        #expect(abs(Double(candidate.score) - cosine) < 1e-5)
    }
}

@Test func usersWithoutAVectorAreNotKnown() throws {
    let users = try DenseMatrix(rowCount: 2, columnCount: 2)
    users.row(1)[0] = 1
    let items = try DenseMatrix(rowCount: 1, columnCount: 2)
    let table = try FactorTable(rank: 2, users: users, items: items, metric: nil)
    #expect(table.userVector(0) == nil)
    #expect(table.userVector(1) != nil)
    #expect(table.userVector(2) == nil)
    #expect(table.userVector(-1) == nil)
    #expect(table.userVector(.max) == nil)
    #expect(table.userVector(nil) == nil)
}

@Test func factorsThatAreNotFiniteAreRefused() throws {
    for bad in [Float.nan, .infinity] {
        let users = try DenseMatrix(rowCount: 1, columnCount: 1)
        let items = try DenseMatrix(rowCount: 1, columnCount: 1)
        items.base[0] = bad
        #expect(throws: RecoError.self) { try FactorTable(rank: 1, users: users, items: items, metric: nil) }
    }
}

@Test func aFileWhoseShapesDoNotFitIsDamaged() throws {
    let table = try table(users: 3, items: 7, rank: 4)
    func file(rank: UInt32, norms: Int) throws -> ModelFile {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try writer.add("x/rank", [rank])
        try writer.add("x/user-factors", table.users.elements)
        try writer.add("x/item-factors", table.items.elements)
        try writer.add("x/item-norms", [Float](repeating: 1, count: norms))
        try writer.finish()
        return try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
    }
    #expect(try FactorTable(file(rank: 4, norms: 7), name: "x", userCount: 3, itemCount: 7) != nil)
    #expect(try FactorTable(file(rank: 4, norms: 7), name: "y", userCount: 3, itemCount: 7) == nil)
    for (rank, norms, users, items) in [(0, 7, 3, 7), (5, 7, 3, 7), (2, 7, 3, 7), (.max, 7, 3, 7), (4, 6, 3, 7)]
        as [(UInt32, Int, Int, Int)] + [(4, 7, 4, 7), (4, 7, 3, 8)]
    {
        let file = try file(rank: rank, norms: norms)
        #expect(throws: RecoError.self) { try FactorTable(file, name: "x", userCount: users, itemCount: items) }
    }
}

@Test func aFileFullOfNonsenseGivesAnswersWithoutNumbersThatAreNone() throws {
    let nonsense: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 1, 0, -1, 1e-45]
    let factors = (0..<40 * 4).map { nonsense[$0 * 5 % 8] }
    let table = FactorTable(
        rank: 4, users: Column(factors), items: Column(factors),
        inverseNorms: Column((0..<40).map { nonsense[$0 % 8] }), metric: Column([.nan, 1, .infinity, 0]), bounds: nil)
    let scratch = Scratch(itemCount: 40)!
    for user in 0..<40 {
        if let vector = table.userVector(user) {
            var best = selection(scratch, 40)
            _ = table.propose(vector, using: scratch, to: &best)
            #expect(best.finish().allSatisfy { !$0.score.isNaN })
        }
        var similar = selection(scratch, 40)
        _ = [UInt32(user), .max].withUnsafeBufferPointer {
            table.proposeSimilar(to: $0, using: scratch, to: &similar)
        }
        #expect(similar.finish().allSatisfy { !$0.score.isNaN })
    }
}
