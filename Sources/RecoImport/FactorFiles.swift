import Foundation
import RecoKit

/// Factors of another library: npy files for both sides, or one npz archive with `user_factors` and `item_factors` as
/// `implicit` saves it, and the ids of their rows.
public struct FactorFiles {
    /// One side: vectors, and what else is known of it.
    public struct Side {
        public var factors: String?
        public var biases: String?
        public var ids: String?

        public init(factors: String?, biases: String?, ids: String?) {
            (self.factors, self.biases, self.ids) = (factors, biases, ids)
        }
    }

    private let rank: Int
    private let items: ImportedModels.Vectors
    private let users: ImportedModels.Vectors?
    private let objective: ImportedModels.Objective
    /// Sides whose rows are their ids, because none were given.
    public let withoutIDs: [String]
    public var itemCount: Int { items.ids.count }
    public var userCount: Int { users?.ids.count ?? 0 }
    public var factors: Int { rank }

    /// - Parameter archive: an npz file; arrays named `item_factors`, `user_factors`, `item_biases`, `user_biases`,
    ///   `alpha` and `regularization` are taken from it, unless there are files for them.
    /// - Parameter itemsTransposed: the table of items has a column for each, also where that does not show.
    /// - Parameter change: told what the archive says of folding in, to change it.
    public init(
        archive: String?, items: Side, users: Side, itemsTransposed: Bool = false,
        change: (inout ImportedModels.Objective) -> Void = { _ in }
    ) throws {
        let archive = try archive.map { try NPZArchive(path: $0) }
        var objective = ImportedModels.Objective()
        for (name, place) in [
            ("alpha", \ImportedModels.Objective.alpha), ("regularization", \.regularization),
        ] {
            if let number = try archive?.array(name), number.count == 1 {
                objective[keyPath: place] = Double(try number.scalar())
            }
        }
        change(&objective)
        for (name, number) in [
            ("alpha", objective.alpha), ("regularization", objective.regularization),
            ("unobserved", objective.unobserved),
        ] where !(0...1e6).contains(number) {
            throw RecoError(.badData, "\(name) is \(number); a number from 0 to a million can be used")
        }
        guard objective.regularization + objective.unobserved > 0 else {
            throw RecoError(.badData, "regularization and unobserved are both 0: nobody could be folded in")
        }
        self.objective = objective
        var withoutIDs: [String] = []
        func side(_ side: Side, _ name: String) throws -> (rank: Int, vectors: ImportedModels.Vectors)? {
            let label = side.factors ?? "\(name)_factors"
            guard let table = try side.factors.map({ try NPYArray(path: $0) }) ?? archive?.array("\(name)_factors")
            else { return nil }
            guard table.shape.count == 2, table.count > 0 else {
                throw RecoError(.badData, "\(label) has the shape \(table.shape); a vector for each \(name) is needed")
            }
            let known = try side.ids.map { try Self.ids($0) }
            // scikit-learn's components_ has a column for each item.
            let isTransposed =
                name == "item" && itemsTransposed
                || known.map { $0.count != table.shape[0] && $0.count == table.shape[1] } ?? false
            let (count, rank) =
                isTransposed ? (table.shape[1], table.shape[0]) : (table.shape[0], table.shape[1])
            if let known, known.count != count {
                throw RecoError(
                    .badData, "\(side.ids ?? "") has \(known.count) ids, and \(label) has the shape \(table.shape)")
            }
            if known == nil { withoutIDs.append("\(name)s") }
            let biases = try side.biases.map { try NPYArray(path: $0) } ?? archive?.array("\(name)_biases")
            if let biases, biases.count != count {
                throw RecoError(.badData, "there are \(biases.count) biases of \(name)s, and \(count) vectors")
            }
            return (
                rank,
                ImportedModels.Vectors(
                    ids: known ?? .integers(Column((0..<count).map { Int64($0) })),
                    numbers: try table.floats(transposed: isTransposed), biases: try biases?.floats())
            )
        }
        guard let itemSide = try side(items, "item") else {
            throw RecoError(.badData, "there are no factors of items: an npy file, or item_factors in an npz file")
        }
        let userSide = try side(users, "user")
        if let userSide, userSide.rank != itemSide.rank {
            throw RecoError(
                .badData, "the vectors of users have \(userSide.rank) numbers, those of items \(itemSide.rank)")
        }
        (rank, self.items, self.users, self.withoutIDs) = (
            itemSide.rank, itemSide.vectors, userSide?.vectors, withoutIDs
        )
    }

    public func add(to models: ImportedModels) throws {
        try models.addFactors(rank: rank, items: items, users: users, objective: objective)
    }

