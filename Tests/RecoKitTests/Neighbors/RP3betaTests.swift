import Testing

@testable import RecoKit

struct RP3betaTests {
    /// From Tests/Fixtures/linear_reference.py; six digits are printed.
    @Test func walksWeighWhatNumpySays() throws {
        let expected: [[Float]] = [
            [0.000000, 0.158489, 0.225764, 0.199906, 0.284997, 0.000000],
            [0.177196, 0.000000, 0.233258, 0.206543, 0.264120, 0.000000],
            [0.356964, 0.329877, 0.000000, 0.172775, 0.000000, 0.000000],
            [0.258078, 0.238495, 0.141070, 0.000000, 0.211179, 0.000000],
            [0.260165, 0.215653, 0.000000, 0.149326, 0.000000, 0.000000],
            [0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000],
        ]
        let model = try Shop.train(RP3beta.self, LinearReference.data(), ["alpha": "0.8", "beta": "0.3"])
        for item in 0..<6 {
            let row = LinearReference.row(model, item)
            for other in 0..<6 { #expect(abs(row[other] - expected[item][other]) < 2e-6, "\(item) to \(other)") }
        }
    }

    @Test func aHigherBetaHoldsPopularItemsBack() throws {
        let data = try Shop.random(users: 200, items: 60, events: 3000)
        func meanPopularity(beta: String) throws -> Double {
            let model = try Shop.train(RP3beta.self, data, ["neighbors": "5", "beta": beta])
            let rows = model.table.neighbors.toArray()
            return rows.reduce(0) { $0 + Double(data.interactions.byItem.range(Int($1)).count) } / Double(rows.count)
        }
        let (plain, held, heldMore) =
            (try meanPopularity(beta: "0"), try meanPopularity(beta: "0.5"), try meanPopularity(beta: "1.5"))
        #expect(held < plain)
        #expect(heldMore < held)
    }

    @Test func theModelIsTheSameWhateverTheNumberOfThreads() throws {
        let data = try Shop.random(users: 300, items: 150, events: 6000)
        let one = try Shop.train(RP3beta.self, data, threads: 1)
        for threads in [2, 5] {
            let many = try Shop.train(RP3beta.self, data, threads: threads)
            #expect(one.table.neighbors.toArray() == many.table.neighbors.toArray())
            #expect(one.table.similarities.toArray() == many.table.similarities.toArray())
        }
    }

    @Test(arguments: [1e-30 as Float, 1e12], ["0", "0.8", "4"])
    func valuesAndSettingsFarFromOneGiveFiniteNumbers(value: Float, power: String) throws {
        let log = EventLog()
        for user in 0..<20 { for item in 0..<6 { try log.add(user: "\(user)", item: "\(item)", weight: value) } }
        try log.add(user: "0", item: "rare")
        let data = TrainingData(
            interactions: try log.interactions(scale: .linear, threads: 1), log: log, catalog: Catalog())
        let model = try Shop.train(RP3beta.self, data, ["alpha": power, "beta": power])
        #expect(model.table.similarities.count >= 30)
        #expect(model.table.similarities.toArray().allSatisfy { $0.isFinite && $0 > 0 })
    }

    @Test func anItemWithoutEventsLeadsNowhereAndNothingLeadsToIt() throws {
        let model = try Shop.train(RP3beta.self, LinearReference.data())
        #expect(model.list(5).isEmpty)
        #expect(!model.table.neighbors.toArray().contains(5))
    }
}
