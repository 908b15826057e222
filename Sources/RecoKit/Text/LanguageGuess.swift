/// Guesses a catalogue's language from its little words: the language whose stop words are met most often.
///
/// A word that several languages share counts for each of them. Where little words are too rare to tell, or two
/// languages come out alike, the answer is none: endings of an unknown language are better left on. One word alone says
/// nothing, however often: a shop for hats is not German.
struct LanguageGuess {
    private let languages = Language.allCases.filter { $0 != .none }
    private let lists: [StopWords]
    private var counts: [Int]
    /// The first stop word that was met of each language, and whether there was another one.
    private var firsts: [[UInt8]?]
    private var isVaried: [Bool]
    private var total = 0
    // It needs accents where the lists' words have them, so that folding takes them off.
    private var analyzer = TextAnalyzer(TextAnalysis())

    init() {
        lists = languages.map { StopWords($0) }
        counts = languages.map { _ in 0 }
        firsts = languages.map { _ in nil }
        isVaried = languages.map { _ in false }
    }

    /// Looks at a text. O(bytes x languages).
    mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
        analyzer.words(text) { word in
            total += 1
            // Single letters are sizes and model numbers as often as words.
            guard word.form == .whole, word.bytes.count > 1 else { return }
            for (place, list) in lists.enumerated() where list.contains(word.bytes) {
                counts[place] += 1
                if let first = firsts[place] {
                    if !isVaried[place], !word.bytes.elementsEqual(first) { isVaried[place] = true }
                } else {
                    firsts[place] = Array(word.bytes)
                }
            }
        }
    }

    /// At least one word in two hundred must be a stop word, and the best language be a quarter ahead of the next.
    var language: Language {
        let order = counts.indices.sorted { (counts[$0], -$0) > (counts[$1], -$1) }
        let best = counts[order[0]]
        guard best * 200 >= total, isVaried[order[0]], best * 4 >= counts[order[1]] * 5 else { return .none }
        return languages[order[0]]
    }
}
