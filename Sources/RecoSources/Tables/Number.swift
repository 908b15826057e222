/// Decimal numbers as tables hold them: "3", "-1.5", "1e3", spaces around; nothing else, and nothing infinite.
enum Number {
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// The finite number that `text` spells, rounded correctly; nil if it spells none.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        var at = 0
        var negative = false
        if at < text.count, text[at] == UInt8(ascii: "-") {
            negative = true
            at = 1
        }
        // Up to 15 digits and a division by a power of ten are exact up to the last, correct rounding.
        var mantissa: UInt64 = 0
        var digits = 0
        var fraction = 0
        var inFraction = false
        while at < text.count {
            let digit = text[at] &- UInt8(ascii: "0")
            if digit <= 9 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                digits &+= 1
                if inFraction { fraction &+= 1 }
                if digits > 15 { return parseSlowly(text) }
            } else if text[at] == UInt8(ascii: "."), !inFraction {
                inFraction = true
            } else {
                return parseSlowly(text)
            }
            at &+= 1
        }
        guard digits > 0 else { return nil }
        let magnitude = fraction == 0 ? Double(mantissa) : Double(mantissa) / powersOfTen[fraction]
        return negative ? -magnitude : magnitude
    }

    private static func parseSlowly(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard text.count <= 400 else { return nil }
        let trimmed = String(decoding: text, as: UTF8.self).trimmed
        // The standard library also reads "0x1p3", "inf" and "nan".
        let isDecimal = trimmed.utf8.allSatisfy { byte in
            byte &- UInt8(ascii: "0") <= 9 || "+-.eE".utf8.contains(byte)
        }
        guard isDecimal, let value = Double(trimmed), value.isFinite else { return nil }
        return value
    }
}
