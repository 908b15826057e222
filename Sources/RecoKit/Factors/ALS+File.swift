extension ALS {
    func write(to writer: ModelWriter) throws {
        try table.write(to: writer, name: Self.name)
        try writer.add("als/spectrum", spectrum.elements)
        try writer.add("als/alpha", [objective.alpha])
        try writer.add("als/unobserved", [objective.unobserved])
        try writer.add("als/regularization", [objective.regularization])
        try writer.add("als/frequency-scaling", [objective.frequencyScaling])
        if objective.confidenceOffset != 0 || objective.countsObservedOnly {
            try writer.add("als/confidence", [objective.confidenceOffset, objective.countsObservedOnly ? 1 : 0])
        }
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
        let confidence = file.column("als/confidence", as: Float.self)
        self.table = table
        self.spectrum = spectrum
        objective = ALSObjective(
            alpha: try number("alpha"), unobserved: try number("unobserved"),
            regularization: try number("regularization"), frequencyScaling: try number("frequency-scaling"),
            confidenceOffset: confidence?[0] ?? 0, countsObservedOnly: confidence?[1] == 1)
    }
}
