import Foundation
import RecoKit

/// A file that holds one JSON object, such as config.json.
struct JSONFile {
    let path: String
    private let members: [String: Any]

    /// Nil if there is no such file.
    init?(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw RecoError(.system, "cannot read \(path)")
        }
        guard let members = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
            throw RecoError(.badData, "\(path) is no JSON object")
        }
        self.path = path
        self.members = members
    }

    private init(path: String, members: [String: Any]) { (self.path, self.members) = (path, members) }

    /// The object under a name; nil if there is none.
    func object(_ name: String) -> JSONFile? {
        (members[name] as? [String: Any]).map { JSONFile(path: path, members: $0) }
    }

    func objects(_ name: String) -> [JSONFile] {
        (members[name] as? [[String: Any]] ?? []).map { JSONFile(path: path, members: $0) }
    }

    var names: [String] { members.keys.sorted() }

    func text(_ name: String) -> String? { members[name] as? String }

    /// Nil if it is missing or null.
    func flag(_ name: String) -> Bool? { members[name] as? Bool }

    /// Nil if it is missing or null.
    func number(_ name: String) throws -> Double? {
        guard let value = members[name], !(value is NSNull) else { return nil }
        guard let number = Self.number(value) else { throw RecoError(.badData, "\(name) in \(path) is no number") }
        return number.doubleValue
    }

    /// A whole number from 0; nil if there is none.
    func integer(_ name: String) throws -> Int? {
        guard let value = members[name], !(value is NSNull) else { return nil }
        guard let number = Self.number(value), number.doubleValue >= 0, number.doubleValue <= 1e9,
            let integer = Int(exactly: number)
        else { throw RecoError(.badData, "\(name) in \(path) is no whole number that makes sense") }
        return integer
    }

    /// Foundation takes true and false for numbers too; they are none here.
    private static func number(_ value: Any) -> NSNumber? {
        (value as? NSNumber).flatMap { String(cString: $0.objCType) == "c" ? nil : $0 }
    }

    func requiredInteger(_ names: String...) throws -> Int {
        for name in names { if let number = try integer(name) { return number } }
        throw RecoError(.badData, "\(path) does not say \(names[0])")
    }
}
