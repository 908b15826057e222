/// What users or items are made of, for a model that learns a vector for each part: themselves, and the values of their
/// attributes.
struct RowFeatures {
    let rows: SparseRows  // (rows, features)
    /// How many of the first features are the rows themselves: all, or none.
    let identityCount: Int
    /// The other features, in order: the attribute's name, a tab, and the value.
    let names: TextList
    /// What somebody should know about what was left out.
    let notes: [String]

    static let usual = "identity,all"
    static let form = "identity,all,NAME,..."
    private static let separator = UInt8(ascii: "\t")
    /// Texts that say where something is, and not what it is.
    private static let addresses = ["url", "image"]

    /// - Parameters:
    ///   - what: "items" or "users", for messages.
    ///   - wanted: "identity", "all" for every attribute, or names of attributes, joined by commas.
    init(
        _ catalog: Catalog, of what: String, wanted: String, setting: String, rowCount: Int,
        _ limits: AttributeValues.Limits
    ) throws {
        let (hasIdentity, attributes) = try Self.choose(catalog, of: what, wanted: wanted, setting: setting)
        var names = TextList()
        var notes: [String] = []
        var parts: [(values: AttributeValues, first: Int)] = []
        identityCount = hasIdentity ? rowCount : 0
        for attribute in attributes {
            let values = try AttributeValues(attribute, rowCount: rowCount, limits)
            if values.sharedCount > values.names.count {
                notes.append(
                    "\(attribute.name) of \(what) has \(values.sharedCount) values; the \(values.names.count) that most "
                        + "\(what) have are learned, the others say nothing")
            }
            parts.append((values, identityCount + names.count))
            for code in 0..<values.names.count {
                let name = Array(attribute.name.utf8) + [Self.separator] + values.names[code]
                name.withUnsafeBufferPointer { names.append($0) }
            }
        }
        guard identityCount + names.count < Int(UInt32.max) else {
            throw RecoError(.badData, "\(what) have more than four billion features")
        }
        var (offsets, columns, features): ([Int], [UInt32], [Float]) = ([0], [], [])
        for row in 0..<rowCount {
            if hasIdentity {
                columns.append(UInt32(row))
                features.append(1)
            }
            for (values, first) in parts {
                for entry in values.offsets[row]..<values.offsets[row + 1] {
                    columns.append(UInt32(first) + values.codes[entry])
                    features.append(values.weights[entry])
                }
            }
            offsets.append(columns.count)
        }
        rows = SparseRows(
            offsets: offsets, columns: columns, values: features, columnCount: identityCount + names.count)
        self.names = names
        self.notes = notes
    }

    /// Which features of a row are made of attributes.
    func attributes(of row: Int) -> Range<Int> {
        let range = rows.range(row)
        return range.lowerBound + (identityCount > 0 ? 1 : 0)..<range.upperBound
    }

    private static func choose(
        _ catalog: Catalog, of what: String, wanted: String, setting: String
    ) throws -> (hasIdentity: Bool, attributes: [Catalog.Attribute]) {
        let there = catalog.attributes.filter { $0.hasValues }
        var (hasIdentity, attributes) = (false, [Catalog.Attribute]())
        func take(_ attribute: Catalog.Attribute) {
            if !attributes.contains(where: { $0.name == attribute.name }) { attributes.append(attribute) }
        }
        let parts = wanted.split(separator: ",").map(ContentFields.trimmed).filter { !$0.isEmpty }
        guard !parts.isEmpty else {
            throw RecoError(.invalidArgument, "\(setting) names no feature; it takes \(form)")
        }
        for name in parts {
            switch name {
            case "identity": hasIdentity = true
            case "all":
                for attribute in there where !addresses.contains(attribute.name.lowercased()) { take(attribute) }
            default:
                guard
                    let attribute = there.first(where: { $0.name == name })
                        ?? there.first(where: { $0.name.lowercased() == name.lowercased() })
                else {
                    let known = there.isEmpty ? "none" : there.map(\.name).joined(separator: ", ")
                    throw RecoError(
                        .invalidArgument,
                        "\(setting) names \(name), but \(what) have no such attribute; they have \(known)")
                }
                take(attribute)
            }
        }
        return (hasIdentity, attributes)
    }
}
