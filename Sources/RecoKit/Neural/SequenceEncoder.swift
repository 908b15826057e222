/// The trained network as answers use it: turns a sequence of items into the state after the last of them.
///
/// On kernels that neither allocate nor start threads, with weights read in place. What only other places' states would
/// need is left out in the last block. O(items width² + items² width).
struct SequenceEncoder: Sendable {
    let shape: SequenceShape
    let positions: Column<Float>  // (length, width)
    /// In panels of 16 outputs, one matrix after the other: queries, keys and values; attended; inner; outer.
    let weights: Column<Float>  // (blocks, weightsOfBlock)
    let biases: Column<Float>  // (blocks, biasesOfBlock)
    /// Gains and offsets of the last norm.
    let norm: Column<Float>  // (2, width)
    /// Which instruction set; tests choose others.
    var kernels = TransformerKernels.best

    /// Widths are multiples of this, the panels' own.
    static let widthUnit = TransformerKernels.panelWidth
    static let widest = 512
    static let longest = 1024
    static let mostBlocks = 16
    static let heads = [1, 2, 4, 8]

    /// Six square matrices: queries, keys, values, attended, inner, outer.
    static func weightsOfBlock(_ width: Int) -> Int { 6 &* width &* width }
    static func biasesOfBlock(_ width: Int) -> Int { 6 &* width }

    /// Places whose rows of the triangle are computed together.
    private static let tile = 32

    /// The state after the last of `items`, or of the latest `length` of them, in `state` (width); false if there are none
    /// or memory ran out. `vectors`: those of all items; an item beyond them counts as zeros.
    func encode(
        _ items: UnsafeBufferPointer<UInt32>, vectors: Column<Float>, using scratch: Scratch,
        into state: UnsafeMutablePointer<Float>
    ) -> Bool {
        let items = UnsafeBufferPointer(rebasing: items.suffix(shape.length))
        guard !items.isEmpty, let work = Workspace(shape, places: items.count, in: scratch), let weights = weights.base,
            let biases = biases.base, let gamma = norm.row(0, width: shape.width)?.baseAddress,
            let beta = norm.row(1, width: shape.width)?.baseAddress
        else { return false }
        embed(items, vectors, into: work.stream)
        for block in 0..<shape.blocks {
            run(
                block, items.count, work, weights + block &* Self.weightsOfBlock(shape.width),
                biases + block &* Self.biasesOfBlock(shape.width))
        }
        state.update(from: work.stream.row(items.count &- 1), count: shape.width)
        kernels.addAndNormalize(
            state, nil, gamma: gamma, beta: beta, shape.width, epsilon: LayerNorm.epsilon)
        return true
    }

    private func embed(
        _ items: UnsafeBufferPointer<UInt32>, _ vectors: Column<Float>, into stream: TransformerKernels.Rows
    ) {
        let width = shape.width
        let scale = Float(width).squareRoot()
        for (place, item) in items.enumerated() {
            let to = stream.row(place)
            to.update(repeating: 0, count: width)
            if let vector = vectors.row(Int(item), width: width)?.baseAddress {
                Kernels.best.addScaled(scale, vector, to: to, width)
            }
            if let position = positions.row(place, width: width)?.baseAddress {
                Kernels.best.addScaled(1, position, to: to, width)
            }
        }
    }

    /// One block; of the last one, the last place's state alone.
    private func run(
        _ block: Int, _ count: Int, _ work: Workspace, _ weights: UnsafePointer<Float>, _ biases: UnsafePointer<Float>
    ) {
        let width = shape.width
        let first = block == shape.blocks &- 1 ? count &- 1 : 0
        normalize(work, 0, count)
        multiply(work.normal, first, count, weights, biases, 0..<1, into: work.projected)
        multiply(work.normal, 0, count, weights, biases, 1..<3, into: work.projected.column(width))
        attend(first, count, work)
        multiply(work.found, first, count, weights, biases, 3..<4, into: work.normal)
        add(work, first, count)
        normalize(work, first, count)
        multiply(work.normal, first, count, weights, biases, 4..<5, into: work.found)
        for place in first..<count {
            let inner = work.found.row(place)
            for k in 0..<width { inner[k] = max(0, inner[k]) }
        }
        multiply(work.found, first, count, weights, biases, 5..<6, into: work.normal)
        add(work, first, count)
    }

    /// Rows `first ..< count` of `out` from those of `x`, by some of a block's six square matrices, side by side.
    private func multiply(
        _ x: TransformerKernels.Rows, _ first: Int, _ count: Int, _ weights: UnsafePointer<Float>,
        _ biases: UnsafePointer<Float>, _ squares: Range<Int>, into out: TransformerKernels.Rows
    ) {
        let width = shape.width
        kernels.multiply(
            x.from(row: first), count &- first,
            by: TransformerKernels.Panels(
                packed: weights + squares.lowerBound &* width &* width, inputs: width,
                outputs: squares.count &* width),
            bias: biases + squares.lowerBound &* width, into: out.from(row: first))
    }

