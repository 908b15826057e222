/// What a hybrid factorisation has learned about features: where the next training goes on, by their names.
struct LearnedFeatures: Sendable {
    struct Side: Sendable {
        /// Names of the features behind those that are the rows themselves.
        let nameOffsets: Column<UInt64>  // (named features + 1)
        let nameBytes: Column<UInt8>
        let vectors: Column<Float>  // (features, rank)
        let squares: Column<Float>  // (features, rank)
        let steps: Column<Float>  // (features, rank), or nothing

        var nameCount: Int { max(0, nameOffsets.count - 1) }
        func featureCount(rank: Int) -> Int { vectors.count / max(1, rank) }

        /// The place of each name. O(bytes).
        func places(rank: Int) -> [ArraySlice<UInt8>: Int] {
            let first = featureCount(rank: rank) - nameCount
            let bytes = nameBytes.toArray()
            let offsets = RaggedOffsets(offsets: nameOffsets)
            var places: [ArraySlice<UInt8>: Int] = [:]
            for name in 0..<nameCount { places[bytes[offsets.range(name, limit: bytes.count)]] = first + name }
            return places
        }
    }

    let users: Side
    let items: Side
}

extension LearnedFeatures.Side {
    init(_ vectors: FeatureVectors, names: TextList) {
        func column(_ matrix: DenseMatrix) -> Column<Float> {
            Column(base: matrix.base, count: matrix.elements.count, owner: matrix)
        }
        nameOffsets = Column([0] + names.ends.map { UInt64($0) })
        nameBytes = Column(names.bytes)
        self.vectors = column(vectors.vectors)
        squares = column(vectors.squares)
        steps = vectors.steps.map(column) ?? .empty
    }

    func write(to writer: ModelWriter, prefix: String) throws {
        try writer.add("\(prefix)-name-offsets", nameOffsets.elements)
        try writer.add("\(prefix)-name-bytes", nameBytes.elements)
        try writer.add("\(prefix)-vectors", vectors.elements)
        try writer.add("\(prefix)-squares", squares.elements)
        if steps.count > 0 { try writer.add("\(prefix)-steps", steps.elements) }
    }

    /// - Parameter rowCount: how many users or items there are.
    init(_ file: ModelFile, prefix: String, rank: Int, rowCount: Int) throws {
        let damaged = RecoError(.damaged, "the model's \(prefix) features do not fit each other")
        guard let nameOffsets = file.column("\(prefix)-name-offsets", as: UInt64.self),
            let nameBytes = file.column("\(prefix)-name-bytes", as: UInt8.self),
            let vectors = file.column("\(prefix)-vectors", as: Float.self),
            let squares = file.column("\(prefix)-squares", as: Float.self)
        else { throw damaged }
        self.nameOffsets = nameOffsets
        self.nameBytes = nameBytes
        self.vectors = vectors
        self.squares = squares
        steps = file.column("\(prefix)-steps", as: Float.self) ?? .empty
        let unnamed = featureCount(rank: rank) - nameCount
        guard vectors.count % rank == 0, squares.count == vectors.count,
            steps.count == 0 || steps.count == vectors.count, unnamed == 0 || unnamed == rowCount
        else { throw damaged }
    }
}

extension FeatureVectors {
    /// Takes over what an earlier training learned about features of the same name, and about the same users or items.
    ///
    /// - Parameters:
    ///   - names: of this training's features behind those that are the rows themselves.
    ///   - earlierRow: the row that a user or an item of this training had in the earlier one.
    func carryOver(
        _ earlier: LearnedFeatures.Side, names: TextList, identityCount: Int, earlierRow: (Int) -> Int?
    ) {
        let width = vectors.columnCount
        let isSameOptimizer = (steps == nil) == (earlier.steps.count == 0)
        func carry(_ from: Int, to feature: Int) {
            guard let old = earlier.vectors.row(from, width: width), let base = old.baseAddress,
                old.allSatisfy(\.isFinite), old.contains(where: { $0 != 0 })
            else { return }
            vectors.row(feature).update(from: base, count: width)
            guard isSameOptimizer, let sums = earlier.squares.row(from, width: width),
                sums.allSatisfy({ $0.isFinite && $0 >= (steps == nil ? 1 : 0) })
            else { return }
            squares.row(feature).update(from: sums.baseAddress!, count: width)
            if let steps, let old = earlier.steps.row(from, width: width), old.allSatisfy({ $0.isFinite && $0 >= 0 }) {
                steps.row(feature).update(from: old.baseAddress!, count: width)
            }
        }
        let unnamed = earlier.featureCount(rank: width) - earlier.nameCount
        for row in 0..<identityCount {
            if let old = earlierRow(row), old < unnamed { carry(old, to: row) }
        }
        let places = earlier.places(rank: width)
        for name in 0..<names.count {
            if let old = places[names[name]] { carry(old, to: identityCount + name) }
        }
    }
}
