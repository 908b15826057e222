import Foundation
import RecoKit

/// A folder of columns: npy files and a manifest that says how they belong together (docs/column-folders.md). What a
/// cluster prepares or learns comes this way.
///
/// Opening reads the manifest. A column is mapped when it is asked for, its length compared with the manifest's and its
/// sum with what was written.
public struct ColumnFolder {
    struct Part: Codable {
        var name: String
        var count: Int
        var sums: [String: String]
    }

    struct IDs: Codable {
        var type: String
        var parts: [Part]

        var count: Int { parts.reduce(0) { $0 + $1.count } }
    }

    /// A number or a word.
    enum Entry: Codable {
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .number(let number): try value.encode(number)
            case .text(let text): try value.encode(text)
            }
        }
    }

    struct Manifest: Codable {
        var format = ColumnFolder.format
        var version = ColumnFolder.version
        var kind: String
        var kinds: [String]?
        var users: IDs?
        var items: IDs?
        var baskets: IDs?
        var parts: [Part]?
        var model: String?
        var rank: Int?
        var objective: [String: Entry]?
    }

    static let format = "reco columns"
    static let version = 1
    static let manifestName = "manifest.json"
    /// Rows are 32-bit numbers, and the last of these mean none.
    private static let mostRows = 1 << 32 - 16

    public let path: String
    let manifest: Manifest

    /// What the folder holds: "events", "vectors", "neighbors".
    public var kind: String { manifest.kind }

    /// Whether a path is a folder, and so to be read as one of columns.
    public static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    public init(path: String) throws {
        self.path = path
        guard Self.isFolder(path) else { throw RecoError(.badData, "\(path) is no folder of columns") }
        let file = "\(path)/\(Self.manifestName)"
        guard FileManager.default.fileExists(atPath: file) else {
            throw RecoError(
                .badData,
                "\(path) has no \(Self.manifestName): it is no folder of columns, or whoever was to write it did not finish"
            )
        }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw RecoError(.system, "cannot read \(file)")
        }
        guard let members = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any],
            members["format"] as? String == Self.format
        else { throw RecoError(.badData, "\(file) is no manifest of a folder of columns") }
        guard let version = members["version"] as? Int, version == Self.version else {
            throw RecoError(
                .newerVersion,
                "\(path) has columns of version \(members["version"] ?? "none"); \(Self.version) can be read")
        }
        do {
            manifest = try JSONDecoder().decode(Manifest.self, from: bytes)
        } catch DecodingError.keyNotFound(let key, let context) {
            throw RecoError(.badData, "\(file) lacks \(Self.place(context.codingPath + [key]))")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context)
        {
            throw RecoError(
                .badData, "\(file) has something else than is expected in \(Self.place(context.codingPath))")
        }
        for part in allParts where !(0...1 << 40).contains(part.count) || part.name.isEmpty || part.name.contains("/") {
            throw RecoError(.badData, "\(file) names the part \"\(part.name)\" with \(part.count) rows")
        }
        let names = allParts.map(\.name)
        if let twice = Dictionary(grouping: names, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
            throw RecoError(.badData, "\(file) names the part \"\(twice)\" twice")
        }
        guard manifest.kinds?.count ?? 0 <= 255 else {
            throw RecoError(.badData, "\(file) lists \(manifest.kinds?.count ?? 0) kinds of events")
        }
        for (label, ids) in [("users", manifest.users), ("items", manifest.items), ("baskets", manifest.baskets)] {
            guard let ids else { continue }
            guard ids.count < Self.mostRows else {
                throw RecoError(.unsupported, "\(path) has \(ids.count) \(label); up to 4 billion can be read")
            }
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }

    private var allParts: [Part] {
        [manifest.users, manifest.items, manifest.baskets].flatMap { $0?.parts ?? [] } + (manifest.parts ?? [])
    }

    func wrong(_ what: String) -> RecoError { RecoError(.badData, "the columns in \(path): \(what)") }

    /// A column of a part: `width` numbers for each of `rows`.
    func column<Number: ColumnElement>(
        _ label: String, of part: Part, _ type: Number.Type, _ element: NPYArray.Element, rows: Int, width: Int = 1
    ) throws -> Column<Number> {
        guard let sum = part.sums[label] else { throw wrong("\(part.name) lists no column \(label)") }
        let file = "\(path)/\(part.name).\(label).npy"
        guard FileManager.default.fileExists(atPath: file) else {
            throw wrong("\(part.name).\(label).npy is missing")
        }
        let array = try NPYArray(path: file)
        let shape = width == 1 && array.shape.count < 2 ? [rows] : [rows, width]
        guard array.shape == shape else {
            throw wrong("\(part.name).\(label).npy has the shape \(array.shape), and the manifest says \(shape)")
        }
        guard let column = array.column(type, element) else {
            throw wrong(
                array.isColumnMajor
                    ? "\(part.name).\(label).npy lies column after column (Fortran order), not row after row"
                    : "\(part.name).\(label).npy holds numbers of the type \(array.element.rawValue), not \(element.rawValue)"
            )
        }
        guard sum64(array.raw) == UInt64(sum) else {
            throw wrong("\(part.name).\(label).npy is not what was written: its sum differs from the manifest's")
        }
        return column
    }

    /// The ids of a table, all parts together.
    func idColumn(_ ids: IDs, called label: String) throws -> IDColumn {
        switch ids.type {
        case "integers":
            let columns = try ids.parts.map { try column("ids", of: $0, Int64.self, .int64, rows: $0.count) }
            return .integers(columns.count == 1 ? columns[0] : Column(columns.flatMap { $0.toArray() }))
        case "texts":
            var bytes: [UInt8] = []
            var offsets: [UInt64] = [0]
            offsets.reserveCapacity(ids.count + 1)
            for part in ids.parts {
                let own = try column("offsets", of: part, Int64.self, .int64, rows: part.count + 1)
                let end = part.count == 0 ? 0 : own[part.count]
                let text = try column("bytes", of: part, UInt8.self, .uint8, rows: Int(max(0, min(end, 1 << 48))))
                guard own[0] == 0, (0..<part.count).allSatisfy({ own[$0] <= own[$0 + 1] }) else {
                    throw wrong("the offsets of \(part.name) do not ascend from 0")
                }
                let base = UInt64(bytes.count)
                for row in 0..<part.count { offsets.append(base + UInt64(own[row + 1])) }
                bytes.append(contentsOf: text.toArray())
            }
            return .texts(Column(bytes), offsets: Column(offsets))
        default:
            throw wrong("the type of \(label) is \"\(ids.type)\"; known are integers and texts")
        }
    }
}

/// The sum of some bytes as little-endian 64-bit words, the last one filled up with zeros: what tells a file that is not
/// what was written. Modulo 2^64; as fast as memory.
func sum64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sums: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    let words = bytes.count / 8
    var word = 0
    while word &+ 4 <= words {
        sums.0 &+= bytes.loadUnaligned(fromByteOffset: 8 &* word, as: UInt64.self)
        sums.1 &+= bytes.loadUnaligned(fromByteOffset: 8 &* word &+ 8, as: UInt64.self)
        sums.2 &+= bytes.loadUnaligned(fromByteOffset: 8 &* word &+ 16, as: UInt64.self)
        sums.3 &+= bytes.loadUnaligned(fromByteOffset: 8 &* word &+ 24, as: UInt64.self)
        word &+= 4
    }
    var sum = sums.0 &+ sums.1 &+ sums.2 &+ sums.3
    while word < words {
        sum &+= bytes.loadUnaligned(fromByteOffset: 8 &* word, as: UInt64.self)
        word &+= 1
    }
    let rest = bytes[(8 * words)...]
    return sum &+ rest.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
