/// Brings the features of a row onto one scale for a network: numbers minus their mean by their deviation, those with a
/// long tail after a logarithm; 0 for what is missing, and a column of its own that says so where training saw such rows;
/// a column for each of a feature's most frequent categories.
///
/// The inputs of a row: each feature (0 for categories), then what is missing, then categories. O(inputs) a row.
struct FeatureScaling: Sendable {
    let featureCount: Int
    private let scales: Column<Float>  // (3, features): mean, 1 / deviation, the logarithm's factor or 0
    private let missing: Column<UInt32>  // features that may be missing
    private let categories: Column<UInt32>  // (columns, 2): feature, category
    /// Where a logarithm is taken.
    private let logarithms: [Int]

    /// Inputs of the network that has learned from them.
    var inputs: Int { featureCount &+ missing.count &+ categories.count / 2 }
    /// The same, filled up to a panel with zeros.
    var width: Int { ServingPerceptron.filled(inputs) }

    /// What is further out stands here: a wrong price must not drown the rest.
    private static let limit: Float = 6
    /// Categories of a feature that get columns; the rest share having none.
    private static let mostColumns = 64
    private static let mostFeatures = RankingTable.maximumFeatures
    private static let mostInputs = 1 << 20

    // MARK: training

    /// Looks at the columns of a table. O(rows features).
    init(_ table: RankingTable, withCategories: Bool = true, crew: WorkCrew) {
        featureCount = table.featureCount
        var found = [Feature](repeating: Feature(), count: table.featureCount)
        found.withUnsafeMutableBufferPointer { found in
            nonisolated(unsafe) let found = found
            crew.run(table.featureCount) { feature, _ in
                found[feature] =
                    table.categories[feature] == nil
                    ? Feature(numbers: table.column(feature))
                    : withCategories ? Feature(categories: table.column(feature)) : Feature()
            }
        }
        scales = Column(found.map(\.mean) + found.map(\.scale) + found.map(\.logarithm))
        missing = Column(found.indices.filter { found[$0].isMissing }.map { UInt32($0) })
        categories = Column(
            found.enumerated().flatMap { feature, column in column.categories.flatMap { [UInt32(feature), $0] } })
        logarithms = found.indices.filter { found[$0].logarithm > 0 }
    }

    /// What a column of the table turned out to be.
    private struct Feature {
        var mean: Float = 0
        var scale: Float = 0
        var logarithm: Float = 0
        var isMissing = false
        var categories: [UInt32] = []

        init() {}

        init(numbers: UnsafeBufferPointer<Float>) {
            isMissing = numbers.contains { $0.isNaN }
            let finite = numbers.lazy.filter(\.isFinite).map { Double($0) }
            let plain = Self.moments(finite)
            var (chosen, factor) = (plain, 0.0)
            // A number of usual size gets 1 under the logarithm.
            let sizes = finite.filter { $0 != 0 }.map { naturalLog($0.magnitude) }
            let (count, sum) = sizes.reduce(into: (0, 0.0)) { $0 = ($0.0 + 1, $0.1 + $1) }
            if plain.tail > 9, count > 0 {
                let candidate = Double(Float(exponential(-sum / Double(count))))
                let bent = Self.moments(finite.map { Double(FeatureScaling.logarithm(Float($0), Float(candidate))) })
                if candidate > 0, candidate.isFinite, bent.tail < plain.tail { (chosen, factor) = (bent, candidate) }
            }
            let deviation = chosen.variance.squareRoot()
            guard deviation > 1e-12, Float(chosen.mean).isFinite, (1 / Float(deviation)).isFinite else { return }
            (mean, scale, logarithm) = (Float(chosen.mean), 1 / Float(deviation), Float(factor))
        }

        /// Tail: the fourth moment by the square of the variance.
        private static func moments(_ numbers: some Sequence<Double>) -> (mean: Double, variance: Double, tail: Double)
        {
            var (count, sum) = (0.0, 0.0)
            for x in numbers { (count, sum) = (count + 1, sum + x) }
            guard count > 0 else { return (0, 0, 0) }
            let mean = sum / count
            var (second, fourth) = (0.0, 0.0)
            for x in numbers {
                let square = (x - mean) * (x - mean)
                (second, fourth) = (second + square, fourth + square * square)
            }
            let variance = second / count
            return (mean, variance, variance > 0 ? fourth / count / (variance * variance) : 0)
        }

        init(categories column: UnsafeBufferPointer<Float>) {
            isMissing = column.contains { $0.isNaN }
            var counts: [UInt32: Int] = [:]
            for value in column {
                if let category = UInt32(exactly: value) { counts[category, default: 0] += 1 }
            }
            let frequent = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            categories = frequent.prefix(mostColumns).map(\.key).sorted()
        }
    }

    /// The rows of a table as inputs: (rows, inputs).
    func matrix(_ table: RankingTable, crew: WorkCrew) throws -> DenseMatrix {
        let matrix = try DenseMatrix(rowCount: table.rowCount, columnCount: inputs)
        let rows = 256
        let buffers = try (0..<crew.threads).map { _ in try DenseMatrix(rowCount: rows, columnCount: featureCount) }
        crew.run(table.rowCount, chunk: rows) { range, worker in
            table.copyRows(range, features: featureCount, into: buffers[worker].base)
            apply(
                buffers[worker].base, range.count,
                into: MatrixRows(start: matrix.row(range.lowerBound), stride: matrix.columnCount))
        }
        return matrix
    }

