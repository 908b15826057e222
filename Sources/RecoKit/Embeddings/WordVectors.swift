/// Vectors with names, as word2vec's files hold them: what comes in as a model's items, and goes out again.
public struct WordVectors: Sendable {
    /// The longest vectors there may be.
    public static let mostNumbers = FactorTable.maximumRank - 1

    public let ids: [String]
    public let rank: Int
    public let numbers: [Float]  // (ids, rank)

    /// - Parameter numbers: finite, `rank` for each of `ids`, which are all different.
    public init(ids: [String], rank: Int, numbers: [Float]) throws {
        guard rank >= 1, rank <= Self.mostNumbers else {
            throw RecoError(.unsupported, "vectors of \(rank) numbers: from 1 to \(Self.mostNumbers) can be imported")
        }
        guard numbers.count == ids.count * rank else {
            throw RecoError(.badData, "\(ids.count) vectors of \(rank) numbers are not \(numbers.count) numbers")
        }
        guard numbers.allSatisfy(\.isFinite) else {
            throw RecoError(.badData, "a vector holds a number that is not finite")
        }
        self.ids = ids
        self.rank = rank
        self.numbers = numbers
    }
}
