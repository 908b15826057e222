import Glibc

/// The first of the places 0 ..< `count`, in ascending order, of which `isBelow` is not true; `count` if there is none.
/// O(log count).
@inline(__always)
func firstPlace(_ count: Int, notBelow isBelow: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
        let middle = low &+ (high &- low) / 2
        if isBelow(middle) { low = middle &+ 1 } else { high = middle }
    }
    return low
}

/// Below, equal or above 0, as the bytes of `a` stand before, at or after those of `b`.
func compareBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
    let count = min(a.count, b.count)
    if count > 0, let left = a.baseAddress, let right = b.baseAddress {
        let order = memcmp(left, right, count)
        if order != 0 { return Int(order) }
    }
    return a.count &- b.count
}
