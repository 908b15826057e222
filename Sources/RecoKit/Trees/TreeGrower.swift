/// Grows one tree on binned features: always the leaf whose split gains most, until there are leaves enough.
///
/// Rows stand in one array, leaf after leaf, and a split parts a leaf's piece of it in two, in order. Only the smaller
/// child's histograms are summed up; the other's are the parent's less those. A split costs O(rows of the smaller child
/// x features + rows of the leaf + bins x features); histograms of all leaves that may be split are kept: leaves x
/// features x bins x 16 bytes, or none of them where that would be more than `largestPool`.
/// After Ke et al. 2017, "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 30.
final class TreeGrower {
    private static let largestPool = 1 << 30  // bytes
    private static let chunk = 1 << 14  // rows
    /// Less work than this, in rows x features or bins, is not worth waking others for.
    private static let smallWork = 20_000

    /// A leaf while the tree grows.
    private struct Leaf {
        var start: Int  // in `rows`
        var count: Int
        var sums: LeafSums
        var split = Split()
        var histogram: UnsafeMutablePointer<GradientCell>?
        var parent = -1  // the node above
        var isLeft = false
    }

    /// What a slot of the tiles holds, without a reference to count.
    private struct Slot: BitwiseCopyable {
        var feature: Int32
        var valueCount: Int32
        var count: Int32
        var hasMissing: Bool
        var isCategorical: Bool
        var monotone: Int8
    }

    let table: BinnedTable
    let limits: GrowthLimits
    private let crew: WorkCrew
    private let slots: UnsafeMutablePointer<Slot>
    private let histogramStarts: [Int]  // of each tile, in cells
    private let histogramCount: Int  // cells
    private let keepsHistograms: Bool

    private let rows: UnsafeMutablePointer<UInt32>  // (rows), leaf after leaf
    private let parted: UnsafeMutablePointer<UInt32>  // (rows)
    private let cells: UnsafeMutablePointer<GradientCell>  // by row
    private let ordered: UnsafeMutablePointer<GradientCell>  // by place in a leaf
    private var freeHistograms: [UnsafeMutablePointer<GradientCell>] = []
    private var allHistograms: [UnsafeMutablePointer<GradientCell>] = []
    private let found: UnsafeMutablePointer<Split>  // (tiles, 2)
    private let buffers: UnsafeMutablePointer<UInt64>  // (threads, packs, rows of a block)

    private var leaves: [Leaf] = []
    private var nodes: [TreeEnsemble.Node] = []
    private var splits: [Split] = []  // of the nodes
    private var rowsInTree = 0

    init(_ table: BinnedTable, _ limits: GrowthLimits, crew: WorkCrew) {
        self.table = table
        self.limits = limits
        self.crew = crew
        let slotCount = max(1, table.features.count)
        slots = .allocate(capacity: slotCount)
        for (place, feature) in table.features.enumerated() {
            let bins = table.bins[feature]
            slots[place] = Slot(
                feature: Int32(feature), valueCount: Int32(bins.valueCount), count: Int32(bins.count),
                hasMissing: bins.hasMissing, isCategorical: bins.isCategorical,
                monotone: feature < limits.monotone.count ? limits.monotone[feature] : 0)
        }
        var starts: [Int] = []
        var sum = 0
        for tile in table.tiles {
            starts.append(sum)
            sum += tile.cellCount
        }
        histogramStarts = starts
        histogramCount = sum
        keepsHistograms = sum * MemoryLayout<GradientCell>.stride * limits.leaves <= Self.largestPool
        let count = max(1, table.rowCount)
        rows = .allocate(capacity: count)
        parted = .allocate(capacity: count)
        cells = .allocate(capacity: count)
        ordered = .allocate(capacity: count)
        found = .allocate(capacity: max(1, 2 * table.tiles.count))
        buffers = .allocate(capacity: crew.threads * histogramBlock * 8)
    }

    deinit {
        slots.deallocate()
        rows.deallocate()
        parted.deallocate()
        cells.deallocate()
        ordered.deallocate()
        found.deallocate()
        buffers.deallocate()
        for histogram in allHistograms { histogram.deallocate() }
    }

