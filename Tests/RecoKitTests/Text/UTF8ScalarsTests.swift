import Testing

@testable import RecoKit

@Suite struct UTF8ScalarsTests {
    private func scalars(_ bytes: [UInt8]) -> (scalars: [UInt32], replaced: Int) {
        bytes.withUnsafeBufferPointer { bytes in
            var decoder = UTF8Scalars(bytes)
            var found: [UInt32] = []
            while let scalar = decoder.next() { found.append(scalar) }
            return (found, decoder.replacedCount)
        }
    }

    @Test func anyBytesDecodeAsTheStandardLibraryDecodesThem() {
        var generator = SeededGenerator(seed: 6)
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
            0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<generator.nextIndex(12)).map { _ in edges[generator.nextIndex(edges.count)] }
            let expected = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
            let found = scalars(bytes)
            #expect(found.scalars == expected)
            #expect(found.replaced == expected.filter { $0 == 0xFFFD }.count)
        }
    }

    @Test func aTextIsCutBetweenCharacters() {
        for character in ["a", "é", "€", "😀"] {
            let bytes = Array(repeating: Array(character.utf8), count: 5).flatMap { $0 }
            for limit in 0...bytes.count + 3 {
                let kept = min(limit, bytes.count) / character.utf8.count
                #expect(bytes.firstCharacters(limit).elementsEqual(bytes.prefix(kept * character.utf8.count)))
                #expect(bytes[1...].firstCharacters(limit).count <= limit)
            }
        }
        #expect([UInt8](repeating: 0x80, count: 20).firstCharacters(7).count == 7)
        #expect([UInt8]().firstCharacters(7).isEmpty)
    }

    @Test func everyScalarComesBackFromItsBytes() {
        for value in stride(from: UInt32(0), to: 0x110000, by: 97) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var bytes = [UInt8](repeating: 0, count: 4)
            let length = encodeUTF8(value, into: &bytes, room: 4)
            #expect(Array(bytes[0..<length]) == Array(String(Character(scalar)).utf8))
            #expect(encodeUTF8(value, into: &bytes, room: length - 1) == 0)
            #expect(scalars(Array(bytes[0..<length])).scalars == [value])
        }
    }
}
