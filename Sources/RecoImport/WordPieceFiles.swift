import Foundation
import RecoKit

/// A WordPiece tokenizer from the files of a folder: tokenizer.json, or vocab.txt with tokenizer_config.json.
public struct WordPieceFiles {
    public let pieces: [[UInt8]]
    public let rules: TokenizerRules
    /// At how many tokens its makers cut a text, if they say so.
    let longestText: Int?

    init(folder: String) throws {
        let settings = try JSONFile("\(folder)/tokenizer_config.json")
        // Nobody means the 10^30 that stands for "no limit".
        longestText = try settings?.number("model_max_length").flatMap { $0 >= 3 && $0 <= 8192 ? Int($0) : nil }
        let vocabulary = "\(folder)/vocab.txt"
        if let file = try JSONFile("\(folder)/tokenizer.json") {
            let lines = FileManager.default.contents(atPath: vocabulary).map(Self.pieces)
            (pieces, rules) = try Self.read(file, pieces: lines, settings)
        } else if let bytes = FileManager.default.contents(atPath: vocabulary) {
            (pieces, rules) = try Self.read(lines: bytes, path: vocabulary, settings)
        } else {
            let others = ["spiece.model", "sentencepiece.bpe.model", "vocab.json", "merges.txt"]
                .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
            throw RecoError(
                others.isEmpty ? .badData : .unsupported,
                "\(folder) holds neither vocab.txt nor tokenizer.json"
                    + (others.isEmpty ? "" : "; the tokenizer of \(others[0]) is none of WordPiece"))
        }
    }

    // MARK: vocab.txt

    private static func read(lines: Data, path: String, _ settings: JSONFile?) throws -> ([[UInt8]], TokenizerRules) {
        let kind = settings?.text("tokenizer_class") ?? "BertTokenizer"
        guard ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast"].contains(kind)
        else { throw RecoError(.unsupported, "\(path) belongs to a \(kind); a BertTokenizer can be imported") }
        let pieces = pieces(lines)
        let lowercases = settings?.flag("do_lower_case") ?? true
        func token(_ name: String, _ usual: String) throws -> UInt32 {
            let text = settings?.text(name) ?? settings?.object(name)?.text("content") ?? usual
            return try number(of: text, in: pieces, path)
        }
        return (
            pieces,
            TokenizerRules(
                lowercases: lowercases, stripsMarks: settings?.flag("strip_accents") ?? lowercases,
                separatesIdeographs: settings?.flag("tokenize_chinese_chars") ?? true,
                first: try token("cls_token", "[CLS]"), last: try token("sep_token", "[SEP]"),
                unknown: try token("unk_token", "[UNK]"))
        )
    }

