extension NCF {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("ncf/factors", [UInt32(factors)])
        try perceptron.write(to: writer, name: "ncf/layers")
        try writer.add("ncf/output", output.elements)
        try writer.add("ncf/visitor-start", visitorStart.elements)
        try writer.add("ncf/visitor-rows", visitorRows.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        guard let counts = file.column("ncf/factors", as: UInt32.self), counts.count == 1,
            let perceptron = ServingPerceptron(file, name: "ncf/layers"),
            let output = file.column("ncf/output", as: Float.self),
            let start = file.column("ncf/visitor-start", as: Float.self),
            let rows = file.column("ncf/visitor-rows", as: Float.self),
            // Both are bounded: by 2^32 and by the widest layer.
            Int(counts[0]) + perceptron.inputs == table.rank, output.count == perceptron.outputs + 1,
            start.count == table.rank, rows.count == table.items.count
        else { throw RecoError(.damaged, "the model's ncf network does not fit its vectors") }
        self.table = table
        factors = Int(counts[0])
        self.perceptron = perceptron
        self.output = output
        visitorStart = start
        visitorRows = rows
    }
}
