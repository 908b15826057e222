import Testing

@testable import RecoKit

@Suite struct SASRecTests {
    private static let items = 24

    /// People walk through the items in a circle, some by steps of one, some by steps of five: what comes next takes two
    /// items to know.
    private func walks(users: Int = 48, length: Int = 12) throws -> EventLog {
        let log = EventLog()
        for item in 0..<Self.items { _ = try log.items.row(for: "\(item)") }
        for user in 0..<users {
            for step in 0..<length {
                let item = (user * 7 + step * Self.stride(user)) % Self.items
                try log.add(user: "u\(user)", item: "\(item)", time: Int64(step))
            }
        }
        return log
    }

    private static func stride(_ user: Int) -> Int { user / 24 % 2 == 0 ? 1 : 5 }

    private static let small = ["factors": "16", "dropout": "0.1", "learning-rate": "0.01"]

    private func train(
        _ log: EventLog, _ options: [String: String] = small, note: @escaping (String) -> Void = { _ in }
    ) throws -> SASRec {
        var settings = Settings(SASRec.hyperparameters)
        for (name, value) in options { try settings.set(name, to: value) }
        return try SASRec.train(
            try Shop.data(log), settings: settings, run: TrainingRun(threads: 2, note: note))
    }

    /// The best item after a session.
    private func next(_ model: SASRec, _ session: [UInt32], user: Int? = nil) -> UInt32? {
        let scratch = Scratch(itemCount: Self.items)!
        var selection = scratch.selection(1)!
        let steps = session.map { Profile.Step(item: $0, weight: 1, age: 0) }
        let events = session.map { Profile.Event(item: $0, weight: 1) }
        let knows = steps.withUnsafeBufferPointer { steps in
            events.withUnsafeBufferPointer { events in
                model.propose(
                    for: Profile(user: user, events: events, sessionStart: 0, steps: steps), using: scratch,
                    to: &selection)
            }
        }
        return knows ? selection.finish().first?.row : nil
    }

    @Test func whatComesNextDependsOnTheOrder() throws {
        let model = try train(walks())
        var right = 0
        for item in 0..<UInt32(Self.items) {
            for step in [1, 5] as [UInt32] {
                let session = [item, (item + step) % 24, (item + 2 * step) % 24]
                if next(model, session) == (item + 3 * step) % 24 { right += 1 }
            }
        }
        #expect(right >= 44)
    }

    @Test func drawnItemsTeachTheSame() throws {
        var options = Self.small
        options["negatives"] = "8"
        let model = try train(walks(), options)
        let right = (0..<24 as Range<UInt32>).count {
            next(model, [$0, ($0 + 1) % 24, ($0 + 2) % 24]) == ($0 + 3) % 24
        }
        #expect(right >= 20)
    }

    @Test func aStoredUserIsAnsweredLikeTheSequence() throws {
        let log = try walks()
        let model = try train(log)
        for user in [0, 3, 30] {
            let sequence = (0..<12).map { UInt32((user * 7 + $0 * Self.stride(user)) % Self.items) }
            #expect(next(model, [], user: user) == next(model, sequence))
            // The session goes on where the stored sequence ends; what it ends with does not count twice.
            let goesOn = (sequence[11] + UInt32(Self.stride(user))) % 24
            #expect(next(model, [goesOn], user: user) == next(model, sequence + [goesOn]))
            #expect(next(model, [sequence[11]], user: user) == next(model, sequence))
        }
    }

    @Test func aSessionOfNothingKnownOrLikedSaysNothing() throws {
        let log = try walks()
        _ = try log.items.row(for: "new")
        let model = try train(log)
        #expect(next(model, []) == nil)
        #expect(next(model, [24]) == nil)
        #expect(next(model, [24, 3]) == next(model, [3]))
        #expect(next(model, [], user: 999) == nil)
    }

    @Test func reasonsAreTheOwnItemsByLikeness() throws {
        let model = try train(walks(), ["factors": "16", "epochs": "1"])
        let scratch = try #require(Scratch(itemCount: Self.items))
        let events = [3, 4].map { Profile.Event(item: $0, weight: 1) } + [Profile.Event(item: 9, weight: -1)]
        try events.withUnsafeBufferPointer { events in
            let profile = Profile(user: nil, events: events, sessionStart: 0)
            var parts = [Float](repeating: .nan, count: 3)
            let explains = parts.withUnsafeMutableBufferPointer {
                model.explain(6, for: profile, using: scratch, into: $0)
            }
            try #require(explains)
            #expect(parts == [try #require(model.cosine(6, 3)), try #require(model.cosine(6, 4)), 0])
            #expect(!parts.withUnsafeMutableBufferPointer { model.explain(99, for: profile, using: scratch, into: $0) })
        }
    }

    @Test func trainingThatDivergesEndsAndSaysSo() throws {
        for rate in ["1", "0.3"] {
            var notes: [String] = []
            var options = Self.small
            options["learning-rate"] = rate
            do {
                let model = try train(walks(), options) { notes.append($0) }
                #expect(model.table.users.toArray().allSatisfy { $0.isFinite })
                #expect(model.encoder.weights.toArray().allSatisfy { $0.isFinite })
                if let note = notes.first { #expect(note.contains("diverged")) }
            } catch let error as RecoError {
                #expect(error.code == .badData && error.message.contains("learning rate"))
            }
        }
    }

    @Test func manyUsersEndTrainingByTheirLastItems() throws {
        let log = try walks(users: 240, length: 5)
        var options = Self.small
        options["epochs"] = "500"
        options["patience"] = "1"
        var epochs = 0
        var settings = Settings(SASRec.hyperparameters)
        for (name, value) in options { try settings.set(name, to: value) }
        _ = try SASRec.train(
            try Shop.data(log), settings: settings,
            run: TrainingRun(threads: 2, progress: { _, done, total in epochs = 500 * done / total }))
        #expect(epochs > 1 && epochs < 200)
    }

    @Test func oneEventEachTeachesNothingAndStillTrains() throws {
        let log = EventLog()
        for user in 0..<3 { try log.add(user: "\(user)", item: "\(user)") }
        let model = try train(log)
        #expect(next(model, [1]) == nil && next(model, [], user: 1) == nil)
    }

    @Test func sectionsThatLieAreAnErrorOrAnAnswerButNoTrap() throws {
        let log = try walks()
        let model = try train(log, ["factors": "16", "length": "8", "epochs": "1"])
        let file = try Shop.file { try model.write(to: $0) }
        let (users, items) = (log.users.count, log.items.count)
        for section in file.sections where section.name != "sasrec/rank" {
            let without = try file.rewritten(without: [section.name])
            #expect(throws: RecoError.self) { try SASRec(without, userCount: users, itemCount: items) }
            for fill in [UInt8(0), 0xFF, 0x7F, 1] {
                let altered = try file.rewritten { name, bytes in
                    if name == section.name { for i in bytes.indices { bytes[i] = fill } }
                }
                guard let model = try? SASRec(altered, userCount: users, itemCount: items) else { continue }
                for user in [0, 47, nil] { _ = next(model, [3, 4, 23], user: user) }
                _ = next(model, [], user: 1)
            }
        }
        #expect(throws: RecoError.self) { try SASRec(file, userCount: users + 1, itemCount: items) }
        #expect(try SASRec(file.rewritten(without: ["sasrec/rank"]), userCount: users, itemCount: items) == nil)
    }
}
