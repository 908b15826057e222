/// What is known about items (or users) besides events: attributes by name, in columns.
public final class Catalog: @unchecked Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case text, number, category, tags
    }

    public struct Attribute: Sendable {
        public let name: String
        public internal(set) var kind: Kind?  // nil: found out from the values
        fileprivate(set) var rows: [UInt32] = []
        fileprivate(set) var values = TextList()

        var hasValues: Bool { values.count > 0 }

        init(name: String, kind: Kind?) {
            self.name = name
            self.kind = kind
        }
    }

    /// The names of attributes, in lower case, that say what kind of thing an item is, and who makes it: the first that
    /// is there counts.
    static let categoryNames = ["category", "categories", "department"]
    static let brandNames = ["brand", "manufacturer", "vendor"]

    public private(set) var attributes: [Attribute] = []

    public init() {}

    /// The place of an attribute among `attributes`; a new one is added. A type may follow the name: "price:number".
    public func attribute(named header: String) throws -> Int {
        let parts = header.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        var kind: Kind?
        if parts.count == 2 {
            kind = Kind(rawValue: parts[1])
            if kind == nil {
                let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw RecoError(.badData, "attribute \(name) cannot be of type \"\(parts[1])\"; there are \(known)")
            }
        }
        guard !name.isEmpty, name.utf8.count <= 64, !name.utf8.contains(where: { $0 < 0x20 }) else {
            throw RecoError(.badData, "an attribute's name has 1 to 64 bytes and no control characters")
        }
        if let place = attributes.firstIndex(where: { $0.name == name }) {
            if let kind { attributes[place].kind = kind }
            return place
        }
        guard attributes.count < 256 else { throw RecoError(.badData, "more than 256 attributes") }
        attributes.append(Attribute(name: name, kind: kind ?? Self.usualKind(name)))
        return attributes.count - 1
    }

    /// Gives row `row` a value; a later one replaces it. An empty value is no value.
    public func set(_ attribute: Int, row: UInt32, to value: UnsafeBufferPointer<UInt8>) {
        guard !value.isEmpty else { return }
        attributes[attribute].rows.append(row)
        attributes[attribute].values.append(value)
    }

    public func set(_ attribute: Int, row: UInt32, to value: String) {
        var value = value
        value.withUTF8 { set(attribute, row: row, to: $0) }
    }

    /// Whether there are words to search: a text such as a title.
    var hasText: Bool { attributes.contains { $0.kind == .text && $0.hasValues && $0.name.lowercased() != "url" } }

    private static func usualKind(_ name: String) -> Kind? {
        switch name.lowercased() {
        case "title", "description", "name", "url", "image": .text
        case "category", "brand", "department": .category
        case "tags": .tags
        case "price", "stock": .number
        default: nil
        }
    }
}

/// Many short texts in one block of memory.
struct TextList: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    var count: Int { ends.count }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    /// Where a text lies in `bytes`.
    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }
}