    /// Grows a tree that lowers a loss with these gradients and hessians: (rows). `sample`: the rows to learn from, in
    /// order; nil: all. `features`: which features may be split. Nil if the gradients are no finite numbers.
    ///
    /// The leaves' values are not yet shrunk; `covers` are numbers of rows.
    func grow(
        gradients: UnsafePointer<Float>, hessians: UnsafePointer<Float>, sample: [UInt32]?, features: [Bool]?
    ) -> TreeEnsemble.Tree? {
        let count = sample?.count ?? table.rowCount
        rowsInTree = count
        leaves.removeAll(keepingCapacity: true)
        nodes.removeAll(keepingCapacity: true)
        splits.removeAll(keepingCapacity: true)
        freeHistograms = allHistograms
        if let sample {
            sample.withUnsafeBufferPointer { if let base = $0.baseAddress { rows.update(from: base, count: count) } }
        } else {
            let rows = rows
            crew.run(count, chunk: Self.chunk) { range, _ in for row in range { rows[row] = UInt32(row) } }
        }
        guard let (largest, sum) = sums(gradients, hessians, count) else { return nil }
        var tree = TreeEnsemble.Tree()
        tree.covers = [Double(count)]
        guard let fixedPoint = FixedPoint(rowCount: count, largestGradient: largest, hessianSum: sum) else {
            return tree
        }
        let search = SplitSearch(limits, fixedPoint)
        let whole = makeCells(gradients, hessians, count, fixedPoint)
        leaves.append(Leaf(start: 0, count: count, sums: LeafSums(sum: whole)))
        if canSplit(0) {
            leaves[0].histogram = takeHistogram()
            if sample != nil { gather(0) }
            searchLeaves(small: 0, large: nil, search, features, isWhole: sample == nil)
        }
        while leaves.count < limits.leaves {
            var best = 0
            for leaf in leaves.indices where leaves[leaf].split.isBetter(than: leaves[best].split) { best = leaf }
            guard leaves[best].split.isFound, leaves[best].split.gain > 0 else { break }
            part(best, search)
            if leaves.count < limits.leaves { searchChildren(best, leaves.count - 1, search, features) }
        }
        tree.nodes = nodes
        tree.leaves = leaves.map { leaf in
            // A categorical split was found with more regularisation; its leaves keep it.
            let isCategory =
                leaf.parent >= 0 && splits[leaf.parent].isCategorical
                && Int(slots[Int(splits[leaf.parent].slot)].count) > limits.oneAgainstRest
            return search.value(
                leaf.sums.sum, leaf.sums, l2: isCategory ? limits.l2 + limits.categoryL2 : limits.l2)
        }
        tree.covers = leaves.map { Double($0.count) }
        return tree
    }

    // MARK: gradients

    /// The largest gradient and the sum of hessians; nil if one of them is no finite number.
    private func sums(
        _ gradients: UnsafePointer<Float>, _ hessians: UnsafePointer<Float>, _ count: Int
    ) -> (Double, Double)? {
        let chunks = (count + Self.chunk - 1) / Self.chunk
        let rows = rows
        return withUnsafeTemporaryAllocation(of: SIMD2<Double>.self, capacity: max(1, chunks)) { parts in
            nonisolated(unsafe) let parts = parts
            crew.run(count, chunk: Self.chunk) { range, _ in
                var largest: Float = 0
                var sum = 0.0
                for place in range {
                    let row = Int(rows[place])
                    largest = max(largest, gradients[row].magnitude)
                    if gradients[row].isNaN { sum = .nan }
                    sum += Double(hessians[row])
                }
                parts[range.lowerBound / Self.chunk] = SIMD2(Double(largest), sum)
            }
            var (largest, sum) = (0.0, 0.0)
            for part in parts[..<chunks] {
                largest = max(largest, part.x)
                sum += part.y
            }
            return largest.isFinite && sum.isFinite && sum >= 0 ? (largest, sum) : nil
        }
    }

    /// Fills `cells` and returns their sum.
    private func makeCells(
        _ gradients: UnsafePointer<Float>, _ hessians: UnsafePointer<Float>, _ count: Int, _ fixedPoint: FixedPoint
    ) -> GradientCell {
        let chunks = (count + Self.chunk - 1) / Self.chunk
        let (rows, cells) = (rows, cells)
        return withUnsafeTemporaryAllocation(of: GradientCell.self, capacity: max(1, chunks)) { parts in
            nonisolated(unsafe) let parts = parts
            crew.run(count, chunk: Self.chunk) { range, _ in
                var sum = GradientCell.zero
                for place in range {
                    let row = Int(rows[place])
                    let cell = fixedPoint.cell(gradients[row], hessians[row])
                    cells[row] = cell
                    sum &+= cell
                }
                parts[range.lowerBound / Self.chunk] = sum
            }
            return parts[..<chunks].reduce(.zero, &+)
        }
    }

