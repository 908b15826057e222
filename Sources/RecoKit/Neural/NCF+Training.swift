extension NCF {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> NCF {
        let pairs = data.interactions.byUser
        guard pairs.entryCount > 0 else {
            throw RecoError(.badData, "ncf has nothing to learn from: no user has a positive event")
        }
        let network = settings.text("network")
        let shape = NCFNetwork.Shape(
            factors: network == "mlp" ? 0 : min(widest, FactorTable.rank(settings, pairs)),
            layers: network == "gmf" ? [] : try Perceptron.widths(settings.text("layers"), widest: widest))
        let crew = WorkCrew(threads: run.threads)
        var generator = SeededGenerator(seed: run.seed)
        var training = NCFTraining(settings, pairs: pairs.entryCount)
        let heldOut = training.patience > 0 ? min(mostHeldOut, pairs.entryCount / 10) : 0
        let sampler = NCFSampler(pairs, heldOut: heldOut, using: &generator)

        var parts = [shape]
        if settings.flag("pretraining"), network == "neumf" {
            parts = [.init(factors: shape.factors, layers: []), .init(factors: 0, layers: shape.layers), shape]
        }
        var trained: [NCFNetwork] = []
        for (number, part) in parts.enumerated() {
            let network = try NCFNetwork(
                part, users: pairs.rowCount, items: pairs.columnCount, dropout: Float(settings.number("dropout")),
                using: &generator)
            if trained.count == 2 {
                network.adopt(factorization: trained[0], perceptron: trained[1])
                training.rate *= fineTuning
            }
            let validation = try NCFValidation(sampler, network, crew: crew, using: &generator)
            var measures: [Double] = []
            let outcome = try training.train(network, sampler, crew: crew, using: &generator) {
                measures.append(validation.measure(network, crew: crew))
                return measures[measures.count - 1]
            } progress: {
                try run.progress(name, number * training.epochs + $0, parts.count * training.epochs)
            }
            if heldOut > 0, number == parts.count - 1 {
                run.learned(
                    LearningCurve(
                        model: name, measure: "NDCG@10, 1 against 99", unit: "epochs", values: measures,
                        kept: outcome.epoch))
            }
            if outcome.hasDiverged {
                run.noteDivergence(of: name, epoch: outcome.lastEpoch, kept: outcome.epoch)
            }
            trained.append(network)
        }
        try run.progress(name, parts.count * training.epochs, parts.count * training.epochs)
        return try NCF(trained[parts.count - 1], pairs, byItem: data.interactions.byItem, run: run, crew: crew)
    }

    /// How much shorter steps are where both parts are trained already: long ones learn by heart.
    private static let fineTuning: Float = 0.1

    /// Pairs held out to find the best epoch, at most.
    private static let mostHeldOut = 4096

    /// Computes all that depends on a user or an item alone. What has no pairs becomes zero and says nothing.
    init(
        _ network: NCFNetwork, _ pairs: SparseRows, byItem: SparseRows, run: TrainingRun, crew: WorkCrew
    ) throws {
        let (factors, values) = (network.shape.factors, network.weights.values)
        let first = ServingPerceptron.filled(network.shape.layers.first ?? 0)
        func rows(_ rows: SparseRows, _ embedding: Embedding, _ half: DenseLayer, isUser: Bool) throws -> DenseMatrix {
            let matrix = try DenseMatrix(rowCount: rows.rowCount, columnCount: factors + first)
            crew.run(rows.rowCount, chunk: DenseMatrix.blockRows) { range, _ in
                let vectors = MatrixRows(start: embedding.values.row(range.lowerBound), stride: embedding.width)
                let out = MatrixRows(start: matrix.row(range.lowerBound), stride: factors + first)
                if first > 0 {
                    half.forward(vectors.column(factors), range.count, values, into: out.column(factors))
                }
                for row in 0..<range.count {
                    if rows.range(range.lowerBound + row).isEmpty {
                        out.row(row).update(repeating: 0, count: factors + first)
                    } else {
                        for k in 0..<factors {
                            let weight = isUser ? values[network.factorWeights + k] : 1
                            out.row(row)[k] = weight * vectors.row(row)[k]
                        }
                    }
                }
            }
            return matrix
        }
        let users = try rows(pairs, network.users, network.userHalf, isUser: true)
        let items = try rows(byItem, network.items, network.itemHalf, isUser: false)
        let visitors = try NCFVisitors(pairs, users: users, items: items, threads: run.threads)
        perceptron = ServingPerceptron(
            inputs: network.shape.layers.first ?? 0, network.perceptron.exported(values))
        let last = network.output
        let outputs = perceptron.outputs
        output = Column(
            (0..<outputs).map { $0 < last.inputs ? values[last.weights + $0] : 0 } + [
                values[last.weights + last.inputs]
            ])
        table = try FactorTable(rank: factors + first, users: users, items: items, metric: nil)
        self.factors = factors
        visitorStart = Column(visitors.start)
        visitorRows = Column(base: visitors.rows.base, count: visitors.rows.elements.count, owner: visitors.rows)
        guard perceptron.isFinite, output.elements.allSatisfy(\.isFinite), visitorStart.elements.allSatisfy(\.isFinite),
            visitorRows.elements.allSatisfy(\.isFinite)
        else {
            throw RecoError(.badData, "training gave weights that are not finite numbers: learning-rate is too large")
        }
    }
}

extension NCFTraining {
    /// Steps of an epoch at least, where the mini-batch was not chosen: a small shop learns nothing from a step or two.
    private static let fewestSteps = 40
    private static let smallestBatch = 64

    init(_ settings: Settings, pairs: Int) {
        epochs = settings.integer("epochs")
        negatives = settings.integer("negatives")
        rate = Float(settings.number("learning-rate"))
        regularization = Float(settings.number("regularization"))
        patience = settings.integer("patience")
        let batch = settings.integer("batch")
        let bearable = max(Self.smallestBatch, pairs * (1 + negatives) / Self.fewestSteps)
        batchRows = settings.isSet("batch") ? batch : min(batch, bearable)
    }
}
