/// Scores rows of features with a perceptron, a page of rows at a time; what answers on the serving path.
///
/// Own kernels, no BLAS: a row's score does not depend on the rows beside it. No call allocates. O(rows weights).
struct PerceptronScorer: Sendable {
    let featureNames: [String]
    let scaling: FeatureScaling
    let perceptron: ServingPerceptron
    let output: Column<Float>  // (last layer), and the bias behind it

    static let name = "mlp-ranker"

    var featureCount: Int { scaling.featureCount }

    /// Bytes of memory that a call needs, however many rows it scores.
    var scratchBytes: Int {
        (ServingPerceptron.page &* scaling.width &+ perceptron.memory) &* MemoryLayout<Float>.stride &+ Self.alignment
    }

    private static let alignment = 64

    init(
        _ network: ScoringNetwork, _ scaling: FeatureScaling, names: [String], scale: Float, offset: Float,
        precision: ServingPerceptron.Precision
    ) throws {
        featureNames = names
        self.scaling = scaling
        perceptron = ServingPerceptron(
            inputs: scaling.inputs, network.perceptron.exported(network.weights.values), precision: precision)
        output = Column(network.exportedOutput(scale: scale, offset: offset))
        guard perceptron.isFinite, output.elements.allSatisfy(\.isFinite) else {
            throw RecoError(.badData, "training gave weights that are not finite numbers: learning-rate is too large")
        }
    }

    /// Scores `count` rows.
    ///
    /// - Parameters:
    ///   - rows: (count, features)
    ///   - scores: (count)
    ///   - scratch: `scratchBytes`
    func score(
        _ rows: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutableRawPointer
    ) {
        guard let last = output.base else { return }
        let page = ServingPerceptron.page
        let outputs = perceptron.outputs
        let x = MatrixRows(
            start: scratch.alignedUp(toMultipleOf: Self.alignment).assumingMemoryBound(to: Float.self),
            stride: scaling.width)
        let memory = x.row(page)
        var done = 0
        while done < count {
            let part = min(page, count &- done)
            scaling.apply(rows + done &* featureCount, part, into: x)
            let hidden = perceptron.forward(x, part, memory: memory)
            for row in 0..<part {
                scores[done &+ row] = Double(Kernels.best.dot(hidden.row(row), last, outputs) + last[outputs])
            }
            done &+= part
        }
    }

    // MARK: file

    /// Writes the sections `mlp-ranker/...`. `scaling`: where a file numbers categories in its own way.
    func write(to writer: ModelWriter, scaling: FeatureScaling? = nil) throws {
        if featureNames != Self.numbers(featureCount) {
            try writer.add("\(Self.name)/feature-names", lines: featureNames)
        }
        try (scaling ?? self.scaling).write(to: writer, name: Self.name)
        try perceptron.write(to: writer, name: "\(Self.name)/layers")
        try writer.add("\(Self.name)/output", output.elements)
    }

    /// Reads them; nil if there are none. Throws `damaged` where they cannot be right.
    init?(_ file: ModelFile) throws {
        guard file.contains("\(Self.name)/output") else { return nil }
        guard let scaling = FeatureScaling(file, name: Self.name),
            let perceptron = ServingPerceptron(file, name: "\(Self.name)/layers"),
            let output = file.column("\(Self.name)/output", as: Float.self),
            perceptron.inputs == scaling.width, output.count == perceptron.outputs + 1
        else { throw RecoError(.damaged, "the network of the file's ranker does not fit together") }
        (self.scaling, self.perceptron, self.output) = (scaling, perceptron, output)
        let names = "\(Self.name)/feature-names"
        featureNames = file.contains(names) ? file.lines(names) : Self.numbers(scaling.featureCount)
    }

    /// What features are called that have no names: those of svmlight files. They need not stand in a file.
    private static func numbers(_ count: Int) -> [String] { (0..<count).map { "\($0)" } }
}
