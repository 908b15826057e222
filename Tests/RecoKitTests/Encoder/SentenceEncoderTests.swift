import Testing

@testable import RecoKit

/// The encoder against numbers that Tests/Fixtures/encoder_reference.py computed in double precision.
@Suite struct SentenceEncoderTests {
    private static let tokens = [
        [7], [11, 30, 9, 9, 21, 5, 38], (0..<19).map { 7 * $0 % 35 + 4 },
    ]
    /// For each kind of `TinyBERT` and each text, how the vector begins; six digits are printed.
    private static let references: [[[Float]]] = [
        [
            [0.061535, -0.035586, -0.129506, 0.21321, -0.189328, -0.018812, 0.059094, -0.033864],
            [-0.14654, 0.029103, -0.031844, 0.204859, -0.099078, 0.356157, -0.056283, -0.00179],
            [0.15312, -0.045333, -0.070451, 0.06367, -0.115168, -0.030446, -0.093745, 0.009666],
        ],
        [
            [-0.230445, -0.213558, -0.018549, -0.105609, -0.020887, 0.196476, -0.063153, 0.336696],
            [0.100917, 0.024731, -0.179757, -0.320907, -0.027131, 0.15713, -0.197573, 0.072254],
            [0.245842, 0.329416, -0.183723, -0.414244, 0.045899, 0.064126, -0.072734, 0.019005],
        ],
        [
            [0.168529, -0.131981, 0.01412, -0.022417, -0.071323, 0.336309, -0.048801, 0.109949],
            [0.108736, -0.103913, -0.023338, 0.03786, -0.08338, 0.534127, 0.030769, 0.120752],
            [0.069774, -0.017999, -0.031085, 0.013312, -0.33902, 0.160628, -0.185572, -0.032484],
        ],
    ]

    private func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    @Test(arguments: TransformerKernels.Level.allCases)
    func vectorsEqualTheReferenceInEverySet(level: TransformerKernels.Level) throws {
        for (kind, expected) in zip(TinyBERT.kinds, Self.references) {
            var encoder = try kind.encoder()
            encoder.kernels = TransformerKernels(upTo: level)
            for (tokens, expected) in zip(Self.tokens, expected) {
                let vector = try #require(encoder.encode(TinyBERT.text(tokens)))
                #expect(vector.count == kind.hidden)
                for (found, expected) in zip(vector, expected) { #expect(abs(found - expected) < 2e-6) }
                #expect(abs(cosine(vector, vector) - 1) < 1e-5)
            }
        }
    }

    @Test(arguments: TransformerKernels.Level.allCases)
    func halfPrecisionAndBytesComeClose(level: TransformerKernels.Level) throws {
        for kind in TinyBERT.kinds {
            let exact = try kind.encoder()
            for (precision, least) in [(EncoderShape.Precision.float16, Float(0.99999)), (.int8, 0.995)] {
                var kind = kind
                kind.precision = precision
                var encoder = try kind.encoder()
                encoder.kernels = TransformerKernels(upTo: level)
                for tokens in Self.tokens {
                    let text = TinyBERT.text(tokens)
                    let near = try #require(encoder.encode(text))
                    #expect(cosine(near, try #require(exact.encode(text))) > least)
                }
            }
        }
    }

    @Test(arguments: EncoderShape.Precision.allCases)
    func aFileGivesWhatMemoryGives(precision: EncoderShape.Precision) throws {
        for var kind in TinyBERT.kinds {
            kind.precision = precision
            let encoder = try kind.encoder()
            let read = try #require(try SentenceEncoder(kind.file()))
            #expect(read.shape == encoder.shape)
            for tokens in Self.tokens {
                #expect(read.encode(TinyBERT.text(tokens)) == encoder.encode(TinyBERT.text(tokens)))
            }
        }
    }

    @Test(arguments: EncoderShape.Precision.allCases)
    func manyTextsGetTheVectorsThatEachGetsAlone(precision: EncoderShape.Precision) throws {
        var kind = TinyBERT.kinds[1]
        kind.precision = precision
        let encoder = try kind.encoder()
        let texts = (0..<300).map { number in
            TinyBERT.text((0..<number % 23).map { (number * 5 + $0 * 3) % 36 + 4 })
        }
        for threads in [1, 3] {
            var heard = 0
            let run = TrainingRun(threads: threads, progress: { _, done, _ in heard = done })
            let vectors = try encoder.encodeAll(texts.count, run: run, phase: "encoding") { Array(texts[$0].utf8) }
            #expect(heard == texts.filter { !$0.isEmpty }.count)
            for (number, text) in texts.enumerated() {
                let alone = encoder.encode(text) ?? [Float](repeating: 0, count: kind.hidden)
                #expect(Array(vectors[number * kind.hidden..<(number + 1) * kind.hidden]) == alone)
            }
        }
    }

    @Test func aTextWithNothingToReadHasNoVector() throws {
        let encoder = try TinyBERT().encoder()
        #expect(encoder.encode("") == nil)
        #expect(encoder.encode(" \u{0}\u{1}\u{301}\u{200B}\n") == nil)
        #expect(encoder.encode("unknown") != nil)
    }

    @Test func aTextOfAMegabyteIsCut() throws {
        let encoder = try TinyBERT().encoder()
        let beginning = String(repeating: "a b ", count: 20)
        let long = encoder.encode(beginning + String(repeating: "tea ", count: 1 << 18))
        #expect(long != nil && long == encoder.encode(beginning))
        #expect(encoder.encode(String(repeating: "x", count: 1 << 20)) == encoder.encode("unknown"))
    }

    @Test func scratchMemoryIsUsedAgain() throws {
        let encoder = try TinyBERT().encoder()
        let scratch = try #require(Scratch(itemCount: 0))
        var first = [Float](repeating: 0, count: encoder.dimension)
        var second = first
        for (text, vector) in [("a b c d e f g", true), ("h", false), ("a b c d e f g", true)] {
            var text = text
            text.withUTF8 {
                if vector { _ = encoder.encode($0, using: scratch, into: &first) }
                if !vector { _ = encoder.encode($0, using: scratch, into: &second) }
            }
        }
        #expect(first == encoder.encode("a b c d e f g"))
        #expect(second == encoder.encode("h"))
    }

    @Test func weightsThatDoNotFitTheirShapeAreRefused() throws {
        var weights = TinyBERT().weights
        weights.layers[1].query.weights.removeLast()
        #expect(
            throws: RecoError(
                .badData, "the encoder cannot be used: in layer 1, its query matrix has 1023 numbers instead of 1024")
        ) { try SentenceEncoder(weights, pieces: [], rules: TinyBERT.rules) }
        weights = TinyBERT().weights
        weights.words[5] = .nan
        #expect(throws: RecoError.self) { try SentenceEncoder(weights, pieces: [], rules: TinyBERT.rules) }
        weights = TinyBERT().weights
        weights.shape.heads = 5
        #expect(
            throws: RecoError(
                .badData, "the encoder cannot be used: its hidden size 32 is no multiple of its 5 heads")
        ) { try SentenceEncoder(weights, pieces: [], rules: TinyBERT.rules) }
    }
}
