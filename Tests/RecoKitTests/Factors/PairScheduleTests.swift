import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 300, items: 280)

/// Everything that is dealt in an epoch: user, item, the other item, and the cell.
private struct Deal: Equatable {
    let user: Int
    let item: Int
    let other: Int
    let userBlock: Int
    let itemBlock: Int
}

private func deals(_ schedule: PairSchedule) -> [Deal] {
    var deals: [Deal] = []
    for userBlock in 0..<schedule.blockCount {
        for itemBlock in 0..<schedule.blockCount {
            var generator = SeededGenerator(seed: UInt64(userBlock * 100 + itemBlock))
            schedule.forEach(userBlock: userBlock, itemBlock: itemBlock, using: &generator) {
                deals.append(Deal(user: $0, item: $1, other: $2, userBlock: userBlock, itemBlock: itemBlock))
            }
        }
    }
    return deals
}

@Test func everyPairIsDealtOnceBesideAnItemThatTheUserDoesNotHave() throws {
    let pairs = shop.rows()
    var schedule = PairSchedule(pairs)
    #expect(schedule.blockCount == 4)
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<3 {
        try schedule.deal(using: &generator, threads: 2)
        let deals = deals(schedule)
        // Some draws may all end on the user's own items: very few do.
        #expect(deals.count <= pairs.entryCount && deals.count > pairs.entryCount - 20)
        #expect(Set(deals.map { $0.user * 1000 + $0.item }).count == deals.count)
        #expect(deals.allSatisfy { shop.value($0.user, $0.item) > 0 && shop.value($0.user, $0.other) == 0 })
    }
}

@Test func blocksShareNoUserAndNoItem() throws {
    var schedule = PairSchedule(shop.rows())
    var generator = SeededGenerator(seed: 5)
    try schedule.deal(using: &generator, threads: 1)
    var blockOfUser: [Int: Int] = [:]
    var blockOfItem: [Int: Int] = [:]
    for deal in deals(schedule) {
        #expect(blockOfUser.updateValue(deal.userBlock, forKey: deal.user) ?? deal.userBlock == deal.userBlock)
        for item in [deal.item, deal.other] {
            #expect(blockOfItem.updateValue(deal.itemBlock, forKey: item) ?? deal.itemBlock == deal.itemBlock)
        }
    }
    #expect(Set(blockOfItem.values).count == 4)
}

@Test func itemsAreDealtAnewInEachEpochButTheSameWayFromTheSameSeed() throws {
    func epochs(seed: UInt64, threads: Int) throws -> [[Deal]] {
        var schedule = PairSchedule(shop.rows())
        var generator = SeededGenerator(seed: seed)
        return try (0..<2).map { _ in
            try schedule.deal(using: &generator, threads: threads)
            return deals(schedule)
        }
    }
    let one = try epochs(seed: 5, threads: 1)
    #expect(try epochs(seed: 5, threads: 3) == one)
    #expect(try epochs(seed: 6, threads: 1) != one)
    #expect(one[0].map(\.itemBlock) != one[1].map(\.itemBlock))
}

@Test func whoHasEverythingIsPassedOver() throws {
    let everything = FormulaShop(users: 3, items: 5).rows((0..<15).map { ($0 / 5, $0 % 5, $0 < 10 ? 1 : 0) })
    var schedule = PairSchedule(everything)
    var generator = SeededGenerator(seed: 5)
    try schedule.deal(using: &generator, threads: 1)
    #expect(schedule.blockCount == 1)
    #expect(deals(schedule).isEmpty)
}
