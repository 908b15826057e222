extension BoostedTrees {
    /// Trains on a table. The same table, settings and seed give the same trees, whatever the number of threads.
    ///
    /// With `validation`, which must not overlap, training stops where that set has not improved for a while. With
    /// `releasing`, the table's features are given back as soon as they are binned; it is of no use afterwards.
    /// O(trees x (rows x features x depth) / threads); memory: a byte a value beside the table's four, about 60 bytes a
    /// row, and leaves x features x 4 kB for histograms. Throws `badData` where there is nothing to learn.
    public static func train(
        _ table: RankingTable, validation: RankingTable? = nil,
        settings: RecoKit.Settings = RecoKit.Settings(hyperparameters),
        run: TrainingRun = TrainingRun(), releasing: Bool = false
    ) throws -> BoostedTrees {
        let objective = objective(settings, table)
        try objective.check(table, "the training set")
        try validation.map { try objective.check($0, "the validation set") }
        guard table.featureCount > 0 else { throw RecoError(.badData, "the training set has no features") }
        let names = table.featureNames
        let limits = try limits(settings, names, table.categories)
        let loss = try loss(objective, table, settings)
        let crew = WorkCrew(threads: run.threads)

        try run.progress("binning features", 0, 1)
        let binned = try BinnedTable(
            table, maximumBins: settings.integer("bins"), minimumInBin: settings.integer("min-data-in-bin"), crew: crew,
            releasing: releasing)
        try run.progress("binning features", 1, 1)

        var ensemble = TreeEnsemble()
        ensemble.featureNames = names
        ensemble.featureCount = table.featureCount
        ensemble.base = loss.base
        ensemble.link = objective == .logistic ? .logistic : .identity
        var trees = BoostedTrees(ensemble: ensemble, objective: objective, categories: table.categories)
        let grower = TreeGrower(binned, limits, crew: crew)
        var sampling = Sampling(table, binned, settings, seed: run.seed)
        let stopping = validation.map { EarlyStopping($0, objective, base: loss.base, settings) }
        let rate = settings.number("learning-rate")
        let treeCount = settings.integer("trees")

        let scores = UnsafeMutablePointer<Double>.allocate(capacity: table.rowCount)
        let gradients = UnsafeMutablePointer<Float>.allocate(capacity: table.rowCount)
        let hessians = UnsafeMutablePointer<Float>.allocate(capacity: table.rowCount)
        defer {
            scores.deallocate()
            gradients.deallocate()
            hessians.deallocate()
        }
        scores.update(repeating: loss.base, count: table.rowCount)
        for round in 0..<treeCount {
            try run.progress(name, round, treeCount)
            loss.gradients(scores, gradients, hessians, crew)
            let sample = sampling.next()
            guard
                var tree = grower.grow(
                    gradients: gradients, hessians: hessians, sample: sample.rows, features: sample.features)
            else {
                throw RecoError(
                    .badData, "the scores have grown beyond all numbers; use a smaller learning-rate or more l2")
            }
            // A tree that splits nothing says nothing; with all rows and features, neither would the next.
            if tree.nodes.isEmpty, !sampling.isRandom { break }
            for leaf in tree.leaves.indices { tree.leaves[leaf] *= rate }
            grower.addScores(tree.leaves, to: scores)
            if let others = sample.otherRows { grower.addScores(tree.leaves, to: scores, others: others) }
            trees.ensemble.trees.append(tree)
            if let stopping, stopping.isOver(after: tree, crew) { break }
        }
        if let stopping {
            trees.validation = stopping.values
            if stopping.keepsBest { trees.ensemble.trees.removeLast(trees.ensemble.trees.count - stopping.bestCount) }
        }
        try run.progress(name, treeCount, treeCount)
        return trees
    }

    private static func objective(_ settings: RecoKit.Settings, _ table: RankingTable) -> BoostingObjective {
        if let named = BoostingObjective(rawValue: settings.text("objective")) { return named }
        if table.hasGroups { return .lambdaMART }
        return table.labels.allSatisfy { $0 == 0 || $0 == 1 } ? .logistic : .squaredError
    }

    private static func loss(
        _ objective: BoostingObjective, _ table: RankingTable, _ settings: RecoKit.Settings
    ) throws -> any BoostingLoss {
        switch objective {
        case .squaredError, .logistic: return try PointwiseLoss(table, isLogistic: objective == .logistic)
        case .lambdaMART, .pairwise:
            return try RankingLoss(
                table, isLambdaMART: objective == .lambdaMART,
                .init(
                    truncation: settings.integer("truncation"), sigma: settings.number("sigma"),
                    normalizes: settings.flag("normalize"), learningRate: settings.number("learning-rate"),
                    biasRegularization: settings.number("position-bias-l2")))
        }
    }

    private static func limits(
        _ settings: RecoKit.Settings, _ names: [String], _ categories: [[String]?]
    ) throws -> GrowthLimits {
        var limits = GrowthLimits()
        limits.leaves = settings.integer("leaves")
        limits.depth = settings.integer("depth")
        limits.minimumRows = settings.integer("min-data-in-leaf")
        limits.minimumHessian = settings.number("min-hessian-in-leaf")
        limits.minimumGain = settings.number("min-gain")
        limits.l1 = settings.number("l1")
        limits.l2 = settings.number("l2")
        limits.categoryL2 = settings.number("category-l2")
        limits.categorySmoothing = settings.number("category-smoothing")
        let monotone = settings.text("monotone")
        if monotone.isEmpty { return limits }
        limits.monotone = [Int8](repeating: 0, count: names.count)
        for part in monotone.split(separator: ",") {
            let colon = part.lastIndex(of: ":") ?? part.startIndex
            let direction = part[colon...].dropFirst()
            guard let feature = names.firstIndex(of: String(part[..<colon])) else {
                throw RecoError(.invalidArgument, "monotone names \"\(part[..<colon])\", which is no feature")
            }
            guard direction == "rising" || direction == "falling" else {
                throw RecoError(.invalidArgument, "monotone takes NAME:rising or NAME:falling, not \"\(part)\"")
            }
            guard categories[feature] == nil else {
                throw RecoError(.invalidArgument, "\(names[feature]) has categories, which neither rise nor fall")
            }
            limits.monotone[feature] = direction == "rising" ? 1 : -1
        }
        return limits
    }
}

