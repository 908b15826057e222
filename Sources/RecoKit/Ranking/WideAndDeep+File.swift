extension WideAndDeep {
    public func write(to writer: ModelWriter, settings: Settings, seed: UInt64) throws {
        try addDescription(to: writer, settings: settings, seed: seed, steps: ("epochs", steps.kept))
        try writer.add(
            "\(Self.name)/feature-names",
            text: featureNames.map { String($0.map { $0.isNewline ? " " : $0 }) }.joined(separator: "\n"))
        try writer.add("\(Self.name)/categories", text: CategoryTexts.text(categories))
        try scaling.write(to: writer, name: Self.name)
        try levels.write(to: writer, name: Self.name)
        try columns.write(to: writer, name: Self.name, hashed: hashed)
        try writer.add("\(Self.name)/wide", wide.elements)
        try writer.add("\(Self.name)/embedding", [UInt32(embedding)])
        try writer.add("\(Self.name)/embeddings", embeddings.elements)
        try perceptron.write(to: writer, name: "\(Self.name)/deep")
        try writer.add("\(Self.name)/output", output.elements)
    }

    public init?(_ file: ModelFile) throws {
        let description = ModelDescription(file)
        guard description["holds"] == Self.name else { return nil }
        func damaged() -> RecoError { RecoError(.damaged, "the file's wide-deep model does not fit together") }
        let names = (file.text("\(Self.name)/feature-names") ?? "").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        guard let scaling = FeatureScaling(file, name: Self.name), let levels = FeatureLevels(file, name: Self.name),
            let columns = WideColumns(file, name: Self.name, levels),
            let wide = file.column("\(Self.name)/wide", as: Float.self),
            let embedding = file.column("\(Self.name)/embedding", as: UInt32.self), embedding.count == 1,
            embedding[0] >= 1, embedding[0] <= 256,
            let embeddings = file.column("\(Self.name)/embeddings", as: Float.self),
            let perceptron = ServingPerceptron(file, name: "\(Self.name)/deep"),
            let output = file.column("\(Self.name)/output", as: Float.self)
        else { throw damaged() }
        let embedded = Self.embedded(levels)
        let inputs = scaling.inputs + embedded.features.count * Int(embedding[0])
        guard names.count == levels.featureCount, scaling.featureCount == levels.featureCount,
            perceptron.inputs == ServingPerceptron.filled(inputs), output.count == perceptron.outputs + 1,
            columns.weightCount == wide.count
        else { throw damaged() }
        self.init(
            names: names,
            categories: CategoryTexts.categories(file.text("\(Self.name)/categories"), features: names.count),
            levels: levels, scaling: scaling, columns: columns, wide: wide, embedding: Int(embedding[0]),
            embeddings: embeddings, perceptron: perceptron, output: output,
            hashed: Int(file.column("\(Self.name)/crosses", as: UInt32.self)?[0] ?? 1), validation: [],
            epochs: description["epochs"].flatMap { Int($0) } ?? 0)
    }
}
