import Foundation
import RecoKit

/// A file of word2vec's, text or binary, as word2vec itself and gensim write them: a line with the number of vectors
/// and their length, then id and numbers for each. Which of the two it is shows.
///
/// Nothing is believed of the header but what the file bears out: memory is taken for what has been read.
public struct Word2VecFile {
    public let vectors: WordVectors
    public let isBinary: Bool

    public init(path: String) throws { try self.init(bytes: mappedBytes(path), name: path) }

    /// - Parameter name: what messages call the file.
    public init(bytes: Data, name: String) throws {
        var reader = Word2VecReader(name: name)
        (vectors, isBinary) = try bytes.withUnsafeBytes { bytes in
            let header = try reader.readHeader(bytes)
            let isBinary = !reader.looksLikeText(bytes)
            if isBinary { try reader.readBinary(bytes, header) } else { try reader.readText(bytes, header) }
            return (try WordVectors(ids: reader.ids, rank: header.rank, numbers: reader.numbers), isBinary)
        }
    }
}

/// Reads a file from front to back.
private struct Word2VecReader {
    let name: String
    var ids: [String] = []
    var numbers: [Float] = []
    private var at = 0
    private var known: [String: Int] = [:]  // which vector an id has, from 1

    /// No line or id is longer; a file that goes on without an end of line is none of word2vec's.
    private static let longestHeader = 100

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    init(name: String) { self.name = name }

    private func wrong(_ what: String) -> RecoError {
        RecoError(.badData, "\(name) is no usable file of word2vec: \(what)")
    }

    // MARK: Header

    mutating func readHeader(_ bytes: UnsafeRawBufferPointer) throws -> (count: Int, rank: Int) {
        guard !bytes.isEmpty else { throw wrong("it is empty") }
        let start = bytes.prefix(Self.longestHeader)
        let line = start.prefix { $0 != Self.newline }
        let fields = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard line.count < start.count || bytes.count == line.count, fields.count == 2, let count = Int(fields[0]),
            let rank = Int(fields[1]), count >= 0, rank >= 1
        else { throw wrong("it does not start with a line that has the number of vectors and their length") }
        guard rank <= WordVectors.mostNumbers else {
            throw RecoError(
                .unsupported,
                "\(name) has vectors of \(rank) numbers; those of up to \(WordVectors.mostNumbers) can be imported")
        }
        guard count > 0 else { throw wrong("it holds no vector") }
        at = line.endIndex + 1
        return (count, rank)
    }

    /// Numbers in binary are soon bytes that no text holds.
    func looksLikeText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let rest = bytes.dropFirst(at).prefix(256)
        return rest.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            && String(validating: trimmed(rest), as: UTF8.self) != nil
    }

    /// Without a character of several bytes that is cut in two at the end.
    private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        guard bytes.count == 256, let last = bytes.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }),
            bytes[last] >= 0xC0
        else { return bytes }
        return bytes[..<last]
    }

    // MARK: Text

    mutating func readText(_ bytes: UnsafeRawBufferPointer, _ header: (count: Int, rank: Int)) throws {
        var line = 1
        while at < bytes.count {
            line += 1
            let lineBreak = bytes[at...].firstIndex(of: Self.newline)
            var end = lineBreak ?? bytes.count
            let next = end + 1
            while end > at, bytes[end - 1] <= Self.space { end -= 1 }
            defer { at = next }
            if end == at {
                guard bytes[min(next, bytes.count)...].allSatisfy({ $0 <= Self.space }) else {
                    throw wrong("line \(line) is empty")
                }
                break
            }
            guard ids.count < header.count else {
                throw wrong("its header says \(header.count) vectors, and line \(line) holds another one")
            }
            guard let gap = bytes[at..<end].firstIndex(where: { $0 == Self.space || $0 == 0x09 }) else {
                throw wrong("line \(line) has no numbers")
            }
            try add(bytes[at..<gap], "line \(line)")
            try readNumbers(UnsafeRawBufferPointer(rebasing: bytes[gap..<end]), header.rank, line)
            // Without its end, a line may have lost digits: still a number, but another one.
            guard lineBreak != nil else {
                throw wrong("line \(line) has no end: the file is cut short, or lacks its last line break")
            }
        }
        try checkCount(header.count)
    }

    private mutating func readNumbers(_ text: UnsafeRawBufferPointer, _ rank: Int, _ line: Int) throws {
        var (place, found) = (0, 0)
        while true {
            while place < text.count, text[place] == Self.space || text[place] == 0x09 { place += 1 }
            guard place < text.count else { break }
            guard let number = DecimalNumber.parse(text, from: place),
                number.end == text.count || text[number.end] == Self.space || text[number.end] == 0x09
            else {
                let field = String(decoding: text[place...].prefix { $0 > Self.space }.prefix(40), as: UTF8.self)
                throw wrong("line \(line) holds \"\(field)\", which is no finite number")
            }
            try add(Float(number.value), "line \(line)")
            (place, found) = (number.end, found + 1)
        }
        guard found == rank else {
            throw wrong("line \(line) has \(found) numbers, and the header says \(rank)")
        }
    }

    // MARK: Binary

    mutating func readBinary(_ bytes: UnsafeRawBufferPointer, _ header: (count: Int, rank: Int)) throws {
        let size = 4 * header.rank
        while ids.count < header.count {
            let label = "vector \(ids.count + 1)"
            // word2vec ends each vector with an end of line, gensim does not.
            while at < bytes.count, bytes[at] == Self.newline { at += 1 }
            guard at < bytes.count else { break }
            guard let gap = bytes[at...].prefix(IDTable.maximumLength + 1).firstIndex(of: Self.space) else {
                throw wrong(
                    "it is cut short in \(label), or that has an id of more than \(IDTable.maximumLength) bytes")
            }
            guard bytes.count - gap - 1 >= size else { throw wrong("it is cut short in \(label) of \(header.count)") }
            try add(bytes[at..<gap], label)
            for k in 0..<header.rank {
                let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: gap + 1 + 4 * k, as: UInt32.self))
                try add(Float(bitPattern: bits), label)
            }
            at = gap + 1 + size
        }
        try checkCount(header.count)
        guard bytes[at...].allSatisfy({ $0 == Self.newline }) else {
            throw wrong("its header says \(header.count) vectors, and \(bytes.count - at) bytes follow on those")
        }
    }

    // MARK: What is found

    private mutating func add(_ id: Slice<UnsafeRawBufferPointer>, _ label: String) throws {
        let problem = UnsafeRawBufferPointer(rebasing: id).withMemoryRebound(to: UInt8.self) {
            IDTable.problem(with: $0)
        }
        if let problem { throw wrong("in \(label), \(problem)") }
        let text = String(decoding: id, as: UTF8.self)
        if let before = known.updateValue(ids.count + 1, forKey: text) {
            throw wrong("the id \"\(text.prefix(80))\" is there twice, in vectors \(before) and \(ids.count + 1)")
        }
        ids.append(text)
    }

    private mutating func add(_ number: Float, _ label: String) throws {
        guard number.isFinite else { throw wrong("\(label) holds a number that is not finite") }
        numbers.append(number)
    }

    private func checkCount(_ stated: Int) throws {
        guard ids.count == stated else {
            throw wrong("it is cut short: its header says \(stated) vectors, and it has \(ids.count)")
        }
    }
}
