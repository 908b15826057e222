import Testing

@testable import RecoKit

struct ScratchTests {
    private func blockedRows(_ scratch: Scratch) -> [UInt32] {
        (0..<UInt32(scratch.itemCount)).filter { scratch.isBlocked($0) }
    }

    @Test func blockedItemsAreLetThroughAgain() {
        let scratch = Scratch(itemCount: 200)!
        for row: UInt32 in [0, 63, 64, 64, 199, 200, .max] { scratch.block(row) }
        #expect(blockedRows(scratch) == [0, 63, 64, 199])
        scratch.unblock()
        #expect(blockedRows(scratch) == [])
    }

    @Test func allButTheAllowedCanBeBlocked() {
        let scratch = Scratch(itemCount: 130)!
        scratch.block(5)
        scratch.blockAll()
        for row: UInt32 in [3, 5, 129, 130, .max] { scratch.allow(row) }
        scratch.block(3)
        #expect((0..<130).filter { !scratch.isBlocked($0) } == [5, 129])
        #expect(scratch.isBlocked(130))
        scratch.unblock()
        #expect(blockedRows(scratch) == [])
    }

    @Test func anEmptyCatalogueHasAScratch() {
        let scratch = Scratch(itemCount: 0)!
        scratch.block(0)
        scratch.blockAll()
        scratch.unblock()
        #expect(scratch.isBlocked(0))
    }

    @Test func memoryKeepsWhatItHoldsWhenItGrows() throws {
        let scratch = Scratch(itemCount: 1)!
        let small = try #require(scratch.rows(.similar, 10))
        for i in 0..<10 { small[i] = UInt32(i) }
        let large = try #require(scratch.rows(.similar, 100_000))
        #expect((0..<10).allSatisfy { large[$0] == UInt32($0) })
        #expect(scratch.rows(.similar, 1 << 50) == nil)
        #expect(scratch.floats(.matrix, -1) == nil)
    }
}
