/// The features of a table as bins, laid out for histograms.
///
///     tile 0: row 0 [f f f f f f f f]  row 1 [f f f f f f f f] …   eight features' bins of a row in eight bytes
///     tile 1: row 0 [f f f f f f f f]  …
///
/// A row's gradient is read once for the eight features of a tile, one load gets the eight bins, and the eight
/// histograms stay in the processor's first cache. A feature whose value is always the same has no place here.
/// Memory: a byte a value.
final class BinnedTable: @unchecked Sendable {
    static let tileWidth = 8

    let rowCount: Int
    /// Of the table's features, by their numbers there.
    let bins: [FeatureBins]
    /// The feature in each slot of the tiles; slots beyond are empty.
    let features: [Int]
    let tileCount: Int
    /// Bins from one slot's histogram to the next one's, for each tile: 16, 64 or 256.
    let strides: [Int]
    private let memory: UnsafeMutablePointer<UInt8>  // (tiles, rows, 8)

    /// Bins a table. With `releasing`, each column of the table is given back once its bins are there.
    init(
        _ table: RankingTable, maximumBins: Int, minimumInBin: Int, crew: WorkCrew, releasing: Bool = false
    ) throws {
        rowCount = table.rowCount
        let featureCount = table.featureCount
        var bins = [FeatureBins?](repeating: nil, count: featureCount)
        bins.withUnsafeMutableBufferPointer { bins in
            nonisolated(unsafe) let bins = bins
            crew.run(featureCount) { feature, _ in
                let values = table.column(feature)
                bins[feature] =
                    table.categories[feature] == nil
                    ? FeatureBins(numerical: values, maximum: maximumBins, minimumInBin: minimumInBin)
                    : FeatureBins(categorical: values, maximum: maximumBins)
            }
        }
        self.bins = bins.map { $0! }
        let found = self.bins
        // Features of few bins share tiles, whose histograms are then small.
        features = found.indices.filter { !found[$0].isConstant }
            .sorted { (Self.stride(found[$0].count), $0) < (Self.stride(found[$1].count), $1) }
        let (features, rowCount) = (features, rowCount)
        tileCount = (features.count + Self.tileWidth - 1) / Self.tileWidth
        strides = (0..<tileCount).map { tile in
            Self.stride(found[features[min(features.count, (tile + 1) * Self.tileWidth) - 1]].count)
        }
        let byteCount = tileCount * rowCount * Self.tileWidth
        memory = .allocate(capacity: max(1, byteCount))
        nonisolated(unsafe) let memory = memory
        crew.run(tileCount) { tile, _ in
            let base = memory + tile * rowCount * Self.tileWidth
            for slot in 0..<Self.tileWidth {
                let place = tile * Self.tileWidth + slot
                if place < features.count {
                    found[features[place]].fill(
                        table.column(features[place]), into: base + slot, stride: Self.tileWidth)
                    if releasing { table.releaseColumn(features[place]) }
                } else {
                    for row in 0..<rowCount { base[row * Self.tileWidth + slot] = 0 }
                }
            }
        }
    }

    deinit { memory.deallocate() }

    private static func stride(_ count: Int) -> Int { count <= 16 ? 16 : count <= 64 ? 64 : 256 }

    /// The rows of a tile: (rows, 8).
    func tile(_ tile: Int) -> UnsafePointer<UInt8> {
        UnsafePointer(memory) + tile * rowCount * Self.tileWidth
    }

    /// The bins of one slot: every eighth byte, row by row.
    func column(ofSlot slot: Int) -> UnsafePointer<UInt8> {
        tile(slot / Self.tileWidth) + slot % Self.tileWidth
    }
}
