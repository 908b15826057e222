/// Implicit feedback factorised by alternating least squares (Hu, Koren and Volinsky 2008, doi:10.1109/ICDM.2008.22).
///
/// Minimises the `ALSObjective`; p is 1 for pairs with a positive value and 0 for all others. A negative value
/// (dislike) is a pair with p = 0 and the confidence of its magnitude. Each side is solved by a few conjugate gradient
/// steps from where it was (`ConfidenceSystem`).
///
/// What we add: before a side is solved, both are turned into the eigenbasis of the other side's Gram matrix. That
/// changes no score, but makes the matrix that all rows share a diagonal, so that what depends on rank² is one matrix
/// product for all rows instead of one for each step of each row, and steps are preconditioned well. At the end users
/// are solved to the last digit against the final items, so that what is stored for a user is what folding in the same
/// events gives. O(iterations (pairs rank steps + (users + items) rank² + rank³)).
struct ALS: FoldInModel {
    static let name = "als"
    static let summary = "implicit alternating least squares: taste from purchases and clicks, as factors"
    static let code = SourceCode.als
    static let isLinear = true

    static let hyperparameters = [
        Hyperparameter(
            "factors", .integer(1...FactorTable.maximumRank), default: "128",
            "length of the vectors; by default at most an eighth of the users and of the items"
        ).tuned(.log(16...256), cost: 1.2),
        Hyperparameter(
            "regularization", .number(1e-6...1e6), default: "0.1", "how strongly vectors are kept short"
        ).tuned(.log(0.01...1)),
        Hyperparameter(
            "frequency-scaling", .number(0...2), default: "0.5",
            "power of a row's share in the pairs that its regularization grows with; 0: the same for all"),
        Hyperparameter(
            "alpha", .number(1e-6...1e6), default: "1", "confidence of a pair of average value; others in proportion"),
        Hyperparameter(
            "unobserved", .number(0...1e6), default: "0",
            "confidence of pairs without events; 0: the square root of the share of pairs that have some"
        ).tuned(.log(0.005...1)),
        Hyperparameter("iterations", .integer(1...1000), default: "15", "how often both sides are solved"),
        Hyperparameter("cg-steps", .integer(1...100), default: "3", "conjugate gradient steps per vector, each time"),
    ]

    /// In the basis in which the Gram matrix of the items is a diagonal.
    let table: FactorTable
    /// The diagonal of Yᵀ Y of the items, for users that are folded in.
    let spectrum: Column<Float>  // (rank)
    let objective: ALSObjective

    /// Solves the normal equations of a user that training did not see. O(events rank steps).
    ///
    /// The diagonal is the exact matrix but for the events themselves, so that conjugate gradients need at most one
    /// step more than there are events with a confidence other than that of unobserved pairs.
    func foldIn(_ events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch) -> UnsafePointer<Float>? {
        guard let system = system(of: events, using: scratch), let x = scratch.floats(.vector, table.rank) else {
            return nil
        }
        x.update(repeating: 0, count: table.rank)
        system.solve(x, penalty: penalty(of: system), steps: ConfidenceSystem.exactSteps)
        return table.says(x) ? UnsafePointer(x) : nil
    }

    /// With A the matrix of the user's equations, y · A⁻¹ (c p yⱼ) for each event j (Hu, Koren and Volinsky 2008,
    /// section 5): one more system to solve, with the item's factors y on its right side. O(events rank steps).
    func explain(
        _ row: UInt32, for profile: Profile, using scratch: Scratch,
        into contributions: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        guard let system = system(of: profile.events, using: scratch), let z = scratch.floats(.vector, table.rank),
            let item = table.items.row(Int(row), width: table.rank)?.baseAddress
        else { return false }
        z.update(repeating: 0, count: table.rank)
        system.solve(z, for: item, penalty: penalty(of: system), steps: ConfidenceSystem.exactSteps)
        for i in 0..<min(profile.events.count, contributions.count) {
            let event = profile.events[i]
            let known = table.items.row(Int(event.item), width: table.rank)?.baseAddress
            let along = known.map { Kernels.best.dot($0, z, table.rank) } ?? 0
            contributions[i] = event.weight > 0 ? objective.confidence(event.weight) * along : 0
        }
        return true
    }

    private func penalty(of system: ConfidenceSystem) -> Float {
        objective.penalty(observed: system.count, others: table.itemCount)
    }

    /// The equations of a profile, in scratch memory; nil if no event is positive.
    private func system(
        of events: UnsafeBufferPointer<Profile.Event>, using scratch: Scratch
    ) -> ConfidenceSystem? {
        let rank = table.rank
        let capacity = min(events.count, table.itemCount, scratch.itemCount)
        guard let factors = table.items.base, let spectrum = spectrum.base,
            let work = scratch.floats(.matrix, ConfidenceSystem.workCount(rank: rank, capacity: capacity))
        else { return nil }
        var system = ConfidenceSystem(
            factors: factors, rank: rank, spectrum: spectrum, unobserved: objective.unobserved, floats: work,
            rows: scratch.touched, capacity: capacity)
        for event in events.prefix(capacity) where Int(event.item) < table.itemCount {
            system.observe(event.item, objective.confidence(event.weight))
        }
        return system.hasPreference ? system : nil
    }
}