    // MARK: serving

    @inline(__always)
    fileprivate static func logarithm(_ x: Float, _ factor: Float) -> Float {
        let size = naturalLog(1 + x.magnitude * factor)
        return x < 0 ? -size : size
    }

    /// Writes the inputs of `count` rows, and zeros behind them up to the stride. `rows`: (count, features).
    func apply(_ rows: UnsafePointer<Float>, _ count: Int, into x: MatrixRows) {
        guard let mean = scales.base else { return }
        let scale = mean + featureCount
        let factor = scale + featureCount
        let behind = featureCount &+ missing.count
        for row in 0..<count {
            let from = rows + row &* featureCount
            let to = x.row(row)
            for k in 0..<featureCount { to[k] = (from[k] - mean[k]) * scale[k] }
            for k in logarithms { to[k] = (Self.logarithm(from[k], factor[k]) - mean[k]) * scale[k] }
            for k in 0..<featureCount {
                let value = to[k]
                let capped = value < Self.limit ? value : Self.limit
                let bounded = capped > -Self.limit ? capped : -Self.limit
                to[k] = value == value ? bounded : 0
            }
            for k in 0..<missing.count {
                let feature = Int(missing[k])
                to[featureCount &+ k] = feature < featureCount && from[feature].isNaN ? 1 : 0
            }
            for k in 0..<categories.count / 2 {
                let feature = Int(categories[2 &* k])
                to[behind &+ k] = feature < featureCount && from[feature] == Float(categories[2 &* k &+ 1]) ? 1 : 0
            }
            for k in inputs..<max(inputs, x.stride) { to[k] = 0 }
        }
    }

    // MARK: file

    /// Writes `name/scales`, and where there is something to say `name/missing` and `name/columns`.
    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/scales", scales.elements)
        if missing.count > 0 { try writer.add("\(name)/missing", missing.elements) }
        if categories.count > 0 { try writer.add("\(name)/columns", categories.elements) }
    }

    /// The same with the categories of features that have too many numbered anew, and the texts of those that are told apart:
    /// as a file has them.
    func compact(_ texts: [[String]?]) -> (scaling: FeatureScaling, texts: [[String]?]) {
        var kept = texts.map { $0.map { $0.count > Self.mostColumns ? [] : $0 } }
        var columns: [UInt32] = []
        for k in 0..<categories.count / 2 {
            let (feature, category) = (Int(categories[2 * k]), Int(categories[2 * k + 1]))
            guard let own = texts[feature], own.count > Self.mostColumns else {
                columns += [UInt32(feature), UInt32(category)]
                continue
            }
            columns += [UInt32(feature), UInt32(kept[feature]?.count ?? 0)]
            kept[feature]?.append(category < own.count ? own[category] : "")
        }
        return (FeatureScaling(featureCount, scales, missing, Column(columns), logarithms), kept)
    }

    private init(
        _ featureCount: Int, _ scales: Column<Float>, _ missing: Column<UInt32>, _ categories: Column<UInt32>,
        _ logarithms: [Int]
    ) {
        (self.featureCount, self.scales, self.missing) = (featureCount, scales, missing)
        (self.categories, self.logarithms) = (categories, logarithms)
    }

    /// What somebody should know about categories that say nothing.
    static func notes(_ table: RankingTable) -> [String] {
        zip(table.featureNames, table.categories).compactMap { name, texts in
            guard let count = texts?.count, count > mostColumns else { return nil }
            return
                "\(name) has \(count) categories; the \(mostColumns) that most rows have are learned, the others say nothing"
        }
    }

    /// Reads what `write` wrote; nil if it is not there or cannot be right. O(features).
    init?(_ file: ModelFile, name: String) {
        guard let scales = file.column("\(name)/scales", as: Float.self), scales.count > 0, scales.count % 3 == 0,
            scales.count / 3 <= Self.mostFeatures,
            let missing = file.optionalColumn("\(name)/missing", as: UInt32.self),
            let categories = file.optionalColumn("\(name)/columns", as: UInt32.self), categories.count % 2 == 0,
            missing.count <= Self.mostFeatures, categories.count <= Self.mostInputs
        else { return nil }
        let featureCount = scales.count / 3
        (self.featureCount, self.scales, self.missing, self.categories) = (featureCount, scales, missing, categories)
        logarithms = (0..<featureCount).filter { scales[2 * featureCount + $0] > 0 }
    }
}

extension RankingTable {
    /// Some rows, one after the other: (rows, features). A feature that the table does not have is 0.
    func copyRows(_ rows: Range<Int>, features: Int, into out: UnsafeMutablePointer<Float>) {
        for feature in 0..<features {
            let column = feature < featureCount ? column(feature) : UnsafeBufferPointer(start: nil, count: 0)
            for (place, row) in rows.enumerated() {
                out[place * features + feature] = row < column.count ? column[row] : 0
            }
        }
    }
}
