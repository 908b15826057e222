/// How the values of one feature become bins, small numbers that histograms are made of.
///
/// A numerical feature is cut at bounds between values that occur: into one bin for each value where they are few, else
/// into bins of about equally many rows, a frequent value in one of its own. A bin holds at least `minimumInBin` rows
/// where it can. A categorical feature has a bin for each of its most frequent categories, and a last one for all
/// others, missing ones among them. Where values of a numerical feature are missing they have the last bin.
struct FeatureBins: Sendable, Equatable {
    /// Bounds look at no more rows than this.
    static let sampleCount = 200_000

    /// Numerical: a value belongs to the first bin whose bound it does not exceed.
    private(set) var upperBounds: [Double] = []
    /// Categorical: the category of each bin but the last.
    private(set) var categories: [Int] = []
    private(set) var isCategorical = false
    /// Numerical: whether the last bin is that of missing values.
    private(set) var hasMissing = false
    /// All bins, at most 256.
    private(set) var count = 0
    private var binOfCategory: [UInt8] = []

    /// The bins of values: not that of missing ones.
    var valueCount: Int { hasMissing ? count - 1 : count }

    /// A single bin tells nothing apart.
    var isConstant: Bool { count < 2 }

    init(numerical values: UnsafeBufferPointer<Float>, maximum: Int, minimumInBin: Int) {
        let step = max(1, (values.count + Self.sampleCount - 1) / Self.sampleCount)
        var keys: [UInt32] = []
        keys.reserveCapacity(values.count / step + 1)
        var missingInSample = 0
        var row = 0
        while row < values.count {
            // Anywhere in the step: what repeats in the file at the step's length shall not mislead.
            let place = step == 1 ? row : min(row + Int(mix(UInt64(row)) % UInt64(step)), values.count - 1)
            if values[place].isNaN { missingInSample += 1 } else { keys.append(Self.key(values[place])) }
            row += step
        }
        hasMissing = missingInSample > 0 || (step > 1 && values.contains { $0.isNaN })
        Self.sort(&keys)
        var distinct: [(value: Float, count: Int)] = []
        for key in keys {
            let value = Self.value(key)
            if let last = distinct.last, last.value == value {
                distinct[distinct.count - 1].count += 1
            } else {
                distinct.append((value, 1))
            }
        }
        let limit = max(2, maximum) - (hasMissing ? 1 : 0)
        upperBounds = Self.bounds(distinct, total: keys.count, limit: limit, minimumInBin: minimumInBin)
        count = upperBounds.count + (hasMissing ? 1 : 0)
    }

    init(categorical values: UnsafeBufferPointer<Float>, maximum: Int) {
        isCategorical = true
        var counts: [Int] = []
        for value in values {
            guard let category = Self.category(value) else { continue }
            if category >= counts.count { counts += [Int](repeating: 0, count: category + 1 - counts.count) }
            counts[category] += 1
        }
        categories = counts.indices.filter { counts[$0] > 0 }
        categories.sort { (counts[$0], $1) > (counts[$1], $0) }
        categories = Array(categories.prefix(max(2, maximum) - 1))
        count = categories.count + 1
        binOfCategory = [UInt8](repeating: UInt8(categories.count), count: (categories.max() ?? -1) + 1)
        for (bin, category) in categories.enumerated() { binOfCategory[category] = UInt8(bin) }
        // A single category, and nothing else: constant.
        if categories.count == 1, counts[categories[0]] == values.count || counts.isEmpty { count = 1 }
    }

    /// The whole number that a value stands for, if it can be a category.
    static func category(_ value: Float) -> Int? {
        value >= 0 && value < Float(RankingTable.maximumCategories) ? Int(value) : nil
    }

    // MARK: bounds

