/// How a BERT was trained to read text.
public struct TokenizerRules: Sendable, Equatable {
    public var lowercases: Bool
    /// Whether accents are taken off.
    public var stripsMarks: Bool
    public var separatesIdeographs: Bool
    /// The pieces that begin and end a text ([CLS] and [SEP]), and the one for what is unknown.
    public var first: UInt32
    public var last: UInt32
    public var unknown: UInt32

    public init(
        lowercases: Bool, stripsMarks: Bool, separatesIdeographs: Bool, first: UInt32, last: UInt32, unknown: UInt32
    ) {
        (self.lowercases, self.stripsMarks, self.separatesIdeographs) = (lowercases, stripsMarks, separatesIdeographs)
        (self.first, self.last, self.unknown) = (first, last, unknown)
    }
}

/// BERT's tokenizer: text as pieces of words, each with a number.
///
/// Control characters are dropped, ideographs and punctuation stand alone, case and accents are folded where the model
/// was trained so; then each word is cut greedily into the longest pieces that the vocabulary has, and a word that
/// cannot be cut so, or has more than 100 characters, is the unknown piece (Devlin et al. 2018, arXiv 1810.04805; pieces:
/// Wu et al. 2016, arXiv 1609.08144). Invalid UTF-8 counts as U+FFFD, which is dropped. Words in brackets such as "[SEP]"
/// are text like any other: a visitor cannot write a token that marks the end of a text.
///
/// The vocabulary is a hash table in the model file, read in place.
struct WordPiece: Sendable {
    let rules: TokenizerRules
    let vocabulary: PieceTable

    /// Longer words are unknown.
    static let longestWord = 100

    /// Working memory beside the tokens, in numbers of 32 bits: the word, where its characters end, hashes.
    static let workCount = 3 * (longestWord + 1)

    /// Writes the tokens of a text, with those that begin and end it, and returns how many; never more than `limit`, at
    /// least two. `tokens` has room for `limit` and `work` for `workCount`. O(bytes) for the part that is looked at, which
    /// ends with the last token that fits.
    func tokenize(
        _ text: UnsafeBufferPointer<UInt8>, limit: Int, into tokens: UnsafeMutablePointer<UInt32>,
        work: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard limit >= 2 else { return 0 }
        var word = PieceCutter(vocabulary, rules.unknown, tokens: tokens, limit: limit &- 1, work: work)
        tokens[0] = rules.first
        word.count = 1
        var scalars = UTF8Scalars(text)
        while !word.isFull, let scalar = scalars.next() {
            if scalar &- 0x61 < 26 {
                word.append(scalar)
            } else if scalar == 0x20 {
                word.finish()
            } else if scalar == 0 || scalar == UTF8Scalars.replacement || CharacterFolding.isControl(scalar) {
                continue
            } else if CharacterFolding.isSpace(scalar) {
                word.finish()
            } else {
                let standsAlone = rules.separatesIdeographs && CharacterFolding.isCJK(scalar)
                if standsAlone { word.finish() }
                fold(scalar) { folded in
                    if CharacterFolding.isPunctuation(folded) {
                        word.finish()
                        word.append(folded)
                        word.finish()
                    } else {
                        word.append(folded)
                    }
                }
                if standsAlone { word.finish() }
            }
        }
        word.finish()
        tokens[word.count] = rules.last
        return word.count &+ 1
    }

    @inline(__always)
    private func fold(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        switch (rules.lowercases, rules.stripsMarks) {
        case (true, true): CharacterFolding.lowercasedWithoutMarks(scalar, body)
        case (false, true): CharacterFolding.withoutMarks(scalar, body)
        case (false, false): body(scalar)
        case (true, false):
            body(CharacterFolding.lowercased(scalar))
            // The one lower case that is two scalars: i and the dot above.
            if scalar == 0x130 { body(0x307) }
        }
    }
}

/// A word that is being read, and the tokens of those before it.
private struct PieceCutter {
    private let vocabulary: PieceTable
    private let unknown: UInt32
    private let tokens: UnsafeMutablePointer<UInt32>
    private let limit: Int
    private let bytes: UnsafeMutablePointer<UInt8>  // (4 longestWord)
    private let ends: UnsafeMutablePointer<UInt32>  // (longestWord + 1) where characters end; ends[0] is 0
    private let hashes: UnsafeMutablePointer<UInt32>  // (longestWord + 1) of what begins at one character
    /// Tokens so far.
    var count = 0
    private var characters = 0

    init(
        _ vocabulary: PieceTable, _ unknown: UInt32, tokens: UnsafeMutablePointer<UInt32>, limit: Int,
        work: UnsafeMutablePointer<UInt32>
    ) {
        (self.vocabulary, self.unknown, self.tokens, self.limit) = (vocabulary, unknown, tokens, limit)
        let room = WordPiece.longestWord &+ 1
        ends = work
        hashes = work + room
        bytes = UnsafeMutableRawPointer(work + 2 &* room).assumingMemoryBound(to: UInt8.self)
        ends[0] = 0
    }

    var isFull: Bool { count >= limit }

    @inline(__always)
    mutating func append(_ scalar: UInt32) {
        guard characters < WordPiece.longestWord else {
            characters = WordPiece.longestWord &+ 1
            return
        }
        let start = Int(ends[characters])
        let length = encodeUTF8(scalar, into: bytes + start, room: 4)
        characters &+= 1
        ends[characters] = UInt32(truncatingIfNeeded: start &+ length)
    }

    /// Cuts the word into pieces.
    mutating func finish() {
        guard characters > 0 else { return }
        defer { characters = 0 }
        let before = count
        var start = characters > WordPiece.longestWord ? -1 : 0
        while start >= 0, start < characters {
            var hash = start == 0 ? PieceTable.seed : PieceTable.continuingSeed
            for character in start..<characters {
                for byte in Int(ends[character])..<Int(ends[character &+ 1]) {
                    hash = PieceTable.step(hash, bytes[byte])
                }
                hashes[character] = hash
            }
            var end = characters
            var piece: UInt32?
            while end > start, piece == nil {
                piece = vocabulary.piece(
                    UnsafeBufferPointer(start: bytes + Int(ends[start]), count: Int(ends[end] &- ends[start])),
                    continues: start > 0, hash: hashes[end &- 1])
                if piece == nil { end &-= 1 }
            }
            if let piece {
                // What does not fit is cut off, but only after it is known that the word has pieces.
                if count < limit {
                    tokens[count] = piece
                    count &+= 1
                }
                start = end
            } else {
                start = -1
            }
        }
        if start < 0, before < limit {
            tokens[before] = unknown
            count = before &+ 1
        }
    }
}
