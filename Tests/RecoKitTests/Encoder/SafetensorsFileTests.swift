import Foundation
import Testing

@testable import RecoImport
@testable import RecoKit

@Suite struct SafetensorsFileTests {
    private let body = Data([0, 0, 128, 63, 0, 0, 0, 192])  // 1 and -2

    private func entry(_ type: String, _ shape: [Any], _ offsets: [Any]) -> [String: Any] {
        ["dtype": type, "shape": shape, "data_offsets": offsets]
    }

    private func message(_ header: [String: Any], _ body: Data? = nil) -> String {
        message(TinyBERT.safetensors(header: header, body: body ?? self.body))
    }

    private func message(_ bytes: Data) -> String {
        do {
            _ = try SafetensorsFile(bytes: bytes, name: "x")
            return "no error"
        } catch { return "\(error)" }
    }

    @Test func arraysAreReadInEveryTypeThatHoldsWeights() throws {
        let tensors: [String: TinyBERT.Tensor] = [
            "a": .init(shape: [2, 2], values: [1, -2, 0.5, 3.25]),
            "b": .init(shape: [3], values: [1, -0.000061, 65504], type: "F16"),
            "c": .init(shape: [2], values: [1.5, -1e30], type: "BF16"), "empty": .init(shape: [0, 4], values: []),
        ]
        let file = try SafetensorsFile(bytes: TinyBERT.safetensors(tensors), name: "x")
        #expect(try file.floats("a", shape: [2, 2]) == [1, -2, 0.5, 3.25])
        let halves = try file.floats("b", shape: [3])
        #expect(halves[0] == 1 && abs(halves[1] + 0.000061) < 1e-7 && halves[2] == 65504)
        let short = try file.floats("c", shape: [2])
        #expect(short[0] == 1.5 && abs(short[1] / -1e30 - 1) < 0.004)
        #expect(try file.floats("empty", shape: [0, 4]).isEmpty)
        #expect(throws: RecoError(.badData, "x holds no d")) { try file.floats("d", shape: [1]) }
        #expect(throws: RecoError(.badData, "a in x has the shape [2, 2] instead of [4]")) {
            try file.floats("a", shape: [4])
        }
    }

    @Test func typesThatHoldNoWeightsAreNamedWhenTheyAreRead() throws {
        let bytes = TinyBERT.safetensors(header: ["ids": entry("I64", [1], [0, 8])], body: body)
        let file = try SafetensorsFile(bytes: bytes, name: "x")
        #expect(throws: RecoError(.badData, "ids in x is of type I64; F32, F16 and BF16 can be read")) {
            try file.floats("ids", shape: [1])
        }
    }

    @Test func aHeaderThatLiesIsFoundOut() {
        let start = "x is no usable safetensors file: "
        #expect(message(Data()) == start + "it has only 0 bytes")
        for length in [UInt64.max, 1 << 63, 100, 1 << 40] {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}".utf8)
            #expect(message(bytes) == start + "its header would have \(length) bytes, and the file has 10")
        }
        #expect(message(["a": entry("F32", [3], [0, 12])]) == start + "a lies outside the file")
        #expect(message(["a": entry("F32", [1], [8, 4])]) == start + "a lies outside the file")
        #expect(message(["a": entry("F32", [1], [-4, 0])]).contains("lacks dtype, shape or data_offsets"))
        #expect(message(["a": entry("F32", [1.5], [0, 4])]).contains("lacks dtype, shape or data_offsets"))
        #expect(message(["a": entry("F32", ["1"], [0, 4])]).contains("lacks dtype, shape or data_offsets"))
        #expect(message(["a": ["dtype": "F32"]]).contains("the entry of a lacks"))
        #expect(message(["a": 3]).contains("the entry of a lacks"))
        #expect(
            message(["a": entry("F32", [3], [0, 8])]) == start
                + "a takes 8 bytes, and its shape [3] of F32 would take 12")
        #expect(
            message(["a": entry("F32", [1 << 40, 1 << 40], [0, 8])])
                == start + "the shape of a is too large for any file")
        #expect(message(["a": entry("Q7", [2], [0, 8])]) == start + "a has the unknown type Q7")
        #expect(message(["a": entry("F32", [2], [0, 8]), "b": entry("F32", [1], [4, 8])]).contains("shares bytes"))
        #expect(message(["a": entry("F32", [2], [0, 8])]) == "no error")
    }

    @Test func aHeaderThatIsNoJSONIsSaid() {
        for text in ["", "{", "[]", "nothing", "{\"a\":}", String(repeating: "[", count: 100_000), "\u{0}\u{0}"] {
            let bytes = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) } + Data(text.utf8)
            #expect(message(bytes).contains("its header is no JSON object"))
        }
    }

    @Test func aFileThatIsMissingIsSaid() {
        #expect(throws: RecoError.self) { try SafetensorsFile(path: "/nowhere/model.safetensors") }
        #expect(throws: RecoError.self) { try SafetensorsFile(path: "/") }
    }
}
