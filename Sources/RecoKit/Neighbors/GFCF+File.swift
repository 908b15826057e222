extension GFCF {
    func write(to writer: ModelWriter) throws {
        try filter.write(to: writer, name: Self.name)
        try writer.add("gf-cf/rank", [UInt32(rank)])
        try writer.add("gf-cf/factors", factors.elements)
        try writer.add("gf-cf/pulls", pulls.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let filter = try ItemSimilarityTable(file, name: Self.name, itemCount: itemCount) else { return nil }
        guard let ranks = file.column("gf-cf/rank", as: UInt32.self), ranks.count == 1,
            let factors = file.column("gf-cf/factors", as: Float.self),
            let pulls = file.column("gf-cf/pulls", as: Float.self), pulls.count == itemCount
        else { throw RecoError(.damaged, "the model's gf-cf sections are missing or do not fit its items") }
        let rank = Int(ranks[0])
        // The file is no longer than Int.max bytes, so a quotient is safe where a product might overflow.
        guard rank >= 1, rank <= FactorTable.maximumRank, factors.count % rank == 0, factors.count / rank == itemCount
        else { throw RecoError(.damaged, "the model's gf-cf factors do not fit its items") }
        self.init(filter: filter, rank: rank, factors: factors, pulls: pulls)
    }
}
