/// The features of a table as bins, laid out for histograms.
///
///     tile 0: row 0 [pack][pack]  row 1 [pack][pack] …   a pack: eight features' bins in eight bytes
///     tile 1: row 0 [pack][pack]  …
///
/// Leaves hold rows from all over the table, so what a row has in a tile is one piece of memory, up to a cache line
/// long. A pack is what the hot loop works on: a row's gradient is read once for eight features, whose histograms stay
/// in the processor's first cache. Tiles are work for one thread each. A feature whose value is always the same has no
/// place here. Memory: a byte a value.
final class BinnedTable: @unchecked Sendable {
    private static let packWidth = 8
    private static let packsInTile = 8

    struct Tile: BitwiseCopyable {
        /// (rows, packs, 8)
        var bins: UnsafeMutablePointer<UInt8>
        /// The place of its first feature in `features`.
        var firstSlot: Int
        var packCount: Int
        /// Bins from one feature's histogram to the next one's: 16, 64 or 256 for each pack.
        var strides: SIMD8<Int32>
        /// All its histograms together.
        var cellCount: Int { Int(strides.wrappedSum()) * 8 }
    }

    /// A feature's bins: that of row r is `bins[r * stride]`.
    struct Slot: BitwiseCopyable {
        var bins: UnsafePointer<UInt8>
        var stride: Int
    }

    let rowCount: Int
    /// Of the table's features, by their numbers there.
    let bins: [FeatureBins]
    /// The feature in each slot; the last pack may have empty ones.
    let features: [Int]
    let tiles: [Tile]
    private(set) var slots: [Slot] = []  // as `features`
    private let memory: UnsafeMutablePointer<UInt8>

    /// Bins a table. With `releasing`, each column of the table is given back once its bins are there.
    init(
        _ table: RankingTable, maximumBins: Int, minimumInBin: Int, crew: WorkCrew, releasing: Bool = false
    ) throws {
        let rowCount = table.rowCount
        self.rowCount = rowCount
        var made = [FeatureBins?](repeating: nil, count: table.featureCount)
        made.withUnsafeMutableBufferPointer { made in
            nonisolated(unsafe) let made = made
            crew.run(table.featureCount) { feature, _ in
                let values = table.column(feature)
                made[feature] =
                    table.categories[feature] == nil
                    ? FeatureBins(numerical: values, maximum: maximumBins, minimumInBin: minimumInBin)
                    : FeatureBins(categorical: values, maximum: maximumBins)
            }
        }
        let bins = made.map { $0! }
        // Features of few bins share packs, whose histograms are then small.
        let features = bins.indices.filter { !bins[$0].isConstant }
            .sorted { (Self.stride(bins[$0].count), $0) < (Self.stride(bins[$1].count), $1) }
        let packCount = (features.count + Self.packWidth - 1) / Self.packWidth
        // Enough tiles that no thread has much more than another.
        let tileCount = max(
            (packCount + Self.packsInTile - 1) / Self.packsInTile,
            min(packCount, crew.threads == 1 ? 1 : 2 * crew.threads))
        memory = .allocate(capacity: max(1, packCount * Self.packWidth * rowCount))
        var tiles: [Tile] = []
        for tile in 0..<tileCount {
            let (first, end) = (tile * packCount / tileCount, (tile + 1) * packCount / tileCount)
            var strides = SIMD8<Int32>.zero
            for pack in first..<end {
                let last = min(features.count, (pack + 1) * Self.packWidth) - 1
                strides[pack - first] = Int32(Self.stride(bins[features[last]].count))
            }
            tiles.append(
                Tile(
                    bins: memory + first * Self.packWidth * rowCount, firstSlot: first * Self.packWidth,
                    packCount: end - first, strides: strides))
        }
        (self.bins, self.features, self.tiles) = (bins, features, tiles)
        for tile in tiles {
            let width = tile.packCount * Self.packWidth
            for slot in 0..<min(width, features.count - tile.firstSlot) {
                slots.append(Slot(bins: UnsafePointer(tile.bins) + slot, stride: width))
            }
        }
        crew.run(tileCount) { index, _ in
            let tile = tiles[index]
            let width = tile.packCount * Self.packWidth
            for slot in 0..<width {
                let place = tile.firstSlot + slot
                if place < features.count {
                    bins[features[place]].fill(table.column(features[place]), into: tile.bins + slot, stride: width)
                    if releasing { table.releaseColumn(features[place]) }
                } else {
                    for row in 0..<rowCount { tile.bins[row * width + slot] = 0 }
                }
            }
        }
    }

    deinit { memory.deallocate() }

    private static func stride(_ count: Int) -> Int { count <= 16 ? 16 : count <= 64 ? 64 : 256 }
}
