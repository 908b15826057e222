extension TreeEnsemble {
    /// The raw score of one row, walked plainly: what every faster way is compared with. O(trees x depth).
    ///
    /// - Parameter row: (features); a feature beyond its end is missing. The ensemble has no `problem`.
    public func rawScore(_ row: [Float]) -> Double {
        if isSingle {
            var sum = Float(averages ? 0 : base)
            for tree in trees { sum += Float(tree.leaves[tree.leaf(of: row)]) }
            return averages ? Double(sum) / Double(max(1, trees.count)) + base : Double(sum)
        }
        var sum = averages ? 0 : base
        for tree in trees { sum += tree.leaves[tree.leaf(of: row)] }
        return averages ? sum / Double(max(1, trees.count)) + base : sum
    }

    /// What becomes of a raw score.
    public func value(ofRaw raw: Double) -> Double { Self.value(ofRaw: raw, link, slope: slope) }

    @inline(__always)
    static func value(ofRaw raw: Double, _ link: Link, slope: Double) -> Double {
        switch link {
        case .identity: raw
        case .logistic: 1 / (1 + exponential(-slope * raw))
        case .exponential: exponential(raw)
        case .step: raw > 0 ? 1 : 0
        }
    }
}

extension TreeEnsemble.Tree {
    /// The leaf that a row comes to.
    func leaf(of row: [Float]) -> Int {
        guard !nodes.isEmpty else { return 0 }
        var at: Int32 = 0
        while at >= 0 {
            let node = nodes[Int(at)]
            let feature = Int(node.feature)
            at = node.goesLeft(feature < row.count ? Double(row[feature]) : .nan) ? node.left : node.right
        }
        return Int(~at)
    }
}

extension TreeEnsemble.Node {
    /// Which way a number goes.
    func goesLeft(_ number: Double) -> Bool {
        guard let categories else { return missing.goesLeft(number, threshold, isMissingLeft: missingGoesLeft) }
        if number.isNaN { return missingGoesLeft }
        return TreeEnsemble.category(number).map(categories.contains) ?? false
    }
}

extension TreeEnsemble.Missing {
    /// Numbers so close to zero count as zero, as in LightGBM, which holds this one as a float32.
    private static let almostZero = Double(1e-35 as Float)

    /// Which way a number goes at a numerical split.
    @inline(__always)
    func goesLeft(_ number: Double, _ threshold: Double, isMissingLeft: Bool) -> Bool {
        switch self {
        case .none: (number.isNaN ? 0 : number) <= threshold
        case .nan: number.isNaN ? isMissingLeft : number <= threshold
        case .zero: number.isNaN || number.magnitude <= Self.almostZero ? isMissingLeft : number <= threshold
        }
    }
}

extension TreeEnsemble {
    /// A number, cut to the whole one that stands for a category; nil for one that cannot.
    @inline(__always)
    static func category(_ number: Double) -> Int? { number > -1 && number < 0x1p31 ? Int(number) : nil }
}
