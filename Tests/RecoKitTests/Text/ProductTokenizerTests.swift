import Testing

@testable import RecoKit

@Suite struct ProductTokenizerTests {
    private func cut(_ text: String, _ language: Language = .english) -> [String] {
        TextAnalyzer(TextAnalysis(language: language)).cut(text)
    }

    @Test func caseAccentsLigaturesAndFullWidthFormsAreFolded() {
        #expect(
            cut("CAFÉ Straße Æther Søren ŁÓDŹ ﬁlter ＷＩＤＥ") == [
                "cafe", "strasse", "aether", "soren", "lodz", "filter", "wide",
            ])
        // Composed or not, an accent is the same.
        #expect(cut("cafe\u{301}", .french) == cut("caf\u{E9}", .french))
        #expect(cut("MU\u{308}LLER", .german) == ["müller"])
    }

    @Test func numbersKeepTheirDecimals() {
        #expect(cut("2.5 2,5 1,000 12,500.75 3.") == ["2.5", "2.5", "1000", "12500.75", "3"])
    }

    @Test func everyWayToWriteAMeasureGivesOneWord() {
        for text in ["12\"", "12in", "12 inch", "12-inch", "12 Inches", "12″"] {
            #expect(cut(text).contains("12in"), "\(text)")
            #expect(cut(text).contains("12"), "\(text)")
        }
        #expect(cut("500ml").contains("500ml"))
        #expect(cut("500 ml").contains("500ml"))
        #expect(cut("1,5 Liter").contains("1.5l"))
        // A unit belongs to the number right before it.
        #expect(!cut("12 red inch").contains("12in"))
        #expect(!cut("12. inch").contains("12.in"))
    }

    @Test func eitherSpellingOfAnArticleNumberFindsTheOther() {
        #expect(cut("XR-500") == ["xr", "500", "xr500"])
        #expect(cut("XR500") == ["xr", "500", "xr500"])
        #expect(cut("usb-c") == ["usb", "c", "usbc"])
        #expect(cut("T-Shirt") == ["t", "shirt", "tshirt"])
        #expect(cut("h&m") == ["h", "m", "hm"])
        // Codes with many runs are nothing but themselves.
        #expect(cut("B07CXG6C9W") == ["b07cxg6c9w"])
    }

    @Test func apostrophesEndWords() {
        #expect(cut("Women's men’s") == ["women", "men"])
        #expect(cut("l'eau d’été", .french) == ["l", "eau", "d", "été"])
        #expect(cut("O'Neill") == ["o", "neill", "oneill"])
    }

    @Test func writingWithoutSpacesGivesPairs() {
        #expect(cut("東京都") == ["東京", "京都"])
        #expect(cut("茶 tea 緑茶") == ["茶", "tea", "緑茶"])
        #expect(cut("ティー") == ["ティ", "ィー"])
        #expect(cut("한국어") == ["한국", "국어"])
    }

    @Test func controlsAndWhateverIsNoLetterSeparate() {
        #expect(cut("red\u{0}blue\u{7F}wool™ silk\u{1B}[tea®") == ["red", "blue", "wool", "silk", "tea"])
        #expect(cut("soft\u{AD}ware") == ["software"])
        #expect(cut("-- ' .. , & _") == [])
        #expect(cut("") == [])
    }

    @Test func wordsAreCutAtTheirLongest() {
        let words = cut(String(repeating: "a", count: 1_000_000) + " end")
        #expect(words == [String(repeating: "a", count: ProductTokenizer.maximumWord), "end"])
        // Between characters, not within one.
        let accents = cut(String(repeating: "é", count: 1000), .french)
        #expect(accents == [String(repeating: "é", count: ProductTokenizer.maximumWord / 2)])
        let pieces = cut(String(repeating: "ab1-", count: 10_000))
        #expect(pieces.allSatisfy { $0.utf8.count <= ProductTokenizer.maximumWord })
    }

    @Test func whatIsNotUTF8SeparatesAndIsCounted() {
        let analyzer = TextAnalyzer(TextAnalysis(language: .english))
        #expect(analyzer.cut([0x72, 0x65, 0x64, 0xFF, 0x62, 0x6C, 0x75, 0x65, 0xC3]) == ["red", "blue"])
        #expect(analyzer.replacedCount == 2)
    }

    @Test func whateverTheBytesNothingIsOutOfBounds() {
        var generator = SeededGenerator(seed: 3)
        let alphabet: [UInt8] = Array("aZ09-_&'.,\" \u{301}é東ß½²ﬁ".utf8) + [0, 0x1B, 0xFF, 0xC3, 0xE2, 0xF0]
        for language in Language.allCases {
            let analyzer = TextAnalyzer(TextAnalysis(language: language))
            let plain = TextAnalyzer(TextAnalysis(style: .plain))
            for length in 0..<400 {
                let bytes = (0..<length).map { _ in alphabet[generator.nextIndex(alphabet.count)] }
                for word in analyzer.cut(bytes) { #expect(!word.isEmpty && word.utf8.count <= 128) }
                for word in plain.cut(bytes) { #expect(word.unicodeScalars.count > 1) }
            }
        }
    }

    @Test func plainAnalysisIsThatOfScikitLearn() {
        let analyzer = TextAnalyzer(TextAnalysis(style: .plain))
        // re.findall(r"(?u)\b\w\w+\b", text.lower())
        #expect(
            analyzer.terms("A T-Shirt, 2.5 m USB_C café ÉCRU №12 ½ x² 東京 the") == [
                "shirt", "usb_c", "café", "écru", "12", "x²", "東京", "the",
            ])
    }
}
