import Testing

@testable import RecoKit

/// A shop in which people buy within one of ten tastes, week after week, and what is new sells best.
private func hybridShop(users: Int = 400, threads: Int = 1, models: String = "item-knn,als,trending,boosted-trees")
    throws
    -> Trainer
{
    let trainer = Trainer()
    try trainer.set("model", to: models)
    try trainer.set("threads", to: "\(threads)")
    try trainer.set("boosted-trees.trees", to: "30")
    try trainer.set("boosted-trees.min-data-in-leaf", to: "20")
    try trainer.set("mlp-ranker.epochs", to: "10")
    try trainer.set("wide-deep.epochs", to: "4")
    try trainer.set("als.factors", to: "8")
    var generator = SeededGenerator(seed: 5)
    let day: Int64 = 86_400
    for user in 0..<users {
        for step in 0..<8 {
            let item = user % 10 * 12 + (generator.nextIndex(4) + step) % 12
            let time = 1_600_000_000 + Int64(step) * 9 * day + Int64(generator.nextIndex(Int(day)))
            try trainer.log.add(user: "u\(user)", item: "i\(item)", kind: "view", time: time)
            if generator.nextIndex(2) == 0 {
                try trainer.log.add(user: "u\(user)", item: "i\(item)", kind: "purchase", time: time + 60)
            }
        }
    }
    let (category, brand) = (
        try trainer.catalog.attribute(named: "category"), try trainer.catalog.attribute(named: "brand")
    )
    for row in 0..<UInt32(trainer.log.items.count) {
        trainer.catalog.set(category, row: row, to: "c\(row % 5)")
        trainer.catalog.set(brand, row: row, to: "b\(row % 3)")
    }
    return trainer
}

@Suite struct HybridTests {
    /// That shop with trees, trained once for all tests: a model does not change.
    private static let trained = Result {
        let trainer = try hybridShop()
        try trainer.train()
        return try trainer.model()
    }

    @Test func theRankerOrdersWhatAllSourcesPropose() throws {
        let model = try Self.trained.get()
        #expect(model.description["ranker"] == "boosted-trees")
        #expect((model.description["ranker.lists"].flatMap { Int($0) } ?? 0) > 100)
        let hits = try model.recommend(user: "u7", limit: 20)
        #expect(hits.count == 20 && hits.allSatisfy { $0.source == .boostedTrees && $0.rung == .personal })
        #expect(hits.map(\.score) == hits.map(\.score).sorted(by: >))
        #expect(Set(hits.map(\.id)).count == 20)
        // item-knn explains what the ranker has ordered.
        #expect(try hits.contains { try !model.explain($0, user: "u7").isEmpty })
        let session = try model.recommend(session: ["i12", "i13"], limit: 5)
        #expect(session.allSatisfy { $0.source == .boostedTrees && $0.rung == .session })
        // A stranger gets bestsellers.
        #expect(try model.recommend(limit: 3).allSatisfy { $0.rung == .popular })
        // The whole catalogue comes, if it is asked for, each item once.
        let all = try model.recommend(user: "u7", limit: 1000, options: .showBought)
        #expect(Set(all.map(\.id)).count == all.count && all.count == model.items.count)
    }

