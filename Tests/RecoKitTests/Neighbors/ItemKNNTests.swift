import Glibc
import Testing

@testable import RecoKit

struct ItemKNNTests {
    // MARK: training

    /// Every scheme as its formula has it: plain, and with all that there is to set.
    @Test(arguments: SimilarityWeighting.Scheme.allCases.map(\.rawValue), [false, true])
    func similaritiesEqualABruteForceComputation(similarity: String, tuned: Bool) throws {
        let data = try Shop.random(users: 60, items: 40, events: 700)
        var options = ItemKNNTests.plain
        options["neighbors"] = "1000"
        options["similarity"] = similarity
        if tuned {
            options.merge(["asymmetry": "0.7", "user-damping": "0.6", "shrinkage": "3.5", "support": "4"]) { $1 }
        }
        let model = try Shop.train(ItemKNN.self, data, options)
        let values = NaiveSimilarity.dense(data.interactions.byItem)
        let expected =
            tuned
            ? NaiveSimilarity.matrix(values, similarity, asymmetry: 0.7, damping: 0.6, shrinkage: 3.5, support: 4)
            : NaiveSimilarity.matrix(values, similarity)
        for item in 0..<40 {
            let list = model.list(item)
            #expect(list.count == (0..<40).count { $0 != item && expected[item][$0] > 0 })
            for (row, value) in list {
                let wanted = expected[item][Int(row)]
                #expect(abs(Double(value) - wanted) <= 1e-5 * wanted, "items \(item) and \(row)")
            }
        }
    }

    /// The formulas as in the package implicit.
    static let plain = ["asymmetry": "0.5", "user-damping": "0", "shrinkage": "0", "normalize": "no"]

    @Test func normalizedListsSumUpToOneAndKeepTheirOrder() throws {
        let data = try Shop.random(users: 200, items: 60, events: 3000)
        let plain = try Shop.train(ItemKNN.self, data, ["normalize": "no"])
        let normalized = try Shop.train(ItemKNN.self, data, ["normalize": "yes"])
        for item in 0..<60 {
            let sum = plain.list(item).reduce(0) { $0 + $1.similarity }
            #expect(normalized.list(item).map(\.row) == plain.list(item).map(\.row))
            for (a, b) in zip(normalized.list(item), plain.list(item)) {
                #expect(abs(a.similarity - b.similarity / sum) < 1e-6)
            }
        }
    }

    @Test func supportLeavesOutItemsThatTooFewUsersHaveInCommon() throws {
        let log = EventLog()
        for user in 0..<3 { for item in ["tea", "cup"] { try log.add(user: "\(user)", item: item) } }
        try log.add(user: "0", item: "honey")
        let two = try Shop.train(ItemKNN.self, Shop.data(log), ["support": "2"])
        #expect(two.list(0).map(\.row) == [1])
        #expect(two.list(2).isEmpty)
        #expect(try Shop.train(ItemKNN.self, Shop.data(log), ["support": "4"]).table.neighbors.count == 0)
        #expect(try Shop.train(ItemKNN.self, Shop.data(log)).list(2).count == 2)
    }

    @Test func asymmetryMovesThePopularUp() throws {
        let data = try Shop.random(users: 200, items: 60, events: 3000)
        func meanPopularity(_ asymmetry: String) throws -> Double {
            let model = try Shop.train(ItemKNN.self, data, ["neighbors": "5", "asymmetry": asymmetry])
            let rows = model.table.neighbors.toArray()
            return rows.reduce(0) { $0 + Double(data.interactions.byItem.range(Int($1)).count) } / Double(rows.count)
        }
        let (rare, even, popular) = (try meanPopularity("0.2"), try meanPopularity("0.5"), try meanPopularity("0.8"))
        #expect(rare < even)
        #expect(even < popular)
    }

    @Test func theMostSimilarItemsAreKeptBestFirst() throws {
        let data = try Shop.random(users: 200, items: 60, events: 3000)
        let all = try Shop.train(ItemKNN.self, data, ["neighbors": "1000"])
        let five = try Shop.train(ItemKNN.self, data, ["neighbors": "5"])
        for item in 0..<60 {
            #expect(five.list(item).map(\.row) == all.list(item).prefix(5).map(\.row))
            let values = all.list(item).map(\.similarity)
            #expect(values == values.sorted(by: >))
        }
    }