/// Which rows and features each tree sees: groups as a whole, where there are groups.
private struct Sampling {
    private var generator: SeededGenerator
    private let rowShare: Double
    private let featureShare: Double
    private let groupOffsets: [Int]
    private let rowCount: Int
    private let featureCount: Int
    private let usable: [Int]

    init(_ table: RankingTable, _ binned: BinnedTable, _ settings: Settings, seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        rowShare = settings.number("row-sampling")
        featureShare = settings.number("feature-sampling")
        groupOffsets = table.groupOffsets
        rowCount = table.rowCount
        featureCount = table.featureCount
        usable = binned.features.sorted()
    }

    var isRandom: Bool { rowShare < 1 || featureShare < 1 }

    mutating func next() -> (rows: [UInt32]?, otherRows: [UInt32]?, features: [Bool]?) {
        var (rows, others): ([UInt32]?, [UInt32]?) = (nil, nil)
        if rowShare < 1 {
            (rows, others) = ([], [])
            let unitCount = groupOffsets.isEmpty ? rowCount : groupOffsets.count - 1
            // Each unit with the chance that leaves as many as are wanted (Fan, Muller and Rezucha 1962,
            // doi:10.1080/01621459.1962.10480667): in order, and exactly so many.
            var wanted = max(1, Int((rowShare * Double(unitCount)).rounded()))
            for unit in 0..<unitCount {
                let range = groupOffsets.isEmpty ? unit..<unit + 1 : groupOffsets[unit]..<groupOffsets[unit + 1]
                let isTaken = generator.nextIndex(unitCount - unit) < wanted
                if isTaken { wanted -= 1 }
                for row in range { if isTaken { rows!.append(UInt32(row)) } else { others!.append(UInt32(row)) } }
            }
        }
        guard featureShare < 1 else { return (rows, others, nil) }
        var features = [Bool](repeating: false, count: featureCount)
        var wanted = max(1, Int((featureShare * Double(usable.count)).rounded()))
        for (place, feature) in usable.enumerated() where generator.nextIndex(usable.count - place) < wanted {
            features[feature] = true
            wanted -= 1
        }
        return (rows, others, features)
    }
}

/// Watches a validation set.
private final class EarlyStopping {
    private let table: RankingTable
    private let objective: BoostingObjective
    private let patience: Int
    private let cutoff: Int
    private var scores: [Double]
    private(set) var values: [Double] = []
    private(set) var bestCount = 0
    private var best = -Double.infinity

    init(_ table: RankingTable, _ objective: BoostingObjective, base: Double, _ settings: Settings) {
        self.table = table
        self.objective = objective
        patience = settings.integer("early-stopping")
        cutoff = settings.integer("cutoff")
        scores = [Double](repeating: base, count: table.rowCount)
    }

    var keepsBest: Bool { patience > 0 }

    /// Adds a tree, and says whether it was one too many.
    func isOver(after tree: TreeEnsemble.Tree, _ crew: WorkCrew) -> Bool {
        scores.withUnsafeMutableBufferPointer { scores in
            nonisolated(unsafe) let scores = scores
            let walk = TreeWalk([tree], table)
            crew.run(table.rowCount, chunk: 1024) { rows, _ in walk.add(rows, to: scores, scale: 1) }
        }
        let value = value()
        values.append(value)
        let goodness = objective.isRanking ? value : -value
        if goodness > best {
            best = goodness
            bestCount = values.count
        }
        return keepsBest && values.count - bestCount >= patience
    }

    /// NDCG for rankings, else the mean loss.
    private func value() -> Double {
        if objective.isRanking {
            return RankingMetrics.ndcg(table, scores: scores, cutoffs: [cutoff]).mean[0]
        }
        var (sum, weights) = (0.0, 0.0)
        for row in 0..<table.rowCount {
            let weight = table.weights.isEmpty ? 1 : Double(table.weights[row])
            let label = Double(table.labels[row])
            let loss =
                objective == .logistic
                ? RankingMetrics.logLoss(label, raw: scores[row]) : (scores[row] - label) * (scores[row] - label)
            sum += weight * loss
            weights += weight
        }
        return weights > 0 ? sum / weights : 0
    }
}
