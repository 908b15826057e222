/// Numbers in fewer bits: how weights are rounded that answers read as half-precision numbers or as bytes.
enum ReducedPrecision {
    /// The step between neighbouring bytes for these numbers.
    static func scale(_ numbers: some Sequence<Float>) -> Float { numbers.reduce(0) { max($0, $1.magnitude) } / 127 }

    static func byte(_ number: Float, _ scale: Float) -> Int8 {
        guard scale > 0 else { return 0 }
        return Int8(max(-127, min(127, (number / scale).rounded(.toNearestOrEven))))
    }

    static let largestHalf: Float = 65504

    /// The nearest half-precision number; what is too large becomes the largest.
    static func half(_ number: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: number.bitPattern >> 16 & 0x8000)
        let magnitude = min(number.magnitude, largestHalf)
        if magnitude < 0x1p-14 {
            return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
        }
        let bits = magnitude.bitPattern
        // Round to even at bit 13; a carry moves into the exponent, where it belongs.
        let rounded = bits &+ 0xFFF &+ (bits >> 13 & 1)
        return sign | min(0x7BFF, UInt16(truncatingIfNeeded: (rounded >> 13) &- (112 << 10)))
    }

    /// The number that a half-precision number stands for; exact.
    static func number(ofHalf half: UInt16) -> Float {
        let magnitude =
            half & 0x7C00 == 0
            ? Float(half & 0x3FF) * 0x1p-24
            : Float(bitPattern: (UInt32(half & 0x7FFF) << 13) &+ (112 << 23))
        return half & 0x8000 == 0 ? magnitude : -magnitude
    }

    /// Whether a half-precision number stands for just this number.
    static func isHalf(_ number: Float) -> Bool { Self.number(ofHalf: half(number)) == number }
}
