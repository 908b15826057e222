/// A user of the model, and how much like another one.
public struct SimilarUser: Sendable, Equatable {
    public let id: String
    public let row: Int
    public let similarity: Float
}

extension Model {
    /// The users whose items are most like those of `user` and the session, the most similar first, without the user.
    /// Nobody is like a user the model does not know. Throws `unsupported` if the model holds no user-knn.
    public func similarUsers(
        to user: String? = nil, session: [SessionEvent] = [], limit: Int = 10
    ) throws -> [SimilarUser] {
        guard let source = pipeline.sources.compactMap({ $0 as? UserKNN }).first else {
            throw RecoError(.unsupported, "similar users come from the model user-knn, which this file does not hold")
        }
        return try put(user: user, session: session, only: nil, except: [], { _ in }) { question in
            try withScratch { scratch in
                let profile = try pipeline.profile(of: question, using: scratch)
                let forgotten = pipeline.forgotten
                return source.neighbors(of: profile, limit: min(limit, users.count) + forgotten.count, using: scratch)
                    .filter { !forgotten.contains($0.row) }.prefix(max(limit, 0)).map {
                        SimilarUser(id: users.id(of: Int($0.row)), row: Int($0.row), similarity: $0.score)
                    }
            }
        }
    }
}