    /// A piece a line, without the space behind it.
    private static func pieces(_ lines: Data) -> [[UInt8]] {
        var pieces = lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            var line = [UInt8](line)
            while let last = line.last, last == 0x20 || (0x09...0x0D).contains(last) { line.removeLast() }
            return line
        }
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        return pieces
    }

    private static func number(of piece: String, in pieces: [[UInt8]], _ path: String) throws -> UInt32 {
        guard let number = pieces.lastIndex(of: Array(piece.utf8)) else {
            throw RecoError(.badData, "\(path) has no piece \(piece)")
        }
        return UInt32(number)
    }

    // MARK: tokenizer.json

    /// - Parameters:
    ///   - pieces: what vocab.txt lists; nil: what the file itself does.
    ///   - settings: tokenizer_config.json, which may say about case as well.
    private static func read(
        _ file: JSONFile, pieces: [[UInt8]]?, _ settings: JSONFile?
    ) throws -> ([[UInt8]], TokenizerRules) {
        func refuse(_ what: String) -> RecoError {
            RecoError(.unsupported, "\(file.path) is a tokenizer with \(what), which cannot be imported")
        }
        guard let model = file.object("model") else { throw RecoError(.badData, "\(file.path) describes no tokenizer") }
        // Old files do not say the type of what has a prefix for continuing pieces.
        let kind = model.text("type") ?? (model.text("continuing_subword_prefix") != nil ? "WordPiece" : "no type")
        guard kind == "WordPiece" else { throw refuse("a model of type \(kind) instead of WordPiece") }
        let prefix = model.text("continuing_subword_prefix") ?? "##"
        guard prefix == "##" else { throw refuse("\"\(prefix)\" before continuing pieces instead of ##") }
        let longest = try model.integer("max_input_chars_per_word") ?? 100
        guard longest == 100 else { throw refuse("words of up to \(longest) characters instead of 100") }
        guard let normalizer = file.object("normalizer"), normalizer.text("type") == "BertNormalizer",
            normalizer.flag("clean_text") ?? true
        else {
            let found = file.object("normalizer")?.text("type") ?? "none"
            throw refuse("a normalizer of type \(found) instead of a BertNormalizer that cleans text")
        }
        let splitter = file.object("pre_tokenizer")?.text("type") ?? "none"
        guard splitter == "BertPreTokenizer" else {
            throw refuse("a pre-tokenizer of type \(splitter) instead of BertPreTokenizer")
        }
        if let stated = normalizer.flag("lowercase"), let other = settings?.flag("do_lower_case"), stated != other {
            throw RecoError(
                .badData,
                "lowercase is \(stated) in \(file.path), and do_lower_case \(other) in the tokenizer_config.json beside it"
            )
        }
        if let pieces { try Self.compare(pieces, file, model) }
        let pieces = try pieces ?? Self.vocabulary(of: file, model)
        let lowercases = normalizer.flag("lowercase") ?? true
        func token(_ name: String) throws -> UInt32 { try Self.number(of: name, in: pieces, file.path) }
        let ends = Self.ends(file)
        return (
            pieces,
            TokenizerRules(
                lowercases: lowercases, stripsMarks: normalizer.flag("strip_accents") ?? lowercases,
                separatesIdeographs: normalizer.flag("handle_chinese_chars") ?? true, first: try token(ends.first),
                last: try token(ends.last), unknown: try token(model.text("unk_token") ?? "[UNK]"))
        )
    }

    /// Both files list the pieces. Where they disagree, one of them belongs to another encoder.
    private static func compare(_ pieces: [[UInt8]], _ file: JSONFile, _ model: JSONFile) throws {
        guard let vocabulary = model.object("vocab") else { return }
        var hasName = [Bool](repeating: false, count: pieces.count)
        for piece in vocabulary.names {
            guard let number = try vocabulary.integer(piece) else { continue }
            if number < pieces.count { hasName[number] = true }
            // Spaces at the end of a line of vocab.txt are none of the piece's.
            guard !Array(piece.utf8).contains(0x0A), number >= pieces.count || !isSame(pieces[number], piece) else {
                continue
            }
            throw RecoError(
                .badData,
                "the piece \"\(piece)\" has number \(number) in \(file.path), but not in the vocab.txt beside it")
        }
        for token in file.objects("added_tokens") {
            guard let number = try token.integer("id"), number < pieces.count, let piece = token.text("content") else {
                continue
            }
            if isSame(pieces[number], piece) { hasName[number] = true }
        }
        for (number, bytes) in pieces.enumerated() where !hasName[number] && !bytes.isEmpty {
            let piece = String(decoding: bytes, as: UTF8.self)
            // What JSON's parser takes for one name may be two pieces: the name is there, with the number of the other.
            guard try vocabulary.integer(piece) == nil else { continue }
            throw RecoError(
                .badData, "the piece \"\(piece)\" of vocab.txt, number \(number), is not in \(file.path) beside it")
        }
    }

    private static func isSame(_ bytes: [UInt8], _ piece: String) -> Bool {
        // Strings compare by Unicode's equivalence.
        String(decoding: bytes, as: UTF8.self) == piece || bytes == Self.pieces(Data(piece.utf8)).first
    }

    private static func vocabulary(of file: JSONFile, _ model: JSONFile) throws -> [[UInt8]] {
        guard let vocabulary = model.object("vocab"), !vocabulary.names.isEmpty else {
            throw RecoError(.badData, "\(file.path) has no vocabulary")
        }
        var pieces: [[UInt8]] = []
        func set(_ piece: String, _ number: Int?) throws {
            guard let number, number < 1 << 22 else {
                throw RecoError(.badData, "\(file.path) has pieces without a number that makes sense")
            }
            while pieces.count <= number { pieces.append([]) }
            pieces[number] = Array(piece.utf8)
        }
        for piece in vocabulary.names { try set(piece, vocabulary.integer(piece)) }
        for token in file.objects("added_tokens") { try set(token.text("content") ?? "", token.integer("id")) }
        // Two spellings of one character that Unicode calls equivalent are one name to the JSON parser.
        guard let hole = pieces.firstIndex(of: []) else { return pieces }
        throw RecoError(
            .badData, "\(file.path) has no piece of its own for the number \(hole); a vocab.txt beside it would help")
    }

    /// The pieces that the post-processor puts around a text.
    private static func ends(_ file: JSONFile) -> (first: String, last: String) {
        let tokens = file.object("post_processor")?.objects("single").compactMap {
            $0.object("SpecialToken")?.text("id")
        }
        guard let tokens, tokens.count == 2 else { return ("[CLS]", "[SEP]") }
        return (tokens[0], tokens[1])
    }
}
