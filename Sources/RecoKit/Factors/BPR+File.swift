extension BPR {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("bpr/learning-rate", [learningRate])
        try writer.add("bpr/regularization", [regularization])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard let rate = file.column("bpr/learning-rate", as: Float.self), rate.count == 1,
            let regularization = file.column("bpr/regularization", as: Float.self), regularization.count == 1
        else { throw RecoError(.damaged, "the model's bpr has no learning rate or regularization") }
        self.table = table
        learningRate = rate[0]
        self.regularization = regularization[0]
    }
}
