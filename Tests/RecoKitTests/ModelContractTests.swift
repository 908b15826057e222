import Glibc
import Testing

@testable import RecoKit

/// What every model promises. A model that is listed in `ModelCatalogue` is under this suite.
@Suite struct ModelContractTests {
    static let all = ModelCatalogue.all.map { $0.name }
    /// Those that learn taste: they propose to a person, and new things.
    static let personal = ModelCatalogue.all.filter { $0.audience == .person && $0.code != .buyAgain }.map { $0.name }
    static let linear = ModelCatalogue.all.filter { $0.isLinear }.map { $0.name }

    @Test(arguments: personal)
    func findsTheWithheldItem(name: String) throws {
        let model = try Checkerboard.tasteModel(name)
        for user in 0..<Checkerboard.size {
            let hits = try model.recommend(user: "u\(user)", limit: 1)
            #expect(hits.map(\.id) == ["\(user)"])
            #expect(hits.first?.rung == .personal)
            #expect(hits.first?.source.name.description == name)
        }
    }

    @Test(arguments: personal)
    func findsSimilarItemsOfTheSameColour(name: String) throws {
        let model = try Checkerboard.tasteModel(name)
        for item in [0, 1, 10, 33] {
            let hits = try model.similar(to: ["\(item)"], limit: 5)
            #expect(hits.count == 5)
            #expect(hits.allSatisfy { $0.rung == .similar && (Int($0.id) ?? -1) % 2 == item % 2 && $0.id != "\(item)" })
        }
    }

    @Test(arguments: personal)
    func knowsAStrangerByTheSession(name: String) throws {
        let model = try Checkerboard.tasteModel(name)
        let hits = try model.recommend(session: ["2", "8", "14"], limit: 6)
        #expect(hits.count == 6)
        #expect(hits.allSatisfy { $0.rung == .session && (Int($0.id) ?? 1) % 2 == 0 })
        #expect(!hits.contains { ["2", "8", "14"].contains($0.id) })
    }

    @Test(arguments: personal)
    func foldingInAKnownHistoryRecommendsWhatItsUserGets(name: String) throws {
        let model = try Checkerboard.tasteModel(name)
        let history = stride(from: 0, to: Checkerboard.size, by: 2).filter { $0 != 6 }.map {
            SessionEvent("\($0)", kind: 3)
        }
        let hits = try model.recommend(session: history, limit: 1)
        #expect(hits.map(\.id) == ["6"])
    }

    @Test(arguments: personal)
    func ranksWhatTheUserWouldLikeFirst(name: String) throws {
        let model = try Checkerboard.tasteModel(name)
        let ranked = try model.rank(["7", "nothing", "3", "4", "12", "4"], user: "u4")
        #expect(ranked.count == 6)
        #expect(Set(ranked.prefix(3).map(\.id)) == ["4", "12"])
        #expect(ranked.last?.id == "nothing")
        #expect(ranked.last?.row == nil)
    }

