extension ALS {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("als/gram", gram.elements)
        try writer.add("als/gram-inverse", gramInverse.elements)
        try writer.add("als/alpha", [alpha])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard let gram = file.column("als/gram", as: Float.self),
            let gramInverse = file.column("als/gram-inverse", as: Float.self),
            let alpha = file.column("als/alpha", as: Float.self), alpha.count == 1,
            gram.count == table.rank * table.rank, gramInverse.count == table.rank * table.rank
        else { throw RecoError(.damaged, "the model's als matrices do not fit its factors") }
        self.table = table
        self.gram = gram
        self.gramInverse = gramInverse
        self.alpha = alpha[0]
    }
}
