extension Float {
    /// The number that a half-precision number stands for: exact, infinities and what is no number included.
    init(half: UInt16) {
        let magnitude = UInt32(half & 0x7FFF) << 13
        let sign = UInt32(half & 0x8000) << 16
        self =
            magnitude >= 0x0F80_0000
            ? Float(bitPattern: sign | 0x7F80_0000 | magnitude & 0x7F_FFFF)
            : Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
    }
}