    private func normalize(_ work: Workspace, _ first: Int, _ count: Int) {
        for place in first..<count {
            let normal = work.normal.row(place)
            normal.update(from: work.stream.row(place), count: shape.width)
            kernels.addAndNormalize(
                normal, nil, gamma: work.ones, beta: work.zeros, shape.width, epsilon: LayerNorm.epsilon)
        }
    }

    private func add(_ work: Workspace, _ first: Int, _ count: Int) {
        for place in first..<count {
            Kernels.best.addScaled(1, work.normal.row(place), to: work.stream.row(place), shape.width)
        }
    }

    /// What places `first ..< count` find in themselves and those before. Heads go in order: what a narrow head writes
    /// beyond its end, the next one overwrites.
    private func attend(_ first: Int, _ count: Int, _ work: Workspace) {
        let width = shape.width / shape.heads
        let panel = TransformerKernels.panelWidth
        let scale = 1 / Float(width).squareRoot()
        for head in 0..<shape.heads {
            let queries = work.projected.column(head &* width)
            let values = queries.column(2 &* shape.width)
            work.pack(queries.column(shape.width), count, width: width)
            var from = first
            while from < count {
                let to = min(from &+ Self.tile, count)
                let panels = work.panels(to)
                let scores = TransformerKernels.Rows(start: work.scores, stride: panels)
                kernels.multiply(
                    queries.from(row: from), to &- from,
                    by: TransformerKernels.Panels(packed: work.keys, inputs: width, outputs: panels), bias: nil,
                    into: scores)
                for place in from..<to {
                    let row = scores.row(place &- from)
                    kernels.softmax(row, place &+ 1, scale: scale)
                    (row + (place &+ 1)).update(repeating: 0, count: to &- place &- 1)
                }
                kernels.multiply(
                    scores, to &- from,
                    by: TransformerKernels.Panels(
                        rows: values, inputs: to, outputs: (width &+ panel &- 1) / panel &* panel),
                    bias: nil, into: work.found.from(row: from).column(head &* width))
                from = to
            }
        }
    }

    /// Working memory for the places of one sequence.
    private struct Workspace {
        let stream: TransformerKernels.Rows  // (places, width)
        let normal: TransformerKernels.Rows  // (places, width)
        let projected: TransformerKernels.Rows  // (places, 3 width), and a panel behind them
        let found: TransformerKernels.Rows  // (places, width + a panel)
        let keys: UnsafeMutablePointer<Float>  // (panels of places, head width, 16)
        let scores: UnsafeMutablePointer<Float>  // (tile, places in panels)
        let ones: UnsafeMutablePointer<Float>  // (width)
        let zeros: UnsafeMutablePointer<Float>  // (width)

        /// Nil if memory ran out.
        init?(_ shape: SequenceShape, places: Int, in scratch: Scratch) {
            let (width, panel) = (shape.width, TransformerKernels.panelWidth)
            let padded = (places &+ panel &- 1) / panel &* panel
            let (keyCount, scoreCount) = (padded &* (width / shape.heads), SequenceEncoder.tile &* padded)
            let size = places &* (6 &* width &+ panel) &+ panel &+ keyCount &+ scoreCount &+ 2 &* width
            guard var next = scratch.floats(.network, size) else { return nil }
            func take(_ count: Int) -> UnsafeMutablePointer<Float> {
                defer { next += count }
                return next
            }
            stream = TransformerKernels.Rows(start: take(places &* width), stride: width)
            normal = TransformerKernels.Rows(start: take(places &* width), stride: width)
            projected = TransformerKernels.Rows(start: take(places &* 3 &* width &+ panel), stride: 3 &* width)
            found = TransformerKernels.Rows(start: take(places &* (width &+ panel)), stride: width &+ panel)
            keys = take(keyCount)
            scores = take(scoreCount)
            ones = take(width)
            zeros = take(width)
            ones.update(repeating: 1, count: width)
            zeros.update(repeating: 0, count: width)
        }

        /// `count` places, filled to whole panels.
        func panels(_ count: Int) -> Int {
            let panel = TransformerKernels.panelWidth
            return (count &+ panel &- 1) / panel &* panel
        }

        /// Keys side by side, 16 places to a panel; what fills the last one is zero.
        func pack(_ from: TransformerKernels.Rows, _ count: Int, width: Int) {
            let panel = TransformerKernels.panelWidth
            for place in 0..<panels(count) {
                let lane = place % panel
                let to = keys + ((place &- lane) &* width &+ lane)
                if place < count {
                    let key = from.row(place)
                    for k in 0..<width { to[k &* panel] = key[k] }
                } else {
                    for k in 0..<width { to[k &* panel] = 0 }
                }
            }
        }
    }
}
