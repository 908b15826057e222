import Glibc
import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

/// The objective of the `implicit` library, where nothing else is said: an alpha of the mean value makes confidences
/// the values themselves.
private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2
) throws -> ALS {
    let usual = [
        "factors": "4", "regularization": "0.1", "frequency-scaling": "0", "unobserved": "1", "iterations": "15",
        "alpha": "\(mean(data))",
    ]
    return try ALS.train(
        data, settings: ALS.settings(usual.merging(values) { $1 }), run: TrainingRun(threads: threads, seed: seed))
}

private func mean(_ data: TrainingData) -> Double {
    let values = data.interactions.byUser.values
    return values.isEmpty ? 1 : values.reduce(0) { $0 + Double($1) } / Double(values.count)
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
    for (alpha, scaling) in [("2", "0"), ("40", "0"), ("1", "0.8")] {
        let settings = ["alpha": alpha, "factors": "12", "frequency-scaling": scaling, "unobserved": "0.5"]
        let model = try train(try shop.data(), settings)
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

/// Solves A x = b by elimination with pivots, in double precision.
private func eliminated(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    var rows = zip(matrix, right).map { $0 + [$1] }
    let size = right.count
    for column in 0..<size {
        let pivot = (column..<size).max { abs(rows[$0][column]) < abs(rows[$1][column]) }!
        rows.swapAt(column, pivot)
        for row in 0..<size where row != column {
            let factor = rows[row][column] / rows[column][column]
            for k in column...size { rows[row][k] -= factor * rows[column][k] }
        }
    }
    return (0..<size).map { rows[$0][size] / rows[$0][$0] }
}

/// The best vector of one row against the other side's, with every confidence spelt out.
private func dense(
    _ row: [Float], against others: [[Double]], alpha: Double, unobserved: Double, regularization: Double,
    scaling: Double
) -> [Double] {
    let rank = others[0].count
    let observed = row.filter { $0 != 0 }.count
    let penalty = regularization * pow(Double(observed) + unobserved * Double(others.count), scaling)
    var matrix = (0..<rank).map { i in (0..<rank).map { $0 == i ? penalty : 0 } }
    var right = [Double](repeating: 0, count: rank)
    for (value, other) in zip(row, others) {
        let confidence = value == 0 ? unobserved : alpha * Double(abs(value))
        for i in 0..<rank {
            if value > 0 { right[i] += confidence * other[i] }
            for j in 0..<rank { matrix[i][j] += confidence * other[i] * other[j] }
        }
    }
    return eliminated(matrix, right)
}

@Test(arguments: [(0.3, 0.0), (0.02, 1.0), (1.7, 0.5)])
func bothSidesSolveTheWholeObjectiveAsDenseMatricesDo(unobserved: Double, scaling: Double) throws {
    let data = try shop.data([(3, 5, -2), (8, 8, -1)])
    let model = try train(
        data,
        [
            "unobserved": "\(unobserved)", "frequency-scaling": "\(scaling)", "alpha": "1.5", "iterations": "400",
            "cg-steps": "8",
        ])
    let table = model.table
    func vectors(_ column: Column<Float>, _ count: Int) -> [[Double]] {
        (0..<count).map { row in (0..<4).map { Double(column[row * 4 + $0]) } }
    }
    let (users, items) = (vectors(table.users, 60), vectors(table.items, 40))
    var values = (0..<60).map { user in (0..<40).map { shop.value(user, $0) } }
    values[3][5] = -2
    values[8][8] = -1
    let alpha = 1.5 / mean(data)
    for user in 0..<60 {
        let exact = dense(
            values[user], against: items, alpha: alpha, unobserved: unobserved, regularization: 0.1, scaling: scaling)
        #expect(zip(users[user], exact).allSatisfy { abs($0 - $1) < 1e-3 }, "user \(user)")
    }
    for item in 0..<40 {
        let exact = dense(
            values.map { $0[item] }, against: users, alpha: alpha, unobserved: unobserved, regularization: 0.1,
            scaling: scaling)
        #expect(zip(items[item], exact).allSatisfy { abs($0 - $1) < 3e-3 }, "item \(item)")
    }
}

@Test func confidencesAreInUnitsOfTheMeanValue() throws {
    let plain = try train(try shop.data(), ["alpha": "3"])
    let tenfold = try train(
        try shop.data(
            (0..<60 * 40).map { ($0 / 40, $0 % 40, 10 * shop.value($0 / 40, $0 % 40)) }), ["alpha": "3"])
    let (a, b) = (plain.table.users.toArray(), tenfold.table.users.toArray())
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
}

@Test func whatEventsContributeAddsUpToTheScore() throws {
    let model = try train(
        try shop.data(), ["factors": "6", "frequency-scaling": "0.5", "unobserved": "0.2", "alpha": "5"])
    let events = [(3, 1), (8, 2.5), (20, 40), (21, -3), (30, 0)].map { Profile.Event(item: $0, weight: $1) }
    let scratch = Scratch(itemCount: 40)!
    for item in 0..<UInt32(40) {
        var parts = [Float](repeating: .nan, count: events.count)
        let known = events.withUnsafeBufferPointer { events in
            parts.withUnsafeMutableBufferPointer {
                model.explain(
                    item, for: Profile(user: nil, events: events, sessionStart: 0), using: scratch, into: $0)
            }
        }
        #expect(known)
        let score = try #require(model.scores([item], events: events, itemCount: 40))[0]
        #expect(abs(parts.reduce(0, +) - score) < 1e-4)
        #expect(parts[3] == 0 && parts[4] == 0)
        if item == 20 { #expect(parts[2] == parts.max()) }
    }
    var parts: [Float] = [0]
    let unknown = [Profile.Event(item: 3, weight: -1)].withUnsafeBufferPointer { events in
        parts.withUnsafeMutableBufferPointer {
            model.explain(3, for: Profile(user: nil, events: events, sessionStart: 0), using: scratch, into: $0)
        }
    }
    #expect(!unknown)
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
        #expect(one.spectrum.sameBits(as: other.spectrum))
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
        let model = try train(data, ["alpha": "1"])
        #expect(model.table.users.toArray().allSatisfy { $0.isFinite })
    } catch let error as RecoError {
        #expect(error.code == .badData)
    }
}
