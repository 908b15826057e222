import Glibc

/// What an id may look like as text, and how it is hashed; training and serving agree through this.
package enum IDText {
    /// The number that `id` spells canonically (no sign but a minus, no leading zero), if it does.
    @inline(__always)
    static func integer(_ id: UnsafeBufferPointer<UInt8>) -> Int64? {
        let negative = id.count > 0 && id[0] == UInt8(ascii: "-")
        let start = negative ? 1 : 0
        let digits = id.count &- start
        guard digits >= 1, digits <= 19 else { return nil }
        if id[start] == UInt8(ascii: "0") { return digits == 1 && !negative ? 0 : nil }
        var value: UInt64 = 0  // 19 digits fit
        var i = start
        while i < id.count {
            let digit = id[i] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            i &+= 1
        }
        if negative { return value <= 1 << 63 ? Int64(bitPattern: 0 &- value) : nil }
        return Int64(exactly: value)
    }

    /// Whether `id` spells a number that way.
    package static func isInteger(_ id: String) -> Bool {
        var id = id
        return id.withUTF8 { integer($0) != nil }
    }

    /// Why `id` cannot be an id, or nil if it can.
    package static func problem(_ id: UnsafeBufferPointer<UInt8>) -> String? {
        if id.isEmpty { return "the id is empty" }
        if id.count > IDTable.maximumLength {
            return "the id has \(id.count) bytes; at most \(IDTable.maximumLength) are allowed"
        }
        if id.contains(0) { return "the id holds a NUL byte" }
        if String(validating: id, as: UTF8.self) == nil { return "the id is not valid UTF-8" }
        return nil
    }

    @inline(__always)
    static func hash(_ number: Int64) -> UInt64 { mix(UInt64(bitPattern: number) &+ 0x9E37_79B9_7F4A_7C15) }

    @inline(__always)
    static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 { XXHash64.hash(UnsafeRawBufferPointer(text)) }
}

@inline(__always)
func sameBytes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    guard a.count > 0, let p = a.baseAddress, let q = b.baseAddress else { return true }
    return memcmp(p, q, a.count) == 0
}
