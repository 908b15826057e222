import RecoKit
import Testing

@testable import RecoSources

private func parse(_ text: String) -> Double? {
    var text = text
    return text.withUTF8 { Number.parse($0) }
}

@Test(
    arguments: [
        ("0", 0), ("12", 12), ("-1.5", -1.5), (".5", 0.5), ("5.", 5), ("+3", 3), ("1e3", 1000), ("2.5E-1", 0.25),
        (" 7 ", 7),
        ("0.1", 0.1), ("123456789012345678", 123_456_789_012_345_680), ("1e300", 1e300),
    ] as [(String, Double)])
func numbersAreRead(text: String, value: Double) {
    #expect(parse(text) == value)
}

@Test(arguments: [
    "", " ", "-", ".", "nan", "NaN", "inf", "-Infinity", "1e999", "0x10", "1,5", "1 2", "--1", "1.2.3", "x",
])
func whatIsNoFiniteNumberIsRefused(text: String) {
    #expect(parse(text) == nil)
}

@Test func numbersAreRoundedAsTheStandardLibraryDoes() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<2000 {
        let whole = String(generator.next() >> UInt64(generator.nextIndex(64)))
        let place = generator.nextIndex(whole.count + 1)
        let text = "\(whole.prefix(place)).\(whole.dropFirst(place))"
        #expect(parse(text) == Double(text.hasSuffix(".") ? text + "0" : text))
    }
}
