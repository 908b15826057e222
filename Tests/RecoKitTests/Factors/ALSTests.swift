import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2
) throws -> ALS {
    try ALS.train(
        data, settings: ALS.settings(["factors": "4", "regularization": "0.1"].merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed))
}

/// Σ c (p - x·y)² + λ (Σ |x|² + Σ |y|²), written plainly.
private func loss(_ model: ALS, _ rows: SparseRows, regularization: Double) -> Double {
    let rank = model.table.rank
    var sum = 0.0
    for user in 0..<rows.rowCount {
        var confidence = [Double](repeating: 1, count: rows.columnCount)
        var preference = [Double](repeating: 0, count: rows.columnCount)
        for entry in rows.range(user) {
            confidence[Int(rows.columns[entry])] = Double(abs(rows.values[entry]))
            preference[Int(rows.columns[entry])] = rows.values[entry] > 0 ? 1 : 0
        }
        for item in 0..<rows.columnCount {
            var score = 0.0
            for k in 0..<rank {
                score += Double(model.table.users[user * rank + k]) * Double(model.table.items[item * rank + k])
            }
            sum += confidence[item] * (preference[item] - score) * (preference[item] - score)
        }
    }
    let squares = (model.table.users.toArray() + model.table.items.toArray()).reduce(0.0) {
        $0 + Double($1) * Double($1)
    }
    return sum + regularization * squares
}

@Test func theLossFallsToThatOfExactAlternatingLeastSquaresInNumpy() throws {
    let data = try shop.data()
    let losses = try ["1", "2", "5", "15", "300"].map {
        loss(try train(data, ["iterations": $0]), data.interactions.byUser, regularization: 0.1)
    }
    #expect(losses == losses.sorted(by: >))
    // Fixtures/factors_reference.py; every seed ends there.
    #expect(abs(losses[4] - 349.1297) < 0.02)
    // What numpy has after 15 iterations.
    #expect(losses[3] < 355.0948 * 1.01)
}

@Test func alsFindsTheTasteOfUsers() throws {
    let model = try train(try shop.data(), ["factors": "2"])
    for user in 0..<60 {
        let best = try #require(model.best(10, user: user, itemCount: 40))
        #expect(best.filter { Int($0.row) % 2 == user % 2 }.count >= 9)
        #expect(best.map(\.score) == best.map(\.score).sorted(by: >))
    }
    for item in 0..<40 {
        let similar = try #require(model.similar(6, to: [UInt32(item)], itemCount: 40))
        #expect(abs(similar[0].score - 1) < 1e-4)
        #expect(similar.filter { Int($0.row) % 2 == item % 2 }.count >= 5)
    }
}

@Test func foldingAUsersEventsInGivesWhatIsStoredForTheUser() throws {
    for alpha in ["1", "20"] {
        let model = try train(try shop.data(), ["alpha": alpha, "factors": "12"])
        for user in 0..<60 {
            let all = (0..<40).map { UInt32($0) }
            let stored = try #require(model.scores(all, user: user, itemCount: 40))
            let folded = try #require(model.scores(all, events: shop.events(of: user), itemCount: 40))
            for (a, b) in zip(stored, folded) { #expect(abs(a - b) < 1e-3) }
        }
    }
}

@Test func foldingInSolvesTheNormalEquations() throws {
    let model = try train(try shop.data(), ["factors": "6"])
    let events = [(3, 1), (8, 2.5), (20, 40), (21, -3)].map { Profile.Event(item: $0, weight: $1) }
    let scratch = Scratch(itemCount: 40)!
    let x = try #require(events.withUnsafeBufferPointer { model.foldIn($0, using: scratch) })
    // (Yᵀ C Y + λ) x - Yᵀ C p, with the confidences spelt out.
    var confidence = [Double](repeating: 1, count: 40)
    var preference = [Double](repeating: 0, count: 40)
    for event in events {
        confidence[Int(event.item)] = Double(abs(event.weight))
        preference[Int(event.item)] = event.weight > 0 ? 1 : 0
    }
    for k in 0..<6 {
        var residual = 0.1 * Double(x[k])
        for item in 0..<40 {
            let y = model.table.items.base! + item * 6
            let score = (0..<6).reduce(0.0) { $0 + Double(x[$1]) * Double(y[$1]) }
            residual += confidence[item] * (score - preference[item]) * Double(y[k])
        }
        #expect(abs(residual) < 1e-3)
    }
}

@Test func aSessionChangesWhatAKnownUserIsOffered() throws {
    let model = try train(try shop.data())
    let history = shop.events(of: 0)
    let session = (0..<12).map { Profile.Event(item: UInt32(2 * $0 + 1), weight: 5) }
    let before = try #require(model.best(10, user: 0, events: history, itemCount: 40))
    let after = try #require(
        model.best(10, user: 0, events: history + session, session: session.count, itemCount: 40))
    #expect(before.filter { $0.row % 2 == 1 }.count <= 1)
    #expect(after.filter { $0.row % 2 == 1 }.count >= 5)
}

