extension LightFM {
    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> LightFM {
        let positive = data.interactions.byUser
        guard positive.entryCount > 0 else {
            throw RecoError(.badData, "there is nothing to learn from: no user has a positive event")
        }
        let limits = AttributeValues.Limits(
            values: settings.integer("values"), buckets: settings.integer("buckets"), words: settings.integer("words"))
        let userFeatures = try RowFeatures(
            data.userCatalog, of: "users", wanted: settings.text("user-features"), setting: "user-features",
            rowCount: positive.rowCount, limits)
        let itemFeatures = try RowFeatures(
            data.catalog, of: "items", wanted: settings.text("item-features"), setting: "item-features",
            rowCount: positive.columnCount, limits)
        for note in userFeatures.notes + itemFeatures.notes { run.note("\(name): \(note)") }

        let earlier = try data.earlier.flatMap { try Earlier($0, settings, run) }
        let rank = earlier.map { $0.model.table.rank - 1 } ?? FactorTable.rank(settings, positive)
        let optimizer: FeatureVectors.Optimizer =
            settings.text("optimizer") == "adadelta"
            ? .adadelta(decay: Float(settings.number("decay")), epsilon: Float(settings.number("epsilon")))
            : .adagrad(rate: Float(settings.number("learning-rate")))
        let users = try FeatureVectors(
            userFeatures.rows, rank: rank, optimizer: optimizer, penalty: Float(settings.number("user-regularization")))
        let items = try FeatureVectors(
            itemFeatures.rows, rank: rank, optimizer: optimizer, penalty: Float(settings.number("item-regularization")))
        if let earlier {
            users.carryOver(
                earlier.model.learned.users, names: userFeatures.names, identityCount: userFeatures.identityCount
            ) { earlier.users.row(of: data.log.users.id(of: $0)) }
            items.carryOver(
                earlier.model.learned.items, names: itemFeatures.names, identityCount: itemFeatures.identityCount
            ) { earlier.items.row(of: data.log.items.id(of: $0)) }
        }
        var generator = SeededGenerator(seed: run.seed)
        let (learnsUser, learnsItem) = (rowsWithEntries(positive), rowsWithEntries(data.interactions.byItem))
        try users.start(features(userFeatures, of: learnsUser, "user"), using: &generator)
        try items.start(features(itemFeatures, of: learnsItem, "item"), using: &generator)

        let kind = PairLoss.Kind(rawValue: settings.text("loss"))!
        let loss = PairLoss(
            kind: kind, maxSampled: settings.integer("max-sampled"), drawn: settings.integer("kos-drawn"),
            position: settings.integer("kos-position"))
        let epochs = HybridEpochs(
            users: users, items: items, loss: loss,
            pairs: pairs(
                data.interactions, isWeighted: settings.flag("sample-weights"), hasDislikes: kind == .logistic),
            isLockFree: settings.flag("lock-free"))
        try learn(epochs, count: settings.integer("epochs"), using: &generator, run)

        let userTable = try sums(userFeatures, users, learnsUser, threads: run.threads)
        let itemTable = try sums(itemFeatures, items, learnsItem, threads: run.threads)
        let prior = averageRow(userTable, learnsUser)
        for row in 0..<itemTable.rowCount where learnsItem[row] || !isZero(itemTable.row(row), rank + 1) {
            itemTable.row(row)[rank] += prior[rank]  // what an average user adds to all scores
        }
        for row in 0..<userTable.rowCount {
            let vector = userTable.row(row)
            vector[rank] = isZero(vector, rank) ? 0 : 1
        }
        return LightFM(
            table: try FactorTable(
                rank: rank + 1, users: userTable, items: itemTable, metric: [Float](repeating: 1, count: rank) + [0]),
            prior: Column(prior.dropLast() + [1]),
            learned: LearnedFeatures(
                users: .init(users, names: userFeatures.names), items: .init(items, names: itemFeatures.names)),
            loss: loss, learningRate: Float(settings.number("learning-rate")))
    }

    /// An earlier model that training goes on from.
    private struct Earlier {
        let model: LightFM
        let users: IDIndex
        let items: IDIndex

        /// Nil where the file holds no such model, which is told.
        init?(_ file: ModelFile, _ settings: Settings, _ run: TrainingRun) throws {
            users = try IDIndex(file, prefix: "users")
            items = try IDIndex(file, prefix: "items")
            guard let model = try LightFM(file, userCount: users.count, itemCount: items.count) else {
                run.note("\(LightFM.name): the earlier model has none, so it is trained anew")
                return nil
            }
            let factors = model.table.rank - 1
            if settings.isSet("factors"), settings.integer("factors") != factors {
                throw RecoError(
                    .invalidArgument,
                    "the earlier model has \(factors) factors, so training cannot go on with \(settings.integer("factors"))"
                )
            }
            self.model = model
        }
    }

    // MARK: What is learned from

    private static func rowsWithEntries(_ rows: SparseRows) -> [Bool] {
        (0..<rows.rowCount).map { !rows.range($0).isEmpty }
    }

    /// Which features the learned rows have. Throws where they have none at all.
    private static func features(_ features: RowFeatures, of learned: [Bool], _ what: String) throws -> [Bool] {
        var has = [Bool](repeating: false, count: features.rows.columnCount)
        var any = false
        for row in learned.indices where learned[row] {
            for entry in features.rows.range(row) {
                has[Int(features.rows.columns[entry])] = true
                any = true
            }
        }
        guard any else {
            throw RecoError(
                .badData,
                "no \(what) with events has any of the features that \(what)-features names; with \"identity\" among them "
                    + "each has one")
        }
        return has
    }

