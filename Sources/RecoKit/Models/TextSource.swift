/// What a query says in words.
struct TextQuery {
    /// Words and meaning are read up to here; a longer text is no question, and would only cost time.
    static let longest = 4096  // bytes

    /// UTF-8 as it came; what is not valid counts as U+FFFD.
    let bytes: UnsafeBufferPointer<UInt8>
    /// The last word may be unfinished: somebody is still typing.
    let isPrefix: Bool
    /// The text of a product rather than words that somebody searches for.
    let isItem: Bool

    init(bytes: UnsafeBufferPointer<UInt8>, isPrefix: Bool = false, isItem: Bool = false) {
        self.bytes = UnsafeBufferPointer(rebasing: bytes.firstCharacters(Self.longest))
        self.isPrefix = isPrefix
        self.isItem = isItem
    }

    /// Whether there is a letter or a digit in it: all else asks for nothing.
    var hasWord: Bool {
        bytes.contains { byte in
            byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
        }
    }
}

/// How a model reads a text: the two kinds are fused where a file holds both.
enum TextMatching: Sendable {
    /// By the words that query and item share.
    case words
    /// By what it means, whatever the words.
    case meaning
}

/// A model that finds items by words.
///
/// The same rules as for `CandidateSource`: no lock, no trap, memory from `Scratch` alone, whatever the text holds.
protocol TextSource: CandidateSource {
    static var matching: TextMatching { get }

    /// Offers the items that match. False if the text says nothing to this model; then nothing was offered.
    func search(_ text: TextQuery, using scratch: Scratch, to selection: inout Selection) -> Bool

    /// Scores given items on the same scale as `search`; 0 for those that do not match. False as above.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool

    /// The same, with `examples` taken for items that the text means. What comes with the protocol does without them.
    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, like examples: UnsafeBufferPointer<UInt32>,
        using scratch: Scratch, into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool

    /// Adds the fields of an item that are like what was asked. What comes with the protocol has no fields to tell.
    func matchedFields(of row: UInt32, for asked: ContentQuestion, using scratch: Scratch, to matches: FieldMatches)
}

extension TextSource {
    static var matching: TextMatching { .words }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for text: TextQuery, like examples: UnsafeBufferPointer<UInt32>,
        using scratch: Scratch, into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool { score(rows, for: text, using: scratch, into: scores) }

    func matchedFields(of row: UInt32, for asked: ContentQuestion, using scratch: Scratch, to matches: FieldMatches) {}
}
