import Testing

@testable import RecoKit

struct SelectionTests {
    /// What `Selection` keeps, by sorting everything.
    private func sorted(_ offers: [Candidate], blocked: Set<UInt32>, itemCount: Int, limit: Int) -> [Candidate] {
        let eligible = offers.filter { !$0.score.isNaN && !blocked.contains($0.row) && Int($0.row) < itemCount }
        return Array(eligible.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(limit))
    }

    private func select(_ offers: [Candidate], blocked: Set<UInt32>, itemCount: Int, limit: Int) -> [Candidate] {
        let scratch = Scratch(itemCount: itemCount)!
        for row in blocked { scratch.block(row) }
        var selection = scratch.selection(limit)!
        for offer in offers { selection.offer(offer.row, offer.score) }
        #expect(selection.isFull == (selection.count == min(limit, itemCount)))
        return Array(selection.finish())
    }

    @Test(arguments: [0, 1, 2, 3, 10, 64, 199, 200, 1000])
    func theHeapKeepsWhatSortingWouldKeep(limit: Int) {
        var generator = SeededGenerator(seed: UInt64(limit))
        for round in 0..<40 {
            // Few distinct scores make many ties; some are no numbers, some infinite.
            let levels = [2, 5, 1000][round % 3]
            var offers = (0..<200).map { row -> Candidate in
                let pick = generator.nextIndex(levels + 3)
                let score: Float =
                    pick == levels
                    ? .nan : pick == levels + 1 ? .infinity : pick == levels + 2 ? -.infinity : Float(pick) - 2
                return Candidate(row: UInt32(row), score: score)
            }
            offers.shuffle(using: &generator)
            let blocked = Set((0..<60).map { _ in UInt32(generator.nextIndex(200)) })
            let found = select(offers, blocked: blocked, itemCount: 200, limit: limit)
            let wanted = sorted(offers, blocked: blocked, itemCount: 200, limit: limit)
            #expect(found.map(\.row) == wanted.map(\.row))
            #expect(found.map(\.score) == wanted.map(\.score))
        }
    }

    @Test func rowsOutsideTheCatalogueAreNotTaken() {
        let offers = [5, 6, 63, 64, 1000, UInt32.max].map { Candidate(row: $0, score: 1) }
        #expect(select(offers, blocked: [], itemCount: 6, limit: 10).map(\.row) == [5])
    }

    @Test func aLimitOfNothingTakesNothingNotEvenInfinity() {
        let offers = [Candidate(row: 0, score: .infinity), Candidate(row: 1, score: 1)]
        #expect(select(offers, blocked: [], itemCount: 2, limit: 0).isEmpty)
    }

    @Test func theThresholdIsTheWorstScoreOnceFull() {
        let scratch = Scratch(itemCount: 10)!
        var selection = scratch.selection(2)!
        #expect(selection.threshold == -.infinity)
        selection.offer(1, 5)
        #expect(selection.threshold == -.infinity)
        selection.offer(2, 3)
        #expect(selection.threshold == 3)
        selection.offer(3, 4)
        #expect(selection.threshold == 4)
    }
}
