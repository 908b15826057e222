extension LightFM {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("lightfm/user-prior", prior.elements)
        try writer.add("lightfm/loss", [UInt8(PairLoss.Kind.allCases.firstIndex(of: loss.kind)!)])
        try writer.add("lightfm/max-sampled", [UInt32(loss.maxSampled)])
        try writer.add("lightfm/learning-rate", [learningRate])
        try learned.users.write(to: writer, prefix: "lightfm/user")
        try learned.items.write(to: writer, prefix: "lightfm/item")
    }

    /// However many items training drew, a question draws no more.
    private static let mostSampled = 100

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard let prior = file.column("lightfm/user-prior", as: Float.self), prior.count == table.rank,
            let code = file.column("lightfm/loss", as: UInt8.self), code.count == 1,
            Int(code[0]) < PairLoss.Kind.allCases.count,
            let sampled = file.column("lightfm/max-sampled", as: UInt32.self), sampled.count == 1,
            let rate = file.column("lightfm/learning-rate", as: Float.self), rate.count == 1
        else { throw RecoError(.damaged, "the model's lightfm sections do not fit each other") }
        self.table = table
        self.prior = prior
        let kind = PairLoss.Kind.allCases[Int(code[0])]
        // Of a visitor's few events none is chosen by its score.
        loss = PairLoss(
            kind: kind == .warpKOS ? .warp : kind, maxSampled: max(1, min(Int(sampled[0]), Self.mostSampled)), drawn: 1,
            position: 1)
        learningRate = rate[0]
        learned = LearnedFeatures(
            users: try .init(file, prefix: "lightfm/user", rank: table.rank, rowCount: userCount),
            items: try .init(file, prefix: "lightfm/item", rank: table.rank, rowCount: itemCount))
    }
}
