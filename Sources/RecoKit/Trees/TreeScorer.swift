/// Scores rows with trees, many rows at once; what answers on the serving path.
///
///     let scorer = TreeScorer(try TreeLayout(ensemble))
///     let scores = scorer.scores([0.5, 3, .nan, 1])  // two rows of two features
///
/// Every instruction set gives the same bits, and a row's score does not depend on the rows beside it. No call allocates
/// where the caller brings the memory.
public struct TreeScorer: Sendable {
    public let layout: TreeLayout
    /// Which instruction set; tests choose others.
    var kernels = TreeKernels.best

    public init(_ layout: TreeLayout) { self.layout = layout }

    public var featureCount: Int { layout.featureCount }

    /// Bytes of memory that a call needs, however many rows it scores.
    public var scratchBytes: Int {
        TreeKernels.codeBytes(columns: layout.columnCount) + TreeKernels.block * MemoryLayout<Double>.stride
            + Self.alignment
    }

    private static let alignment = 64

    /// Scores `count` rows. O(count x (features log thresholds + nodes / 64)).
    ///
    /// - Parameters:
    ///   - rows: (count, features)
    ///   - scores: (count)
    ///   - scratch: `scratchBytes`
    ///   - raw: sums of leaves, without what the model's link makes of them; they rank in the same order.
    public func score(
        _ rows: UnsafePointer<Float>, count: Int, into scores: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutableRawPointer, raw: Bool = false
    ) {
        let aligned = scratch.alignedUp(toMultipleOf: Self.alignment)
        let sums = aligned
        let codes = (aligned + TreeKernels.block &* MemoryLayout<Double>.stride).assumingMemoryBound(to: UInt8.self)
        let start = layout.averages ? 0 : layout.base
        var done = 0
        while done < count {
            let part = min(TreeKernels.block, count &- done)
            let from = rows + done &* layout.featureCount
            let out = scores + done
            switch layout.leaves {
            case .double(let leaves):
                let sums = sums.bindMemory(to: Double.self, capacity: TreeKernels.block)
                for row in 0..<part { sums[row] = start }
                add(from, part, leaves.elements.baseAddress, codes, sums)
                for row in 0..<part { out[row] = sums[row] }
            case .single(let leaves):
                let sums = sums.bindMemory(to: Float.self, capacity: TreeKernels.block)
                for row in 0..<part { sums[row] = Float(start) }
                add(from, part, leaves.elements.baseAddress, codes, sums)
                for row in 0..<part { out[row] = Double(sums[row]) }
            }
            finish(out, part, raw)
            done = done &+ part
        }
    }

    private func add(
        _ rows: UnsafePointer<Float>, _ count: Int, _ leaves: UnsafeRawPointer?, _ codes: UnsafeMutablePointer<UInt8>,
        _ sums: UnsafeMutableRawPointer
    ) {
        guard let leaves else { return }
        kernels.addScores(
            of: rows, count: count,
            with: TreeKernels.Forest(
                featureCount: layout.featureCount, sizes: layout.sizes.elements, nodes: layout.nodes.elements,
                leaves: leaves, leafCount: layout.leaves.count, columns: layout.columns.elements,
                thresholds: layout.thresholds.elements, sets: layout.sets.elements, isSingle: layout.leaves.isSingle),
            codes: codes, to: sums)
    }

    private func finish(_ scores: UnsafeMutablePointer<Double>, _ count: Int, _ raw: Bool) {
        if layout.averages {
            let trees = Double(max(1, layout.treeCount))
            for row in 0..<count { scores[row] = scores[row] / trees + layout.base }
        }
        if raw || layout.link == .identity { return }
        for row in 0..<count { scores[row] = TreeEnsemble.value(ofRaw: scores[row], layout.link, slope: layout.slope) }
    }

    /// Scores rows one after the other in an array: (rows, features). For where memory is no matter.
    public func scores(_ rows: [Float], raw: Bool = false) -> [Double] {
        guard featureCount > 0 else { return [] }
        let count = rows.count / featureCount
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: Self.alignment)
        defer { scratch.deallocate() }
        return [Double](unsafeUninitializedCapacity: count) { out, initialized in
            rows.withUnsafeBufferPointer { rows in
                if let rows = rows.baseAddress, let out = out.baseAddress {
                    score(rows, count: count, into: out, scratch: scratch, raw: raw)
                }
            }
            initialized = count
        }
    }
}
