/// How text becomes the terms of an index; the same for products and for what is searched.
struct TextAnalysis: Sendable, Hashable {
    enum Style: UInt8, Sendable {
        /// `ProductTokenizer`, stop words, stemming.
        case product = 0
        /// `PlainTokenizer`, and nothing else.
        case plain
    }

    var style = Style.product
    var language = Language.none
}

/// Turns text into terms: cuts words, leaves out those that say nothing, takes endings and accents off.
///
/// Two steps, so that whoever sees a word again can remember its term. Holds 2 KB and a stemmer; one thread at a time.
final class TextAnalyzer {
    let analysis: TextAnalysis
    /// How many pieces of all texts so far were not valid UTF-8.
    private(set) var replacedCount = 0
    private var product: ProductTokenizer
    private var plain = PlainTokenizer()
    private let stopWords: StopWords
    private let stemmer: Stemmer?
    private let folded = UnsafeMutablePointer<UInt8>.allocate(capacity: TextAnalyzer.maximumTerm)
    private let stemmed = UnsafeMutablePointer<UInt8>.allocate(capacity: TextAnalyzer.maximumTerm)

    /// No term is longer.
    static let maximumTerm = 256  // bytes

    init(_ analysis: TextAnalysis) {
        self.analysis = analysis
        product = ProductTokenizer(analysis.language)
        stopWords = StopWords(analysis.style == .plain ? .none : analysis.language)
        stemmer = analysis.style == .plain ? nil : Stemmer(analysis.language)
    }

    deinit {
        folded.deallocate()
        stemmed.deallocate()
    }

    /// Hands `body` the words of a text. O(bytes).
    func words(_ text: UnsafeBufferPointer<UInt8>, _ body: (Word) -> Void) {
        let replaced = analysis.style == .plain ? plain.words(text, body) : product.words(text, body)
        replacedCount &+= replaced
    }

    /// The term of a word, valid until the next call; nil for a stop word. O(length).
    func term(of word: Word) -> UnsafeBufferPointer<UInt8>? {
        if analysis.style == .plain { return word.bytes }
        let plain = withoutAccents(word.bytes, isASCII: word.isASCII, into: folded)
        if stopWords.contains(plain) { return nil }
        guard let stemmer, !word.hasDigits else { return plain }
        let stem = stemmer.stem(word.bytes)
        return stem.isEmpty ? plain : withoutAccents(stem, isASCII: word.isASCII, into: stemmed)
    }

    /// The word without accents and with its ending, valid until the next call: what an unfinished word is.
    func folded(_ word: Word) -> UnsafeBufferPointer<UInt8> {
        analysis.style == .plain ? word.bytes : withoutAccents(word.bytes, isASCII: word.isASCII, into: folded)
    }

    private func withoutAccents(
        _ word: UnsafeBufferPointer<UInt8>, isASCII: Bool, into out: UnsafeMutablePointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        if isASCII || !analysis.language.endingsHaveAccents { return word }
        return UnsafeBufferPointer(
            start: out, count: SearchFolding.withoutAccents(word, into: out, room: Self.maximumTerm))
    }
}
