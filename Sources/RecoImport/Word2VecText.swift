import Foundation
import RecoKit

extension WordVectors {
    /// The vectors as word2vec and gensim read them, as text or binary. Throws `unsupported` if an id holds a space or
    /// another character at which those would cut it.
    public func word2vec(binary: Bool) throws -> Data {
        var data = Data("\(ids.count) \(rank)\n".utf8)
        for (row, id) in ids.enumerated() {
            if let cut = id.unicodeScalars.first(where: \.properties.isWhitespace) {
                throw RecoError(
                    .unsupported,
                    "the id \"\(id)\" holds a space (U+\(String(cut.value, radix: 16, uppercase: true))), at which "
                        + "readers of word2vec's format would cut it")
            }
            let vector = numbers[row * rank..<(row + 1) * rank]
            data.append(contentsOf: id.utf8)
            if binary {
                data.append(UInt8(ascii: " "))
                for number in vector {
                    withUnsafeBytes(of: number.bitPattern.littleEndian) { data.append(contentsOf: $0) }
                }
            } else {
                for number in vector { data.append(contentsOf: " \(number)".utf8) }
            }
            data.append(UInt8(ascii: "\n"))
        }
        return data
    }
}
