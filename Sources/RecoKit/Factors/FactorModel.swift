/// A model that is a table of factors and a way to find the vector of a profile: the rest is the same for all of them.
protocol FactorModel: TrainableModel, VectorSource {
    var table: FactorTable { get }

    /// What training stored for the user, or what the profile's events come to; nil if neither says anything.
    func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>?
}

/// A factor model whose vector of somebody is either the stored one or, where training did not see all of the profile's
/// events, what these come to.
protocol FoldInModel: FactorModel {
    /// The vector of a profile that training did not see, in scratch memory; nil if its events say nothing.
    func foldIn(_ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch) -> UnsafePointer<Float>?
}

extension FoldInModel {
    func vector(of profile: Profile, using scratch: Scratch) -> UnsafePointer<Float>? {
        profile.isStoredUser ? table.userVector(profile.user) : foldIn(profile.events, using: scratch)
    }
}

extension FactorModel {
    func cosine(_ a: UInt32, _ b: UInt32) -> Float? { table.cosine(a, b) }

    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        guard let vector = vector(of: profile, using: scratch) else { return false }
        return table.propose(vector, using: scratch, to: &selection)
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let vector = vector(of: profile, using: scratch) else { return false }
        return table.score(rows, vector, into: scores)
    }

    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool {
        table.proposeSimilar(to: items, using: scratch, to: &selection)
    }
}
