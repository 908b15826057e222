extension SVD {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("svd/singular-values", singularValues.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard let values = file.column("svd/singular-values", as: Float.self), values.count == table.rank,
            table.metric != nil
        else { throw RecoError(.damaged, "the model's svd singular values do not fit its factors") }
        self.table = table
        singularValues = values
    }
}
