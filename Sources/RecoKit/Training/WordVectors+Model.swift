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
    /// Vectors of which a float cannot hold the squared length come in shorter or longer, by a power of two, so that the
    /// cosines stay what they are; the trainer's `notes` say how many.
    ///
    /// - Parameter notes: what the description of the file shall say besides, such as where the vectors come from.
    public func trainer(notes: [(name: String, value: String)] = []) throws -> Trainer {
        let log = EventLog()
        for (row, id) in ids.enumerated() {
            guard try log.items.row(for: id) == row else {
                throw RecoError(.badData, "the id \"\(id)\" is there twice")
            }
        }
        let (numbers, scaled) = scaledNumbers()
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
        if scaled > 0 {
            trainer.notes.append(
                "scaled by a power of two, as a float cannot hold the square of their length: \(scaled) vectors; no cosine "
                    + "changes")
        }
        return trainer
    }

    /// Largest numbers of a vector within which products of two vectors are safe.
    private static let safeSizes = Float(0x1p-50)...0x1p50

    /// The numbers with those vectors brought to a largest number of about 1 that are far from it, and how many they are.
    private func scaledNumbers() -> (numbers: [Float], scaled: Int) {
        var (numbers, scaled) = (numbers, 0)
        for start in stride(from: 0, to: numbers.count, by: rank) {
            let largest = numbers[start..<start + rank].reduce(0) { max($0, $1.magnitude) }
            guard largest > 0, !Self.safeSizes.contains(largest) else { continue }
            for k in start..<start + rank {
                numbers[k] = Float(sign: .plus, exponent: -Int(largest.exponent), significand: numbers[k])
            }
            scaled += 1
        }
        return (numbers, scaled)
    }
}
