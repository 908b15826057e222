/// Names and values that describe a model: lines of "name = value" in the section `description`.
public struct ModelDescription: Sendable {
    public let entries: [(name: String, value: String)]

    /// What the description of a file says; nothing if it has none.
    public init(_ file: ModelFile) {
        let text = file.text("description") ?? ""
        entries = text.split(separator: "\n").compactMap { line in
            guard let equals = line.firstIndex(of: "=") else { return nil }
            let name = line[..<equals]
            let value = line[line.index(after: equals)...]
            return (String(name.prefix { $0 != " " }), String(value.drop { $0 == " " }))
        }
    }

    public subscript(name: String) -> String? { entries.first { $0.name == name }?.value }

    /// The models in the file, the preferred one first.
    public var models: [String] { (self["models"] ?? "").split(separator: ",").map(String.init) }
}

extension ModelWriter {
    /// Writes the section `description`.
    func addDescription(_ entries: [(name: String, value: String)]) throws {
        try add("description", text: entries.map { "\($0.name) = \($0.value)\n" }.joined())
    }

    /// Begins a file that holds one part and nothing else, no users and no items.
    ///
    /// - Parameter notes: what the description shall say besides, such as where the part comes from.
    func addDescription(ofPart kind: String, notes: [(name: String, value: String)]) throws {
        try addDescription([("reco", "\(recoVersion)"), ("holds", kind)] + notes)
    }
}
