/// Times as tables hold them, to seconds since 1970 (UTC).
///
/// Unix time as a whole or decimal number: from 100 billion up (the year 5138 in seconds) it is taken for
/// milliseconds, from 10^14 for microseconds, from 10^17 for nanoseconds. Or ISO 8601: "2011-11-09",
/// "2011-11-09 10:00", "2011-11-09T10:00:00.25Z", "2011-11-09 10:00:00+02:00"; without a zone it is UTC.
package enum Timestamp {
    /// The time that `text` spells; nil if it spells none. Fractions of seconds are dropped.
    package static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        // The usual case: up to 18 digits.
        if text.count <= 18 {
            var value: Int64 = 0
            var at = 0
            while at < text.count {
                let digit = text[at] &- UInt8(ascii: "0")
                if digit > 9 { break }
                value = value &* 10 &+ Int64(digit)
                at &+= 1
            }
            if at == text.count, at > 0 { return seconds(value) }
        }
        if let time = parseDate(text) { return time }
        guard let number = Number.parse(text), number.magnitude < 1e19 else { return nil }
        let scaled = number / unit(number.magnitude)
        return Int64(scaled.rounded(.down))
    }

    @inline(__always)
    private static func seconds(_ value: Int64) -> Int64 {
        value < 100_000_000_000 ? value : value / Int64(unit(Double(value)))
    }

    /// How many of a number's units make a second.
    private static func unit(_ magnitude: Double) -> Double {
        if magnitude >= 1e17 { return 1e9 }
        if magnitude >= 1e14 { return 1e6 }
        return magnitude >= 1e11 ? 1e3 : 1
    }

    private static func parseDate(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var scanner = DateScanner(text: text)
        scanner.skipSpaces()
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), year >= 1, month >= 1, month <= 12, day >= 1,
            day <= daysIn(month: month, year: year)
        else { return nil }
        var time = daysSince1970(year, month, day) * 86400
        if scanner.take("T") || scanner.take("t") || scanner.takeSpace() {
            guard let hour = scanner.number(2), hour <= 23, scanner.take(":"), let minute = scanner.number(2),
                minute <= 59
            else { return nil }
            time += hour * 3600 + minute * 60
            if scanner.take(":") {
                guard let second = scanner.number(2), second <= 60 else { return nil }  // 60: a leap second
                time += second
                if scanner.take(".") { guard scanner.skipDigits() else { return nil } }
            }
            scanner.skipSpaces()
            if scanner.take("Z") || scanner.take("z") {
            } else if let sign = scanner.take("+") ? 1 : scanner.take("-") ? -1 : nil {
                guard let hours = scanner.number(2), hours <= 23 else { return nil }
                var minutes = 0
                if scanner.take(":") || !scanner.isAtEnd {
                    guard let more = scanner.number(2), more <= 59 else { return nil }
                    minutes = more
                }
                time -= sign * (hours * 3600 + minutes * 60)
            }
        }
        scanner.skipSpaces()
        return scanner.isAtEnd ? Int64(time) : nil
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days of the Gregorian calendar, counted in years that begin in March so that a leap day comes last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        return 365 * marchYear + leapDays + (153 * marchMonth + 2) / 5 + day - 1 - 719_468
    }
}

/// Takes a date apart, from left to right.
private struct DateScanner {
    let text: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

    var isAtEnd: Bool { at == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func takeSpace() -> Bool {
        // A space at the end is no separator.
        guard at + 1 < text.count, text[at] == UInt8(ascii: " "), text[at + 1] != UInt8(ascii: " ") else {
            return false
        }
        at += 1
        return true
    }

    mutating func skipSpaces() { while take(" ") {} }

    mutating func skipDigits() -> Bool {
        let start = at
        while at < text.count, text[at] &- UInt8(ascii: "0") <= 9 { at += 1 }
        return at > start
    }

    /// A number of exactly `length` digits.
    mutating func number(_ length: Int) -> Int? {
        guard text.count - at >= length else { return nil }
        var value = 0
        for offset in 0..<length {
            let digit = text[at + offset] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value * 10 + Int(digit)
        }
        at += length
        return value
    }
}
