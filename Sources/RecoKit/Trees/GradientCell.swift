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

/// The hot loop: adds each row's cell to the histograms of a tile's eight features.
///
/// `rows` nil: rows 0 ..< count. `gradients`: by place, (count). `bins`: (rows of the table, 8). `histogram`: (8, stride).
@inline(__always)
private func accumulate(
    _ rows: UnsafePointer<UInt32>?, _ count: Int, _ bins: UnsafePointer<UInt8>,
    _ gradients: UnsafePointer<GradientCell>, _ histogram: UnsafeMutablePointer<GradientCell>, stride: Int
) {
    let words = UnsafeRawPointer(bins)
    for place in 0..<count {
        let row = if let rows { Int(truncatingIfNeeded: rows[place]) } else { place }
        let word = UInt64(littleEndian: words.loadUnaligned(fromByteOffset: row &* 8, as: UInt64.self))
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

/// Sets a tile's histograms to what the given rows add up to. Strides are compiled in: 3 to 1 against a variable one.
func fillHistogram(
    _ histogram: UnsafeMutablePointer<GradientCell>, stride: Int, rows: UnsafePointer<UInt32>?, count: Int,
    bins: UnsafePointer<UInt8>, gradients: UnsafePointer<GradientCell>
) {
    histogram.update(repeating: .zero, count: BinnedTable.tileWidth * stride)
    switch (stride, rows) {
    case (256, nil): accumulate(nil, count, bins, gradients, histogram, stride: 256)
    case (256, let rows?): accumulate(rows, count, bins, gradients, histogram, stride: 256)
    case (64, nil): accumulate(nil, count, bins, gradients, histogram, stride: 64)
    case (64, let rows?): accumulate(rows, count, bins, gradients, histogram, stride: 64)
    case (_, nil): accumulate(nil, count, bins, gradients, histogram, stride: 16)
    case (_, let rows?): accumulate(rows, count, bins, gradients, histogram, stride: 16)
    }
}

/// `histogram` -= `other`, both (count).
func subtractHistogram(
    _ histogram: UnsafeMutablePointer<GradientCell>, _ other: UnsafePointer<GradientCell>, count: Int
) {
    for place in 0..<count { histogram[place] &-= other[place] }
}