    @Test(arguments: SimilarityWeighting.Scheme.allCases.map(\.rawValue))
    func theModelIsTheSameWhateverTheNumberOfThreads(similarity: String) throws {
        let data = try Shop.random(users: 300, items: 150, events: 6000)
        let one = try Shop.train(
            ItemKNN.self, data, ["similarity": similarity, "shrinkage": "2", "support": "2"], threads: 1)
        for threads in [2, 3, 8] {
            let many = try Shop.train(
                ItemKNN.self, data, ["similarity": similarity, "shrinkage": "2", "support": "2"], threads: threads)
            #expect(one.table.offsets.offsets.toArray() == many.table.offsets.offsets.toArray())
            #expect(one.table.neighbors.toArray() == many.table.neighbors.toArray())
            #expect(one.table.similarities.toArray() == many.table.similarities.toArray())
        }
    }

    /// Popular items take the way that looks at all sums, rare ones the way that lists them; the catalogue is wide
    /// enough here for both.
    @Test func rareAndPopularItemsAgreeOnTheirSimilarity() throws {
        let log = EventLog()
        var generator = SeededGenerator(seed: 4)
        for user in 0..<300 {
            for _ in 0..<8 { try log.add(user: "\(user)", item: "hit \(generator.nextIndex(4))") }
            try log.add(user: "\(user)", item: "rare \(generator.nextIndex(900))")
        }
        let options = Self.plain.merging(["neighbors": "1000"]) { $1 }
        let model = try Shop.train(ItemKNN.self, Shop.data(log), options)
        for item in 0..<log.items.count {
            for (row, value) in model.list(item) {
                let back = try #require(model.list(Int(row)).first { Int($0.row) == item })
                #expect(back.similarity == value)
            }
        }
    }

    @Test func equallySimilarItemsAreKeptInOrderOfRow() throws {
        let log = EventLog()
        for user in 0..<4 { for item in 0..<12 { try log.add(user: "\(user)", item: "\(item)") } }
        let model = try Shop.train(ItemKNN.self, Shop.data(log), ["neighbors": "3"])
        #expect(model.list(0).map(\.row) == [1, 2, 3])
        #expect(model.list(2).map(\.row) == [0, 1, 3])
        #expect(model.list(11).map(\.row) == [0, 1, 2])
    }

    @Test func anItemWithoutEventsHasNoNeighboursAndIsNobodysNeighbour() throws {
        let log = EventLog()
        let lonely = try log.items.row(for: "lonely")
        for user in 0..<5 { for item in ["a", "b"] { try log.add(user: "\(user)", item: item) } }
        try log.add(user: "0", item: "hated", kind: "dislike")
        let model = try Shop.train(ItemKNN.self, Shop.data(log))
        #expect(model.list(Int(lonely)).isEmpty)
        #expect(model.list(3).isEmpty)
        #expect(!model.table.neighbors.toArray().contains(lonely))
        #expect(!model.table.neighbors.toArray().contains(3))
        #expect(model.list(1).map(\.row) == [2])
    }

    @Test func oneUserMakesAllItsItemsAlike() throws {
        let log = EventLog()
        for item in ["a", "b", "c"] { try log.add(user: "only", item: item) }
        for similarity in ["cosine", "tfidf", "jaccard", "lift"] {
            let options = Self.plain.merging(["similarity": similarity]) { $1 }
            let model = try Shop.train(ItemKNN.self, Shop.data(log), options)
            for item in 0..<3 {
                #expect(model.list(item).count == 2)
                for (_, value) in model.list(item) { #expect(abs(value - 1) < 1e-6) }
            }
        }
    }

    @Test func aSingleItemAndNoEventsAtAllTrain() throws {
        let log = EventLog()
        _ = try log.items.row(for: "a")
        let empty = try Shop.train(ItemKNN.self, Shop.data(log))
        #expect(empty.table.neighbors.count == 0)
        try log.add(user: "1", item: "a")
        #expect(try Shop.train(ItemKNN.self, Shop.data(log)).table.neighbors.count == 0)
        #expect(try Shop.train(ItemKNN.self, Shop.data(EventLog())).table.neighbors.count == 0)
    }

    @Test(arguments: [1e-30 as Float, 1e30])
    func valuesFarFromOneNeitherVanishNorOverflow(value: Float) throws {
        let log = EventLog()
        for user in 0..<20 { for item in 0..<6 { try log.add(user: "\(user)", item: "\(item)", weight: value) } }
        let interactions = try log.interactions(scale: .linear, threads: 1)
        let data = TrainingData(interactions: interactions, log: log, catalog: Catalog())
        for similarity in SimilarityWeighting.Scheme.allCases.map(\.rawValue) {
            let model = try Shop.train(ItemKNN.self, data, ["similarity": similarity])
            #expect(model.table.similarities.count == 30)
            #expect(model.table.similarities.toArray().allSatisfy { $0.isFinite && $0 > 0 })
        }
    }

    @Test func progressReachesTheEndAndCanCancel() throws {
        let data = try Shop.random(users: 50, items: 100, events: 900)
        var last = -1
        let run = TrainingRun(threads: 2) { _, done, total in
            #expect(done >= last && total == 100)
            last = done
        }
        _ = try ItemKNN.train(data, settings: Settings(ItemKNN.hyperparameters), run: run)
        #expect(last == 100)
        let cancelled = TrainingRun(threads: 2) { _, _, _ in throw RecoError(.cancelled, "enough") }
        #expect(throws: RecoError(.cancelled, "enough")) {
            try ItemKNN.train(data, settings: Settings(ItemKNN.hyperparameters), run: cancelled)
        }
    }

