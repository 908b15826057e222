/// A seeded generator of random numbers: the same seed gives the same sequence on every machine.
///
/// xoshiro256** seeded through SplitMix64 (Blackman and Vigna 2021, doi:10.1145/3460772). Not for cryptography.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: UInt64) {
        var x = seed
        func next() -> UInt64 {
            x &+= 0x9E37_79B9_7F4A_7C15
            return mix(x)
        }
        state = (next(), next(), next(), next())
    }

    public mutating func next() -> UInt64 {
        let scrambled = state.1 &* 5
        let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return result
    }

    /// Uniform in [0, 1).
    public mutating func nextFloat() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// Uniform in 0 ..< `bound` (by multiplication; the bias is below 2^-32 for the bounds used here). `bound` > 0.
    public mutating func nextIndex(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Standard normal, by the polar method (Marsaglia and Bray 1964, doi:10.1137/1006063).
    public mutating func nextNormal() -> Float {
        while true {
            let a = 2 * nextFloat() - 1
            let b = 2 * nextFloat() - 1
            let s = a * a + b * b
            if s > 0, s < 1 { return a * (-2 * naturalLog(s) / s).squareRoot() }
        }
    }
}

/// SplitMix64's finaliser: spreads every bit of `x` over all 64 bits of the result.
@inline(__always)
func mix(_ x: UInt64) -> UInt64 {
    var z = x
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
