/// Features as small whole numbers: categories by their numbers, numbers by buckets that hold about equally many rows.
/// Level 0 is what is missing, rare or unknown. O(log buckets) a value.
struct FeatureLevels: Sendable {
    let featureCount: Int
    private let shapes: Column<UInt32>  // (features, 4): 1 for categories, levels, start, length
    private let thresholds: Column<Float>  // of numbers: the largest value of each bucket but the last
    private let codes: Column<UInt32>  // of categories: the level of each

    /// Levels of a feature, level 0 among them.
    func count(_ feature: Int) -> Int { max(1, Int(shapes[4 &* feature &+ 1])) }
    func isCategory(_ feature: Int) -> Bool { shapes[4 &* feature] == 1 }

    /// Rows of which the buckets are made, at most.
    private static let sample = 200_000
    private static let mostFeatures = RankingTable.maximumFeatures

    /// Looks at the columns of a table. Of a feature the `mostLevels` most frequent categories get a level, if at least
    /// `fewest` rows have them. O(rows features).
    init(_ table: RankingTable, buckets: Int, mostLevels: Int, fewest: Int, crew: WorkCrew) {
        featureCount = table.featureCount
        var thresholds = [[Float]](repeating: [], count: table.featureCount)
        var codes = [[UInt32]](repeating: [], count: table.featureCount)
        thresholds.withUnsafeMutableBufferPointer { thresholds in
            codes.withUnsafeMutableBufferPointer { codes in
                nonisolated(unsafe) let (thresholds, codes) = (thresholds, codes)
                crew.run(table.featureCount) { feature, _ in
                    if let texts = table.categories[feature] {
                        codes[feature] = Self.codes(table.column(feature), texts.count, mostLevels, fewest)
                    } else {
                        thresholds[feature] = Self.thresholds(table.column(feature), buckets)
                    }
                }
            }
        }
        var shapes: [UInt32] = []
        var (thresholdStart, codeStart) = (0, 0)
        for feature in 0..<table.featureCount {
            let isCategory = table.categories[feature] != nil
            let length = isCategory ? codes[feature].count : thresholds[feature].count
            let levels = isCategory ? Int(codes[feature].max() ?? 0) + 1 : length + 2
            shapes += [
                isCategory ? 1 : 0, UInt32(levels), UInt32(isCategory ? codeStart : thresholdStart), UInt32(length),
            ]
            if isCategory { codeStart += length } else { thresholdStart += length }
        }
        self.shapes = Column(shapes)
        self.thresholds = Column(thresholds.flatMap { $0 })
        self.codes = Column(codes.flatMap { $0 })
    }

    /// A frequent value gets a bucket to itself, and the rest goes on with what is left.
    private static func thresholds(_ column: UnsafeBufferPointer<Float>, _ buckets: Int) -> [Float] {
        let step = max(1, column.count / sample)
        let values = stride(from: 0, to: column.count, by: step).map { column[$0] }.filter(\.isFinite).sorted()
        var thresholds: [Float] = []
        var (place, inBucket) = (0, 0)
        while place < values.count, thresholds.count < buckets - 1 {
            var end = place
            while end < values.count, values[end] == values[place] { end += 1 }
            inBucket += end - place
            let left = values.count - end
            let wanted = (left + inBucket) / (buckets - thresholds.count)
            if end < values.count, inBucket >= max(1, wanted) {
                thresholds.append(values[place])
                inBucket = 0
            }
            place = end
        }
        return thresholds
    }

    private static func codes(
        _ column: UnsafeBufferPointer<Float>, _ count: Int, _ mostLevels: Int, _ fewest: Int
    ) -> [UInt32] {
        var rows = [Int](repeating: 0, count: count)
        for value in column {
            if let category = Int(exactly: value), category >= 0, category < count { rows[category] += 1 }
        }
        let frequent = rows.indices.filter { rows[$0] >= max(1, fewest) }
            .sorted { (rows[$1], $0) < (rows[$0], $1) }.prefix(mostLevels).sorted()
        var codes = [UInt32](repeating: 0, count: count)
        for (level, category) in frequent.enumerated() { codes[category] = UInt32(level + 1) }
        return codes
    }

    /// The level of a feature's value, below `count(feature)` unless the file lies.
    @inline(__always)
    func level(_ feature: Int, _ value: Float) -> Int {
        let shape = 4 &* feature
        let (start, length) = (Int(shapes[shape &+ 2]), Int(shapes[shape &+ 3]))
        if shapes[shape] == 1 {
            guard value >= 0, value < Float(length) else { return 0 }
            return Int(codes[start &+ Int(value)])
        }
        guard value == value else { return 0 }
        var (low, high) = (0, length)
        while low < high {
            let middle = (low &+ high) / 2
            if thresholds[start &+ middle] < value { low = middle &+ 1 } else { high = middle }
        }
        return low &+ 1
    }

    // MARK: file

    /// Categories of a feature up to which they keep their numbers in a file, whether they say anything or not.
    private static let fewCategories = 64

    /// The same with the categories of features that have too many numbered anew, and the texts of those that have a level: as
    /// a file has them.
    func compact(_ texts: [[String]?]) -> (levels: FeatureLevels, texts: [[String]?]) {
        var (shapes, codes, kept) = ([UInt32](), [UInt32](), texts)
        for feature in 0..<featureCount {
            var shape = (0..<4).map { self.shapes[4 * feature + $0] }
            if isCategory(feature) {
                let start = Int(shape[2])
                var own = (start..<start + Int(shape[3])).map { self.codes[$0] }
                if let all = texts[feature], all.count > Self.fewCategories, all.count == own.count {
                    kept[feature] = zip(all, own).filter { $1 > 0 }.map(\.0)
                    own.removeAll { $0 == 0 }
                }
                (shape[2], shape[3]) = (UInt32(codes.count), UInt32(own.count))
                codes += own
            }
            shapes += shape
        }
        return (FeatureLevels(featureCount, Column(shapes), thresholds, Column(codes)), kept)
    }

    private init(
        _ featureCount: Int, _ shapes: Column<UInt32>, _ thresholds: Column<Float>, _ codes: Column<UInt32>
    ) {
        (self.featureCount, self.shapes, self.thresholds, self.codes) = (featureCount, shapes, thresholds, codes)
    }

    /// What somebody should know about categories that say nothing.
    func notes(_ table: RankingTable, mostLevels: Int, fewest: Int) -> [String] {
        (0..<min(featureCount, table.featureCount)).compactMap { feature in
            guard let all = table.categories[feature]?.count, all > mostLevels else { return nil }
            let known = count(feature) - 1
            let start = "\(table.featureNames[feature]) has \(all) categories"
            return known == 0
                ? "\(start), none of which \(fewest) rows have: they say nothing"
                : "\(start); the \(known) that most rows have are learned, the others say nothing"
        }
    }

    func write(to writer: ModelWriter, name: String) throws {
        try writer.add("\(name)/levels", shapes.elements)
        try writer.add("\(name)/thresholds", thresholds.elements)
        try writer.add("\(name)/codes", codes.elements)
    }

    /// Reads what `write` wrote; nil if it is not there or cannot be right.
    init?(_ file: ModelFile, name: String) {
        guard let shapes = file.column("\(name)/levels", as: UInt32.self), shapes.count % 4 == 0,
            shapes.count / 4 <= Self.mostFeatures, let thresholds = file.column("\(name)/thresholds", as: Float.self),
            let codes = file.column("\(name)/codes", as: UInt32.self)
        else { return nil }
        (featureCount, self.shapes, self.thresholds, self.codes) = (shapes.count / 4, shapes, thresholds, codes)
    }
}
