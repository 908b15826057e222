/// Where to cut a leaf: the best split of one feature, found in its histogram.
struct Split: BitwiseCopyable {
    /// What the loss falls by, in the unit of the objective; 0: no split was found.
    var gain = 0.0
    var feature: Int32 = -1
    var slot: Int32 = -1
    /// Numerical: left are the bins up to this one.
    var bin: Int32 = 0
    var missingGoesLeft = false
    var isCategorical = false
    /// Categorical: which bins go left, a bit each.
    var leftBins: SIMD4<UInt64> = .zero
    /// What goes left.
    var left: GradientCell = .zero

    var isFound: Bool { feature >= 0 }

    /// Which of two is preferred: the larger gain, or the feature that comes first.
    @inline(__always)
    func isBetter(than other: Split) -> Bool {
        gain > other.gain || (gain == other.gain && isFound && (!other.isFound || feature < other.feature))
    }
}

/// The limits of growth, as hyperparameters name them.
struct GrowthLimits {
    var leaves = 31
    var depth = 0  // 0: any
    var minimumRows = 20
    var minimumHessian = 1e-3
    var minimumGain = 0.0
    var l1 = 0.0
    var l2 = 0.0
    var categoryL2 = 10.0
    var categorySmoothing = 10.0
    /// Up to so many bins a categorical feature is split one against the rest.
    var oneAgainstRest = 4
    /// At most so many categories on the smaller side.
    var categoriesInSplit = 32
    /// At least so many rows for each further step through the categories.
    var rowsInCategory = 100
    /// For each feature of the table: 1 rises, -1 falls, 0 free; empty: all are free.
    var monotone: [Int8] = []

    var isMonotone: Bool { monotone.contains { $0 != 0 } }
}

/// What is known of a leaf before it is split.
struct LeafSums {
    var sum: GradientCell
    var depth = 0
    /// The values that its leaves may have, where features are monotone.
    var lowest = -Double.infinity
    var highest = Double.infinity
}

/// Finds splits in histograms. The gain of a split is G²/(H + l2) of both sides together, less that of the whole
/// (Chen and Guestrin 2016, doi:10.1145/2939672.2939785; l1 as LightGBM has it).
struct SplitSearch {
    let limits: GrowthLimits
    let fixedPoint: FixedPoint
    private let minimumHessian: Int64
    private let isPlain: Bool

    init(_ limits: GrowthLimits, _ fixedPoint: FixedPoint) {
        self.limits = limits
        self.fixedPoint = fixedPoint
        // Never without any hessian at all: the leaf's value would be infinite.
        let least = (limits.minimumHessian * fixedPoint.hessianScale).rounded(.up)
        minimumHessian = least < 0x1p62 ? max(1, Int64(least)) : .max
        isPlain = limits.l1 == 0 && !limits.isMonotone
    }

    // MARK: values and gains, in the unit of the objective

    private func softened(_ gradient: Double) -> Double {
        gradient > limits.l1 ? gradient - limits.l1 : gradient < -limits.l1 ? gradient + limits.l1 : 0
    }

    /// The value of a leaf: the step of Newton's method, within the leaf's bounds.
    func value(_ sum: GradientCell, _ leaf: LeafSums, l2: Double? = nil) -> Double {
        let h = fixedPoint.hessian(sum) + (l2 ?? limits.l2)
        guard h > 0 else { return 0 }
        return min(max(-softened(fixedPoint.gradient(sum)) / h, leaf.lowest), leaf.highest)
    }

    private func gain(_ sum: GradientCell, _ leaf: LeafSums, l2: Double) -> Double {
        let w = value(sum, leaf, l2: l2)
        return -(2 * softened(fixedPoint.gradient(sum)) * w + (fixedPoint.hessian(sum) + l2) * w * w)
    }

    /// What both sides must reach together to be worth a split.
    private func threshold(_ leaf: LeafSums) -> Double {
        let whole = gain(leaf.sum, leaf, l2: limits.l2)
        return whole + limits.minimumGain + 1e-10 * whole.magnitude
    }

    // MARK: numerical

