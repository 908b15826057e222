import CStemmer

/// Takes endings off words, by the Snowball library: "chargers" and "charger" become the same.
///
/// Porter, "An algorithm for suffix stripping" (1980, doi:10.1108/eb046814), and its successors in Snowball. One object
/// per thread: the library keeps the word that it works on inside. Its memory grows to the longest word, which the
/// tokeniser bounds.
final class Stemmer {
    private let stemmer: OpaquePointer

    /// Nil if the language needs none, the library lacks it, or there is no memory.
    init?(_ language: Language) {
        // A static string ends with a zero.
        let name = UnsafeRawPointer(language.name.utf8Start).assumingMemoryBound(to: CChar.self)
        guard language != .none, let stemmer = sb_stemmer_new(name, "UTF_8") else { return nil }
        self.stemmer = stemmer
    }

    deinit { sb_stemmer_delete(stemmer) }

    /// The stem of a word in lower case, valid until the next call; the word itself if memory ran out. O(length).
    func stem(_ word: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard let stem = sb_stemmer_stem(stemmer, word.baseAddress, Int32(truncatingIfNeeded: word.count)) else {
            return word
        }
        return UnsafeBufferPointer(start: stem, count: max(0, Int(sb_stemmer_length(stemmer))))
    }
}