    /// Where a score is linear in the events, each event's own part of it adds up to the whole.
    @Test(arguments: linear)
    func contributionsAddUpToTheScore(name: String) throws {
        let model = try Checkerboard.model(name)
        let source = try #require(model.pipeline.sources.first)
        let scratch = try #require(Scratch(itemCount: model.items.count))
        let rows = try (0..<Checkerboard.size).map { UInt32(try #require(model.items.row(of: "\($0)"))) }
        let given = (0..<8).map { Profile.Event(item: rows[2 * $0], weight: 0.5 + Float($0)) }
        try given.withUnsafeBufferPointer { events in
            let profile = Profile(user: nil, events: events, sessionStart: 0)
            for item in [rows[30], rows[3]] {
                var score: Float = 0
                _ = withUnsafeMutablePointer(to: &score) { score in
                    withUnsafePointer(to: item) {
                        source.score(
                            UnsafeBufferPointer(start: $0, count: 1), for: profile, using: scratch,
                            into: UnsafeMutableBufferPointer(start: score, count: 1))
                    }
                }
                var parts = [Float](repeating: .nan, count: events.count)
                let explained = parts.withUnsafeMutableBufferPointer {
                    source.explain(item, for: profile, using: scratch, into: $0)
                }
                try #require(explained)
                let sum = parts.reduce(0, +)
                #expect(abs(sum - score) <= 1e-4 * max(1, abs(score)), "\(sum) for \(score)")
                if item == rows[30] { #expect(score > 0) }
            }
        }
    }

    @Test(arguments: all)
    func respectsTheListsOfAQuery(name: String) throws {
        let model = try Checkerboard.model(name)
        let all = try model.recommend(user: "u4", limit: 41)
        let denied = Array(all.prefix(3).map(\.id))
        let without = try model.recommend(user: "u4", limit: 41, except: denied)
        #expect(without.map(\.id) == all.dropFirst(3).map(\.id))
        let only = try model.recommend(user: "u4", limit: 41, only: ["4", "5", "7", "unknown"])
        #expect(Set(only.map(\.id)) == ["4", "5", "7"])
        #expect(try model.recommend(user: "u4", only: []).isEmpty)
    }

    @Test(arguments: all)
    func givesWhatExistsWhenAskedForMore(name: String) throws {
        let model = try Checkerboard.model(name)
        let hits = try model.recommend(user: "u3", limit: 1_000_000_000)
        // Everything but what the user bought, the new item included, each once.
        #expect(hits.count == Checkerboard.size + 1 - 19)
        #expect(Set(hits.map(\.id)).count == hits.count)
        #expect(hits.contains { $0.id == "new" })
        let again = try model.recommend(user: "u3", limit: 1000, options: .showBought)
        #expect(again.count == Checkerboard.size + 1)
        #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.rung.rawValue <= $1.rung.rawValue })
    }

    @Test(arguments: all)
    func answersStrangersAndSilence(name: String) throws {
        let model = try Checkerboard.model(name)
        for hits in [
            try model.recommend(user: "nobody"), try model.recommend(), try model.recommend(session: ["nothing"]),
            try model.similar(to: ["nothing"]), try model.recommend(session: ["new"]), try model.similar(to: ["new"]),
        ] {
            #expect(hits.count == 10)
        }
        #expect(try model.recommend(limit: 0).isEmpty)
    }

    @Test(arguments: all)
    func theSameSeedGivesTheSameBytesWhateverTheThreads(name: String) throws {
        func bytes(threads: Int) throws -> [UInt8] {
            let trainer = try Checkerboard.trainer(name, threads: threads)
            try trainer.train()
            let model = try trainer.model()
            return withExtendedLifetime(model) { Array(model.file.storage.bytes) }
        }
        let one = try bytes(threads: 1)
        #expect(try bytes(threads: 1) == one)
        #expect(try bytes(threads: 3) == one)
    }

    @Test(arguments: all)
    func answersFromAFileAsFromMemory(name: String) throws {
        let trainer = try Checkerboard.trainer(name)
        try trainer.train()
        let path = "\(temporaryFolder())/\(name)-\(getpid()).reco"
        defer { unlink(path) }
        try trainer.save(path)
        let mapped = try Model.open(path)
        let memory = try trainer.model()
        try mapped.file.verify()
        for user in ["u1", "u8", "nobody"] {
            #expect(try mapped.recommend(user: user, limit: 30) == memory.recommend(user: user, limit: 30))
        }
        #expect(try mapped.similar(to: ["9"]) == memory.similar(to: ["9"]))
    }

    @Test(arguments: all)
    func aShopOfOneUserAndOneItemTrains(name: String) throws {
        let trainer = Trainer()
        try trainer.set("model", to: name)
        try trainer.setEncoder(for: name)
        try trainer.log.add(user: "1", item: "1", kind: "purchase")
        trainer.catalog.set(try trainer.catalog.attribute(named: "title"), row: 0, to: "tea")
        try trainer.train()
        let model = try trainer.model()
        #expect(try model.recommend(user: "1").isEmpty)
        #expect(try model.recommend(user: "2").map(\.id) == ["1"])
    }

    @Test(arguments: all)
    func questionsDoNotDisturbEachOther(name: String) throws {
        let model = try Checkerboard.model(name)
        let first = try (0..<10).map { try model.recommend(user: "u\($0)", session: ["5", "6"], limit: 7) }
        _ = try model.recommend(limit: 50, only: ["1"])
        _ = try model.rank((0..<40).map(String.init), user: "u2")
        _ = try model.similar(to: ["1", "2", "3"], limit: 40)
        let second = try (0..<10).reversed().map { try model.recommend(user: "u\($0)", session: ["5", "6"], limit: 7) }
        #expect(first == second.reversed())
    }
}

func temporaryFolder() -> String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
