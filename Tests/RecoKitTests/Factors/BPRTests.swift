import Glibc
import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2
) throws -> BPR {
    try BPR.train(
        data, settings: BPR.settings(["factors": "4"].merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed))
}

/// The mean of ln(1 + exp(-margin)) over every user, item of the user and item that is not, and the share of margins
/// above zero.
private func ranking(_ model: BPR, _ shop: FormulaShop) -> (loss: Double, areaUnderCurve: Double) {
    let rank = model.table.rank
    var (loss, right, count) = (0.0, 0.0, 0.0)
    for user in 0..<shop.users {
        let scores = (0..<shop.items).map { item in
            (0..<rank).reduce(0.0) {
                $0 + Double(model.table.users[user * rank + $1]) * Double(model.table.items[item * rank + $1])
            }
        }
        let has = (0..<shop.items).map { shop.value(user, $0) > 0 }
        for item in 0..<shop.items where has[item] {
            for other in 0..<shop.items where !has[other] {
                loss += log1p(exp(scores[other] - scores[item]))
                right += scores[item] > scores[other] ? 1 : 0
                count += 1
            }
        }
    }
    return (loss / count, right / count)
}

@Test func theLossOfBPRFallsWithTheEpochs() throws {
    let data = try shop.data()
    let results = try ["1", "10", "50", "200"].map { ranking(try train(data, ["epochs": $0]), shop) }
    #expect(results.map(\.loss) == results.map(\.loss).sorted(by: >))
    #expect(results[0].loss > 0.5)
    #expect(results[3].loss < 0.35)
    #expect(results[3].areaUnderCurve > 0.85)
}

@Test func bprFindsTheTasteOfUsers() throws {
    let model = try train(try shop.data(), ["factors": "2"])
    for user in 0..<60 {
        let best = try #require(model.best(10, user: user, itemCount: 40))
        #expect(best.filter { Int($0.row) % 2 == user % 2 }.count >= 8)
        #expect(best.map(\.score) == best.map(\.score).sorted(by: >))
    }
    for item in 0..<40 {
        let similar = try #require(model.similar(6, to: [UInt32(item)], itemCount: 40))
        #expect(abs(similar[0].score - 1) < 1e-4)
        #expect(similar.filter { Int($0.row) % 2 == item % 2 }.count >= 5)
    }
}

@Test func bprFoldsAStrangerInAsOneOfTheSameTaste() throws {
    let model = try train(try shop.data())
    for user in 0..<60 {
        let best = try #require(model.best(10, events: shop.events(of: user), itemCount: 40))
        #expect(best.filter { Int($0.row) % 2 == user % 2 }.count >= 8)
        let again = try #require(model.best(10, events: shop.events(of: user), itemCount: 40))
        #expect(best.map(\.row) == again.map(\.row) && best.map(\.score) == again.map(\.score))
    }
}

@Test func bprLeavesTheScratchAsItWas() throws {
    let model = try train(try shop.data())
    let scratch = Scratch(itemCount: 40)!
    let events = [(3, 1), (8, 2.5), (21, -3), (30, 0), (3, 1)].map { Profile.Event(item: $0, weight: $1) }
    #expect(events.withUnsafeBufferPointer { model.foldIn($0, using: scratch) } != nil)
    #expect((0..<40).allSatisfy { scratch.scores[$0] == 0 })
}

@Test func bprKnowsNobodyWithoutAPositiveEvent() throws {
    let dislikes = (0..<40).map { (user: 7, item: $0, value: Float($0 < 3 ? -2 : 0)) }
    let model = try train(try shop.data(dislikes))
    #expect(model.best(5, user: 7, itemCount: 40) == nil)
    #expect(model.best(5, itemCount: 40) == nil)
    #expect(model.best(5, user: 999, itemCount: 40) == nil)
    #expect(model.best(5, events: [.init(item: 3, weight: -1), .init(item: 4, weight: 0)], itemCount: 40) == nil)
    #expect(model.best(5, events: [.init(item: 3, weight: .nan)], itemCount: 40) == nil)
    #expect(model.best(5, user: 8, itemCount: 40) != nil)
}

@Test func bprDoesNotDependOnTheNumberOfThreadsButOnTheSeed() throws {
    let data = try FormulaShop(users: 300, items: 280).data()
    let values = ["factors": "9", "epochs": "2"]
    let one = try train(data, values, threads: 1)
    for threads in [2, 5] {
        let other = try train(data, values, threads: threads)
        #expect(one.table.users.sameBits(as: other.table.users))
        #expect(one.table.items.sameBits(as: other.table.items))
    }
    let otherSeed = try train(data, values, seed: 2)
    #expect(!one.table.users.sameBits(as: otherSeed.table.users))
}

@Test func bprSurvivesWritingAndReading() throws {
    let model = try train(try shop.data())
    let again = try #require(try model.reopened(userCount: 60, itemCount: 40))
    let events = [Profile.Event(item: 4, weight: 2), Profile.Event(item: 10, weight: 1)]
    for session in [[], events] {
        let before = try #require(model.best(40, user: session.isEmpty ? 3 : nil, events: session, itemCount: 40))
        let after = try #require(again.best(40, user: session.isEmpty ? 3 : nil, events: session, itemCount: 40))
        #expect(before.map(\.row) == after.map(\.row))
        #expect(before.map(\.score) == after.map(\.score))
    }
    #expect(throws: RecoError.self) { try model.reopened(userCount: 61, itemCount: 40) }
}

@Test func bprTrainsOnVeryLittle() throws {
    for (users, items) in [(1, 1), (1, 5), (5, 1), (2, 2)] {
        let data = try FormulaShop(users: users, items: items).data(everything: 1)
        let model = try train(data, ["factors": "64"])
        #expect(try #require(model.best(10, user: 0, itemCount: items)).count == items)
    }
}

@Test func bprWithoutAPositiveEventIsAnError() throws {
    let data = try FormulaShop(users: 2, items: 2).data((0..<4).map { ($0 / 2, $0 % 2, -1) })
    #expect(throws: RecoError.self) { try train(data) }
}

@Test func stepsBeyondAllMeasureAreAnErrorOrFiniteFactors() throws {
    do {
        let model = try train(try shop.data(), ["learning-rate": "10", "regularization": "100", "epochs": "300"])
        #expect(model.table.users.toArray().allSatisfy { $0.isFinite })
    } catch let error as RecoError {
        #expect(error.code == .badData)
    }
}
