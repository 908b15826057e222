import Testing

@testable import RecoKit

@Suite struct ContentSearchTests {
    private static let titles = [
        "Women's cotton T-shirt, red", "Mens cotton tshirt blue", "USB-C charger 65W", "usb c cable 2 m",
        "12\" frying pan",
        "Frying pan 12 inch", "Battery AA, 24 pack", "Batteries for hearing aids", "Dell XR-500 monitor", "café crème",
        "XR500 bracket", "緑茶 100g",
    ]

    private func find(_ text: String, isPrefix: Bool = false) throws -> [Int] {
        try TextShop.titles(Self.titles).content(BM25.self).find(text, isPrefix: isPrefix).map(\.row)
    }

    @Test(arguments: [
        ("tshirt", [0, 1]), ("t-shirts", [0, 1]), ("women shirt", [0]), ("cafe creme", [9]), ("xr500", [8, 10]),
        ("XR-500", [8, 10]), ("12in pan", [4, 5]), ("12 inch pan", [4, 5]), ("battery", [6, 7]), ("緑茶", [11]),
        ("usbc", [2]),
    ])
    func whateverTheSpellingTheSameItemsAreFound(text: String, rows: [Int]) throws {
        let found = try find(text)
        #expect(Set(found.prefix(rows.count)) == Set(rows), "\(text): \(found)")
    }

    @Test(arguments: [
        ("bat", [6, 7]), ("batte", [6, 7]), ("batterie", [6, 7]), ("usb ch", [2]), ("moni", [8]),
        ("c", [0, 1, 2, 3, 9]),
        ("caf", [9]), ("xr-5", [8, 10]), ("frying p", [4, 5]),
    ])
    func anUnfinishedWordFindsWhatItMayBecome(text: String, rows: [Int]) throws {
        let found = try find(text, isPrefix: true)
        #expect(Set(found.prefix(rows.count)) == Set(rows), "\(text): \(found)")
    }

    @Test func aSingleIdeographFindsWhatBeginsWithIt() throws {
        let titles = ["茶", "茶碗 白", "緑茶", "抹茶碗", "白", "청소기", "tea 茶道"]
        let model = try TextShop.titles(titles).content(BM25.self)
        let found = model.find("茶").map(\.row)
        #expect(found.first == 0 && Set(found) == [0, 1, 3, 6])
        #expect(model.find("碗").isEmpty)
        #expect(Set(model.find("茶 白").map(\.row)) == [0, 1, 3, 4, 6])
        #expect(model.find("청").map(\.row) == [5])
        #expect(Set(model.find("茶", isPrefix: true).map(\.row)) == [0, 1, 3, 6])
        #expect(Set(model.find("茶碗").map(\.row)) == [1, 3])
    }

    @Test func aFinishedWordIsNotCompleted() throws {
        #expect(try find("bat") == [])
        #expect(try find("moni ", isPrefix: true) == [])
        // With a mistake in it, it is corrected all the same.
        #expect(try find("montior", isPrefix: true) == [8])
    }

    @Test func theWordItselfCountsMoreThanLongerOnes() throws {
        let model = try TextShop.titles(["penguin book", "pen", "pencil", "pens and pencils"]).content(BM25.self)
        let found = model.find("pen", isPrefix: true)
        #expect(found.count == 4)
        #expect(found.first?.row == 1)
        #expect(model.find("pen").map(\.row).sorted() == [1, 3])
    }

    @Test func textThatSaysNothingFindsNothing() throws {
        let model = try TextShop.titles(Self.titles).content(BM25.self)
        for text in ["", " ", "the and of", "\u{0}\u{1}\u{7F}", "qqqqqqqq", "--- ... '", "\u{FFFD}"] {
            for isPrefix in [false, true] {
                for isItem in [false, true] {
                    #expect(model.find(text, isPrefix: isPrefix, isItem: isItem).isEmpty, "\(text)")
                }
            }
        }
        #expect(model.find([0xFF, 0xFE, 0xC3]).isEmpty)
        #expect(
            model.find([0xFF, 0x75, 0x73, 0x62, 0xFF]).map(\.row) == [3, 2] || !model.find([0x75, 0x73, 0x62]).isEmpty)
    }

    @Test func aMegabyteOfTextIsAnswered() throws {
        let model = try TextShop.titles(Self.titles).content(BM25.self)
        let long = String(repeating: "cotton shirt zzyzx1 ", count: 50_000)
        #expect(model.find(long).first.map { $0.row <= 1 } == true)
        #expect(model.find(long, isItem: true).first.map { $0.row <= 1 } == true)
        #expect(model.find(String(repeating: "qwertyui ", count: 100_000)).isEmpty)
        let different = (0..<100_000).map { "word\($0)" }.joined(separator: " ")
        _ = model.find(different + " usb", isPrefix: true)
    }

    @Test func aMegabyteOfTextIsLearned() throws {
        let long = (0..<150_000).map { "w\($0 % 70_000)" }.joined(separator: " ")
        let model = try TextShop.titles([long, "lamp"], language: "none").content(BM25.self)
        // Each gives its letter, its number and the whole; what is beyond the longest length that counts is left out.
        #expect(model.weighting.lengths.length(field: 0, row: 0) == DocumentLengths.maximum)
        #expect(model.find("w77").map(\.row) == [0])
        #expect(model.find("lamp").map(\.row) == [1])
    }

    @Test func textOfAnItemThatIsNotInTheShopFindsItsNeighbours() throws {
        let model = try TextShop.titles(Self.titles).content(BM25.self)
        #expect(model.find("New! red women's cotton t-shirt (unknown words)", isItem: true).first?.row == 0)
        #expect(model.find("cast iron frying pan 12in", isItem: true).prefix(2).map(\.row).sorted() == [4, 5])
    }

    @Test func brokenTextIsReplacedAndCounted() throws {
        let trainer = try TextShop.trainer("bm25", [("title", ["lamp", "tent"])])
        let title = try trainer.catalog.attribute(named: "title")
        let row = try trainer.log.items.row(for: "2")
        ([0x72, 0x65, 0x64, 0xFF, 0x6C, 0x61, 0x6D, 0x70] as [UInt8]).withUnsafeBufferPointer {
            trainer.catalog.set(title, row: row, to: $0)
        }
        try trainer.train()
        let model = try trainer.model().content(BM25.self)
        #expect(model.text.replacedCount == 1)
        #expect(model.find("red").map(\.row) == [2])
        #expect(model.find("lamp").map(\.row).sorted() == [0, 2])
    }
}