    /// Ids by row: a text with one a line, or an npy file of whole numbers.
    static func ids(_ path: String) throws -> IDColumn {
        let file = try MappedFile(path: path)
        defer { withExtendedLifetime(file) {} }
        var all = file.bytes
        if all.starts(with: [0xEF, 0xBB, 0xBF]) { all = UnsafeRawBufferPointer(rebasing: all[3...]) }
        if all.first == 0x93 {
            guard let numbers = try NPYArray(file: file, name: path).integers() else {
                throw RecoError(.badData, "\(path) holds no whole numbers; ids may also come as a text, one a line")
            }
            return .integers(Column(numbers))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(all.count)
        var offsets: [UInt64] = [0]
        for line in all.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = line.last == 0x0D ? line.dropLast() : line
            bytes.append(contentsOf: line)
            offsets.append(UInt64(bytes.count))
        }
        if let last = offsets.dropLast().last, last == bytes.count { offsets.removeLast() }  // behind the last line break
        for (line, pair) in zip(offsets, offsets.dropFirst()).enumerated() {
            let problem = bytes[Int(pair.0)..<Int(pair.1)].withUnsafeBufferPointer { IDTable.problem(with: $0) }
            if let problem { throw RecoError(.badData, "\(path), line \(line + 1): \(problem)") }
        }
        return .texts(Column(bytes), offsets: Column(offsets))
    }
}

extension NPYArray {
    /// The only number of an array.
    func scalar() throws -> Float {
        guard count == 1 else { throw RecoError(.badData, "an array of \(count) numbers where one is needed") }
        return first
    }
}

extension ColumnFolder {
    /// Adds the model of a folder of vectors or neighbours, with a note on what it was.
    public func add(to models: ImportedModels) throws {
        guard let model = manifest.model, let ids = manifest.items else {
            throw wrong(
                kind == "events"
                    ? "they are events; `reco train --events` reads those" : "the manifest lacks the model or the items"
            )
        }
        let items = try idColumn(ids, called: "items")
        switch kind {
        case "vectors":
            guard let rank = manifest.rank, (1...4096).contains(rank) else { throw wrong("the manifest says no rank") }
            let users = try manifest.users.map {
                try vectors($0, ids: idColumn($0, called: "users"), rank: rank)
            }
            let itemVectors = try vectors(ids, ids: items, rank: rank)
            if model == "item2vec" { return try models.addWordVectors(rank: rank, items: itemVectors) }
            guard model == "als" else { throw wrong("vectors become als or item2vec, not \"\(model)\"") }
            var objective = ImportedModels.Objective()
            for (name, entry) in manifest.objective ?? [:] {
                if name == "frequency", case .text(let what) = entry, what == "all" || what == "observed" {
                    objective.countsObservedOnly = what == "observed"
                    continue
                }
                guard case .number(let value) = entry, (0...1e6).contains(value) else {
                    throw wrong("\(name) of the objective makes no sense")
                }
                switch name {
                case "confidence-offset": objective.confidenceOffset = value
                case "alpha": objective.alpha = value
                case "regularization": objective.regularization = value
                case "frequency-scaling": objective.frequencyScaling = value
                case "unobserved": objective.unobserved = value
                default: throw wrong("the objective has nothing called \(name)")
                }
            }
            try models.addFactors(rank: rank, items: itemVectors, users: users, objective: objective)
        case "neighbors":
            try models.addNeighbors(
                model, ids: items,
                parts: (manifest.parts ?? []).map { part in
                    try ImportedModels.Pairs(
                        items: column("item", of: part, UInt32.self, .uint32, rows: part.count),
                        others: column("other", of: part, UInt32.self, .uint32, rows: part.count),
                        scores: column("score", of: part, Float.self, .float32, rows: part.count))
                })
        default: throw wrong("\"\(kind)\" is no kind that is known; known are events, vectors and neighbors")
        }
    }

    /// The vectors of a table, all parts together.
    private func vectors(_ table: IDs, ids: IDColumn, rank: Int) throws -> ImportedModels.Vectors {
        func all(_ label: String, width: Int) throws -> Column<Float> {
            let columns = try table.parts.map {
                try column(label, of: $0, Float.self, .float32, rows: $0.count, width: width)
            }
            return columns.count == 1 ? columns[0] : Column(columns.flatMap { $0.toArray() })
        }
        let haveBiases = table.parts.contains { $0.sums["biases"] != nil }
        return ImportedModels.Vectors(
            ids: ids, numbers: try all("vectors", width: rank), biases: haveBiases ? try all("biases", width: 1) : nil)
    }
}
