/// Labelled rows of features, some of them in groups: what rankers and classifiers learn from.
///
/// A row is a document of a query, or an example of a table. Features stand in columns; NaN is a missing value, a
/// categorical feature holds small whole numbers that stand for texts. A reader adds rows one value at a time; what a
/// row leaves out becomes zero (svmlight) or was missing and said so. Memory: 4 bytes a value.
///
///     let table = try RankingTable(columns: [[0.1, 0.9, 0.4]], labels: [0, 2, 1], groupSizes: [3])
public final class RankingTable: @unchecked Sendable {
    /// More features than any table here has; a file that claims more is refused before it eats the memory.
    public static let maximumFeatures = 1 << 16
    /// More texts than a categorical feature may have; the rest would be names, not categories.
    public static let maximumCategories = 1 << 20

    public private(set) var featureNames: [String] = []
    /// The texts of a categorical feature, by the number that stands for each; nil for a numerical one.
    public private(set) var categories: [[String]?] = []
    public private(set) var rowCount = 0
    private var columns: [GrowableBuffer<Float>] = []  // (features)(rows)
    private let labelBuffer: GrowableBuffer<Float>  // (rows)
    /// Where each group starts, and the end: (groups + 1). Empty: the rows are in no groups.
    public private(set) var groupOffsets: [Int] = []
    /// How much each row counts, or nothing: all count 1.
    public private(set) var weights: [Float] = []
    /// The place at which each row was shown when its label was collected, from 0, or nothing: not known.
    public private(set) var positions: [UInt32] = []

    public init() { labelBuffer = GrowableBuffer() }

    /// The same table: a reader that begins again hands over the last one.
    public init(_ other: RankingTable) {
        (featureNames, categories, rowCount) = (other.featureNames, other.categories, other.rowCount)
        (columns, labelBuffer) = (other.columns, other.labelBuffer)
        (groupOffsets, weights, positions) = (other.groupOffsets, other.weights, other.positions)
    }

    /// A table of what is in memory already. `columns`: (features, rows).
    public init(
        columns: [[Float]], labels: [Float], groupSizes: [Int]? = nil, weights: [Float] = [], positions: [UInt32] = [],
        names: [String]? = nil, categories: [[String]?]? = nil
    ) throws {
        labelBuffer = GrowableBuffer()
        for (place, column) in columns.enumerated() {
            guard column.count == labels.count else {
                throw RecoError(
                    .badData, "feature \(place) has \(column.count) values where there are \(labels.count) labels")
            }
            try addFeature(
                names.map { $0[place] } ?? "f\(place)", categories: categories?[place])
            try column.withUnsafeBufferPointer { try self.columns[place].append(contentsOf: $0) }
        }
        try labels.withUnsafeBufferPointer { try labelBuffer.append(contentsOf: $0) }
        rowCount = labels.count
        if let groupSizes { try setGroups(sizes: groupSizes) }
        try setWeights(weights)
        try setPositions(positions)
    }

    public var featureCount: Int { columns.count }
    public var groupCount: Int { max(0, groupOffsets.count - 1) }
    public var hasGroups: Bool { !groupOffsets.isEmpty }

    /// (rows); valid until rows are added.
    public var labels: UnsafeBufferPointer<Float> { UnsafeBufferPointer(labelBuffer.elements) }

    /// The values of a feature: (rows), or nothing once they have been released.
    public func column(_ feature: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(columns[feature].elements)
    }

    /// Gives the memory of a feature's values back, for a trainer that has made its own of them.
    func releaseColumn(_ feature: Int) { columns[feature] = GrowableBuffer() }

    // MARK: filling

    public func addFeature(_ name: String, categories texts: [String]? = nil) throws {
        guard columns.count < Self.maximumFeatures else {
            throw RecoError(.badData, "there are more than \(Self.maximumFeatures) features")
        }
        featureNames.append(name)
        categories.append(texts)
        columns.append(GrowableBuffer())
    }

    /// Names the texts of a categorical feature, once a reader knows them all.
    public func setCategories(_ texts: [String], of feature: Int) { categories[feature] = texts }

    /// Adds a value to the row that is being read. False if the row has one for this feature already.
    @inline(__always)
    public func add(_ value: Float, feature: Int) throws -> Bool {
        let column = columns[feature]
        while column.count < rowCount { try column.append(0) }
        if column.count > rowCount { return false }
        try column.append(value)
        return true
    }

    /// Ends the row that is being read.
    public func endRow(label: Float) throws {
        try labelBuffer.append(label)
        rowCount += 1
    }

    /// Ends reading: every column gets a value for every row, zero where the file had none.
    public func endRows() throws {
        for column in columns { while column.count < rowCount { try column.append(0) } }
    }

    /// From now on every row stands for itself.
    func removeGroups() { groupOffsets = [] }

    /// Cuts the rows into groups.
    public func setGroups(sizes: [Int]) throws {
        var offsets = [0]
        for size in sizes {
            guard size >= 0, size <= rowCount - offsets[offsets.count - 1] else {
                throw RecoError(.badData, "the sizes of the groups add up to more than the \(rowCount) rows")
            }
            offsets.append(offsets[offsets.count - 1] + size)
        }
        guard offsets[offsets.count - 1] == rowCount else {
            throw RecoError(
                .badData, "the groups hold \(offsets[offsets.count - 1]) rows where there are \(rowCount)")
        }
        groupOffsets = offsets
    }

    public func setWeights(_ weights: [Float]) throws {
        guard weights.isEmpty || weights.count == rowCount else {
            throw RecoError(.badData, "there are \(weights.count) weights for \(rowCount) rows")
        }
        guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw RecoError(.badData, "a weight is negative or no finite number")
        }
        self.weights = weights
    }

    public func setPositions(_ positions: [UInt32]) throws {
        guard positions.isEmpty || positions.count == rowCount else {
            throw RecoError(.badData, "there are \(positions.count) positions for \(rowCount) rows")
        }
        self.positions = positions
    }
}
