/// Models that others have learned, on their way into a model file: factors, word vectors, lists of similar items.
///
/// Their ids get rows of a log's tables, beside those of its events where there are any. A `Trainer` that is given them
/// writes them into its file, and trains on its events whatever else was asked for.
public final class ImportedModels {
    /// A vector for each of some ids; all vectors of a table have the same length.
    package struct Vectors {
        package let ids: IDColumn
        let numbers: Column<Float>  // (ids, rank)
        let biases: Column<Float>?  // (ids): added to every score

        package init(ids: IDColumn, numbers: Column<Float>, biases: Column<Float>? = nil) {
            (self.ids, self.numbers, self.biases) = (ids, numbers, biases)
        }
    }

    /// What says how visitors are folded in who were not there when factors were learned: `ALSObjective`'s numbers.
    public struct Objective: Sendable {
        public var alpha = 1.0
        public var regularization = 0.1
        public var frequencyScaling = 0.0
        public var unobserved = 1.0
        public var confidenceOffset = 0.0
        public var countsObservedOnly = false

        public init() {}
    }

    private let log: EventLog
    private var makers: [(name: String, make: (Int) throws -> any TrainableModel)] = []

    /// - Parameter log: that of the trainer which shall take the models.
    public init(into log: EventLog) { self.log = log }

    /// The models that were added, in that order.
    public var names: [String] { makers.map(\.name) }

    private func add(_ type: any TrainableModel.Type, make: @escaping (Int) throws -> any TrainableModel) throws {
        guard !names.contains(type.name) else {
            throw RecoError(.badData, "two of what is imported are \(type.name); a model file holds one")
        }
        makers.append((type.name, make))
    }

    func models(threads: Int) throws -> [any TrainableModel] { try makers.map { try $0.make(threads) } }

    // MARK: Factors

    /// Adds factors: the score of an item for a user is the product of their vectors, and the sum of their biases where
    /// there are any. Users may be missing; then everybody is folded in. O((users + items) rank²).
    package func addFactors(rank: Int, items: Vectors, users: Vectors?, objective: Objective) throws {
        try check(items, rank: rank, what: "items")
        if let users { try check(users, rank: rank, what: "users") }
        let itemRows = try rows(of: items.ids, in: log.items, what: "items")
        let userRows = try users.map { try rows(of: $0.ids, in: log.users, what: "users") } ?? []
        let (hasItemBias, hasUserBias) = (items.biases != nil, users?.biases != nil)
        let width = rank + (hasItemBias ? 1 : 0) + (hasUserBias ? 1 : 0)
        guard width <= FactorTable.maximumRank else {
            throw RecoError(
                .unsupported, "vectors of \(rank) numbers: up to \(FactorTable.maximumRank) can be imported")
        }
        try add(ALS.self) { [log] threads in
            let itemTable = try DenseMatrix(rowCount: log.items.count, columnCount: width)
            let userTable = try DenseMatrix(rowCount: log.users.count, columnCount: width)
            // A bias is one number more, beside a one on the other side.
            func fill(_ table: DenseMatrix, _ vectors: Vectors, _ rows: [UInt32], bias: Int?, one: Int?) {
                for (place, row) in rows.enumerated() {
                    let to = table.row(Int(row))
                    for k in 0..<rank { to[k] = vectors.numbers[place * rank + k] }
                    if let bias { to[bias] = vectors.biases?[place] ?? 0 }
                    if let one { to[one] = 1 }
                }
            }
            let (itemBias, userBias) = (hasItemBias ? rank : nil, hasUserBias ? width - 1 : nil)
            fill(itemTable, items, itemRows, bias: itemBias, one: userBias)
            if let users { fill(userTable, users, userRows, bias: userBias, one: itemBias) }
            return try ALS(
                users: userTable, items: itemTable,
                objective: ALSObjective(
                    alpha: Float(objective.alpha), unobserved: Float(objective.unobserved),
                    regularization: Float(objective.regularization),
                    frequencyScaling: Float(objective.frequencyScaling),
                    confidenceOffset: Float(objective.confidenceOffset),
                    countsObservedOnly: objective.countsObservedOnly), threads: threads)
        }
    }

    private func check(_ vectors: Vectors, rank: Int, what: String) throws {
        guard rank >= 1, vectors.numbers.count == vectors.ids.count * rank,
            vectors.biases.map({ $0.count == vectors.ids.count }) ?? true
        else {
            throw RecoError(
                .badData, "\(vectors.ids.count) \(what) and \(vectors.numbers.count) numbers are no vectors of \(rank)")
        }
        guard vectors.numbers.elements.allSatisfy(\.isFinite), vectors.biases?.elements.allSatisfy(\.isFinite) ?? true
        else { throw RecoError(.badData, "a vector of the \(what) holds a number that is not finite") }
    }

    /// The rows of ids in a table; they are added there. Throws if one is there twice.
    private func rows(of ids: IDColumn, in table: IDTable, what: String) throws -> [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(ids.count)
        let before = table.count
        for place in 0..<ids.count { rows.append(try ids.row(of: place, in: table)) }
        guard log.count == 0 || rows.isEmpty || rows.contains(where: { $0 < before }) else {
            throw RecoError(
                .badData,
                "none of the \(ids.count) \(what) that are imported is among the \(before) of the events: their ids differ"
            )
        }
        var seen = [Bool](repeating: false, count: table.count)
        for row in rows {
            guard !seen[Int(row)] else {
                throw RecoError(.badData, "the id \"\(table.id(of: Int(row)))\" is there twice among the \(what)")
            }
            seen[Int(row)] = true
        }
        return rows
    }

