import Testing

@testable import RecoKit

struct ItemGramTests {
    private func weights(_ data: TrainingData, _ options: [String: String] = [:]) throws -> RegressionWeights {
        var settings = Settings(SparseEASE.hyperparameters)
        for (name, value) in options { try settings.set(name, to: value) }
        return RegressionWeights(data.interactions.byUser, settings: settings, regularization: "regularization")
    }

    /// Trains with a solver that only looks, and returns how many systems it saw.
    private func systems(
        _ data: TrainingData, _ options: [String: String], _ look: (LocalRegression.System) -> Void
    ) throws -> Int {
        var settings = Settings(SparseEASE.hyperparameters)
        for (name, value) in options { try settings.set(name, to: value) }
        let count = Counter()
        _ = try LocalRegression.table(
            data.interactions, try weights(data, options), settings: settings, model: "sparse-ease",
            run: TrainingRun(threads: 1)
        ) { system, _ in
            count.value += 1
            look(system)
        }
        return count.value
    }

    private final class Counter { var value = 0 }

    @Test func systemsHoldTheMatrixOverTheirItems() throws {
        let data = try Shop.random(users: 50, items: 12, events: 300)
        let gram = Naive(data.interactions, discount: 0.4).gram
        // All squares differ, so that the diagonal names the items.
        func item(_ square: Float) -> Int? { gram.indices.first { abs(gram[$0][$0] - Double(square)) < 1e-4 } }
        let count = try systems(data, ["neighbors": "5"]) { system in
            let items = (0..<system.size).map { item(system.matrix[$0 * system.stride + $0]) }
            for i in 0..<system.size {
                for j in 0..<i {
                    guard let a = items[i], let b = items[j] else {
                        Issue.record("an item is not known")
                        continue
                    }
                    #expect(abs(Double(system.matrix[i * system.stride + j]) - gram[a][b]) < 1e-4)
                }
            }
            let before = (0..<system.size).map { system.vector[$0] }
            system.matrix[0] = -1
            system.vector[0] = -1
            system.restore()
            #expect(system.matrix[0] > 0 && (0..<system.size).map { system.vector[$0] } == before)
        }
        #expect(count == 12)
    }

    @Test func supportsAreAsLargeAsMemoryAllows() throws {
        let data = try Shop.random(users: 400, items: 1000, events: 20000)
        func budget(_ gigabytes: Double) throws -> ItemGram.Budget {
            try ItemGram.Budget(data.interactions, support: 100, gigabytes: gigabytes, model: "sparse-ease")
        }
        let (small, middle, large) = (try budget(0.001), try budget(0.0022), try budget(1))
        #expect(large.support == 100 && large.rowEntries == large.order.count)
        #expect(middle.support == 100 && middle.rowEntries >= 100 && middle.rowEntries < large.rowEntries)
        #expect(small.support < 100 && small.rowEntries >= small.support)
        // The supports and as many entries in the rows are most of what is needed; the pairs are the rest.
        let lists = 16 * small.order.count
        #expect(small.support * lists <= 1_000_000)
        #expect((small.support + 1) * lists + 8 * data.interactions.byUser.entryCount > 950_000)
    }

    @Test func theItemsAreNamedByPopularity() throws {
        let data = try Shop.random(users: 100, items: 40, events: 900)
        let budget = try ItemGram.Budget(data.interactions, support: 5, gigabytes: 1, model: "sparse-ease")
        let users = budget.order.map { data.interactions.byItem.range(Int($0)).count }
        #expect(users == users.sorted(by: >) && users.last! > 0)
    }

    @Test func aBoundThatIsTooSmallIsAnErrorThatSaysWhatIsNeeded() throws {
        for name in ["sparse-ease", "slim"] {
            let trainer = Trainer()
            try trainer.set("model", to: name)
            try trainer.set("\(name).memory", to: "0.001")
            for user in 0..<2000 {
                for item in 0..<4 { try trainer.log.add(user: "\(user)", item: "\(user * 4 + item)") }
            }
            do {
                try trainer.train()
                Issue.record("it trained")
            } catch let error as RecoError {
                #expect(error.code == .badData)
                #expect(error.message.contains("8000 items") && error.message.contains("\(name).memory"))
                #expect(error.message.contains("0.01 GB"))
            }
        }
    }

    @Test func itSaysWhenItKeepsFewerNeighborsThanWanted() throws {
        let data = try Shop.random(users: 400, items: 1000, events: 8000)
        var phases: [String] = []
        var settings = Settings(SparseEASE.hyperparameters)
        try settings.set("memory", to: "0.001")
        let run = TrainingRun(threads: 1) { phase, _, _ in if phases.last != phase { phases.append(phase) } }
        let model = try SparseEASE.train(data, settings: settings, run: run)
        #expect(
            phases.contains { $0.hasPrefix("keeping") && $0.hasSuffix("instead of 100, to fit sparse-ease.memory") })
        #expect(model.table.similarities.count > 1000)
        #expect(model.table.similarities.toArray().allSatisfy { $0.isFinite })
    }

    @Test func listsTurnIntoRowsWithTheStrongestWeightsFirstAndNoMoreThanAreRead() throws {
        let count = ItemSimilarityTable.maximumNeighbors + 100
        var lists = ItemLists(itemCount: count, limit: 1)
        try lists.fill { places in
            for place in 1..<count {
                let sign: Float = place % 2 == 0 ? 1 : -1
                places.set(place, [Candidate(row: 0, score: sign * Float(place))])
            }
        }
        // Place p is item count - p; item 0 has no place.
        let items = (0..<count).map { UInt32(count - $0) }
        let table = try lists.transposed(items: items, itemCount: count + 1, threads: 2)
        let row = table.list(count)
        #expect(row.count == ItemSimilarityTable.maximumNeighbors && table.neighbors.count == row.count)
        #expect(row.map { Int($0.row) } == (1...row.count).map { $0 })
        #expect(row[0].similarity == Float(count - 1) * ((count - 1) % 2 == 0 ? 1 : -1))
        #expect(table.list(0).isEmpty)
    }
}
