extension ALS {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("als/spectrum", spectrum.elements)
        try writer.add("als/alpha", [objective.alpha])
        try writer.add("als/unobserved", [objective.unobserved])
        try writer.add("als/regularization", [objective.regularization])
        try writer.add("als/frequency-scaling", [objective.frequencyScaling])
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard let table = try FactorTable(file, name: Self.name, userCount: userCount, itemCount: itemCount) else {
            return nil
        }
        func number(_ name: String) throws -> Float {
            guard let column = file.column("als/\(name)", as: Float.self), column.count == 1 else {
                throw RecoError(.damaged, "the model's als has no \(name)")
            }
            return column[0]
        }
        guard let spectrum = file.column("als/spectrum", as: Float.self), spectrum.count == table.rank else {
            throw RecoError(.damaged, "the model's als spectrum does not fit its factors")
        }
        self.table = table
        self.spectrum = spectrum
        objective = ALSObjective(
            alpha: try number("alpha"), unobserved: try number("unobserved"),
            regularization: try number("regularization"), frequencyScaling: try number("frequency-scaling"))
    }
}
