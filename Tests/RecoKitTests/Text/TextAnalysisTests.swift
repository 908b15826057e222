import Testing

@testable import RecoKit

@Suite struct TextAnalysisTests {
    /// Forms of one word in each language, and little words around them.
    static let words: [(Language, [String], String)] = [
        (.english, ["charger", "chargers"], "the charger with a charger for you"),
        (.german, ["lampe", "lampen"], "die lampe mit der lampe für das"),
        (.french, ["brodé", "brodée", "brodés"], "le brodé avec du brodé pour les"),
        (.spanish, ["lámpara", "lámparas"], "la lámpara con una lámpara para el"),
        (.italian, ["lampada", "lampade"], "la lampada con una lampada per il"),
        (.dutch, ["lamp", "lampen"], "de lamp met een lamp voor het"),
        (.portuguese, ["lâmpada", "lâmpadas"], "a lâmpada com uma lâmpada para os"),
    ]

    @Test(arguments: words)
    func formsOfAWordAreOneTerm(language: Language, forms: [String], text: String) {
        let analyzer = TextAnalyzer(TextAnalysis(language: language))
        let terms = forms.map { analyzer.terms($0) }
        #expect(Set(terms).count == 1, "\(terms)")
        #expect(terms[0].first?.utf8.allSatisfy { $0 < 0x80 } == true)
    }

    @Test(arguments: words)
    func littleWordsSayNothing(language: Language, forms: [String], text: String) {
        let analyzer = TextAnalyzer(TextAnalysis(language: language))
        let term = analyzer.terms(forms[0])
        #expect(analyzer.terms(text) == term + term, "\(analyzer.terms(text))")
    }

    @Test func withoutALanguageWordsKeepTheirEndingsAndAllStay() {
        let analyzer = TextAnalyzer(TextAnalysis(language: .none))
        #expect(analyzer.terms("The chargers of ÉTÉ") == ["the", "chargers", "of", "ete"])
    }

    @Test func wordsWithDigitsAreNotStemmed() {
        #expect(TextAnalyzer(TextAnalysis(language: .english)).terms("model2s 4ks").contains("model2s"))
    }

    @Test(arguments: [
        (Language.english, "a tent for two with a bag and the pegs of it"),
        (.german, "ein Zelt für zwei mit der Tasche und den Heringen von uns"),
        (.french, "une tente pour deux avec le sac et les piquets du fabricant"),
        (.spanish, "una tienda para dos con la bolsa y las piquetas de los fabricantes"),
        (.italian, "una tenda per due con la borsa e gli picchetti della ditta che il cliente"),
        (.dutch, "een tent voor twee met het zakje en de haringen van ons"),
        (.portuguese, "uma tenda para dois com o saco e as estacas do fabricante não"),
        (.none, "TENT 2P GRN 40X60 ALU"), (.none, ""), (.none, "red hat wool hat straw hat"),
    ])
    func theLanguageOfACatalogueIsGuessed(language: Language, text: String) {
        var guess = LanguageGuess()
        for _ in 0..<10 { Array(text.utf8).withUnsafeBufferPointer { guess.add($0) } }
        #expect(guess.language == language)
    }
}
