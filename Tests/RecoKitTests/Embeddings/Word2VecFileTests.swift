import Foundation
import RecoImport
import Testing

@testable import RecoKit

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/word2vec").path

private func read(_ text: String) throws -> WordVectors { try Word2VecFile(bytes: Data(text.utf8), name: "v").vectors }

/// The one sentence with which a file is refused.
private func refusal(_ bytes: Data) -> String? {
    do {
        _ = try Word2VecFile(bytes: bytes, name: "v").vectors.trainer()
        return nil
    } catch { return (error as? RecoError)?.message ?? "\(error)" }
}

private func refusal(_ text: String) -> String? { refusal(Data(text.utf8)) }

private let wrong = "v is no usable file of word2vec: "

@Test func bothOfGensimsFilesAreReadToTheBit() throws {
    let text = try Word2VecFile(path: folder + "/vectors.txt")
    let binary = try Word2VecFile(path: folder + "/vectors.bin")
    #expect(!text.isBinary && binary.isBinary)
    #expect(text.vectors.ids == binary.vectors.ids && Set(text.vectors.ids).isSuperset(of: ["42", "türkis", "rosé"]))
    #expect(text.vectors.numbers == binary.vectors.numbers && text.vectors.rank == 6)
}

@Test func importedVectorsFindWhatGensimFinds() throws {
    struct Alike: Decodable {
        let id: String
        let cosine: Double
        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            id = try list.decode(String.self)
            cosine = try list.decode(Double.self)
        }
    }
    let model = try Word2VecFile(path: folder + "/vectors.bin").vectors.trainer().model()
    let bytes = try #require(FileManager.default.contents(atPath: folder + "/alike.json"))
    for (id, alike) in try JSONDecoder().decode([String: [Alike]].self, from: bytes) {
        let hits = try model.similar(to: [id], limit: 7)
        #expect(hits.map(\.id) == alike.map(\.id))
        #expect(zip(hits, alike).allSatisfy { abs(Double($0.score) - $1.cosine) < 1e-5 })
        // A session of one item is the item.
        let session = try model.recommend(session: [SessionEvent(id)], limit: 7)
        #expect(session.map(\.id) == alike.map(\.id) && session.allSatisfy { $0.rung == .session })
        let reason = try model.explain(session[0], session: [SessionEvent(id)])
        #expect(reason.count == 1 && abs(reason[0].contribution - session[0].score) < 1e-5)
    }
}

@Test func whatIsExportedIsWhatWasImported() throws {
    for file in ["vectors.txt", "vectors.bin"] {
        let source = try Word2VecFile(path: "\(folder)/\(file)").vectors
        let exported = try WordVectors(source.trainer().model())
        #expect(exported.ids == source.ids && exported.numbers == source.numbers)
        for binary in [true, false] {
            let back = try Word2VecFile(bytes: exported.word2vec(binary: binary), name: "v")
            #expect(back.isBinary == binary)
            #expect(back.vectors.ids == source.ids && back.vectors.numbers == source.numbers)
        }
    }
}

@Test func numbersOfAllSizesSurviveAsText() throws {
    let numbers: [Float] = [.leastNonzeroMagnitude, -3.4e38, 0.1, 1 / 3, -0, 16_777_216, 1e-7, 123_456.79]
    let vectors = try WordVectors(ids: ["a", "b"], rank: 4, numbers: numbers)
    #expect(try Word2VecFile(bytes: vectors.word2vec(binary: false), name: "v").vectors.numbers == numbers)
}

@Test(arguments: [1e38, 3e20, 1e-22, 0x1p-130] as [Float])
func vectorsOfAnyLengthKeepTheirDirection(size: Float) throws {
    let plain: [Float] = [1, 2, 0.5, 0.9, 1.8, 0.7, -1, 0.3, 2, 0.2, -0.6, 3]
    let ids = ["a", "b", "c", "d"]
    let usual = try WordVectors(ids: ids, rank: 3, numbers: plain).trainer()
    #expect(usual.notes == [])
    // Two vectors of any size beside two usual ones.
    let sizes = plain.indices.map { $0 / 3 % 2 == 0 ? size : 1 }
    let odd = try WordVectors(ids: ids, rank: 3, numbers: zip(plain, sizes).map { $0 * $1 }).trainer()
    #expect(odd.notes.count == 1 && odd.notes[0].contains("length: 2 vectors; no cosine changes"), "\(odd.notes)")
    let (model, other) = try (usual.model(), odd.model())
    for id in ids {
        let (expected, found) = try (model.similar(to: [id], limit: 3), other.similar(to: [id], limit: 3))
        #expect(found.map(\.id) == expected.map(\.id) && found.count == 3)
        // Numbers that are nearly too small for a float have few digits left.
        let slack: Float = size < 1e-38 ? 1e-4 : 1e-5
        #expect(zip(found, expected).allSatisfy { abs($0.score - $1.score) < slack })
    }
}