    @Test(arguments: [("mlp-ranker", SourceCode.mlpRanker), ("wide-deep", .wideDeep)])
    func aNetworkRanksWhereTreesDo(_ name: String, _ source: SourceCode) throws {
        let trainer = try hybridShop(models: "item-knn,als,trending,\(name)")
        try trainer.train()
        let model = try trainer.model()
        #expect(model.description["ranker"] == name)
        #expect(model.description["\(name).layers"] == "64,32")
        let crosses = model.description["wide-deep.crosses"]
        #expect(
            crosses?.hasPrefix("item-knn.rank*als.rank,item-knn.rank*trending.rank,")
                == (name == "wide-deep" ? true : nil))
        let hits = try model.recommend(user: "u7", limit: 20)
        #expect(hits.count == 20 && hits.allSatisfy { $0.source == source && $0.rung == .personal })
        #expect(try hits.contains { try !model.explain($0, user: "u7").isEmpty })
        #expect("\(hits[0].source.name)" == name)
        // Trained on other features than the file's models give, it is refused.
        #expect(throws: RecoError.self) {
            let file = try model.file.rewritten { section, bytes in
                if section == "\(name)/feature-names" { bytes.removeFirst() }
            }
            return try Model(file)
        }
        #expect(throws: RecoError.self) { try Trainer().set("model", to: "als,boosted-trees,mlp-ranker") }
    }

    @Test func theSameBytesWhateverTheThreads() throws {
        func bytes(_ threads: Int) throws -> [UInt8] {
            let trainer = try hybridShop(users: 200, threads: threads)
            try trainer.train()
            let model = try trainer.model()
            return withExtendedLifetime(model) { Array(model.file.storage.bytes) }
        }
        #expect(try bytes(1) == bytes(2))
    }

    @Test func withTooLittleToLearnFromThereIsNoRanker() throws {
        let trainer = try hybridShop(users: 20)
        try trainer.train()
        let model = try trainer.model()
        #expect(model.description["ranker"] == "none")
        #expect(model.description["ranker.left-out"] != nil)
        #expect(try model.recommend(user: "u7", limit: 5).allSatisfy { $0.source != .boostedTrees })
    }

    @Test func featuresAreNamedAndFinite() throws {
        let model = try Self.trained.get()
        let ranker = try #require(model.pipeline.ranker)
        #expect(ranker.features.names.contains("als.rank") && ranker.features.names.contains("price.difference"))
        try model.withScratch { scratch in
            var question = Question()
            let id = Array("u7".utf8)
            try id.withUnsafeBufferPointer {
                question.user = $0
                let profile = try model.pipeline.profile(of: question, using: scratch)
                let (pool, features) = try #require(ranker.candidates(for: profile, using: scratch))
                #expect(pool.count > 50 && Set(pool).count == pool.count)
                for i in 0..<pool.count * ranker.features.count { #expect(!features[i].isInfinite) }
            }
        }
    }

    @Test func whatTheFeaturesAddIsTheScore() throws {
        let model = try Self.trained.get()
        for (filter, options) in [("", QueryOptions()), ("brand = \"b1\"", .showBought)] {
            let hits = try model.recommend(user: "u7", limit: 8, filter: filter, options: options)
            for hit in hits {
                let found = try model.rankingReasons(of: hit, user: "u7", filter: filter, options: options)
                let reasons = try #require(found)
                let sum = reasons.features.reduce(reasons.expected) { $0 + $1.contribution }
                #expect(abs(sum - hit.score) < 1e-4, "\(hit.id)")
                let sizes = reasons.features.map(\.contribution.magnitude)
                #expect(sizes == sizes.sorted(by: >) && sizes[0] > 0)
                #expect(Set(reasons.features.map(\.name)) == Set(model.pipeline.ranker?.features.names ?? []))
            }
        }
        // What nobody ranked has no such reasons; a hit of another question is refused.
        let seller = try #require(try model.recommend(limit: 1).first)
        #expect(try model.rankingReasons(of: seller) == nil)
        let hit = try #require(try model.recommend(user: "u7", limit: 1).first)
        #expect(throws: RecoError.self) { try model.rankingReasons(of: hit, user: "u7", except: [hit.id]) }
    }

    /// People buy "c0" in the morning on the phone and "c1" in the evening at the desk, each as often.
    @Test func theHourAndTheDeviceDecideWhatComesFirst() throws {
        let trainer = Trainer()
        try trainer.set("model", to: "item-knn,boosted-trees")
        try trainer.set("boosted-trees.trees", to: "60")
        try trainer.set("boosted-trees.min-data-in-leaf", to: "20")
        var generator = SeededGenerator(seed: 3)
        for user in 0..<600 {
            for step in 0..<6 {
                let isMorning = generator.nextIndex(2) == 0
                let item = generator.nextIndex(30) * 2 + (isMorning ? 0 : 1)
                let hour = Int64(isMorning ? 7 : 19)
                let day = Int64(step) * 7 + Int64(generator.nextIndex(7))
                try trainer.log.add(
                    user: "u\(user)", item: "i\(item)", kind: "purchase",
                    time: 1_600_041_600 + day * 86_400 + hour * 3600, device: isMorning ? "Mobile" : "desktop")
            }
        }
        let category = try trainer.catalog.attribute(named: "category")
        for row in 0..<trainer.log.items.count {
            let isMorning = Int(trainer.log.items.id(of: row).dropFirst())! % 2 == 0
            trainer.catalog.set(category, row: UInt32(row), to: isMorning ? "c0" : "c1")
        }
        try trainer.train()
        let model = try trainer.model()
        #expect(model.description["ranker"] == "boosted-trees")
        func mornings(time: Int64?, device: String) throws -> Int {
            var count = 0
            for user in 0..<100 {
                let hits = try model.recommend(user: "u\(user)", limit: 5, time: time, device: device)
                count += hits.count { Int($0.id.dropFirst())! % 2 == 0 }
            }
            return count
        }
        let day: Int64 = 1_610_000_000 / 86_400 * 86_400
        let (early, late) = (
            try mornings(time: day + 7 * 3600, device: "mobile"), try mornings(time: day + 19 * 3600, device: "DESKTOP")
        )
        #expect(early > 400 && late < 100, "\(early), \(late)")
        let unknown = try mornings(time: nil, device: "")
        #expect(unknown > late && unknown < early)
        // What was never seen is as if nothing had been said.
        #expect(try mornings(time: .max, device: "fridge") == unknown)
    }

    @Test func hoursAndDaysOfTheWeekAreThoseOfUTC() {
        let first = RankingContext.cells(0)  // a Thursday
        #expect(first.hour == 0 && first.weekday == 3)
        let before = RankingContext.cells(-1)
        #expect(before.hour == 23 && before.weekday == 2)
        let monday = RankingContext.cells(1_600_041_600 + 3 * 3600)  // 2020-09-14
        #expect(monday.hour == 3 && monday.weekday == 0)
    }

    @Test func treesOverAnotherNumberOfFeaturesAreRefused() throws {
        let model = try Self.trained.get()
        for wrong: UInt32 in [0, 1, 1 << 24, UInt32(model.pipeline.ranker!.features.count) + 1] {
            #expect(throws: RecoError.self) {
                let file = try model.file.rewritten { name, bytes in
                    guard name == "boosted-trees/shape" else { return }
                    bytes.replaceSubrange(..<4, with: withUnsafeBytes(of: wrong.littleEndian) { Array($0) })
                }
                return try Model(file)
            }
        }
    }

    @Test func aBoostRaisesWhateverTheSignOfTheScore() throws {
        let model = try Self.trained.get()
        let plain = try model.recommend(user: "u7", limit: 90)
        #expect(plain.contains { $0.score < 0 } && plain.contains { $0.score > 0 })
        let all = try model.recommend(user: "u7", limit: 90, boost: "score * 3")
        let ranked = plain.filter { $0.source == .boostedTrees }
        for (hit, boosted) in zip(ranked, all) {
            #expect(hit.id == boosted.id && abs(boosted.score - hit.score - 1.0986) < 1e-3)
        }
        func place(_ id: String, _ boost: String) throws -> Int {
            try model.recommend(user: "u7", limit: 90, boost: boost).firstIndex { $0.id == id } ?? 999
        }
        let low = ranked[ranked.count - 3]
        #expect(low.score < 0)
        let row = try #require(low.row)
        let brand = model.catalog.text(try #require(model.catalog.attribute(named: "brand")), row: row)
        #expect(try place(low.id, "score * if(brand = \"\(brand)\", 1000, 1)") < place(low.id, ""))
        #expect(try place(low.id, "score * if(brand = \"\(brand)\", 0, 1)") >= place(low.id, ""))
    }

    @Test func capsAreFilledByTheRankerToo() throws {
        let model = try Self.trained.get()
        let hits = try model.recommend(user: "u7", limit: 10, caps: ["category": 2])
        #expect(hits.count == 10 && hits.allSatisfy { $0.source == .boostedTrees })
    }

    @Test func whatIsDislikedIsNeverRightAndNoPurchase() throws {
        let trainer = try hybridShop()
        for (user, days) in [("u1", 3), ("u2", 20), ("u3", 40)] {
            let time = trainer.log.latestTime - Int64(days * 86_400)
            try trainer.log.add(user: user, item: "i5", kind: "dislike", time: time)
        }
        try trainer.train()
        #expect(try trainer.model().description["ranker"] == "boosted-trees")
        let log = EventLog()
        for user in 0..<40 {
            try log.add(user: "u\(user)", item: "i0", kind: user % 2 == 0 ? "view" : "dislike", time: 1_600_000_000)
        }
        try log.add(user: "u0", item: "i1", kind: "purchase", time: 1_600_000_000)
        let facts = RankingFacts(log, Catalog(), try log.interactions(scale: .none, threads: 1))
        #expect(facts.conversion[3] < 0.05 && facts.conversion[7] > 0.4)
    }

    @Test func eachSourceCanBeMeasuredAlone() throws {
        let model = try Self.trained.get()
        #expect(model.rankedSources == [.itemKNN, .als, .trending, .popularity])
        let test = EventLog()
        for user in 0..<50 { try test.add(user: "u\(user)", item: "i\(user % 10 * 12 + 5)") }
        let all = try model.evaluate(test, repeats: true).metrics
        let popular = try model.evaluate(test, repeats: true, source: .popularity).metrics
        let neighbours = try model.evaluate(test, repeats: true, source: .itemKNN).metrics
        #expect(all != popular && neighbours != popular && all != neighbours)
        #expect(neighbours[0].value > popular[0].value)
    }

    @Test func theDescriptionSaysWhatWasUsed() throws {
        let description = try Self.trained.get().description
        #expect(description["boosted-trees.leaves"] == "8" && description["boosted-trees.trees"] == "30")
        #expect(description["boosted-trees.monotone"]?.contains("als.rank:falling") == true)
    }

    /// All titles hold the words that are searched for, and who searches wants what sells: every third item.
    private func searchShop(searches isTimed: Bool = true) throws -> Trainer {
        let trainer = Trainer()
        try trainer.set("model", to: "item-knn,bm25,boosted-trees")
        try trainer.set("boosted-trees.trees", to: "40")
        try trainer.set("boosted-trees.min-data-in-leaf", to: "20")
        var generator = SeededGenerator(seed: 11)
        let title = try trainer.catalog.attribute(named: "title")
        let nouns = (0..<40).map { "thing\($0)x" }
        for item in 0..<240 {
            let row = try trainer.log.items.row(for: "i\(item)")
            let filler = (0..<item % 5).map { _ in "nice" }.joined(separator: " ")
            trainer.catalog.set(title, row: row, to: "\(nouns[item / 6]) \(filler)")
        }
        for user in 0..<300 {
            for step in 0..<6 {
                let noun = generator.nextIndex(nouns.count)
                let item =
                    noun * 6 + (generator.nextIndex(5) == 0 ? generator.nextIndex(6) : generator.nextIndex(2) * 3)
                let time = 1_600_000_000 + Int64(step * 8 * 86_400 + generator.nextIndex(86_400))
                try trainer.log.add(user: "u\(user)", item: "i\(item)", kind: "purchase", time: time)
                if isTimed {
                    try trainer.searches.add(nouns[noun], item: "i\(item)", user: "u\(user)", time: time - 60)
                } else {
                    try trainer.searches.add(nouns[noun], item: "i\(item)", user: "u\(user)")
                }
            }
        }
        return trainer
    }

    @Test func searchesTeachTheOrderOfWhatMatches() throws {
        let trainer = try searchShop()
        try trainer.train()
        let model = try trainer.model()
        let ranker = try #require(model.pipeline.ranker)
        #expect(ranker.orders.contains(.searches))
        let values = ["search-ndcg@10", "text-ndcg@10"].map {
            model.description["ranker.\($0)"].flatMap(Double.init) ?? 0
        }
        #expect(values[0] > values[1] + 0.1 && values[1] > 0)
        var right = 0
        for noun in 0..<40 {
            let hits = try model.search("thing\(noun)x", user: "u3", limit: 6)
            #expect(Set(hits.map { Int($0.id.dropFirst())! / 6 }) == [noun])
            #expect(hits[0].source == .boostedTrees && hits[0].rung == .matching)
            right += Int(hits[0].id.dropFirst())! % 3 == 0 ? 1 : 0
            let found = try model.rankingReasons(of: hits[0], text: "thing\(noun)x", user: "u3")
            let reasons = try #require(found)
            #expect(abs(reasons.features.reduce(reasons.expected) { $0 + $1.contribution } - hits[0].score) < 1e-4)
            #expect(reasons.features.contains { $0.name == "text.rank" && $0.value.isFinite })
        }
        #expect(right > 34)
        // Filters hold, and who is still typing is answered by words alone.
        #expect(try model.search("thing3x", limit: 6, only: ["i18", "i20"]).count == 2)
        #expect(try model.search("thing3", limit: 3, options: .textPrefix).allSatisfy { $0.source == .bm25 })
        // A product's text asks for what is like it.
        #expect(try model.similar(toText: "thing3x", limit: 3).allSatisfy { $0.source != .boostedTrees })
        #expect(try model.search("???", limit: 3).isEmpty)
    }

    @Test func searchesWithoutTimesTeachNoOrder() throws {
        let trainer = try searchShop(searches: false)
        try trainer.train()
        let model = try trainer.model()
        #expect(model.pipeline.ranker?.orders.contains(.searches) != true)
        #expect(try model.search("thing3x", limit: 3).allSatisfy { $0.source == .bm25 })
    }

    @Test func searchesOfOneUserForOneTextAreOneList() throws {
        let log = SearchLog()
        try log.add("tea", item: "1", user: "a", time: 100)
        try log.add("tea", item: "2", user: "a", time: 90)
        try log.add("tea", item: "3", user: "b", time: 100)
        try log.add("cup", item: "4", time: 100)
        try log.add("cup", item: "5", time: 50)
        try log.add("cup", item: "6")
        let found = log.between(50, 100)
        #expect(found.map(\.text) == ["tea", "tea", "cup"] && found.map(\.items) == [["2", "1"], ["3"], ["4"]])
        #expect(found.map(\.time) == [90, 100, 100] && found.map(\.user) == ["a", "b", ""])
        #expect(try log.until(90).count == 2)
        #expect(throws: RecoError.self) { try log.add("tea", item: "1", time: 1 << 60) }
    }

    @Test func aRankerAloneIsRefused() {
        #expect(throws: RecoError.self) { try Trainer().set("model", to: "boosted-trees") }
    }
}