    // MARK: histograms

    private func takeHistogram() -> UnsafeMutablePointer<GradientCell> {
        if let free = freeHistograms.popLast() { return free }
        let made = UnsafeMutablePointer<GradientCell>.allocate(capacity: max(1, histogramCount))
        allHistograms.append(made)
        return made
    }

    private func canSplit(_ leaf: Int) -> Bool {
        leaves[leaf].count >= 2 * limits.minimumRows && leaves[leaf].count >= 2 && !table.tiles.isEmpty
            && (limits.depth == 0 || leaves[leaf].sums.depth < limits.depth)
    }

    /// Finds the splits of the two leaves that one became; the left one has its histograms.
    private func searchChildren(_ left: Int, _ right: Int, _ search: SplitSearch, _ features: [Bool]?) {
        let small = leaves[left].count <= leaves[right].count ? left : right
        let large = small == left ? right : left
        let parents = leaves[left].histogram
        leaves[left].histogram = nil
        let (smallCan, largeCan) = (canSplit(small), canSplit(large))
        guard smallCan || largeCan else {
            if let parents { freeHistograms.append(parents) }
            return
        }
        if let parents, largeCan {
            leaves[large].histogram = parents
            leaves[small].histogram = takeHistogram()
            searchLeaves(small: small, large: large, search, features, isWhole: false)
        } else {
            // Only the smaller can be split (then both are small), or nothing of the parent was kept.
            if let parents { freeHistograms.append(parents) }
            for leaf in [small, large] where canSplit(leaf) {
                gather(leaf)
                leaves[leaf].histogram = takeHistogram()
                searchLeaves(small: leaf, large: nil, search, features, isWhole: false)
            }
        }
    }

    /// Sums up the histograms of one leaf, subtracts them from those of the other, and looks for splits in both.
    private func searchLeaves(
        small: Int, large: Int?, _ search: SplitSearch, _ features: [Bool]?, isWhole: Bool
    ) {
        let (smallLeaf, largeLeaf) = (leaves[small], large.map { leaves[$0] })
        let (searchSmall, searchLarge) = (canSplit(small), large.map(canSplit) ?? false)
        let (found, tiles, starts, buffers) = (found, table.tiles, histogramStarts, buffers)
        let gradients = UnsafePointer(isWhole ? cells : ordered)
        let places = isWhole ? nil : UnsafePointer(rows + smallLeaf.start)
        let tileWork: (Int, Int) -> Void = { tile, worker in
            let histogram = smallLeaf.histogram! + starts[tile]
            fillHistogram(
                histogram, tile: tiles[tile], rows: places, count: smallLeaf.count, gradients: gradients,
                buffer: buffers + worker * histogramBlock * 8)
            found[2 * tile] =
                searchSmall ? self.best(tile, histogram, smallLeaf.sums, search, features) : Split()
            found[2 * tile + 1] = Split()
            guard let largeLeaf else { return }
            let other = largeLeaf.histogram! + starts[tile]
            subtractHistogram(other, histogram, count: tiles[tile].cellCount)
            if searchLarge { found[2 * tile + 1] = self.best(tile, other, largeLeaf.sums, search, features) }
        }
        if smallLeaf.count * table.features.count + histogramCount < Self.smallWork {
            for tile in tiles.indices { tileWork(tile, 0) }
        } else {
            crew.run(tiles.count, tileWork)
        }
        for tile in tiles.indices {
            if found[2 * tile].isBetter(than: leaves[small].split) { leaves[small].split = found[2 * tile] }
            if let large, found[2 * tile + 1].isBetter(than: leaves[large].split) {
                leaves[large].split = found[2 * tile + 1]
            }
        }
        for leaf in [small, large ?? small] where !keepsHistograms || !leaves[leaf].split.isFound {
            if let histogram = leaves[leaf].histogram { freeHistograms.append(histogram) }
            leaves[leaf].histogram = nil
        }
    }

