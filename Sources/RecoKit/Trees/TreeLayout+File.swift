extension TreeLayout {
    /// What the description of a file with nothing but trees says it holds.
    public static let fileKind = "boosted-trees"

    private static let part = "boosted-trees"
    private static let mostFeatures = 1 << 24

    /// Reads the trees of a file; nil if there are none. Throws `damaged` where the arrays cannot be used at all. What
    /// stands in them is not read: the kernels bound it. O(1), but for the features' names.
    public init?(_ file: ModelFile) throws {
        guard let shape = file.column("\(Self.part)/shape", as: UInt32.self) else { return nil }
        func damaged(_ what: String) -> RecoError { RecoError(.damaged, "the trees in the file are damaged: \(what)") }
        func column<E: ColumnElement>(_ name: String) throws -> Column<E> {
            guard let column: Column<E> = file.column("\(Self.part)/\(name)") else {
                throw damaged("there are no \(name) of the right type")
            }
            return column
        }
        let bases: Column<Double> = try column("base")
        guard shape.count == 3, bases.count == 2, shape[0] <= UInt32(Self.mostFeatures),
            let link = UInt8(exactly: shape[1]).flatMap({ TreeEnsemble.Link(rawValue: $0) }), shape[2] <= 1
        else { throw damaged("their shape makes no sense") }
        let singles: Column<Float>? = file.column("\(Self.part)/leaves")
        let leaves = try singles.map { Leaves.single($0) } ?? .double(column("leaves"))
        self.init(
            featureNames: file.lines("\(Self.part)/feature-names"),
            featureCount: Int(shape[0]), base: bases[0], slope: bases[1], link: link, averages: shape[2] == 1,
            sizes: try column("sizes"), nodes: try column("nodes"), leaves: leaves, columns: try column("columns"),
            thresholds: try column("thresholds"), sets: try column("sets"), gains: try column("gains"),
            covers: try column("covers"))
        guard nodes.count >= TreeKernels.padding, leaves.count >= TreeKernels.padding,
            columns.count % 4 == 0, columnCount <= Self.mostColumns, gains.count == nodeCount, covers.count == leafCount
        else { throw damaged("their arrays do not fit together") }
    }

    /// Writes the sections `boosted-trees/...`.
    public func write(to writer: ModelWriter) throws {
        func add<E: ColumnElement>(_ name: String, _ column: Column<E>) throws {
            try writer.add("\(Self.part)/\(name)", column.elements)
        }
        guard featureCount <= Self.mostFeatures else {
            throw RecoError(.unsupported, "trees over more than \(Self.mostFeatures) features cannot be saved")
        }
        try writer.add("\(Self.part)/shape", [UInt32(featureCount), UInt32(link.rawValue), averages ? 1 : 0])
        try writer.add("\(Self.part)/base", [base, slope])
        try writer.add("\(Self.part)/feature-names", lines: featureNames)
        try add("sizes", sizes)
        try add("nodes", nodes)
        switch leaves {
        case .double(let leaves): try add("leaves", leaves)
        case .single(let leaves): try add("leaves", leaves)
        }
        try add("columns", columns)
        try add("thresholds", thresholds)
        try add("sets", sets)
        try add("gains", gains)
        try add("covers", covers)
    }

    /// Writes a file that holds these trees and nothing else.
    ///
    /// - Parameter notes: what the description shall say besides, such as where the trees come from.
    public func save(_ path: String, temporaryPath: String? = nil, notes: [(name: String, value: String)] = []) throws {
        let writer = try ModelWriter(path: path, temporaryPath: temporaryPath)
        try writer.addDescription(ofPart: Self.fileKind, notes: notes)
        try write(to: writer)
        try writer.finish()
    }
}

extension TreeLayout {
    /// The trees in the form made to be understood, for export and explanations: they score every float32 as these do.
    /// Throws `damaged` where they are none. O(nodes).
    public func ensemble() throws -> TreeEnsemble {
        var ensemble = TreeEnsemble()
        ensemble.featureNames = featureNames
        ensemble.featureCount = featureCount
        (ensemble.base, ensemble.slope, ensemble.link) = (base, slope, link)
        (ensemble.averages, ensemble.isSingle) = (averages, leaves.isSingle)
        func damaged(_ what: String) -> RecoError { RecoError(.damaged, "the trees in the file are damaged: \(what)") }
        var (firstNode, firstLeaf) = (0, 0)
        for size in sizes.elements {
            let size = Int(size)
            guard size <= nodeCount - firstNode, size + 1 <= leafCount - firstLeaf else {
                throw damaged("there are fewer nodes than the trees say")
            }
            var tree = TreeEnsemble.Tree()
            tree.leaves = (firstLeaf...firstLeaf + size).map { leaf in
                switch leaves {
                case .double(let leaves): leaves[leaf]
                case .single(let leaves): Double(leaves[leaf])
                }
            }
            tree.covers = (firstLeaf...firstLeaf + size).map { Double(covers[$0]) }
            // How many leaves are to the left of each node of a wide tree.
            var before = [Int](repeating: 0, count: size)
            for place in 0..<size {
                let bits = nodes[firstNode + place]
                let below = UInt32(truncatingIfNeeded: bits >> 32)
                let (left, right): (Int, Int)
                if size <= TreeKernels.narrow {
                    let (toLeft, toRight) = (Int(below >> 16 & 255), Int(below >> 24))
                    left = toLeft == place ? ~Int(below & 255) : toLeft
                    right = toRight == place ? ~Int(below >> 8 & 255) : toRight
                } else {
                    let skipped = Int(below >> 2)
                    left = below & 1 != 0 ? ~before[place] : place + 1
                    right = below & 2 != 0 ? ~(before[place] + skipped) : place + skipped
                    if left > 0, left < size { before[left] = before[place] }
                    if right > place, right < size { before[right] = before[place] + skipped }
                }
                guard var node = node(word: UInt32(truncatingIfNeeded: bits)), left < size, right < size else {
                    throw damaged("a node points nowhere")
                }
                (node.left, node.right) = (Int32(left), Int32(right))
                node.gain = Double(gains[firstNode + place])
                tree.nodes.append(node)
            }
            ensemble.trees.append(tree)
            firstNode += size
            firstLeaf += size + 1
        }
        if let problem = ensemble.problem { throw damaged(problem) }
        return ensemble
    }

    /// What a node asks; nil where its column lies.
    private func node(word: UInt32) -> TreeEnsemble.Node? {
        let column = Int(word >> 8)
        guard column < columnCount else { return nil }
        let (feature, start) = (Int32(bitPattern: columns[4 * column]), Int(columns[4 * column + 1]))
        let (length, rest) = (Int(columns[4 * column + 2]), columns[4 * column + 3])
        let (flags, missing) = (TreeKernels.Flags(rawValue: rest & 255), UInt8(truncatingIfNeeded: rest >> 8))
        if flags.contains(.isSet) {
            guard start <= sets.count, length <= sets.count - start else { return nil }
            return TreeEnsemble.Node(
                feature: feature, left: 0, right: 0, missingGoesLeft: missing == 0,
                categories: .init(words: Array(sets.slice(start, start + length))))
        }
        let code = Int(word & 255)
        guard code < length, start < thresholds.count - TreeKernels.pivots - code else { return nil }
        return TreeEnsemble.Node(
            feature: feature, threshold: Double(thresholds[start + TreeKernels.pivots + code]), left: 0, right: 0,
            missingGoesLeft: Int(missing) <= code, missing: flags.contains(.zeroIsMissing) ? .zero : .nan)
    }
}