@Test func aDislikedItemFallsBehind() throws {
    let before = try train(try shop.data())
    let favourite = try #require(before.best(1, user: 2, itemCount: 40)).first!.row
    let model = try train(try shop.data([(2, Int(favourite), -8)]))
    let liked = try #require(before.scores([favourite], user: 2, itemCount: 40))[0]
    let disliked = try #require(model.scores([favourite], user: 2, itemCount: 40))[0]
    #expect(disliked < liked / 2)
    #expect(model.best(5, user: 2, itemCount: 40)?.contains { $0.row == favourite } == false)
}

@Test func aUserWithoutAPositiveEventIsNotKnown() throws {
    let dislikes = (0..<40).map { (user: 7, item: $0, value: Float($0 < 3 ? -2 : 0)) }
    let model = try train(try shop.data(dislikes))
    #expect(model.best(5, user: 7, itemCount: 40) == nil)
    #expect(model.scores([1, 2], user: 7, itemCount: 40) == nil)
    #expect(model.best(5, itemCount: 40) == nil)
    #expect(model.best(5, user: 999, itemCount: 40) == nil)
    #expect(model.best(5, events: [.init(item: 3, weight: -1), .init(item: 4, weight: 0)], itemCount: 40) == nil)
    #expect(model.best(5, events: [.init(item: 3, weight: .nan)], itemCount: 40) == nil)
    #expect(model.best(5, user: 8, itemCount: 40) != nil)
}

@Test func alsDoesNotDependOnTheNumberOfThreadsButOnTheSeed() throws {
    let data = try FormulaShop(users: 200, items: 150).data()
    let values = ["factors": "20", "iterations": "3"]
    let one = try train(data, values, threads: 1)
    for threads in [2, 5] {
        let other = try train(data, values, threads: threads)
        #expect(one.table.users.sameBits(as: other.table.users))
        #expect(one.table.items.sameBits(as: other.table.items))
        #expect(one.gramInverse.sameBits(as: other.gramInverse))
    }
    let otherSeed = try train(data, values, seed: 2)
    #expect(!one.table.users.sameBits(as: otherSeed.table.users))
}

@Test func alsSurvivesWritingAndReading() throws {
    let model = try train(try shop.data())
    let again = try #require(try model.reopened(userCount: 60, itemCount: 40))
    #expect(again.table.users.sameBits(as: model.table.users))
    let events = [Profile.Event(item: 4, weight: 2), Profile.Event(item: 10, weight: 1)]
    for session in [[], events] {
        let before = try #require(model.best(40, user: session.isEmpty ? 3 : nil, events: session, itemCount: 40))
        let after = try #require(again.best(40, user: session.isEmpty ? 3 : nil, events: session, itemCount: 40))
        #expect(before.map(\.row) == after.map(\.row))
        #expect(before.map(\.score) == after.map(\.score))
    }
    #expect(throws: RecoError.self) { try model.reopened(userCount: 61, itemCount: 40) }
}

@Test func alsTrainsOnVeryLittle() throws {
    for (users, items) in [(1, 1), (1, 5), (5, 1), (2, 2)] {
        let data = try FormulaShop(users: users, items: items).data(everything: 1)
        let model = try train(data, ["factors": "64"])
        let best = try #require(model.best(10, user: 0, itemCount: items))
        #expect(best.count == items)
        #expect(best.allSatisfy { $0.score > 0.8 && $0.score < 1.1 })
    }
}

@Test func alsWithoutAPositiveEventIsAnError() throws {
    let nothing = FormulaShop(users: 2, items: 2)
    let data = try nothing.data((0..<4).map { ($0 / 2, $0 % 2, -1) })
    #expect(throws: RecoError.self) { try train(data) }
}

@Test func weightsBeyondAllMeasureAreAnErrorOrFiniteFactors() throws {
    let data = try shop.data([(0, 0, 3e38), (1, 1, 3e38), (2, 0, 3e38)])
    do {
        let model = try train(data)
        #expect(model.table.users.toArray().allSatisfy { $0.isFinite })
    } catch let error as RecoError {
        #expect(error.code == .badData)
    }
}
