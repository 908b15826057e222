/// What the splits of an ensemble ask of a row, each thing once: thresholds of a feature in columns of at most 255, one
/// column for each way in which its missing values go, and a column for each set of categories.
struct TreeColumns {
    private(set) var columns: [UInt32] = []  // (columns, 4)
    private(set) var thresholds: [Float] = []
    private(set) var sets: [UInt32] = []

    /// A way of treating missing values within a column, by what it does.
    private struct Variant: Hashable, Comparable {
        let zeroIsMissing: Bool
        let code: UInt8

        static func < (a: Variant, b: Variant) -> Bool {
            a.zeroIsMissing == b.zeroIsMissing ? a.code < b.code : b.zeroIsMissing
        }
    }

    private struct NumericKey: Hashable {
        let feature: Int32
        let chunk: Int
        let variant: Variant
    }

    private struct SetKey: Hashable {
        let feature: Int32
        let words: [UInt32]
        let missingGoesLeft: Bool
    }

    private var sorted: [Int32: [Float]] = [:]
    private var numeric: [NumericKey: UInt32] = [:]
    private var ofSets: [SetKey: UInt32] = [:]

    var count: Int { columns.count / 4 }

    init(_ ensemble: TreeEnsemble) {
        var distinct: [Int32: Set<Float>] = [:]
        for tree in ensemble.trees {
            for node in tree.nodes where node.categories == nil {
                distinct[node.feature, default: []].insert(Self.floor(node.threshold))
            }
        }
        sorted = distinct.mapValues { $0.sorted() }
        var keys: Set<NumericKey> = []
        var setKeys: Set<SetKey> = []
        for tree in ensemble.trees {
            for node in tree.nodes {
                if let key = Self.setKey(node) { setKeys.insert(key) } else { keys.insert(place(node).key) }
            }
        }
        addNumeric(keys)
        for key in setKeys.sorted(by: {
            ($0.feature, $0.missingGoesLeft ? 0 : 1, $0.words) < ($1.feature, $1.missingGoesLeft ? 0 : 1, $1.words)
        }) {
            ofSets[key] = UInt32(count)
            add(
                feature: key.feature, start: sets.count, length: key.words.count, .isSet,
                missing: key.missingGoesLeft ? 0 : 1)
            sets += key.words
        }
        // A kernel reads so much from the last column's start.
        thresholds += [Float](repeating: .infinity, count: TreeKernels.chunk)
    }

    /// Where a node looks, and the code above which a row goes right: its column << 8 | code.
    func word(_ node: TreeEnsemble.Node) -> UInt32 {
        if let key = Self.setKey(node) { return (ofSets[key] ?? 0) << 8 }
        let (key, code) = place(node)
        return (numeric[key] ?? 0) << 8 | UInt32(code)
    }

    /// The largest float32 that is not above a threshold.
    static func floor(_ threshold: Double) -> Float {
        let nearest = Float(threshold)
        return Double(nearest) > threshold ? nearest.nextDown : nearest
    }

    private static func setKey(_ node: TreeEnsemble.Node) -> SetKey? {
        guard var words = node.categories?.words else { return nil }
        while words.last == 0 { words.removeLast() }
        return SetKey(feature: node.feature, words: words, missingGoesLeft: node.missingGoesLeft)
    }

    private func place(_ node: TreeEnsemble.Node) -> (key: NumericKey, code: Int) {
        let all = sorted[node.feature] ?? []
        let rank = Self.rank(Self.floor(node.threshold), all)
        let chunk = rank / TreeKernels.longestColumn
        let first = chunk * TreeKernels.longestColumn
        let variant: Variant
        switch node.missing {
        case .none:  // as zero would go
            let zero = max(0, min(Self.rank(0, all) - first, TreeKernels.longestColumn))
            variant = Variant(zeroIsMissing: false, code: UInt8(zero))
        case .nan: variant = Variant(zeroIsMissing: false, code: node.missingGoesLeft ? 0 : 255)
        case .zero: variant = Variant(zeroIsMissing: true, code: node.missingGoesLeft ? 0 : 255)
        }
        return (NumericKey(feature: node.feature, chunk: chunk, variant: variant), rank - first)
    }

    /// How many of them lie below.
    private static func rank(_ threshold: Float, _ ascending: [Float]) -> Int {
        firstPlace(ascending.count) { ascending[$0] < threshold }
    }

    private mutating func addNumeric(_ keys: Set<NumericKey>) {
        var last: (feature: Int32, chunk: Int, start: Int)?
        for key in keys.sorted(by: { ($0.feature, $0.chunk, $0.variant) < ($1.feature, $1.chunk, $1.variant) }) {
            let all = sorted[key.feature] ?? []
            let part = all.dropFirst(key.chunk * TreeKernels.longestColumn).prefix(TreeKernels.longestColumn)
            var flags: TreeKernels.Flags = key.variant.zeroIsMissing ? .zeroIsMissing : []
            var start = thresholds.count
            if let last, last.feature == key.feature, last.chunk == key.chunk {
                flags.insert(.repeats)
                start = last.start
            } else {
                addThresholds(Array(part))
            }
            last = (key.feature, key.chunk, start)
            numeric[key] = UInt32(count)
            add(feature: key.feature, start: start, length: part.count, flags, missing: key.variant.code)
        }
    }

    private mutating func addThresholds(_ part: [Float]) {
        let groups = part.count / TreeKernels.pivots + 1
        let filled = part + [Float](repeating: .infinity, count: groups * TreeKernels.pivots - part.count)
        for group in 0..<TreeKernels.pivots {
            thresholds.append(group < groups ? filled[(group + 1) * TreeKernels.pivots - 1] : .infinity)
        }
        thresholds += filled
    }

    private mutating func add(
        feature: Int32, start: Int, length: Int, _ flags: TreeKernels.Flags, missing: UInt8
    ) {
        columns += [UInt32(feature), UInt32(start), UInt32(length), flags.rawValue | UInt32(missing) << 8]
    }
}

/// Arrays of words one after the other, shorter ones first.
private func < (a: (Int32, Int, [UInt32]), b: (Int32, Int, [UInt32])) -> Bool {
    if a.0 != b.0 { return a.0 < b.0 }
    if a.1 != b.1 { return a.1 < b.1 }
    return a.2.lexicographicallyPrecedes(b.2)
}