    /// A weight is the pair's value beside the mean; ten times that at most, or one pair would move all.
    private static func pairs(
        _ interactions: Interactions, isWeighted: Bool, hasDislikes: Bool
    ) -> HybridEpochs.Pairs {
        var (users, items, weights) = ([UInt32](), [UInt32](), [Float]())
        let positive = interactions.byUser
        let rows = hasDislikes ? interactions.history : positive
        let mean = positive.values.reduce(0.0) { $0 + Double($1) } / Double(max(1, positive.entryCount))
        for user in 0..<rows.rowCount {
            for entry in rows.range(user) where rows.values[entry] != 0 {
                let value = rows.values[entry]
                let size = isWeighted ? min(10, Float(Double(value.magnitude) / mean)) : 1
                users.append(UInt32(user))
                items.append(rows.columns[entry])
                weights.append(value < 0 ? -size : size)
            }
        }
        let known = (0..<interactions.itemCount).filter { !interactions.byItem.range($0).isEmpty }
        return HybridEpochs.Pairs(
            users: Column(users), items: Column(items), weights: Column(weights),
            offsets: Column(positive.offsets.map { Int64($0) }), own: positive.columns.column,
            known: Column(known.map { UInt32($0) }))
    }

    // MARK: Learning

    /// Runs the epochs. If steps are so long that the loss grows beyond measure, the best epoch is what stays, and that is
    /// told; if no epoch was any good, throws.
    private static func learn(
        _ epochs: HybridEpochs, count: Int, using generator: inout SeededGenerator, _ run: TrainingRun
    ) throws {
        let crew = WorkCrew(threads: run.threads)
        let weights = epochs.pairs.weights.elements
        let weight = weights.reduce(0.0) { $0 + Double($1.magnitude) } / Double(max(1, weights.count))
        let untrained = weight * epochs.loss.untrained(itemCount: epochs.pairs.known.count)
        // The mean loss of few pairs moves by chance.
        let chance = 1 + 4 / Double(max(1, weights.count)).squareRoot()
        let bearable = chance * untrained
        var order = (0..<epochs.pairs.users.count).map { UInt32($0) }
        var best = (loss: Double.infinity, epoch: 0)
        let users = try epochs.users.copy()
        let items = try epochs.items.copy()
        for epoch in 0..<count {
            try run.progress(name, epoch, count)
            order.shuffle(using: &generator)
            let loss = epochs.pass(order, seed: generator.next(), crew: crew)
            let isFinite = loss.isFinite && epochs.users.isFinite && epochs.items.isFinite
            // A loss that is small beside that of knowing nothing may double by chance.
            if !isFinite || loss > 1.1 * bearable || (loss > 2 * chance * best.loss && loss > 0.25 * bearable) {
                guard best.epoch > 0 else {
                    throw RecoError(
                        .badData,
                        "training diverged in its first epoch: learning-rate or a regularization is too large for this data"
                    )
                }
                epochs.users.restore(users)
                epochs.items.restore(items)
                run.note(
                    "\(name): training diverged in epoch \(epoch + 1) and was stopped; epoch \(best.epoch), the best, is "
                        + "kept; a smaller learning-rate may do better")
                break
            }
            if loss <= best.loss {
                best = (loss, epoch + 1)
                users.restore(epochs.users)
                items.restore(epochs.items)
            }
        }
        try run.progress(name, count, count)
    }

    // MARK: What comes of it

    /// The vector of each row: the sum of its features'. Where a row itself was not learned, but something of what it is
    /// made of was, the average of those that were stands in for it.
    private static func sums(
        _ features: RowFeatures, _ vectors: FeatureVectors, _ learned: [Bool], threads: Int
    ) throws -> DenseMatrix {
        let width = vectors.vectors.columnCount
        let rows = features.rows
        let table = try DenseMatrix(rowCount: rows.rowCount, columnCount: width)
        let average = features.identityCount > 0 ? averageRow(vectors.vectors, learned) : []
        let view = vectors.view
        try parallelFor(rows.rowCount, chunk: 1024, threads: threads) { range, _ in
            for row in range {
                let sum = table.row(row)
                let vector = view.vector(UInt32(row), sum)
                if vector != UnsafePointer(sum) { sum.update(from: vector, count: width) }
                if !learned[row], !average.isEmpty, !isZero(sum, width) {
                    for k in 0..<width { sum[k] += average[k] }
                }
            }
        }
        return withExtendedLifetime(vectors) { table }
    }

    /// The mean of certain rows.
    private static func averageRow(_ matrix: DenseMatrix, _ counted: [Bool]) -> [Float] {
        var sum = [Double](repeating: 0, count: matrix.columnCount)
        var count = 0.0
        for row in counted.indices where counted[row] {
            count += 1
            for k in sum.indices { sum[k] += Double(matrix.row(row)[k]) }
        }
        return sum.map { Float($0 / max(1, count)) }
    }

    private static func isZero(_ row: UnsafePointer<Float>, _ count: Int) -> Bool {
        (0..<count).allSatisfy { row[$0] == 0 }
    }
}
