/// The factors of a model file, for other programs: the score of an item for a user is the product of their vectors.
public struct ExportedFactors {
    /// Models whose score is a product of two vectors, and nothing more.
    private static let products: Set = [
        ALS.name, BPR.name, SVD.name, NMF.name, LightFM.name, "rating-mf", "svdpp", SASRec.name,
    ]

    /// Which model they are: "als".
    public let model: String
    public let rank: Int
    package let users: Column<Float>  // (users, rank)
    package let items: Column<Float>  // (items, rank)
    /// Of als: what new users are folded in with.
    public let objective: ImportedModels.Objective?

    /// - Parameter name: which of the file's models; nil: the first that has factors. Throws `unsupported` if there is
    ///   none.
    public init(_ model: Model, named name: String? = nil) throws {
        let file = model.file
        let candidates = name.map { [$0] } ?? ModelDescription(file).models
        for name in candidates where Self.products.contains(name) {
            guard
                let table = try FactorTable(
                    file, name: name, userCount: model.users.count, itemCount: model.items.count)
            else { continue }
            self.model = name
            (rank, users, items) = (table.rank, table.users, table.items)
            var objective: ImportedModels.Objective?
            if name == ALS.name, let als = try ALS(file, userCount: model.users.count, itemCount: model.items.count) {
                var numbers = ImportedModels.Objective()
                numbers.alpha = Double(als.objective.alpha)
                numbers.regularization = Double(als.objective.regularization)
                numbers.frequencyScaling = Double(als.objective.frequencyScaling)
                numbers.unobserved = Double(als.objective.unobserved)
                numbers.confidenceOffset = Double(als.objective.confidenceOffset)
                numbers.countsObservedOnly = als.objective.countsObservedOnly
                objective = numbers
            }
            self.objective = objective
            return
        }
        let what = name.map { "no factors called \($0)" } ?? "no model with factors for users and items"
        throw RecoError(.unsupported, "the model holds \(what)")
    }
}
