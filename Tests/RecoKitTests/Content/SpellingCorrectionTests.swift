import Testing

@testable import RecoKit

@Suite struct SpellingCorrectionTests {
    /// The whole table, without a band.
    private func plainDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var table = (0...a.count).map { i in (0...b.count).map { j in i == 0 ? j : j == 0 ? i : 0 } }
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        for i in 1...a.count {
            for j in 1...b.count {
                var cost = min(table[i - 1][j], table[i][j - 1]) + 1
                cost = min(cost, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cost = min(cost, table[i - 2][j - 2] + 1)
                }
                table[i][j] = cost
            }
        }
        return table[a.count][b.count]
    }

    @Test func theBandFindsTheDistancesOfTheWholeTable() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            var a = (0..<generator.nextIndex(9)).map { _ in UInt8(97 + generator.nextIndex(3)) }
            let b: [UInt8]
            if generator.nextIndex(2) == 0 {
                b = (0..<generator.nextIndex(9)).map { _ in UInt8(97 + generator.nextIndex(3)) }
            } else {
                b = a
                for _ in 0..<generator.nextIndex(3) where a.count > 1 {
                    let at = generator.nextIndex(a.count - 1)
                    switch generator.nextIndex(3) {
                    case 0: a.swapAt(at, at + 1)
                    case 1: a.remove(at: at)
                    default: a[at] = 100
                    }
                }
            }
            let expected = plainDistance(a, b)
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    for most in 1...2 {
                        #expect(Distance.within(most, a, b) == (expected <= most ? expected : nil))
                        // The mask must never rule out what is near.
                        if expected <= most {
                            #expect(TermMask.mayMatch(TermMask.mask(a), TermMask.mask(b), distance: most))
                        }
                    }
                }
            }
        }
    }

    private static let titles = [
        "wireless headphones", "steel kettle", "kettlebell", "cotton shirt", "short sleeve", "lamp", "usb cable 10m",
        "led",
    ]

    @Test(arguments: [
        ("headphnoes", 0), ("hedphones", 0), ("headphonees", 0), ("wirless", 0), ("headfones", 0), ("ketle", 1),
        ("kettel", 1), ("coton", 3), ("cottton", 3),
    ])
    func aWordWithATypingMistakeFindsWhatWasMeant(text: String, row: Int) throws {
        #expect(try TextShop.titles(Self.titles).content(BM25.self).find(text).first?.row == row)
    }

    @Test func shortWordsAndNumbersAreTakenAsTheyAre() throws {
        let model = try TextShop.titles(Self.titles).content(BM25.self)
        for text in ["leb", "11m", "usx", "20m"] { #expect(model.find(text).isEmpty, "\(text)") }
    }

    @Test func aCorrectedWordCountsLessThanTheRightOne() throws {
        let model = try TextShop.titles(Self.titles).content(BM25.self)
        let right = try #require(model.find("kettle").first)
        let wrong = try #require(model.find("kettel").first)
        #expect(wrong.row == right.row && wrong.score < right.score && wrong.score > 0)
        // What is known is not corrected: a shirt is no short.
        #expect(model.find("shirt").map(\.row) == [3])
    }
}
