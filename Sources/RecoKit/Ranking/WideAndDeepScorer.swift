/// Scores rows of features with both sides of Wide & Deep, a page of rows at a time; what answers on the serving path.
///
/// Own kernels, no BLAS: a row's score does not depend on the rows beside it. No call allocates.
/// O(rows (crosses + weights)).
struct WideAndDeepScorer: Sendable {
    let featureNames: [String]
    let levels: FeatureLevels
    let scaling: FeatureScaling
    let columns: WideColumns
    let wide: Column<Float>  // of one column after the other
    let embedding: Int  // width
    let embeddings: Column<Float>  // (levels of one categorical feature after the other, width)
    let perceptron: ServingPerceptron
    let output: Column<Float>  // (last layer), and the bias behind it
    /// Weights of a cross at most.
    let hashed: Int
    /// Features with embeddings, and where theirs begin.
    private let embedded: [(feature: Int, start: Int)]

    static let name = "wide-deep"

    var featureCount: Int { levels.featureCount }

    /// What a network has learned; throws if its weights are not finite.
    init(
        _ network: WideDeepNetwork, _ levels: FeatureLevels, _ scaling: FeatureScaling, _ columns: WideColumns,
        names: [String], embedding: Int, hashed: Int, precision: ServingPerceptron.Precision
    ) throws {
        let deep = network.deep
        (featureNames, self.levels, self.scaling, self.columns) = (names, levels, scaling, columns)
        (self.embedding, self.hashed) = (embedding, hashed)
        embedded = Self.embedded(levels).features
        wide = Column(Array(network.wide.region))
        embeddings = Column(network.embeddings.map { Array($0.region) } ?? [])
        perceptron = ServingPerceptron(
            inputs: scaling.inputs + embedded.count * embedding, deep.perceptron.exported(deep.weights.values),
            precision: precision)
        output = Column(deep.exportedOutput())
        guard perceptron.isFinite, [output, wide, embeddings].allSatisfy({ $0.elements.allSatisfy { $0.isFinite } })
        else {
            throw RecoError(.badData, "training gave weights that are not finite numbers: learning-rate is too large")
        }
    }

    /// Categorical features, where the embeddings of each begin, and how many there are.
    static func embedded(_ levels: FeatureLevels) -> (features: [(feature: Int, start: Int)], rows: Int) {
        var (features, rows): ([(feature: Int, start: Int)], Int) = ([], 0)
        for feature in 0..<levels.featureCount where levels.isCategory(feature) {
            features.append((feature, rows))
            rows &+= levels.count(feature)
        }
        return (features, rows)
    }

    /// Bytes of memory that `score` needs, however many rows it scores.
    var scratchBytes: Int {
        let page = ServingPerceptron.page
        return (page &* perceptron.inputs &+ perceptron.memory &+ page &* featureCount)
            &* MemoryLayout<Float>.stride &+ Self.alignment
    }

    private static let alignment = 64

    /// Raw scores of `count` rows: (count, features). No call allocates.
    func score(
        _ rows: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutableRawPointer
    ) {
        guard let last = output.base else { return }
        let page = ServingPerceptron.page
        let features = levels.featureCount
        let x = MatrixRows(
            start: scratch.alignedUp(toMultipleOf: Self.alignment).assumingMemoryBound(to: Float.self),
            stride: perceptron.inputs)
        let memory = x.row(page)
        let found = UnsafeMutableRawPointer(memory + perceptron.memory).assumingMemoryBound(to: UInt32.self)
        var done = 0
        while done < count {
            let part = min(page, count &- done)
            let from = rows + done &* features
            scaling.apply(from, part, into: x)
            for row in 0..<part {
                let own = found + row &* features
                for feature in 0..<features {
                    own[feature] = UInt32(
                        truncatingIfNeeded: levels.level(feature, from[row &* features &+ feature]))
                }
                var to = x.row(row) + scaling.inputs
                for (feature, start) in embedded {
                    if let vector = embeddings.row(start &+ Int(own[feature]), width: embedding) {
                        to.update(from: vector.baseAddress!, count: embedding)
                    }
                    to += embedding
                }
            }
            let hidden = perceptron.forward(x, part, memory: memory)
            for row in 0..<part {
                let own = UnsafePointer(found + row &* features)
                var sum: Float = 0
                for column in 0..<columns.count { sum += wide[columns.index(column, own)] }
                let deep = Kernels.best.dot(hidden.row(row), last, perceptron.outputs) + last[perceptron.outputs]
                scores[done &+ row] = Double(deep + sum)
            }
            done &+= part
        }
    }

    // MARK: file

    /// Writes the sections `wide-deep/...`. `levels`: where a file numbers categories in its own way.
    func write(to writer: ModelWriter, levels: FeatureLevels? = nil) throws {
        try writer.add("\(Self.name)/feature-names", lines: featureNames)
        try scaling.write(to: writer, name: Self.name)
        try (levels ?? self.levels).write(to: writer, name: Self.name)
        try columns.write(to: writer, name: Self.name, hashed: hashed)
        try writer.add("\(Self.name)/wide", wide.elements)
        try writer.add("\(Self.name)/embedding", [UInt32(embedding)])
        try writer.add("\(Self.name)/embeddings", embeddings.elements)
        try perceptron.write(to: writer, name: "\(Self.name)/deep")
        try writer.add("\(Self.name)/output", output.elements)
    }

    /// Reads them; nil if there are none. Throws `damaged` where they cannot be right.
    init?(_ file: ModelFile) throws {
        guard file.contains("\(Self.name)/output") else { return nil }
        guard let scaling = FeatureScaling(file, name: Self.name), let levels = FeatureLevels(file, name: Self.name),
            let columns = WideColumns(file, name: Self.name, levels),
            let wide = file.column("\(Self.name)/wide", as: Float.self),
            let embedding = file.column("\(Self.name)/embedding", as: UInt32.self), embedding.count == 1,
            embedding[0] >= 1, embedding[0] <= 256,
            let embeddings = file.column("\(Self.name)/embeddings", as: Float.self),
            let perceptron = ServingPerceptron(file, name: "\(Self.name)/deep"),
            let output = file.column("\(Self.name)/output", as: Float.self),
            let hashed = file.column("\(Self.name)/crosses", as: UInt32.self)
        else { throw Self.damaged }
        featureNames = file.lines("\(Self.name)/feature-names")
        (self.levels, self.scaling, self.columns, self.wide) = (levels, scaling, columns, wide)
        (self.embedding, self.embeddings) = (Int(embedding[0]), embeddings)
        (self.perceptron, self.output, self.hashed) = (perceptron, output, Int(hashed[0]))
        embedded = Self.embedded(levels).features
        let inputs = scaling.inputs + embedded.count * self.embedding
        guard featureNames.count == featureCount, scaling.featureCount == featureCount,
            perceptron.inputs == ServingPerceptron.filled(inputs), output.count == perceptron.outputs + 1,
            columns.weightCount == wide.count
        else { throw Self.damaged }
    }

    private static let damaged = RecoError(.damaged, "the file's wide-deep model does not fit together")
}