    /// The best split among a tile's features.
    private func best(
        _ tile: Int, _ histogram: UnsafePointer<GradientCell>, _ leaf: LeafSums, _ search: SplitSearch,
        _ features: [Bool]?
    ) -> Split {
        var best = Split()
        let tile = table.tiles[tile]
        var cells = histogram
        for slot in tile.firstSlot..<min(tile.firstSlot + tile.packCount * 8, table.features.count) {
            defer { cells += Int(tile.strides[(slot - tile.firstSlot) / 8]) }
            let what = slots[slot]
            if let features, !features[Int(what.feature)] { continue }
            var split =
                what.isCategorical
                ? search.categorical(cells, count: Int(what.count), leaf)
                : search.numerical(
                    cells, valueCount: Int(what.valueCount), hasMissing: what.hasMissing, monotone: what.monotone, leaf)
            guard split.gain > 0 else { continue }
            split.feature = what.feature
            split.slot = Int32(slot)
            if split.isBetter(than: best) { best = split }
        }
        return best
    }

    // MARK: parting

    /// Splits a leaf: it becomes the left child, and the right one is added.
    private func part(_ place: Int, _ search: SplitSearch) {
        let leaf = leaves[place]
        let split = leaf.split
        let leftCount = search.fixedPoint.count(split.left)
        partRows(leaf, split, leftCount)

        let node = nodes.count
        let (left, right) = (place, leaves.count)
        nodes.append(self.node(split, left: ~left, right: ~right))
        splits.append(split)
        if leaf.parent >= 0 {
            if leaf.isLeft { nodes[leaf.parent].left = Int32(node) } else { nodes[leaf.parent].right = Int32(node) }
        }
        var (leftSums, rightSums) = (leaf.sums, leaf.sums)
        leftSums.sum = split.left
        rightSums.sum = leaf.sums.sum &- split.left
        leftSums.depth += 1
        rightSums.depth += 1
        let monotone = slots[Int(split.slot)].monotone
        if monotone != 0 {
            // Nothing on one side may pass the middle that nothing on the other side may pass either.
            let middle = (search.value(leftSums.sum, leaf.sums) + search.value(rightSums.sum, leaf.sums)) / 2
            if monotone > 0 {
                leftSums.highest = min(leftSums.highest, middle)
                rightSums.lowest = max(rightSums.lowest, middle)
            } else {
                leftSums.lowest = max(leftSums.lowest, middle)
                rightSums.highest = min(rightSums.highest, middle)
            }
        }
        leaves[left] = Leaf(
            start: leaf.start, count: leftCount, sums: leftSums, histogram: leaf.histogram, parent: node, isLeft: true)
        leaves.append(
            Leaf(
                start: leaf.start + leftCount, count: leaf.count - leftCount, sums: rightSums, parent: node,
                isLeft: false))
    }

    /// Which bins of a split go left, a byte each: (256).
    private func sides(_ split: Split, _ sides: UnsafeMutablePointer<UInt8>) {
        let slot = slots[Int(split.slot)]
        for bin in 0..<256 {
            if split.isCategorical {
                sides[bin] = UInt8(split.leftBins[bin >> 6] >> UInt64(bin & 63) & 1)
            } else {
                let isMissing = slot.hasMissing && bin == Int(slot.valueCount)
                sides[bin] = (isMissing ? split.missingGoesLeft : bin <= Int(split.bin)) ? 1 : 0
            }
        }
    }