@Test func spacesAndLineEndsOfOthersAreRead() throws {
    let vectors = try read("2 3 \r\n1021 1 -2.5e0 +3 \r\ngreen-tea\t4 5 6\r\n\n")
    #expect(vectors.ids == ["1021", "green-tea"] && vectors.numbers == [1, -2.5, 3, 4, 5, 6])
}

@Test func aHeaderThatIsWrongIsToldInOneSentence() {
    let start = "it does not start with a line that has the number of vectors and their length"
    for text in [
        "a b c\n", "2\na 1\n", "-1 3\na 1 2 3\n", "2 0\n", "x 3\n", "1 2 3\n", String(repeating: "9", count: 5000),
    ] {
        #expect(refusal(text) == wrong + start, "\(text.prefix(20))")
    }
    #expect(refusal("") == wrong + "it is empty")
    #expect(refusal("0 3\n") == wrong + "it holds no vector")
    #expect(refusal("1 99999\na 1\n") == "v has vectors of 99999 numbers; those of up to 1023 can be imported")
}

/// No memory is taken for what a header promises.
@Test func hugeCountsAreNotBelieved() {
    let huge = "9223372036854775807 1000\n"
    #expect(
        refusal(huge + "a 1 2\n") == wrong + "line 2 has 2 numbers, and the header says 1000")
    var binary = Data((huge + "a ").utf8)
    binary.append(contentsOf: [UInt8](repeating: 0, count: 400))
    #expect(refusal(binary) == wrong + "it is cut short in vector 1 of 9223372036854775807")
    #expect(refusal("9223372036854775808 3\na 1 2 3\n")?.hasPrefix(wrong + "it does not start") == true)
}

@Test func aTextThatIsCutShortOrGoesOnIsRefused() throws {
    #expect(refusal("3 2\na 1 2\nb 3 4\n") == wrong + "it is cut short: its header says 3 vectors, and it has 2")
    #expect(refusal("2 2\na 1 2\nb 3") == wrong + "line 3 has 1 numbers, and the header says 2")
    #expect(refusal("1 2\na 1 2\nb 3 4\n") == wrong + "its header says 1 vectors, and line 3 holds another one")
    #expect(refusal("2 2\na 1 2\n\nb 3 4\n") == wrong + "line 3 is empty")
    #expect(refusal("1 2\na\n") == wrong + "line 2 has no numbers")
    #expect(
        refusal("1 2\na 1 2.5")
            == wrong + "line 2 has no end: the file is cut short, or lacks its last line break")
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "/vectors.txt"))
    for length in stride(from: 0, to: whole.count - 20, by: 7) {
        #expect(refusal(whole.prefix(length)) != nil, "\(length) bytes")
    }
}

@Test func aBinaryFileThatIsCutShortOrGoesOnIsRefused() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "/vectors.bin"))
    #expect(refusal(whole) == nil)
    for length in 0..<whole.count { #expect(refusal(whole.prefix(length)) != nil, "\(length) bytes") }
    #expect(refusal(whole + Data("\n\n".utf8)) == nil)
    #expect(refusal(whole + Data("x".utf8)) == wrong + "its header says 8 vectors, and 1 bytes follow on those")
}

@Test func whatIsNoFiniteNumberIsRefused() throws {
    for field in ["nan", "inf", "-Infinity", "1e99", "0x10", "1,5", "--1", "1e"] {
        #expect(refusal("1 2\na 1 \(field)\n")?.contains("finite") == true, "\(field)")
    }
    for number in [Float.nan, .infinity] {
        var binary = Data("1 2\na ".utf8)
        for bits in [Float(1).bitPattern, number.bitPattern] {
            withUnsafeBytes(of: bits.littleEndian) { binary.append(contentsOf: $0) }
        }
        #expect(refusal(binary) == wrong + "vector 1 holds a number that is not finite")
    }
}

@Test func anIdThatIsThereTwiceOrCannotBeOneIsRefused() {
    #expect(refusal("3 1\na 1\nb 2\na 3\n") == wrong + "the id \"a\" is there twice, in vectors 1 and 3")
    #expect(refusal("1 1\n 5\n")?.hasPrefix(wrong + "in line 2, ") == true)
    #expect(refusal("1 1\n\(String(repeating: "x", count: 2000)) 5\n")?.hasPrefix(wrong + "in line 2, ") == true)
    #expect(
        refusal(Data("1 2\n".utf8 + [0xFF, 0xFE] + " \0\0\0\0\0\0\0\0".utf8))?.hasPrefix(wrong + "in vector 1, ")
            == true)
}

@Test func idsWithSpacesAreNotExported() throws {
    let vectors = try WordVectors(ids: ["green tea"], rank: 1, numbers: [1])
    #expect(throws: RecoError.self) { try vectors.word2vec(binary: false) }
}
