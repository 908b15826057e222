@testable import RecoKit

extension TextAnalyzer {
    /// The words of a text, as they are cut.
    func cut(_ text: String) -> [String] { cut(Array(text.utf8)) }

    func cut(_ bytes: [UInt8]) -> [String] {
        var found: [String] = []
        bytes.withUnsafeBufferPointer { words($0) { found.append(String(decoding: $0.bytes, as: UTF8.self)) } }
        return found
    }

    /// The terms of a text: without stop words, stemmed, without accents.
    func terms(_ text: String) -> [String] {
        var found: [String] = []
        Array(text.utf8).withUnsafeBufferPointer {
            words($0) { if let term = term(of: $0) { found.append(String(decoding: term, as: UTF8.self)) } }
        }
        return found
    }
}
