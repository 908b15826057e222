import Testing

@testable import RecoKit

struct SparseEASETests {
    private static let published = ["popularity-penalty": "0", "user-discount": "0"]

    @Test func whereAllItemsGoTogetherItIsEASE() throws {
        let log = EventLog()
        var generator = SeededGenerator(seed: 6)
        for user in 0..<200 {
            for item in 0..<20 where generator.nextFloat() < 0.4 { try log.add(user: "\(user)", item: "\(item)") }
        }
        let data = try Shop.data(log)
        let sparse = try Shop.train(
            SparseEASE.self, data, Self.published.merging(["regularization": "20", "neighbors": "19"]) { $1 })
        let dense = try Shop.train(EASE.self, data, ["regularization": "20", "neighbors": "0"])
        let asker = Asker(itemCount: 20)
        let rows = (0..<20).map { UInt32($0) }
        for item in rows {
            let profile = [Profile.Event(item: item, weight: 1)]
            for (a, b) in zip(asker.score(sparse, profile, rows), asker.score(dense, profile, rows)) {
                #expect(abs(a - b) < 2e-5, "\(a) for \(b)")
            }
        }
    }

    /// The formulas again, in double precision, with a support of three items each.
    @Test func weightsAreTheRegressionOnTheItemsThatExplainMost() throws {
        let data = try Shop.random(users: 60, items: 25, events: 400)
        let model = try Shop.train(
            SparseEASE.self, data,
            ["neighbors": "3", "regularization": "2", "popularity-penalty": "0.7", "user-discount": "0.6"])
        let naive = Naive(data.interactions, discount: 0.6)
        func penalty(_ item: Int) -> Double { 2 + 0.7 * naive.gram[item][item].squareRoot() }
        var compared = 0
        for item in 0..<25 {
            let support = naive.support(of: item, 3, penalty: penalty)
            let solution = Naive.solve(
                support.map { i in support.map { naive.gram[i][$0] + (i == $0 ? penalty(i) : 0) } },
                support.map { naive.gram[$0][item] })
            for (other, weight) in zip(support, solution) {
                let found = model.list(other).first { Int($0.row) == item }?.similarity
                #expect(abs(Double(found ?? .nan) - weight) < 1e-4, "\(other) to \(item)")
                compared += 1
            }
            let tellers = (0..<25).filter { other in model.list(other).contains { Int($0.row) == item } }
            #expect(Set(tellers) == Set(support))
        }
        #expect(compared > 60)
    }

    @Test func theModelIsTheSameWhateverTheNumberOfThreads() throws {
        let data = try Shop.random(users: 300, items: 400, events: 6000)
        for memory in ["4", "0.001"] {
            let one = try Shop.train(SparseEASE.self, data, ["memory": memory], threads: 1)
            let many = try Shop.train(SparseEASE.self, data, ["memory": memory], threads: 3)
            #expect(one.table.neighbors.toArray() == many.table.neighbors.toArray())
            #expect(one.table.similarities.toArray() == many.table.similarities.toArray())
        }
    }

    @Test func itemsThatAreTheSameAreRegularisedMoreUntilThereIsASolution() throws {
        let log = EventLog()
        for user in 0..<2000 { for item in ["a", "b", "c", "d"] { try log.add(user: "\(user)", item: item) } }
        let model = try Shop.train(
            SparseEASE.self, try Shop.data(log), Self.published.merging(["regularization": "0.001"]) { $1 })
        let scores = Asker(itemCount: 4).score(model, [.init(item: 0, weight: 1)], [0, 1, 2, 3])
        #expect(scores[0] == 0)
        #expect(scores[1...].allSatisfy { $0 > 0.2 && $0 < 0.4 })
    }

    @Test func oddShopsGiveFiniteWeights() throws {
        for data in try OddShop.all() {
            let model = try Shop.train(SparseEASE.self, data)
            #expect(model.table.similarities.toArray().allSatisfy { $0.isFinite })
        }
    }

