@testable import RecoKit

/// Logs with times, and questions with users, sessions and ages.
enum Visits {
    /// Random orders over some months: some customers come often, some items are bought again and again.
    static func random(users: Int, items: Int, orders: Int, seed: UInt64 = 1) throws -> TrainingData {
        let log = EventLog()
        for user in 0..<users { _ = try log.users.row(for: "\(user)") }
        for item in 0..<items { _ = try log.items.row(for: "\(item)") }
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<orders {
            let user = Int(generator.nextFloat() * generator.nextFloat() * Float(users))
            let start = 1_700_000_000 + generator.nextIndex(100 * 86_400)
            for line in 0..<1 + generator.nextIndex(5) {
                let likes = (user * 7 + Int(generator.nextFloat() * generator.nextFloat() * Float(items))) % items
                try log.append(
                    user: UInt32(user), item: UInt32(likes), kind: 3, weight: Float(1 + generator.nextIndex(3)),
                    time: Int64(start + 60 * line))
            }
        }
        return try Shop.data(log)
    }

    /// Everything a user did, as the pipeline reads it from the history.
    static func history(_ data: TrainingData, _ user: Int) -> [Profile.Event] {
        data.interactions.history.range(user).map {
            Profile.Event(item: data.interactions.history.columns[$0], weight: data.interactions.history.values[$0])
        }
    }

    /// The scores of all items; nil if the model knows nothing. Also checks that proposing agrees and cleans up.
    static func scores(
        _ model: some CandidateSource, items: Int, user: Int? = nil, history: [Profile.Event] = [],
        session: [Profile.Event] = [], steps: [Profile.Step] = []
    ) -> [Float]? {
        let scratch = Scratch(itemCount: items)!
        var scores = [Float](repeating: .nan, count: items)
        let rows = (0..<items).map { UInt32($0) }
        let knows = (history + session).withUnsafeBufferPointer { events in
            steps.withUnsafeBufferPointer { steps in
                let profile = Profile(user: user, events: events, sessionStart: history.count, steps: steps)
                let knows = rows.withUnsafeBufferPointer { rows in
                    scores.withUnsafeMutableBufferPointer {
                        model.score(rows, for: profile, using: scratch, into: $0)
                    }
                }
                var selection = scratch.selection(items)!
                let proposes = model.propose(for: profile, using: scratch, to: &selection)
                var best = selection
                let proposed = best.finish()
                let agrees = proposed.allSatisfy { scores[Int($0.row)] == $0.score }
                let complete = proposed.count == scores.count { $0 > 0 } && proposes == (proposed.count > 0)
                let clean = (0..<items).allSatisfy { scratch.scores[$0] == 0 }
                return agrees && complete && clean ? knows : nil
            }
        }
        precondition(knows != nil, "propose and score differ, or the scratch was left dirty")
        return knows == true ? scores : nil
    }
}
