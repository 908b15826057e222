import Testing

@testable import RecoKit

private let shop = FormulaShop(users: 60, items: 40)

private func train(
    _ data: TrainingData, _ values: [String: String] = [:], seed: UInt64 = 1, threads: Int = 2,
    note: @escaping (String) -> Void = { _ in }
) throws -> NCF {
    try NCF.train(
        data, settings: NCF.settings(["factors": "4", "layers": "16,8"].merging(values) { $1 }),
        run: TrainingRun(threads: threads, seed: seed, note: note))
}

@Suite struct NCFTests {
    @Test(arguments: ["gmf", "mlp", "neumf"])
    func everyNetworkFindsTheTasteOfUsersAndStrangers(network: String) throws {
        let model = try train(try shop.data(), ["network": network])
        var (users, strangers, items) = (0, 0, 0)
        for user in 0..<60 {
            let best = try #require(model.best(10, user: user, itemCount: 40))
            users += best.count { Int($0.row) % 2 == user % 2 }
            #expect(best.map(\.score) == best.map(\.score).sorted(by: >))
            let stranger = try #require(model.best(10, events: shop.events(of: user), itemCount: 40))
            strangers += stranger.count { Int($0.row) % 2 == user % 2 }
        }
        for item in 0..<40 {
            let similar = try #require(model.similar(6, to: [UInt32(item)], itemCount: 40))
            #expect(abs(similar[0].score - 1) < 1e-4)
            items += similar.count { Int($0.row) % 2 == item % 2 }
        }
        #expect(users > 540 && strangers > 540 && items > 200, "\(users), \(strangers) of 600, \(items) of 240")
    }

    @Test func pretrainingEndsInANetworkThatKnowsTheTaste() throws {
        let model = try train(try shop.data(), ["pretraining": "yes", "epochs": "20"])
        for user in 0..<60 {
            let best = try #require(model.best(5, user: user, itemCount: 40))
            #expect(best.count { Int($0.row) % 2 == user % 2 } >= 4)
        }
    }

    /// However many there are: pages of 64, and candidates in any order.
    @Test func candidatesScoreAsInTheScan() throws {
        let wide = FormulaShop(users: 80, items: 150)
        let model = try train(try wide.data(), ["epochs": "3"])
        let scan = try #require(model.best(150, user: 3, itemCount: 150))
        let rows = scan.map(\.row).reversed() + [999, 7]
        let scores = try #require(model.scores(Array(rows), user: 3, itemCount: 150))
        for (place, row) in rows.enumerated() where row < 150 {
            #expect(scores[place] == scan.first { $0.row == row }?.score)
        }
        let blocked = try #require(model.best(150, user: 3, itemCount: 150, blocked: [scan[0].row]))
        #expect(blocked.map(\.row) == scan.dropFirst().map(\.row))
    }

