import RecoKit

/// Cuts whatever bytes the fuzzer makes up into pieces, by the rules that the first byte names, and encodes them. A text
/// has at least the two tokens that begin and end it, never more than asked for, and only such as the vocabulary has.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWordPiece(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let encoder = encoders[Int(data[0] & 7)]
    let text = UnsafeBufferPointer(start: data + 1, count: size - 1)
    let whole = encoder.tokens(of: text, limit: 64)
    precondition(whole.count >= 2 && whole.count <= 64)
    precondition(whole.allSatisfy { $0 < encoder.shape.words } && whole.first == 2 && whole.last == 3)
    for limit in [2, 3, 7] {
        let cut = encoder.tokens(of: text, limit: limit)
        precondition(cut.dropLast().elementsEqual(whole.dropLast().prefix(limit - 1)))
    }
    let vector = encoder.encode(String(decoding: text, as: UTF8.self))
    precondition((vector == nil) == (whole.count == 2))
    return 0
}

/// Encoders that differ in their rules: lower case, accents off, ideographs apart.
private let encoders: [SentenceEncoder] = (0..<8).map { bits in
    let letters = "abcdefghijklmnopqrstuvwxyzABCéßßαжか中国각\u{301}.,!?#$".unicodeScalars.map { String($0) }
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + letters + letters.map { "##\($0)" } + ["the", "tea", "##pot"]
    func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 7) / 7 - 0.4 } }
    func dense(_ outputs: Int, _ inputs: Int) -> EncoderWeights.Dense {
        .init(weights: ramp(outputs * inputs), biases: ramp(outputs))
    }
    let norm = EncoderWeights.Norm(gamma: [Float](repeating: 1, count: 4), beta: ramp(4))
    let shape = EncoderShape(
        hidden: 4, layers: 1, heads: 2, intermediate: 4, positions: 64, words: pieces.count, activation: .gelu,
        pooling: .mean, precision: .float32, longestText: 64, epsilon: 1e-12)
    let weights = EncoderWeights(
        shape: shape, words: ramp(pieces.count * 4), positions: ramp(64 * 4), norm: norm,
        layers: [
            .init(
                query: dense(4, 4), key: dense(4, 4), value: dense(4, 4), attentionOutput: dense(4, 4),
                attentionNorm: norm, intermediate: dense(4, 4), output: dense(4, 4), outputNorm: norm)
        ])
    return try! SentenceEncoder(
        weights, pieces: pieces.map { Array($0.utf8) },
        rules: TokenizerRules(
            lowercases: bits & 1 != 0, stripsMarks: bits & 2 != 0, separatesIdeographs: bits & 4 != 0, first: 2,
            last: 3,
            unknown: 1))
}