    // MARK: answers

    @Test func aScoreIsTheSumOfWeightTimesSimilarity() throws {
        let data = try Shop.random(users: 80, items: 30, events: 900)
        let model = try Shop.train(ItemKNN.self, data, ["neighbors": "6"])
        let profile: [Profile.Event] = [
            .init(item: 3, weight: 2), .init(item: 17, weight: 0.5), .init(item: 8, weight: -1),
        ]
        var expected = [Float](repeating: 0, count: 30)
        for event in profile {
            for (row, value) in model.list(Int(event.item)) { expected[Int(row)] += event.weight * value }
        }

        let asker = Asker(itemCount: 30)
        #expect(asker.score(model, profile, Array(0..<30)) == expected)
        let proposed = asker.propose(model, profile, limit: 30)
        let wanted = (0..<30).filter { expected[$0] > 0 }.sorted { (expected[$1], $0) < (expected[$0], $1) }
        #expect(proposed.map { Int($0.row) } == wanted)
        #expect(proposed.map(\.score) == wanted.map { expected[$0] })
    }

    @Test func aDislikeTakesFromTheScoresAndNothingBelowZeroIsProposed() throws {
        let model = ItemKNN(lists: [[(2, 0.5), (3, 0.25)], [(2, 0.5), (4, 0.5)], [], [], []])
        let asker = Asker(itemCount: 5)
        let profile: [Profile.Event] = [.init(item: 0, weight: 1), .init(item: 1, weight: -1)]
        #expect(asker.propose(model, profile, limit: 5).map(\.row) == [3])
        #expect(asker.score(model, profile, [2, 3, 4]) == [0, 0.25, -0.5])
        #expect(asker.propose(model, [.init(item: 1, weight: -1)], limit: 5).isEmpty)
    }

    @Test func anItemWhoseSumPassesThroughZeroIsOfferedOnce() throws {
        let lists: [[(UInt32, Float)]] = [[(3, 1)], [(3, 1)], [(3, 1)], []]
        let asker = Asker(itemCount: 4)
        let profile: [Profile.Event] = [
            .init(item: 0, weight: 1), .init(item: 1, weight: -1), .init(item: 2, weight: 1),
        ]
        #expect(asker.propose(ItemKNN(lists: lists), profile, limit: 4).map(\.row) == [3])
    }

    @Test func whatIsSimilarToAllItemsOfABasketComesFirst() throws {
        let model = ItemKNN(lists: [[(3, 0.9), (2, 0.6)], [(4, 0.9), (2, 0.6)], [], [], []])
        let asker = Asker(itemCount: 5)
        #expect(asker.similar(model, [0, 1], limit: 5).map(\.row) == [2, 3, 4])
        #expect(asker.similar(model, [0], limit: 1).map(\.row) == [3])
        #expect(asker.similar(model, [2], limit: 5).isEmpty)
    }

