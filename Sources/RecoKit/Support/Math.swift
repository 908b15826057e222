import Glibc

// The few functions of libm that the engine needs, under names that do not collide with locals called `log` or `exp`.

@inline(__always) func naturalLog(_ x: Float) -> Float { logf(x) }
@inline(__always) func naturalLog(_ x: Double) -> Double { log(x) }
@inline(__always) func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
@inline(__always) func binaryLog(_ x: Double) -> Double { log2(x) }
@inline(__always) func exponential(_ x: Float) -> Float { expf(x) }
@inline(__always) func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
@inline(__always) func exponential(_ x: Double) -> Double { exp(x) }
@inline(__always) func powerOfTwo(_ x: Double) -> Double { exp2(x) }
