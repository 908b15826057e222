extension FactorTable {
    /// Factors beyond this many are a mistake or a damaged file.
    static let maximumRank = 1024

    /// Writes `name/rank`, `name/user-factors`, `name/item-factors`, `name/item-norms`, `name/metric`, and the bounds of
    /// a large table.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/rank", [UInt32(rank)])
        try writer.add("\(name)/user-factors", users.elements)
        try writer.add("\(name)/item-factors", items.elements)
        try writer.add("\(name)/item-norms", inverseNorms.elements)
        if let metric { try writer.add("\(name)/metric", metric.elements) }
        try bounds?.write(to: writer, name: name)
    }

    /// Reads what `write` wrote; nil if the file has no factors of that name.
    init?(_ file: ModelFile, name: String, userCount: Int, itemCount: Int) throws {
        guard file.contains("\(name)/rank") else { return nil }
        let damaged = RecoError(.damaged, "the model's \(name) factors do not fit its users and items")
        guard let ranks = file.column("\(name)/rank", as: UInt32.self), ranks.count == 1,
            let users = file.column("\(name)/user-factors", as: Float.self),
            let items = file.column("\(name)/item-factors", as: Float.self),
            let inverseNorms = file.column("\(name)/item-norms", as: Float.self)
        else { throw damaged }
        let rank = Int(ranks[0])
        // The file is no longer than Int.max bytes, so quotients are safe where products might overflow.
        guard rank >= 1, rank <= Self.maximumRank,
            users.count % rank == 0, users.count / rank == userCount,
            items.count % rank == 0, items.count / rank == itemCount, inverseNorms.count == itemCount
        else { throw damaged }
        let metric = file.column("\(name)/metric", as: Float.self)
        if let metric, metric.count != rank { throw damaged }
        self.init(
            rank: rank, users: users, items: items, inverseNorms: inverseNorms, metric: metric,
            bounds: try ScoreBounds(file, name: name, rank: rank, itemCount: itemCount))
    }
}