    @Test func aModelThatWasWrittenAnswersTheSame() throws {
        let data = try Shop.random(users: 80, items: 50, events: 1500)
        let model = try Shop.train(SparseEASE.self, data)
        let file = try Shop.file { try model.write(to: $0) }
        let read = try #require(try SparseEASE(file, userCount: 80, itemCount: 50))
        let rows = (0..<50).map { UInt32($0) }
        let profile = [3, 9, 44].map { Profile.Event(item: $0, weight: 1) }
        #expect(Asker(itemCount: 50).score(read, profile, rows) == Asker(itemCount: 50).score(model, profile, rows))
        #expect(throws: RecoError.self) { try SparseEASE(file, userCount: 80, itemCount: 20) }
    }
}

/// Shops that a model must survive.
enum OddShop {
    static func all() throws -> [TrainingData] {
        let single = EventLog()
        for item in 0..<30 { try single.add(user: "one", item: "\(item)") }

        let alike = EventLog()
        for user in 0..<40 { for item in 0..<12 { try alike.add(user: "\(user)", item: "\(item)", weight: 3) } }

        // One item that everybody bought, one that was returned, a user and an item without a positive event.
        let mixed = EventLog()
        for user in 0..<50 {
            try mixed.add(user: "\(user)", item: "all", kind: "purchase")
            try mixed.add(user: "\(user)", item: "\(user % 7)", kind: "purchase", weight: user % 3 == 0 ? -2 : 1)
        }
        try mixed.add(user: "sad", item: "returned", kind: "dislike")

        let apart = EventLog()
        for user in 0..<20 { try apart.add(user: "\(user)", item: "\(user)") }

        let extreme = EventLog()
        for user in 0..<30 {
            for item in 0..<5 { try extreme.add(user: "\(user)", item: "\(item)", weight: item < 2 ? 1e15 : 1e-15) }
        }
        return try [single, alike, mixed, apart, extreme].map {
            TrainingData(interactions: try $0.interactions(scale: .linear, threads: 1), log: $0, catalog: Catalog())
        }
    }
}

/// XᵀWX and regressions on it, straight from the definitions.
struct Naive {
    let gram: [[Double]]

    init(_ interactions: Interactions, discount: Double) {
        let byUser = interactions.byUser
        let count = interactions.itemCount
        var rows = [[Double]](repeating: [Double](repeating: 0, count: count), count: interactions.userCount)
        var squares = 0.0
        for user in rows.indices {
            for entry in byUser.range(user) {
                rows[user][Int(byUser.columns[entry])] = Double(byUser.values[entry])
                squares += Double(byUser.values[entry]) * Double(byUser.values[entry])
            }
        }
        let pairs = Double(byUser.entryCount)
        let sizes = rows.map { Double($0.count { $0 > 0 }) }
        let shares = sizes.map { Double(power(Float(max($0, 1)), Float(-discount))) }
        let mean = zip(sizes, shares).reduce(0) { $0 + $1.0 * $1.1 } / pairs
        var gram = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for (row, share) in zip(rows, shares) {
            for i in 0..<count {
                for j in 0..<count { gram[i][j] += share / mean * row[i] * row[j] * pairs / squares }
            }
        }
        self.gram = gram
    }

    func support(of item: Int, _ size: Int, penalty: (Int) -> Double) -> [Int] {
        func explained(_ other: Int) -> Double {
            gram[other][item] * gram[other][item] / (gram[other][other] + penalty(other))
        }
        let others = gram.indices.filter { $0 != item && gram[$0][item] > 0 }
        return Array(others.sorted { explained($0) > explained($1) }.prefix(size))
    }

    /// Gaussian elimination.
    static func solve(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
        var rows = zip(matrix, vector).map { $0 + [$1] }
        for i in rows.indices {
            for j in rows.indices where j != i {
                let factor = rows[j][i] / rows[i][i]
                for k in rows[j].indices { rows[j][k] -= factor * rows[i][k] }
            }
        }
        return rows.indices.map { rows[$0][vector.count] / rows[$0][$0] }
    }
}
