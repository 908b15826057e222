/// Ranks the pairs that a sampler holds out, each among items that its user lacks: NDCG@10, the means of finding the best
/// epoch. The items are drawn once, so that epochs are compared with each other by the same questions.
final class NCFValidation {
    private let users: [UInt32]  // (questions)
    private let items: [UInt32]  // (questions, 1 + others), the held-out one first
    private let chunks: [NCFNetwork.Chunk]

    private static let others = 99
    /// Questions of a chunk.
    private static let groups = 4

    init(_ sampler: NCFSampler, _ network: NCFNetwork, crew: WorkCrew, using generator: inout SeededGenerator) throws {
        var (users, items): ([UInt32], [UInt32]) = ([], [])
        var drawn = [UInt32](repeating: 0, count: Self.others)
        for (user, item) in sampler.heldOut {
            sampler.drawOthers(user, Self.others, using: &generator, into: &drawn)
            users.append(user)
            items.append(item)
            items += drawn
        }
        (self.users, self.items) = (users, items)
        chunks = try (0..<crew.threads).map { _ in
            try NCFNetwork.Chunk(network, groups: Self.groups, groupSize: 1 + Self.others)
        }
    }

    /// Between 0 and 1; 0 if nothing is held out. O(questions weights).
    func measure(_ network: NCFNetwork, crew: WorkCrew) -> Double {
        let size = 1 + Self.others
        var gains = [Double](repeating: 0, count: users.count)
        gains.withUnsafeMutableBufferPointer { gains in
            let gains = gains
            users.withUnsafeBufferPointer { users in
                items.withUnsafeBufferPointer { items in
                    crew.run(users.count, chunk: Self.groups) { questions, worker in
                        let chunk = self.chunks[worker]
                        var nothing = SeededGenerator(seed: 0)
                        network.forward(
                            users: UnsafeBufferPointer(rebasing: users[questions]),
                            items: UnsafeBufferPointer(
                                rebasing: items[questions.lowerBound * size..<questions.upperBound * size]),
                            chunk, isTraining: false, using: &nothing)
                        for (group, question) in questions.enumerated() {
                            let scores = chunk.logits.base + group * size
                            // A tie counts against it, and so does what is no number.
                            let above = (1..<size).count { !(scores[$0] < scores[0]) }
                            gains[question] = above < 10 ? 1 / binaryLog(Double(above + 2)) : 0
                        }
                    }
                }
            }
        }
        return gains.isEmpty ? 0 : gains.reduce(0, +) / Double(gains.count)
    }
}
