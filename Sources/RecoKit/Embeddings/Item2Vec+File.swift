extension Item2Vec {
    func write(to writer: ModelWriter) throws {
        try writer.add("item2vec/rank", [UInt32(vectors.rank)])
        try writer.add("item2vec/vectors", vectors.items.elements)
        try writer.add("item2vec/norms", vectors.inverseNorms.elements)
        if let contexts { try writer.add("item2vec/contexts", contexts.items.elements) }
        try writer.add("item2vec/user-offsets", userOffsets.offsets.elements)
        try writer.add("item2vec/user-items", userItems.elements)
        try writer.add("item2vec/recency", [recency])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("item2vec/rank") else { return nil }
        let damaged = RecoError(.damaged, "the model's item2vec sections are missing or do not fit together")
        guard let ranks: Column<UInt32> = file.column("item2vec/rank"), ranks.count == 1,
            let vectors: Column<Float> = file.column("item2vec/vectors"),
            let norms: Column<Float> = file.column("item2vec/norms"),
            let offsets: Column<UInt64> = file.column("item2vec/user-offsets"),
            let items: Column<UInt32> = file.column("item2vec/user-items"),
            let recency: Column<Float> = file.column("item2vec/recency"), recency.count == 1,
            norms.count == itemCount, offsets.count == userCount + 1
        else { throw damaged }
        let rank = Int(ranks[0])
        // The file is no longer than Int.max bytes, so quotients are safe where products might overflow.
        func fits(_ column: Column<Float>, _ width: Int) -> Bool {
            column.count % width == 0 && column.count / width == itemCount
        }
        let contexts: Column<Float>? = file.column("item2vec/contexts")
        guard rank >= 1, rank < FactorTable.maximumRank, fits(vectors, rank),
            contexts.map({ fits($0, rank + 1) }) ?? true
        else { throw damaged }
        self.init(
            rank: rank, vectors: vectors, norms: norms, contexts: contexts,
            userOffsets: RaggedOffsets(offsets: offsets), userItems: items, recency: recency[0])
    }
}
