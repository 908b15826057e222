import Foundation
import RecoKit

/// The bytes of a file with trees, of a size that can be held as trees.
enum TreeModelBytes {
    /// A tree of 31 leaves is some 5 kilobytes of text, so that this is hundreds of thousands of them.
    static let most = 1 << 30

    static func checkSize(_ bytes: Data, _ name: String) throws {
        guard bytes.count <= most else {
            throw RecoError(.unsupported, "\(name) has \(bytes.count) bytes; models of up to \(most) can be imported")
        }
    }
}

/// A number in decimal, as JSON and LightGBM write it.
struct DecimalNumber {
    /// Reads the number at the start of some bytes; nil if there is none. Correctly rounded.
    static func parse(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (value: Double, end: Int)? {
        var at = start
        func digit(_ index: Int) -> UInt64? {
            guard index < bytes.count, bytes[index] &- 48 < 10 else { return nil }
            return UInt64(bytes[index] &- 48)
        }
        let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
        if isNegative || (at < bytes.count && bytes[at] == UInt8(ascii: "+")) { at += 1 }
        var mantissa: UInt64 = 0
        var exponent = 0
        var digits = 0
        let first = at
        while let next = digit(at) {
            (mantissa, digits) = (mantissa &* 10 &+ next, digits + (mantissa == 0 && next == 0 ? 0 : 1))
            at += 1
        }
        var isSomething = at > first
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            while let next = digit(at) {
                (mantissa, digits) = (mantissa &* 10 &+ next, digits + (mantissa == 0 && next == 0 ? 0 : 1))
                exponent -= 1
                at += 1
                isSomething = true
            }
        }
        guard isSomething else { return nil }
        if at < bytes.count, bytes[at] | 32 == UInt8(ascii: "e") {
            var end = at + 1
            let isDown = end < bytes.count && bytes[end] == UInt8(ascii: "-")
            if isDown || (end < bytes.count && bytes[end] == UInt8(ascii: "+")) { end += 1 }
            guard digit(end) != nil else { return nil }
            var power = 0
            while let next = digit(end) {
                power = min(power * 10 + Int(next), 100_000)
                end += 1
            }
            exponent += isDown ? -power : power
            at = end
        }
        // Whole numbers and powers of ten that a double holds exactly give a quotient or product that is rounded once.
        if digits <= 19, mantissa < 1 << 53, abs(exponent) <= 22 {
            let value = exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
            return (isNegative ? -value : value, at)
        }
        guard at - start <= 1000, let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else {
            return nil
        }
        return (value, at)
    }

    private static let powers: [Double] = (0..<22).reduce(into: [1]) { powers, _ in
        powers.append((powers.last ?? 1) * 10)
    }
}
