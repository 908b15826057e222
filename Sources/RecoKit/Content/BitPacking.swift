/// Small numbers side by side, each in the same number of bits, the first in the lowest bits.
enum BitPacking {
    /// How many bits the largest of the numbers takes, 0 to 32.
    static func width(_ numbers: UnsafeBufferPointer<UInt32>) -> Int {
        32 - numbers.reduce(0, |).leadingZeroBitCount
    }

    static func byteCount(_ count: Int, width: Int) -> Int { (count &* width &+ 7) &>> 3 }

    static func append(_ numbers: UnsafeBufferPointer<UInt32>, width: Int, to bytes: inout [UInt8]) {
        guard width > 0 else { return }
        var word: UInt64 = 0
        var bits = 0
        for number in numbers {
            word |= UInt64(number) << UInt64(bits)
            bits += width
            while bits >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
                bits -= 8
            }
        }
        if bits > 0 { bytes.append(UInt8(truncatingIfNeeded: word)) }
    }

    /// How many bytes behind the packed ones may be read along.
    static let slack = 8

    /// Unpacks `count` numbers of `width` bits, at most 32. `bytes` has `byteCount` + `slack` bytes from `start` on.
    @inline(__always)
    static func unpack(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, width: Int, into numbers: UnsafeMutablePointer<UInt32>
    ) {
        guard width > 0 else {
            for i in 0..<count { numbers[i] = 0 }
            return
        }
        let raw = UnsafeRawPointer(bytes)
        let mask = UInt64(1) &<< UInt64(width) &- 1
        var bit = 0
        for i in 0..<count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
            numbers[i] = UInt32(truncatingIfNeeded: word &>> UInt64(bit & 7) & mask)
            bit &+= width
        }
    }
}

/// Numbers of seven bits a byte, the lowest first; the highest bit says that more follow.
enum Varint {
    static func append(_ number: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(number)
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Reads a number below 2^35 and moves `position` behind it; nil if the bytes end before.
    @inline(__always)
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        position &+= 1
        if first < 0x80 { return Int(first) }
        var number = Int(first & 0x7F)
        var shift = 7
        while shift < 35 {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position &+= 1
            number |= Int(byte & 0x7F) &<< shift
            if byte < 0x80 { return number }
            shift &+= 7
        }
        return nil
    }
}

/// An upper bound in a byte: the upper half of a float's sign, exponent and mantissa, 6 % too high at most.
enum ImpactBound {
    private static let lowest = UInt32(0x3800_0000) >> 19  // 2^-15

    /// The lowest code whose value is not below `value`, which is at most 1.
    static func code(_ value: Float) -> UInt8 {
        guard value > 0 else { return 0 }
        let up = (value.bitPattern &+ 0x7_FFFF) >> 19
        return up <= lowest ? 0 : UInt8(min(255, up - lowest))
    }

    @inline(__always)
    static func value(_ code: UInt8) -> Float { Float(bitPattern: (lowest &+ UInt32(code)) &<< 19) }
}
