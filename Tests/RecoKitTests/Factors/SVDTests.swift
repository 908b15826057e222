import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2
) throws -> SVD {
    try SVD.train(
        data, settings: SVD.settings(["factors": "8"].merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed))
}

@Test func svdHasTheSingularValuesOfNumpy() throws {
    // Fixtures/factors_reference.py
    let recorded: [Float] = [28.09132, 23.86409, 12.42589, 11.65061, 11.0407, 10.49166, 9.99477, 9.30332]
    let model = try train(try shop.data())
    for (value, reference) in zip(model.singularValues.toArray(), recorded) {
        #expect(abs(value - reference) / reference < 1e-3)
    }
    // A user's vector is its row of U S.
    for k in 0..<8 {
        let square = (0..<60).reduce(Float(0)) {
            $0 + model.table.users[$1 * 8 + k] * model.table.users[$1 * 8 + k]
        }
        #expect(abs(square.squareRoot() - recorded[k]) / recorded[k] < 1e-3)
    }
}

@Test func withAllSingularValuesTheMatrixComesBack() throws {
    let model = try train(try shop.data(), ["factors": "40"])
    for user in 0..<60 {
        let scores = try #require(model.scores((0..<40).map { UInt32($0) }, user: user, itemCount: 40))
        for item in 0..<40 { #expect(abs(scores[item] - shop.value(user, item)) < 1e-3) }
    }
}

@Test func svdFindsTheTasteOfUsersAndItems() throws {
    let model = try train(try shop.data(), ["factors": "2"])
    for user in 0..<60 {
        let best = try #require(model.best(8, user: user, itemCount: 40))
        #expect(best.filter { Int($0.row) % 2 == user % 2 }.count >= 7)
    }
    for item in 0..<40 {
        let similar = try #require(model.similar(5, to: [UInt32(item)], itemCount: 40))
        #expect(abs(similar[0].score - 1) < 1e-4)
        #expect(similar.filter { Int($0.row) % 2 == item % 2 }.count >= 4)
    }
}

@Test func itemsAreComparedAsTheDecompositionSeesTheirColumns() throws {
    let model = try train(try shop.data(), ["factors": "40"])
    // With all singular values this is the cosine of the matrix's own columns.
    func column(_ item: Int) -> [Float] { (0..<60).map { shop.value($0, item) } }
    func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    for candidate in try #require(model.similar(40, to: [9], itemCount: 40)) {
        let other = column(Int(candidate.row))
        let cosine = dot(column(9), other) / (dot(column(9), column(9)) * dot(other, other)).squareRoot()
        #expect(abs(candidate.score - cosine) < 1e-3)
    }
}

@Test func foldingEventsIntoTheDecompositionGivesTheStoredUser() throws {
    let model = try train(try shop.data())
    for user in 0..<60 {
        let all = (0..<40).map { UInt32($0) }
        let stored = try #require(model.scores(all, user: user, itemCount: 40))
        let folded = try #require(model.scores(all, events: shop.events(of: user), itemCount: 40))
        for (a, b) in zip(stored, folded) { #expect(abs(a - b) < 1e-4) }
    }
}

@Test func svdIgnoresDislikesAndKnowsNobodyWithoutAPositiveEvent() throws {
    let dislikes = (0..<40).map { (user: 7, item: $0, value: Float($0 < 3 ? -2 : 0)) }
    let model = try train(try shop.data(dislikes))
    #expect(model.best(5, user: 7, itemCount: 40) == nil)
    #expect(model.best(5, events: [.init(item: 3, weight: -1)], itemCount: 40) == nil)
    #expect(model.best(5, user: 999, itemCount: 40) == nil)
    let liked = [Profile.Event(item: 3, weight: 1)]
    let both = liked + [Profile.Event(item: 4, weight: -9)]
    #expect(
        model.best(5, events: liked, itemCount: 40)?.map(\.row)
            == model.best(5, events: both, itemCount: 40)?.map(\.row))
}

@Test func svdDoesNotDependOnTheNumberOfThreads() throws {
    let data = try FormulaShop(users: 200, items: 150).data()
    let one = try train(data, threads: 1)
    for threads in [2, 5] {
        let other = try train(data, threads: threads)
        #expect(one.table.users.sameBits(as: other.table.users))
        #expect(one.table.items.sameBits(as: other.table.items))
    }
}

@Test func svdSurvivesWritingAndReading() throws {
    let model = try train(try shop.data())
    let again = try #require(try model.reopened(userCount: 60, itemCount: 40))
    for user in [0, 31] {
        let before = try #require(model.best(40, user: user, itemCount: 40))
        let after = try #require(again.best(40, user: user, itemCount: 40))
        #expect(before.map(\.row) == after.map(\.row))
        #expect(before.map(\.score) == after.map(\.score))
    }
    #expect(
        model.similar(9, to: [1, 2], itemCount: 40)?.map(\.score)
            == again.similar(9, to: [1, 2], itemCount: 40)?.map(\.score))
    #expect(throws: RecoError.self) { try model.reopened(userCount: 60, itemCount: 41) }
}

@Test func svdTrainsOnVeryLittle() throws {
    for (users, items) in [(1, 1), (1, 5), (5, 1), (3, 3)] {
        let data = try FormulaShop(users: users, items: items).data(everything: 1)
        let model = try train(data, ["factors": "64"])
        #expect(model.table.rank == 1, "all values are equal")
        let best = try #require(model.best(10, user: 0, itemCount: items))
        #expect(best.count == items)
        #expect(best.allSatisfy { abs($0.score - 1) < 1e-4 })
    }
}

@Test func svdRefusesValuesTooSmallToCountWith() throws {
    let tiny = try FormulaShop(users: 3, items: 3).data(everything: 1e-30)
    #expect(throws: RecoError.self) { try train(tiny) }
    // The log bounds what an event can be worth, so the largest values can be counted with.
    let huge = try train(FormulaShop(users: 3, items: 3).data(everything: 3e38))
    #expect(huge.table.items.toArray().allSatisfy { $0.isFinite && $0 != 0 })
}

@Test func svdWithoutAPositiveEventIsAnError() throws {
    let data = try FormulaShop(users: 2, items: 2).data((0..<4).map { ($0 / 2, $0 % 2, -1) })
    #expect(throws: RecoError.self) { try train(data) }
}