    @Test func itKnowsNobodyWithoutAPositiveEvent() throws {
        let dislikes = (0..<40).map { (user: 7, item: $0, value: Float($0 < 3 ? -2 : 0)) }
        let model = try train(try shop.data(dislikes), ["epochs": "2"])
        #expect(model.best(5, user: 7, itemCount: 40) == nil)
        #expect(model.best(5, itemCount: 40) == nil)
        #expect(model.best(5, user: 999, itemCount: 40) == nil)
        #expect(
            model.best(5, events: [.init(item: 3, weight: -1), .init(item: 4, weight: .nan)], itemCount: 40) == nil)
        #expect(model.best(5, user: 8, itemCount: 40) != nil)
    }

    @Test func itDoesNotDependOnTheNumberOfThreadsButOnTheSeed() throws {
        let data = try FormulaShop(users: 100, items: 90).data()
        let values = ["epochs": "2", "dropout": "0.2", "pretraining": "yes"]
        let one = try train(data, values, threads: 1)
        for threads in [2, 5] {
            let other = try train(data, values, threads: threads)
            #expect(one.table.users.sameBits(as: other.table.users))
            #expect(one.visitorRows.sameBits(as: other.visitorRows))
            #expect(one.output.sameBits(as: other.output))
        }
        #expect(try !one.table.users.sameBits(as: train(data, values, seed: 2).table.users))
    }

    @Test(arguments: ["gmf", "mlp", "neumf"])
    func itSurvivesWritingAndReading(network: String) throws {
        let model = try train(try shop.data(), ["network": network, "epochs": "2"])
        let again = try #require(try model.reopened(userCount: 60, itemCount: 40))
        let events = [Profile.Event(item: 4, weight: 2), Profile.Event(item: 10, weight: 1)]
        for session in [[], events] {
            let before = try #require(model.best(40, user: session.isEmpty ? 3 : nil, events: session, itemCount: 40))
            let after = try #require(again.best(40, user: session.isEmpty ? 3 : nil, events: session, itemCount: 40))
            #expect(before.map(\.row) == after.map(\.row) && before.map(\.score) == after.map(\.score))
        }
        #expect(throws: RecoError.self) { try model.reopened(userCount: 61, itemCount: 40) }
    }

    /// Sections that are missing, cut, or full of nonsense: an error or some scores, and nothing worse.
    @Test func aDamagedFileIsAnErrorOrAWrongScore() throws {
        let sink = MemorySink()
        let writer = try ModelWriter(sink: sink)
        try train(try shop.data(), ["epochs": "1"]).write(to: writer)
        try writer.finish()
        let good = try sink.bytes.withUnsafeBytes { try ModelFile(bytes: $0) }
        for section in good.sections {
            let without = try good.rewritten(without: [section.name])
            if section.name == "ncf/rank" {
                #expect(try NCF(without, userCount: 60, itemCount: 40) == nil)
            } else if section.name != "ncf/metric" {
                #expect(throws: RecoError.self) { try NCF(without, userCount: 60, itemCount: 40) }
            }
            for byte in [UInt8(0), 0x01, 0x7F, 0xFF] {
                let nonsense = try good.rewritten { name, bytes in
                    if name == section.name { bytes = bytes.map { _ in byte } }
                }
                guard let model = try? NCF(nonsense, userCount: 60, itemCount: 40) else { continue }
                _ = model.best(40, user: 3, itemCount: 40)
                _ = model.best(40, events: [.init(item: 4, weight: 1)], itemCount: 40)
                _ = model.similar(5, to: [3], itemCount: 40)
            }
        }
    }

    @Test func itTrainsOnVeryLittle() throws {
        for (users, items) in [(1, 1), (1, 5), (5, 1), (2, 2)] {
            let data = try FormulaShop(users: users, items: items).data(everything: 1)
            let model = try train(data, ["epochs": "2"])
            #expect(try #require(model.best(10, user: 0, itemCount: items)).count == items)
        }
    }

    @Test func withoutAPositiveEventThereIsNothingToLearn() throws {
        let data = try FormulaShop(users: 2, items: 2).data((0..<4).map { ($0 / 2, $0 % 2, -1) })
        #expect(throws: RecoError.self) { try train(data) }
    }

    @Test(arguments: ["", "64,,16", "64,x", "0", "-4", "100000", "9223372036854775808", "64 32"])
    func layersThatMakeNoSenseAreRefused(text: String) throws {
        #expect(throws: RecoError.self) { try train(try shop.data(), ["layers": text]) }
    }

    @Test func layersMayHaveBlanksBetweenThem() throws { #expect(try Perceptron.widths("64, 32,16") == [64, 32, 16]) }

    /// A rate beyond all measure: what was good before it went wrong is kept and told, or there is an error.
    @Test func trainingThatDivergesKeepsTheBestEpochOrFails() throws {
        nonisolated(unsafe) var notes: [String] = []
        do {
            let model = try train(try shop.data(), ["learning-rate": "10", "epochs": "200"]) { notes.append($0) }
            #expect(model.table.users.elements.allSatisfy { $0.isFinite })
            #expect(model.visitorRows.elements.allSatisfy { $0.isFinite })
        } catch let error as RecoError {
            #expect(error.code == .badData)
        }
    }

    @Test func reasonsAreHowAlikeTheItemsAre() throws {
        let model = try train(try shop.data(), ["epochs": "3"])
        let events = [(2, 1), (8, -1), (3, 2)].map { Profile.Event(item: $0, weight: $1) }
        var parts = [Float](repeating: 7, count: 3)
        let told = events.withUnsafeBufferPointer { events in
            parts.withUnsafeMutableBufferPointer {
                model.explain(
                    5, for: Profile(user: nil, events: events, sessionStart: 0), using: Scratch(itemCount: 40)!,
                    into: $0)
            }
        }
        #expect(told)
        #expect(parts == [model.cosine(2, 5), 0, model.cosine(3, 5)])
    }
}