    /// The best split of a numerical feature: `valueCount` bins of values, and one more if values are missing.
    func numerical(
        _ histogram: UnsafePointer<GradientCell>, valueCount: Int, hasMissing: Bool, monotone: Int8, _ leaf: LeafSums
    ) -> Split {
        let threshold = threshold(leaf)
        var best = Split()
        var bestGain = threshold
        let missing = hasMissing ? histogram[valueCount] : .zero
        // Without missing rows here, a missing value follows the larger side.
        let isMissingHere = missing.y != 0
        if isPlain {
            scanPlain(
                histogram, isMissingHere ? valueCount : valueCount - 1, start: .zero, missingGoesLeft: false, leaf,
                &best,
                &bestGain)
            if isMissingHere {
                scanPlain(
                    histogram, valueCount - 1, start: missing, missingGoesLeft: true, leaf, &best, &bestGain)
            }
        } else {
            scan(
                histogram, isMissingHere ? valueCount : valueCount - 1, start: .zero, missingGoesLeft: false, monotone,
                leaf,
                &best, &bestGain)
            if isMissingHere {
                scan(
                    histogram, valueCount - 1, start: missing, missingGoesLeft: true, monotone, leaf, &best, &bestGain)
            }
        }
        guard bestGain > threshold else { return Split() }
        best.gain = bestGain - threshold + limits.minimumGain
        if !isMissingHere {
            best.missingGoesLeft = 2 * fixedPoint.count(best.left) >= fixedPoint.count(leaf.sum)
        }
        // In the middle of the bins that are empty here, not at their edge.
        var next = Int(best.bin) + 1
        while next < valueCount - 1, histogram[next].y == 0 { next += 1 }
        if next < valueCount { best.bin = Int32((Int(best.bin) + next - 1) / 2) }
        return best
    }

    /// Without l1 and bounds, in units of the fixed point. No division: gains are compared as fractions. Empty bins are
    /// not passed over: guessing which are costs more than a gain that is no better than the last one.
    @inline(__always)
    private func scanPlain(
        _ histogram: UnsafePointer<GradientCell>, _ end: Int, start: GradientCell, missingGoesLeft: Bool,
        _ leaf: LeafSums, _ best: inout Split, _ bestGain: inout Double
    ) {
        let (bits, mask) = (fixedPoint.countBits, fixedPoint.countMask)
        let l2 = limits.l2 * fixedPoint.hessianScale
        let unit = fixedPoint.hessianScale / (fixedPoint.gradientScale * fixedPoint.gradientScale)
        let total = leaf.sum
        let totalHessian = total.y &>> bits
        let totalCount = total.y & mask
        let minimumRows = Int64(limits.minimumRows)
        var left = start
        var bestHere = bestGain / unit
        var bestBin = -1
        var bestLeft = GradientCell.zero
        for bin in 0..<end {
            left &+= histogram[bin]
            let count = left.y & mask
            if count < minimumRows { continue }
            if totalCount &- count < minimumRows { break }
            let hessian = left.y &>> bits
            if hessian < minimumHessian { continue }
            let rest = totalHessian &- hessian
            if rest < minimumHessian { break }
            let (g, other) = (Double(left.x), Double(total.x &- left.x))
            let (h, r) = (Double(hessian) + l2, Double(rest) + l2)
            let (gain, scale) = (g * g * r + other * other * h, h * r)
            if gain > bestHere * scale {
                bestHere = gain / scale
                // The same again, rounded differently, is no better.
                if histogram[bin].y == 0 { continue }
                bestBin = bin
                bestLeft = left
            }
        }
        guard bestBin >= 0, bestHere * unit > bestGain else { return }
        bestGain = bestHere * unit
        best.bin = Int32(bestBin)
        best.left = bestLeft
        best.missingGoesLeft = missingGoesLeft
    }

