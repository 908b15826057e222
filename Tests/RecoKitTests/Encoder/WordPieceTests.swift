import Testing

@testable import RecoKit

@Suite struct WordPieceTests {
    private static func tokenizer(
        _ lowercases: Bool = true, _ strips: Bool = true, _ separates: Bool = true
    ) throws -> WordPiece {
        WordPiece(
            rules: TokenizerRules(
                lowercases: lowercases, stripsMarks: strips, separatesIdeographs: separates, first: 2, last: 3,
                unknown: 1),
            vocabulary: try PieceTable(WordPieceReference.pieces.map { Array($0.utf8) }))
    }

    private func tokens(_ tokenizer: WordPiece, _ bytes: [UInt8], limit: Int = 40) -> [UInt32] {
        var work = [UInt32](repeating: 0, count: WordPiece.workCount)
        // One more than the tokenizer may touch.
        var tokens = [UInt32](repeating: 0xDEAD, count: limit + 1)
        let count = bytes.withUnsafeBufferPointer {
            tokenizer.tokenize($0, limit: limit, into: &tokens, work: &work)
        }
        #expect(tokens[limit] == 0xDEAD)
        return Array(tokens[0..<count])
    }

    @Test func tokensEqualThoseOfHuggingFace() throws {
        for reference in WordPieceReference.tokens {
            let tokenizer = try Self.tokenizer(reference.lowercases, reference.strips, reference.separates)
            for (text, expected) in zip(WordPieceReference.texts, reference.tokens) {
                // There, words in brackets are tokens; here they are text like any other.
                if text.contains("[SEP]") { continue }
                #expect(tokens(tokenizer, Array(text.utf8)) == expected, "\(text.unicodeScalars.map { $0.value })")
            }
        }
    }

    @Test func aVisitorCannotWriteTheTokensThatEndATextOrHideAWord() throws {
        let tokenizer = try Self.tokenizer()
        let found = tokens(tokenizer, Array("[SEP] [PAD] [CLS]".utf8))
        #expect(found.dropFirst().dropLast().allSatisfy { $0 > 4 || $0 == 1 })
        #expect(found.filter { $0 == 3 }.count == 1)
    }

    @Test func whatIsNoUTF8IsDropped() throws {
        let tokenizer = try Self.tokenizer()
        let expected = tokens(tokenizer, Array("teapot s".utf8))
        for bad: [UInt8] in [[0xFF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80], [0x80, 0xC0, 0xAF]] {
            #expect(tokens(tokenizer, Array("tea".utf8) + bad + Array("pot s".utf8)) == expected)
            #expect(tokens(tokenizer, Array("teapot s".utf8) + bad) == expected)
        }
    }

    @Test func noMoreTokensComeThanThereIsRoomFor() throws {
        let tokenizer = try Self.tokenizer()
        let text = Array(String(repeating: "teapots, unaffable ", count: 50).utf8)
        let whole = tokens(tokenizer, text, limit: 1000)
        for limit in 2..<20 { #expect(tokens(tokenizer, text, limit: limit) == Array(whole.prefix(limit - 1)) + [3]) }
    }

    @Test func everyPieceIsFoundAndNothingElse() throws {
        let pieces = WordPieceReference.pieces
        let table = try PieceTable(pieces.map { Array($0.utf8) } + [[], Array("the".utf8)])
        for (number, piece) in pieces.enumerated() {
            let continues = piece.hasPrefix("##")
            let text = Array(piece.utf8.dropFirst(continues ? 2 : 0))
            let hash = text.reduce(continues ? PieceTable.continuingSeed : PieceTable.seed, PieceTable.step)
            let found = text.withUnsafeBufferPointer { table.piece($0, continues: continues, hash: hash) }
            // Of equal pieces, the last counts.
            #expect(found == UInt32(piece == "the" ? pieces.count + 1 : number))
            let other = (text + [0x71]).withUnsafeBufferPointer {
                table.piece($0, continues: continues, hash: PieceTable.step(hash, 0x71))
            }
            #expect(other == nil)
        }
    }
}
