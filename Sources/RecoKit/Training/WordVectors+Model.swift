extension WordVectors {
    /// The vectors of a model's items, those that have one. Throws `unsupported` if the model holds no item2vec.
    public init(_ model: Model) throws {
        guard let source = try Item2Vec(model.file, userCount: model.users.count, itemCount: model.items.count) else {
            throw RecoError(.unsupported, "the model holds no item2vec")
        }
        let table = source.vectors
        var (ids, numbers) = ([String](), [Float]())
        for row in 0..<model.items.count where table.inverseNorms[row] > 0 {
            guard let vector = table.items.row(row, width: table.rank), vector.allSatisfy(\.isFinite)
            else { throw RecoError(.damaged, "the model's item2vec holds no vector for item \(row)") }
            ids.append(model.items.id(of: row))
            numbers += vector
        }
        try self.init(ids: ids, rank: table.rank, numbers: numbers)
    }

    /// A model of these items and nothing else: it answers what is alike, and sessions by the mean of their vectors.
    /// Throws `badData` if two ids are the same, or one cannot be an id.
    ///
    /// - Parameter notes: what the description of the file shall say besides, such as where the vectors come from.
    public func trainer(notes: [(name: String, value: String)] = []) throws -> Trainer {
        let log = EventLog()
        for (row, id) in ids.enumerated() {
            guard try log.items.row(for: id) == row else {
                throw RecoError(.badData, "the id \"\(id)\" is there twice")
            }
        }
        let source = Item2Vec(
            rank: rank, vectors: Column(numbers),
            norms: numbers.withUnsafeBufferPointer { Item2Vec.norms($0, rank: rank) }, contexts: nil,
            userOffsets: RaggedOffsets(offsets: Column([0])), userItems: .empty,
            recency: Float(Settings(Item2Vec.hyperparameters).number("recency")))
        var options = TrainerOptions()
        try options.set("model", to: Item2Vec.name, kinds: &log.kinds)
        let trainer = Trainer(
            log: log, catalog: Catalog(), userCatalog: Catalog(), options: options, given: [source], notes: notes)
        try trainer.train()
        return trainer
    }
}
