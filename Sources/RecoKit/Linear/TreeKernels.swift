import CKernels

/// The hot loop of scoring with decision trees, in a form the processor has. Safe on the serving path: no call allocates,
/// traps, or reads outside the arrays it is given, whatever they hold.
struct TreeKernels: @unchecked Sendable {
    /// The instruction sets there is code for.
    enum Level: Int32, CaseIterable {
        case plain = 0
        case avx2 = 1
        case avx512 = 2
    }

    /// Rows of one call at most.
    static let block = TREES_BLOCK
    /// Nodes and leaves behind the last one.
    static let padding = TREES_PADDING
    /// Thresholds of a column at most, and so the largest code.
    static let longestColumn = 255
    /// Inner nodes of a tree whose leaves have numbers of one byte.
    static let narrow = TREES_NARROW
    /// Numbers that stand before a column's thresholds, and of how many each of them is the last.
    static let pivots = TREES_PIVOTS
    /// Numbers that may be read from where a column's pivots begin.
    static let chunk = TREES_CHUNK

    /// What the flags of a column say.
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt32
        static let isSet = Flags(rawValue: UInt32(TREES_IS_SET))
        static let zeroIsMissing = Flags(rawValue: UInt32(TREES_ZERO_IS_MISSING))
        static let repeats = Flags(rawValue: UInt32(TREES_REPEATS))
    }

    /// The arrays of a forest; `trees.h` says what stands in them.
    struct Forest {
        var featureCount: Int
        var sizes: UnsafeBufferPointer<UInt32>  // (trees)
        var nodes: UnsafeBufferPointer<UInt64>  // (nodes + padding)
        var leaves: UnsafeRawPointer
        var leafCount: Int  // with the padding
        var columns: UnsafeBufferPointer<UInt32>  // (columns, 4)
        var thresholds: UnsafeBufferPointer<Float>
        var sets: UnsafeBufferPointer<UInt32>
        var isSingle: Bool
    }

    private let set: UnsafePointer<tree_kernels>

    /// The fastest set up to `level` that this processor can run.
    init(upTo level: Level) { set = tree_kernels_up_to(level.rawValue) }

    /// What everything uses; the others are for comparison.
    static let best = TreeKernels(upTo: .avx512)

    var level: Level { Level(rawValue: set.pointee.level) ?? .plain }

    /// Bytes of memory for codes with so many columns.
    static func codeBytes(columns: Int) -> Int { (columnMask(columns) &+ 1) &* block }

    /// A power of two minus 1, and not below the largest column.
    private static func columnMask(_ columns: Int) -> Int {
        columns <= 1 ? 0 : Int.max >> ((columns &- 1).leadingZeroBitCount &- 1)
    }

    /// `sums[r]` += the leaves of row r, for `count` rows of a block.
    ///
    /// - Parameters:
    ///   - codes: `codeBytes` bytes, at a multiple of 64.
    ///   - sums: as many as a block has rows, float where the forest is single.
    func addScores(
        of rows: UnsafePointer<Float>, count: Int, with forest: Forest, codes: UnsafeMutablePointer<UInt8>,
        to sums: UnsafeMutableRawPointer
    ) {
        guard let sizes = forest.sizes.baseAddress, let nodes = forest.nodes.baseAddress, count > 0,
            count <= Self.block
        else { return }
        // Arrays without elements are never read, but C wants an address.
        let nothing = UnsafeRawPointer(nodes)
        let columnCount = forest.columns.count / 4
        var job = CKernels.forest(
            feature_count: forest.featureCount, tree_count: forest.sizes.count, sizes: sizes,
            node_count: forest.nodes.count, nodes: UnsafeRawPointer(nodes).assumingMemoryBound(to: tree_node.self),
            leaf_count: forest.leafCount, leaves: forest.leaves, column_count: columnCount,
            column_mask: Self.columnMask(columnCount),
            columns: (forest.columns.baseAddress.map { UnsafeRawPointer($0) } ?? nothing)
                .assumingMemoryBound(to: tree_column.self),
            threshold_count: forest.thresholds.count,
            thresholds: forest.thresholds.baseAddress ?? nothing.assumingMemoryBound(to: Float.self),
            set_count: forest.sets.count,
            sets: forest.sets.baseAddress ?? nothing.assumingMemoryBound(to: UInt32.self),
            is_single: forest.isSingle ? 1 : 0)
        set.pointee.add_scores(&job, rows, count, codes, sums)
    }
}