    /// With l1 and bounds, in the unit of the objective.
    private func scan(
        _ histogram: UnsafePointer<GradientCell>, _ end: Int, start: GradientCell, missingGoesLeft: Bool,
        _ monotone: Int8, _ leaf: LeafSums, _ best: inout Split, _ bestGain: inout Double
    ) {
        var left = start
        for bin in 0..<end {
            let cell = histogram[bin]
            if cell.y == 0 { continue }
            left &+= cell
            let right = leaf.sum &- left
            if !isLargeEnough(left) { continue }
            if !isLargeEnough(right) { break }
            if monotone != 0 {
                let (a, b) = (value(left, leaf), value(right, leaf))
                if monotone > 0 ? a > b : a < b { continue }
            }
            let gain = gain(left, leaf, l2: limits.l2) + gain(right, leaf, l2: limits.l2)
            if gain > bestGain {
                bestGain = gain
                best.bin = Int32(bin)
                best.left = left
                best.missingGoesLeft = missingGoesLeft
            }
        }
    }

    private func isLargeEnough(_ side: GradientCell) -> Bool {
        fixedPoint.count(side) >= limits.minimumRows && side.y &>> fixedPoint.countBits >= minimumHessian
    }

    // MARK: categorical

    /// The best split of a categorical feature of `count` bins, the last of which, all other categories, stays right.
    ///
    /// Few categories are tried one against the rest. Many are sorted by gradient over hessian, and then split like
    /// numbers from either end (Fisher 1958, doi:10.1080/01621459.1958.10501479), with more regularisation, for a
    /// category of few rows can be anywhere in that order by chance.
    func categorical(_ histogram: UnsafePointer<GradientCell>, count: Int, _ leaf: LeafSums) -> Split {
        let threshold = threshold(leaf)
        var best = Split()
        var bestGain = threshold
        best.isCategorical = true
        if count <= limits.oneAgainstRest {
            for bin in 0..<count - 1 {
                let (left, right) = (histogram[bin], leaf.sum &- histogram[bin])
                guard isLargeEnough(left), isLargeEnough(right) else { continue }
                let gain = gain(left, leaf, l2: limits.l2) + gain(right, leaf, l2: limits.l2)
                if gain > bestGain {
                    bestGain = gain
                    best.left = left
                    best.leftBins = Self.bit(bin)
                }
            }
        } else {
            scanSorted(histogram, count, leaf, &best, &bestGain)
        }
        guard bestGain > threshold else { return Split() }
        best.gain = bestGain - threshold + limits.minimumGain
        return best
    }

    private func scanSorted(
        _ histogram: UnsafePointer<GradientCell>, _ count: Int, _ leaf: LeafSums, _ best: inout Split,
        _ bestGain: inout Double
    ) {
        let l2 = limits.l2 + limits.categoryL2
        let smoothing = limits.categorySmoothing
        let ratios = (0..<count).map { bin in
            fixedPoint.gradient(histogram[bin]) / (fixedPoint.hessian(histogram[bin]) + max(smoothing, 1e-12))
        }
        let order = (0..<count - 1).filter { Double(fixedPoint.count(histogram[$0])) >= smoothing }
            .sorted { (ratios[$0], $0) < (ratios[$1], $1) }
        let longest = min(limits.categoriesInSplit, (order.count + 1) / 2)
        for forwards in [true, false] {
            var left = GradientCell.zero
            var bits = SIMD4<UInt64>.zero
            var rowsInStep = 0
            for step in 0..<longest {
                let bin = forwards ? order[step] : order[order.count - 1 - step]
                left &+= histogram[bin]
                bits |= Self.bit(bin)
                rowsInStep += fixedPoint.count(histogram[bin])
                if !isLargeEnough(left) { continue }
                let right = leaf.sum &- left
                if !isLargeEnough(right) || fixedPoint.count(right) < limits.rowsInCategory { break }
                if rowsInStep < limits.rowsInCategory { continue }
                rowsInStep = 0
                let gain = gain(left, leaf, l2: l2) + gain(right, leaf, l2: l2)
                if gain > bestGain {
                    bestGain = gain
                    best.left = left
                    best.leftBins = bits
                }
            }
        }
    }

    private static func bit(_ bin: Int) -> SIMD4<UInt64> {
        var bits = SIMD4<UInt64>.zero
        bits[bin >> 6] = 1 << UInt64(bin & 63)
        return bits
    }
}