    // MARK: Word vectors

    /// Adds vectors of items that are compared by their cosine: item2vec. Users are answered by what they did, as the
    /// log has it.
    package func addWordVectors(rank: Int, items: Vectors) throws {
        try check(items, rank: rank, what: "items")
        guard rank <= WordVectors.mostNumbers else {
            throw RecoError(
                .unsupported, "vectors of \(rank) numbers: up to \(WordVectors.mostNumbers) can be imported")
        }
        let rows = try rows(of: items.ids, in: log.items, what: "items")
        try add(Item2Vec.self) { [log] threads in
            var numbers = [Float](repeating: 0, count: log.items.count * rank)
            for (place, row) in rows.enumerated() {
                for k in 0..<rank { numbers[Int(row) * rank + k] = items.numbers[place * rank + k] }
            }
            let norms = numbers.withUnsafeBufferPointer { Item2Vec.norms($0, rank: rank) }
            let settings = Settings(Item2Vec.hyperparameters)
            let past = try Item2Vec.past(
                ItemSequences(log, scale: .log, threads: threads), longest: settings.integer("history"))
            return Item2Vec(
                rank: rank, vectors: Column(numbers), norms: norms, contexts: nil,
                userOffsets: RaggedOffsets(offsets: Column(past.offsets)), userItems: Column(past.items),
                recency: Float(settings.number("recency")))
        }
    }

    // MARK: Similar items

    /// Some pairs of items and how alike they are: rows of `ids`.
    package struct Pairs {
        let items: Column<UInt32>
        let others: Column<UInt32>
        let scores: Column<Float>

        package init(items: Column<UInt32>, others: Column<UInt32>, scores: Column<Float>) {
            (self.items, self.others, self.scores) = (items, others, scores)
        }
    }

    /// Adds lists of similar items ("item-knn") or of what is bought together ("bought-together"), in parts of any order.
    /// Scores that are not above zero say nothing and are left out, as are lists' ends beyond the longest that a file
    /// holds. O(pairs log neighbours).
    package func addNeighbors(_ model: String, ids: IDColumn, parts: [Pairs]) throws {
        let rows = try rows(of: ids, in: log.items, what: "items")
        for part in parts {
            guard part.items.count == part.others.count, part.items.count == part.scores.count,
                part.items.elements.allSatisfy({ $0 < rows.count }),
                part.others.elements.allSatisfy({ $0 < rows.count })
            else { throw RecoError(.badData, "a pair of items names a row that does not exist") }
            guard part.scores.elements.allSatisfy(\.isFinite) else {
                throw RecoError(.badData, "a pair of items has a score that is not finite")
            }
        }
        func table() throws -> ItemSimilarityTable {
            var starts = [Int](repeating: 0, count: log.items.count + 1)
            func forEach(_ body: (_ item: UInt32, _ other: UInt32, _ score: Float) -> Void) {
                for part in parts {
                    for pair in 0..<part.items.count where part.scores[pair] > 0 {
                        let (item, other) = (rows[Int(part.items[pair])], rows[Int(part.others[pair])])
                        if item != other { body(item, other, part.scores[pair]) }
                    }
                }
            }
            forEach { item, _, _ in starts[Int(item) + 1] += 1 }
            for item in 0..<log.items.count { starts[item + 1] += starts[item] }
            var pairs = [Candidate](repeating: Candidate(row: 0, score: 0), count: starts[log.items.count])
            var next = starts
            forEach { item, other, score in
                pairs[next[Int(item)]] = Candidate(row: other, score: score)
                next[Int(item)] += 1
            }
            var (offsets, neighbors, scores): ([UInt64], [UInt32], [Float]) = ([0], [], [])
            for item in 0..<log.items.count {
                let list = pairs[starts[item]..<starts[item + 1]].sorted {
                    $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row
                }
                guard Set(list.map(\.row)).count == list.count else {
                    throw RecoError(
                        .badData, "the item \"\(log.items.id(of: item))\" has another one twice in its list")
                }
                for pair in list.prefix(ItemSimilarityTable.maximumNeighbors) {
                    neighbors.append(pair.row)
                    scores.append(pair.score)
                }
                offsets.append(UInt64(neighbors.count))
            }
            return ItemSimilarityTable(
                offsets: RaggedOffsets(offsets: Column(offsets)), neighbors: Column(neighbors),
                similarities: Column(scores))
        }
        switch model {
        case ItemKNN.name: try add(ItemKNN.self) { _ in ItemKNN(table: try table()) }
        case BoughtTogether.name: try add(BoughtTogether.self) { _ in BoughtTogether(table: try table()) }
        default:
            throw RecoError(
                .badData, "lists of similar items become \(ItemKNN.name) or \(BoughtTogether.name), not \"\(model)\"")
        }
    }
}

extension ALS {
    /// Takes over factors of whatever origin, which are turned as `ALS` wants them: no score changes but by rounding.
    init(users: DenseMatrix, items: DenseMatrix, objective: ALSObjective, threads: Int) throws {
        let spectrum = try Self.diagonalizeGram(of: items, turning: users, threads: threads)
        self.init(
            table: try FactorTable(rank: items.columnCount, users: users, items: items, metric: nil),
            spectrum: spectrum,
            objective: objective)
    }
}