    /// Parts a leaf's rows, each side in the order it had, and gathers the gradients of the smaller one.
    private func partRows(_ leaf: Leaf, _ split: Split, _ leftCount: Int) {
        let (rows, parted, cells, ordered) = (rows + leaf.start, parted + leaf.start, cells, ordered)
        let (bins, stride) = (table.slots[Int(split.slot)].bins, table.slots[Int(split.slot)].stride)
        let rightCount = leaf.count - leftCount
        let (gathersLeft, gathersRight) = (leftCount <= rightCount, leftCount > rightCount)
        let chunks = (leaf.count + Self.chunk - 1) / Self.chunk
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { sides in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: chunks + 1) { lefts in
                let (sides, lefts) = (sides.baseAddress!, lefts.baseAddress!)
                self.sides(split, sides)
                // Left rows from the front of a chunk's piece of `parted`, right ones from its end.
                crew.run(leaf.count, chunk: Self.chunk) { range, _ in
                    var (left, right) = (range.lowerBound, range.upperBound &- 1)
                    for place in range {
                        let row = rows[place]
                        let side = Int(sides[Int(bins[Int(row) &* stride])])
                        parted[side == 1 ? left : right] = row
                        left &+= side
                        right &-= 1 &- side
                    }
                    lefts[range.lowerBound / Self.chunk] = left - range.lowerBound
                }
                var sum = 0
                for chunk in 0..<chunks { (lefts[chunk], sum) = (sum, sum + lefts[chunk]) }
                lefts[chunks] = sum
                crew.run(leaf.count, chunk: Self.chunk) { range, _ in
                    let chunk = range.lowerBound / Self.chunk
                    let (start, count) = (lefts[chunk], lefts[chunk + 1] - lefts[chunk])
                    for place in 0..<count {
                        let row = parted[range.lowerBound &+ place]
                        rows[start &+ place] = row
                        if gathersLeft { ordered[start &+ place] = cells[Int(row)] }
                    }
                    let rightStart = range.lowerBound - start
                    for place in 0..<range.count - count {
                        let row = parted[range.upperBound &- 1 &- place]
                        rows[leftCount &+ rightStart &+ place] = row
                        if gathersRight { ordered[rightStart &+ place] = cells[Int(row)] }
                    }
                }
            }
        }
    }

    /// Puts the gradients of a leaf in the order of its rows.
    private func gather(_ leaf: Int) {
        let (start, count) = (leaves[leaf].start, leaves[leaf].count)
        for place in 0..<count { ordered[place] = cells[Int(rows[start + place])] }
    }

    private func node(_ split: Split, left: Int, right: Int) -> TreeEnsemble.Node {
        let bins = table.bins[Int(split.feature)]
        var node = TreeEnsemble.Node(
            feature: split.feature, left: Int32(left), right: Int32(right), missingGoesLeft: split.missingGoesLeft,
            missing: .nan, gain: split.gain)
        if split.isCategorical {
            var words: [UInt32] = []
            for (bin, category) in bins.categories.enumerated()
            where split.leftBins[bin >> 6] >> UInt64(bin & 63) & 1 == 1 {
                if category >> 5 >= words.count {
                    words += [UInt32](repeating: 0, count: (category >> 5) + 1 - words.count)
                }
                words[category >> 5] |= 1 << UInt32(category & 31)
            }
            node.categories = TreeEnsemble.CategorySet(words: words)
        } else {
            node.threshold = bins.upperBounds[Int(split.bin)]
        }
        return node
    }

    // MARK: the grown tree on the rows it was grown from

    /// Adds the values of the leaves to the scores of all rows: (rows).
    func addScores(_ values: [Double], to scores: UnsafeMutablePointer<Double>) {
        let rows = rows
        // Pieces of leaves, so that a large one is work for all.
        var pieces: [(start: Int, end: Int, value: Double)] = []
        for (leaf, value) in zip(leaves, values) {
            var start = leaf.start
            while start < leaf.start + leaf.count {
                let end = min(start + Self.chunk, leaf.start + leaf.count)
                pieces.append((start, end, value))
                start = end
            }
        }
        func add(_ piece: Int) {
            let (start, end, value) = pieces[piece]
            for place in start..<end { scores[Int(rows[place])] += value }
        }
        if rowsInTree < Self.smallWork {
            for piece in pieces.indices { add(piece) }
        } else {
            crew.run(pieces.count) { piece, _ in add(piece) }
        }
    }

    /// Adds the values of the leaves to the scores of rows that the tree was not grown from, by their bins.
    func addScores(_ values: [Double], to scores: UnsafeMutablePointer<Double>, others: [UInt32]) {
        guard !splits.isEmpty else {
            for row in others { scores[Int(row)] += values.first ?? 0 }
            return
        }
        let lookup = UnsafeMutablePointer<UInt8>.allocate(capacity: 256 * splits.count)
        defer { lookup.deallocate() }
        for (node, split) in splits.enumerated() { sides(split, lookup + 256 * node) }
        let columns = splits.map { table.slots[Int($0.slot)] }
        let nodes = nodes
        crew.run(others.count, chunk: Self.chunk) { range, _ in
            for place in range {
                let row = Int(others[place])
                var at = 0
                repeat {
                    let bin = Int(columns[at].bins[row &* columns[at].stride])
                    at = Int(lookup[256 &* at &+ bin] == 1 ? nodes[at].left : nodes[at].right)
                } while at >= 0
                scores[row] += values[~at]
            }
        }
    }
}
