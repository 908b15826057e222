/// What a bin of a histogram sums up: the gradients of its rows, their hessians, and how many they are.
///
/// All three are whole numbers, gradients and hessians in fixed point, two additions of 64 bits in one instruction. Sums
/// of whole numbers do not depend on the order of adding: any number of threads gives the same bytes, and a sibling's
/// histogram is exactly the parent's less the other's. The fixed point is chosen for each tree so that no sum can
/// overflow; a row of average hessian then keeps some 25 bits of it and more, as much as a Float.
typealias GradientCell = SIMD2<Int64>  // gradient; hessian << countBits | count

/// How the numbers of a cell are read and written.
struct FixedPoint {
    let gradientScale: Double
    let hessianScale: Double
    let countBits: Int64
    let countMask: Int64

    /// For `rowCount` rows, of gradients up to `largest` and hessians that add up to `hessianSum`; nil if there is
    /// nothing to learn from them.
    init?(rowCount: Int, largestGradient largest: Double, hessianSum: Double) {
        guard largest > 0, hessianSum > 0 else { return nil }
        let bits = Int64(Int.bitWidth - rowCount.leadingZeroBitCount)
        countBits = bits
        countMask = (1 << bits) - 1
        // Powers of two, so that scaling rounds nothing: |sum| <= rows x largest < 2^61; hessians < 2^(61 - bits).
        gradientScale = powerOfTwo(Double(60 - bits) - binaryLog(largest).rounded(.down))
        hessianScale = powerOfTwo(Double(60 - bits) - binaryLog(hessianSum).rounded(.down))
        guard gradientScale.isFinite, gradientScale > 0, hessianScale.isFinite, hessianScale > 0 else { return nil }
    }

    @inline(__always)
    func cell(_ gradient: Float, _ hessian: Float) -> GradientCell {
        let g = Int64((Double(gradient) * gradientScale).rounded(.toNearestOrEven))
        let h = Int64((Double(hessian) * hessianScale).rounded(.toNearestOrEven))
        return GradientCell(g, (h &<< countBits) | 1)
    }

    @inline(__always) func count(_ cell: GradientCell) -> Int { Int(cell.y & countMask) }
    @inline(__always) func gradient(_ cell: GradientCell) -> Double { Double(cell.x) / gradientScale }
    @inline(__always) func hessian(_ cell: GradientCell) -> Double { Double(cell.y &>> countBits) / hessianScale }
}

/// Adds each row's cell to the histograms of eight features. `words`: the eight bins of each row; `gradients`: by place,
/// both (count). `histogram`: (8, stride). Strides are compiled in.
@inline(__always)
private func accumulate(
    _ words: UnsafePointer<UInt64>, _ gradients: UnsafePointer<GradientCell>, _ count: Int,
    _ histogram: UnsafeMutablePointer<GradientCell>, stride: Int
) {
    for place in 0..<count {
        let word = words[place]
        let cell = gradients[place]
        histogram[Int(truncatingIfNeeded: word & 255)] &+= cell
        histogram[stride &+ Int(truncatingIfNeeded: word &>> 8 & 255)] &+= cell
        histogram[2 &* stride &+ Int(truncatingIfNeeded: word &>> 16 & 255)] &+= cell
        histogram[3 &* stride &+ Int(truncatingIfNeeded: word &>> 24 & 255)] &+= cell
        histogram[4 &* stride &+ Int(truncatingIfNeeded: word &>> 32 & 255)] &+= cell
        histogram[5 &* stride &+ Int(truncatingIfNeeded: word &>> 40 & 255)] &+= cell
        histogram[6 &* stride &+ Int(truncatingIfNeeded: word &>> 48 & 255)] &+= cell
        histogram[7 &* stride &+ Int(truncatingIfNeeded: word &>> 56)] &+= cell
    }
}

/// Sets the histograms of a tile's features to what some rows add up to. `rows` nil: rows 0 ..< count.
/// `gradients`: by place, (count). `buffer`: room for `histogramBlock` rows of the tile.
///
/// A row's bins are fetched before they are used, a block of rows at a time: the fetching loop is short, so that the
/// processor has many rows on their way from memory at once, and the adding loop never waits. (Adding at once took
/// twice as long on 500,000 rows.)
func fillHistogram(
    _ histogram: UnsafeMutablePointer<GradientCell>, tile: BinnedTable.Tile, rows: UnsafePointer<UInt32>?, count: Int,
    gradients: UnsafePointer<GradientCell>, buffer: UnsafeMutablePointer<UInt64>
) {
    histogram.update(repeating: .zero, count: tile.cellCount)
    let bins = UnsafeRawPointer(tile.bins)
    let (width, packs) = (tile.packCount &* 8, tile.packCount)
    var start = 0
    while start < count {
        let length = min(histogramBlock, count &- start)
        for place in 0..<length {
            let row = if let rows { Int(truncatingIfNeeded: rows[start &+ place]) } else { start &+ place }
            let from = bins + row &* width
            for pack in 0..<packs {
                buffer[pack &* histogramBlock &+ place] =
                    UInt64(littleEndian: from.loadUnaligned(fromByteOffset: pack &* 8, as: UInt64.self))
            }
        }
        var cells = histogram
        for pack in 0..<packs {
            let words = buffer + pack &* histogramBlock
            switch tile.strides[pack] {
            case 256: accumulate(words, gradients + start, length, cells, stride: 256)
            case 64: accumulate(words, gradients + start, length, cells, stride: 64)
            default: accumulate(words, gradients + start, length, cells, stride: 16)
            }
            cells += Int(tile.strides[pack]) * 8
        }
        start &+= length
    }
}

/// Rows that are fetched together: with eight packs 64 kB of bins, in the second cache.
let histogramBlock = 1024

/// `histogram` -= `other`, both (count).
func subtractHistogram(
    _ histogram: UnsafeMutablePointer<GradientCell>, _ other: UnsafePointer<GradientCell>, count: Int
) {
    for place in 0..<count { histogram[place] &-= other[place] }
}
