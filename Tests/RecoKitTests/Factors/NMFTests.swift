import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2
) throws -> NMF {
    try NMF.train(
        data, settings: NMF.settings(["factors": "3"].merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed))
}

/// Σ (v - w·h)² over all pairs, written plainly.
private func loss(_ model: NMF, _ rows: SparseRows) -> Double {
    let table = model.table
    var sum = 0.0
    for user in 0..<rows.rowCount {
        var values = [Double](repeating: 0, count: rows.columnCount)
        for entry in rows.range(user) { values[Int(rows.columns[entry])] = Double(rows.values[entry]) }
        for item in 0..<rows.columnCount {
            var score = 0.0
            for k in 0..<table.rank {
                score += Double(table.users[user * table.rank + k]) * Double(table.items[item * table.rank + k])
            }
            sum += (values[item] - score) * (values[item] - score)
        }
    }
    return sum
}

@Test func theLossFallsToThatOfScikitLearn() throws {
    let data = try shop.data()
    // Fixtures/ratings_reference.py: with three factors, seeds end in one of two minima.
    for (factors, expected) in [("2", [1663.3127]), ("3", [1529.2493, 1535.7376])] {
        let model = try train(data, ["factors": factors, "iterations": "1000", "tolerance": "1e-6"])
        let loss = loss(model, data.interactions.byUser)
        #expect(expected.contains { abs($0 - loss) < 0.01 }, "\(loss)")
    }
    let losses = try ["1", "2", "5", "20", "100"].map {
        loss(try train(data, ["iterations": $0]), data.interactions.byUser)
    }
    #expect(losses == losses.sorted(by: >))
}

@Test func noFactorIsNegative() throws {
    let dislikes = (0..<20).map { (user: $0, item: $0 * 2 % 40, value: Float(-3)) }
    for data in [try shop.data(), try shop.data(dislikes)] {
        for factors in ["1", "7", "64"] {
            let model = try train(data, ["factors": factors, "iterations": "20"])
            #expect(model.table.users.toArray().allSatisfy { $0 >= 0 && $0.isFinite })
            #expect(model.table.items.toArray().allSatisfy { $0 >= 0 && $0.isFinite })
        }
    }
}

@Test func nmfFindsTheTasteOfUsers() throws {
    let model = try train(try shop.data(), ["factors": "2"])
    for user in 0..<60 {
        let best = try #require(model.best(10, user: user, itemCount: 40))
        #expect(best.filter { Int($0.row) % 2 == user % 2 }.count >= 9)
    }
    for item in 0..<40 {
        let similar = try #require(model.similar(6, to: [UInt32(item)], itemCount: 40))
        #expect(abs(similar[0].score - 1) < 1e-4)
        #expect(similar.filter { Int($0.row) % 2 == item % 2 }.count >= 5)
    }
}

@Test func foldingAUsersEventsInGivesWhatNMFStores() throws {
    let model = try train(try shop.data(), ["factors": "6"])
    let all = (0..<40).map { UInt32($0) }
    for user in 0..<60 {
        let stored = try #require(model.scores(all, user: user, itemCount: 40))
        let folded = try #require(model.scores(all, events: shop.events(of: user), itemCount: 40))
        for (a, b) in zip(stored, folded) { #expect(abs(a - b) < 1e-3) }
    }
}

@Test func nonNegativeLeastSquaresMeetItsConditions() {
    let gram: [Float] = [4, 1, 2, 0, 1, 3, -1, 0, 2, -1, 5, 0, 0, 0, 0, 0]
    let target: [Float] = [1, -2, 3, 7]
    var x: [Float] = [1, 1, 1, 0.5]
    NonNegativeFactorization.solve(&x, gram: gram, target: target, rank: 4)
    for k in 0..<3 {
        let slope = (0..<4).reduce(-target[k]) { $0 + gram[k * 4 + $1] * x[$1] }
        #expect(x[k] > 0 ? abs(slope) < 1e-4 : x[k] == 0 && slope >= 0)
    }
    #expect(x[1] == 0)
    #expect(x[3] == 0.5)  // a theme that no item has stays as it was
}

@Test func pairsThatSumUpToNothingAreLearntAsZero() throws {
    let before = try train(try shop.data())
    let favourite = try #require(before.best(1, user: 2, itemCount: 40)).first!.row
    let disliked = try shop.data([(2, Int(favourite), -8)])
    let zero = try shop.data([(2, Int(favourite), 0)])
    let model = try train(disliked)
    #expect(model.table.users.sameBits(as: try train(zero).table.users))
    #expect(
        try #require(model.scores([favourite], user: 2, itemCount: 40))[0]
            < #require(before.scores([favourite], user: 2, itemCount: 40))[0])
    #expect(model.best(5, events: [.init(item: 3, weight: -1)], itemCount: 40) == nil)
    #expect(model.best(5, events: [.init(item: 3, weight: .nan)], itemCount: 40) == nil)
    #expect(model.best(5, itemCount: 40) == nil)
}

@Test func nmfDoesNotDependOnTheNumberOfThreadsButOnTheSeed() throws {
    let data = try FormulaShop(users: 200, items: 150).data()
    let values = ["factors": "20", "iterations": "4"]
    let one = try train(data, values, threads: 1)
    for threads in [2, 5] {
        let other = try train(data, values, threads: threads)
        #expect(one.table.users.sameBits(as: other.table.users))
        #expect(one.table.items.sameBits(as: other.table.items))
    }
    #expect(!one.table.users.sameBits(as: try train(data, values, seed: 2).table.users))
}

@Test func nmfSurvivesWritingAndReading() throws {
    let model = try train(try shop.data())
    let again = try #require(try model.reopened(userCount: 60, itemCount: 40))
    let events = [Profile.Event(item: 4, weight: 2), Profile.Event(item: 10, weight: 1)]
    #expect(
        model.scores([1, 2, 4], events: events, itemCount: 40)
            == again.scores([1, 2, 4], events: events, itemCount: 40))
    #expect(model.scores([1, 2, 4], user: 7, itemCount: 40) == again.scores([1, 2, 4], user: 7, itemCount: 40))
    #expect(model.predictedRating(user: 0, item: 0) == nil)
    #expect(throws: RecoError.self) { try model.reopened(userCount: 61, itemCount: 40) }
}

@Test func nmfTrainsOnVeryLittle() throws {
    for (users, items) in [(1, 1), (1, 5), (5, 1), (2, 2)] {
        let data = try FormulaShop(users: users, items: items).data(everything: 1)
        let best = try #require(try train(data, ["factors": "64"]).best(10, user: 0, itemCount: items))
        #expect(best.count == items)
        #expect(best.allSatisfy { abs($0.score - 1) < 0.01 })
    }
}

@Test func nmfWithoutAPositiveEventIsAnError() throws {
    let data = try FormulaShop(users: 2, items: 2).data((0..<4).map { ($0 / 2, $0 % 2, -1) })
    #expect(throws: RecoError.self) { try train(data) }
}

@Test func nmfWithWeightsBeyondAllMeasureIsAnErrorOrFinite() throws {
    let data = try shop.data([(0, 0, 3e38), (1, 1, 3e38), (2, 0, 3e38)])
    do {
        let model = try train(data)
        #expect(model.table.users.toArray().allSatisfy { $0.isFinite })
    } catch let error as RecoError {
        #expect(error.code == .badData)
    }
}