    @Test func unknownAndEmptyProfilesAreAnsweredWithNo() throws {
        let data = try Shop.random(users: 20, items: 10, events: 100)
        let model = try Shop.train(ItemKNN.self, data)
        let asker = Asker(itemCount: 10)
        #expect(asker.propose(model, [], limit: 5).isEmpty)
        #expect(asker.knows == false)
        #expect(asker.score(model, [], [1, 2]) == [0, 0])
        #expect(asker.knows == false)
        #expect(asker.similar(model, [4_000_000_000], limit: 5).isEmpty)
        #expect(asker.knows == false)
        #expect(asker.propose(model, [.init(item: 0, weight: 1)], limit: 5).isEmpty == false)
        #expect(asker.knows == true)
    }

    @Test func theScratchIsZeroAfterEveryQuestion() throws {
        let data = try Shop.random(users: 80, items: 130, events: 2500)
        let model = try Shop.train(ItemKNN.self, data)
        let asker = Asker(itemCount: 130)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<50 {
            let profile = (0..<10).map { _ in
                Profile.Event(item: UInt32(generator.nextIndex(130)), weight: generator.nextNormal())
            }
            _ = asker.propose(model, profile, limit: 10)
            #expect(asker.scratchIsZero)
            _ = asker.score(model, profile, [0, 5, 129, 500])
            #expect(asker.scratchIsZero)
            _ = asker.similar(model, profile.map(\.item), limit: 10)
            #expect(asker.scratchIsZero)
        }
    }

    // MARK: the file

    @Test func aModelThatWasWrittenAnswersTheSame() throws {
        let data = try Shop.random(users: 80, items: 50, events: 1500)
        let model = try Shop.train(ItemKNN.self, data)
        let file = try Shop.file { try model.write(to: $0) }
        let read = try #require(try ItemKNN(file, userCount: 80, itemCount: 50))
        #expect(read.table.neighbors.toArray() == model.table.neighbors.toArray())
        let asker = Asker(itemCount: 50)
        for item in 0..<50 {
            let profile = [Profile.Event(item: UInt32(item), weight: 1)]
            #expect(asker.score(read, profile, Array(0..<50)) == asker.score(model, profile, Array(0..<50)))
        }
    }

    @Test func aFileWithoutTheModelGivesNoneAndOneOfWrongShapeIsDamaged() throws {
        let nothing = try Shop.file { try $0.add("other/section", [1 as UInt8]) }
        #expect(try ItemKNN(nothing, userCount: 1, itemCount: 1) == nil)
        let model = ItemKNN(lists: [[(1, 0.5)], [(0, 0.5)]])
        let file = try Shop.file { try model.write(to: $0) }
        #expect(throws: RecoError.self) { try ItemKNN(file, userCount: 1, itemCount: 3) }
        let half = try Shop.file { try $0.add("item-knn/offsets", [0 as UInt64, 1]) }
        #expect(throws: RecoError.self) { try ItemKNN(half, userCount: 1, itemCount: 1) }
        let uneven = try Shop.file {
            try $0.add("item-knn/offsets", [0 as UInt64, 1])
            try $0.add("item-knn/neighbors", [0 as UInt32, 0])
            try $0.add("item-knn/similarities", [1 as Float])
        }
        #expect(throws: RecoError.self) { try ItemKNN(uneven, userCount: 1, itemCount: 1) }
    }

    @Test func nonsenseInTheFileGivesAnswersWithinTheCatalogue() throws {
        var generator = SeededGenerator(seed: 3)
        let asker = Asker(itemCount: 20)
        for _ in 0..<200 {
            let offsets = (0...20).map { _ in generator.nextIndex(4) == 0 ? generator.next() : generator.next() % 60 }
            let rows = (0..<50).map { _ in
                UInt32(truncatingIfNeeded: generator.next()) % (generator.nextIndex(2) == 0 ? 20 : .max)
            }
            let values = (0..<50).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
            let model = ItemKNN(
                table: ItemSimilarityTable(
                    offsets: RaggedOffsets(offsets: Column(offsets)), neighbors: Column(rows),
                    similarities: Column(values)))
            let profile = (0..<20).map { Profile.Event(item: $0, weight: 1) }
            let hits = asker.propose(model, profile, limit: 30)
            #expect(hits.allSatisfy { $0.row < 20 })
            #expect(Set(hits.map(\.row)).count == hits.count)
            _ = asker.score(model, profile, [0, 19])
            _ = asker.similar(model, [0, 19], limit: 5)
            #expect(asker.scratchIsZero)
        }
    }
}
