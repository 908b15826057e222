import Testing

@testable import RecoKit

/// Encoder sections that lie: an error when the file is opened, or a vector that is worth nothing, but never a trap.
@Suite struct HostileEncoderTests {
    /// The sections of a small encoder with some of them replaced.
    private func file(
        _ precision: EncoderShape.Precision, without: Set<String> = [], _ replace: (String, inout [UInt8]) -> Void
    ) throws -> ModelFile {
        var kind = TinyBERT()
        kind.precision = precision
        return try kind.file().rewritten(without: without, replace)
    }

    @Test(arguments: EncoderShape.Precision.allCases)
    func missingSectionsAreSaid(precision: EncoderShape.Precision) throws {
        let names = try file(precision) { _, _ in }.sections.map(\.name).filter { $0.hasPrefix("encoder/") }
        #expect(names.count >= 10)
        for name in names where name != "encoder/shape" {
            let damaged = try file(precision, without: [name]) { _, _ in }
            #expect(throws: RecoError.self, "\(name)") { try SentenceEncoder(damaged) }
        }
        #expect(try SentenceEncoder(file(precision, without: ["encoder/shape"]) { _, _ in }) == nil)
    }

    @Test func sizesThatDoNotFitAreSaid() throws {
        for place in 0..<10 {
            for value in [UInt32.max, 0x7FFF_FFFF, 1 << 20, 0, 1, 3, 33] {
                let damaged = try file(.float32) { name, bytes in
                    guard name == "encoder/shape" else { return }
                    withUnsafeBytes(of: value) { for i in 0..<4 { bytes[4 * place + i] = $0[i] } }
                }
                // A few numbers make another encoder of the same size; whatever opens, answers.
                guard let encoder = try? SentenceEncoder(damaged) else { continue }
                _ = encoder.encode("a b c 1 2 3")
            }
        }
    }

    @Test(arguments: EncoderShape.Precision.allCases)
    func anyBytesInASectionGiveAVectorOrNone(precision: EncoderShape.Precision) throws {
        var generator = SeededGenerator(seed: 5)
        let names = try file(precision) { _, _ in }.sections.map(\.name).filter { $0 != "encoder/shape" }
        for name in names where name.hasPrefix("encoder/") {
            for fill in [UInt8(0), 0xFF, 0x7F, 1] {
                let damaged = try file(precision) { section, bytes in
                    guard section == name else { return }
                    for i in bytes.indices { bytes[i] = fill == 1 ? UInt8(generator.next() & 0xFF) : fill }
                }
                guard let encoder = try? SentenceEncoder(damaged) else { continue }
                let text = "a b c 1 2 3 unknown über"
                let vector = encoder.encode(text)
                #expect(vector?.allSatisfy(\.isFinite) ?? true)
                let many = try encoder.encodeAll(3, run: TrainingRun(threads: 1), phase: "") { _ in Array(text.utf8) }
                #expect(!many.contains { !$0.isFinite })
            }
        }
    }
}
