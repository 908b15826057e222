import Foundation
import Testing

/// The models that Tests/Fixtures/trees_reference.py had XGBoost and LightGBM make, and what they predict.
enum TreeReference {
    struct Case: Decodable, CustomTestStringConvertible {
        let name: String
        let files: [String]
        let rows: [Float?]  // (rows, 4); nil: missing
        let raw: [Double]
        let predictions: [Double]

        var numbers: [Float] { rows.map { $0 ?? .nan } }
        var testDescription: String { name }
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/trees")

    static let cases: [Case] = {
        let bytes = (try? Data(contentsOf: folder.appendingPathComponent("predictions.json"))) ?? Data()
        return (try? JSONDecoder().decode([Case].self, from: bytes)) ?? []
    }()

    static func bytes(_ file: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(file)) }
    static func text(_ file: String) throws -> String { String(decoding: try bytes(file), as: UTF8.self) }
}