    private static func bounds(
        _ distinct: [(value: Float, count: Int)], total: Int, limit: Int, minimumInBin: Int
    ) -> [Double] {
        guard let last = distinct.last else { return [] }
        // Everything up to the largest finite number; an infinite one where such a value occurs.
        let end = last.value == .infinity ? Double.infinity : Double(Float.greatestFiniteMagnitude)
        var bounds: [Double] = []
        if distinct.count <= limit {
            var inBin = 0
            for (value, next) in zip(distinct, distinct.dropFirst()) {
                inBin += value.count
                if inBin < minimumInBin { continue }
                bounds.append(between(value.value, next.value))
                inBin = 0
            }
            return bounds + [end]
        }
        // Values that would fill a bin by themselves get one; the others share what is left (as LightGBM has it).
        let limit = max(1, min(limit, total / max(1, minimumInBin)))
        var mean = Double(total) / Double(limit)
        let isBig = distinct.map { Double($0.count) >= mean }
        var restBins = limit
        var rest = total
        for (place, value) in distinct.enumerated() where isBig[place] {
            restBins -= 1
            rest -= value.count
        }
        mean = Double(rest) / Double(max(1, restBins))
        var inBin = 0
        for place in 0..<distinct.count - 1 {
            if bounds.count >= limit - 1 { break }
            if !isBig[place] { rest -= distinct[place].count }
            inBin += distinct[place].count
            if isBig[place] || Double(inBin) >= mean || (isBig[place + 1] && Double(inBin) >= max(1, mean * 0.5)) {
                bounds.append(between(distinct[place].value, distinct[place + 1].value))
                inBin = 0
                if !isBig[place] {
                    restBins -= 1
                    mean = Double(rest) / Double(max(1, restBins))
                }
            }
        }
        return bounds + [end]
    }

    /// Halfway; `low` itself where that would be no number between them.
    private static func between(_ low: Float, _ high: Float) -> Double {
        let middle = Double(low) / 2 + Double(high) / 2
        return middle >= Double(low) && middle < Double(high) ? middle : Double(low)
    }

    // MARK: sorting floats as whole numbers

    private static func key(_ value: Float) -> UInt32 {
        let bits = (value + 0).bitPattern  // -0 becomes 0
        return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
    }

    private static func value(_ key: UInt32) -> Float {
        Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7FFF_FFFF)
    }

    /// Least significant digit first, 11 bits at a time. O(n).
    private static func sort(_ keys: inout [UInt32]) {
        if keys.count < 256 { return keys.sort() }
        var other = [UInt32](repeating: 0, count: keys.count)
        for shift: UInt32 in [0, 11, 22] {
            var starts = [Int](repeating: 0, count: 2048)
            for key in keys { starts[Int((key >> shift) & 2047)] += 1 }
            var sum = 0
            for digit in 0..<2048 { (starts[digit], sum) = (sum, sum + starts[digit]) }
            keys.withUnsafeBufferPointer { keys in
                other.withUnsafeMutableBufferPointer { other in
                    starts.withUnsafeMutableBufferPointer { starts in
                        for key in keys {
                            let digit = Int((key >> shift) & 2047)
                            other[starts[digit]] = key
                            starts[digit] += 1
                        }
                    }
                }
            }
            swap(&keys, &other)
        }
    }

    // MARK: values into bins

    /// Writes the bin of each value to every `stride`-th byte from `bins` on.
    func fill(_ values: UnsafeBufferPointer<Float>, into bins: UnsafeMutablePointer<UInt8>, stride: Int) {
        if isCategorical {
            for (row, value) in values.enumerated() { bins[row &* stride] = bin(category: value) }
            return
        }
        // Bounds padded to 256, so that eight halvings find the bin without a branch.
        let padded = upperBounds.prefix(255) + [Double](repeating: .infinity, count: 256 - min(255, upperBounds.count))
        let missing = UInt8(truncatingIfNeeded: count - 1)
        let lastValue = max(0, valueCount - 1)
        let unknown = hasMissing ? missing : 0
        Array(padded).withUnsafeBufferPointer { bounds in
            let bounds = bounds.baseAddress!
            for row in 0..<values.count {
                let value = Double(values[row])
                var low = 0
                low &+= bounds[low &+ 127] < value ? 128 : 0
                low &+= bounds[low &+ 63] < value ? 64 : 0
                low &+= bounds[low &+ 31] < value ? 32 : 0
                low &+= bounds[low &+ 15] < value ? 16 : 0
                low &+= bounds[low &+ 7] < value ? 8 : 0
                low &+= bounds[low &+ 3] < value ? 4 : 0
                low &+= bounds[low &+ 1] < value ? 2 : 0
                low &+= bounds[low] < value ? 1 : 0
                bins[row &* stride] = value.isNaN ? unknown : UInt8(truncatingIfNeeded: min(low, lastValue))
            }
        }
    }

    private func bin(category value: Float) -> UInt8 {
        guard let category = Self.category(value), category < binOfCategory.count else { return UInt8(count - 1) }
        return binOfCategory[category]
    }
}