@Suite struct DiversityTests {
    private func model() throws -> Model {
        let trainer = try hybridShop(models: "als")
        try trainer.train()
        return try trainer.model()
    }

    private func brands(_ hits: [Hit], _ model: Model) -> [String: Int] {
        let brand = model.catalog.attribute(named: "brand")!
        return Dictionary(hits.map { (model.catalog.text(brand, row: $0.row!), 1) }, uniquingKeysWith: +)
    }

    @Test(arguments: [Float(0), 0.3, 1]) func capsHold(diversity: Float) throws {
        let model = try model()
        for limit in [3, 6] {
            let hits = try model.recommend(user: "u3", limit: limit, diversity: diversity, caps: ["brand": 2])
            #expect(hits.count == limit)
            #expect(brands(hits, model).values.allSatisfy { $0 <= 2 })
        }
        // Three brands, two of each: more there cannot be.
        #expect(try model.recommend(user: "u3", limit: 40, diversity: diversity, caps: ["brand": 2]).count == 6)
        let both = try model.recommend(user: "u3", limit: 40, diversity: diversity, caps: ["brand": 4, "category": 1])
        #expect(both.count == 5)
    }

    @Test func moreDiversityMeansLessAlike() throws {
        let model = try model()
        func likeness(_ diversity: Float) throws -> Float {
            let rows = try model.recommend(user: "u3", limit: 8, diversity: diversity).map { UInt32($0.row!) }
            var sum: Float = 0
            for a in rows { for b in rows where a != b { sum += model.pipeline.likeness.of(a, b) } }
            return sum
        }
        let (none, some, all) = (try likeness(0), try likeness(0.5), try likeness(1))
        #expect(none > some && some >= all)
        let plain = try model.recommend(user: "u3", limit: 8)
        #expect(try model.recommend(user: "u3", limit: 8, diversity: 0.5).first == plain.first)
    }

    @Test func capsThatMakeNoSenseAreRefused() throws {
        let model = try model()
        for caps in [["title": 1], ["brand": 0], ["": 3]] {
            #expect(throws: RecoError.self) { try model.recommend(user: "u3", caps: caps) }
        }
        #expect(throws: RecoError.self) { try model.recommend(user: "u3", diversity: 1.5) }
        #expect(throws: RecoError.self) { try model.recommend(user: "u3", diversity: .nan) }
    }
}
