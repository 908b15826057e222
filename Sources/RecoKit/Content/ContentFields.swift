/// A field of the products' text: which attributes it is made of, and what a word in it counts.
struct ContentField: Sendable, Equatable {
    var name: String
    var weight: Double
    /// How much a long text counts less: 0 not at all, 1 in full.
    var b: Double
    /// The attributes whose values, one after the other, are the field's text.
    var attributes: [String] = []
}

/// Which attributes of a catalogue are searched: the setting `fields`, and the names that shops give their columns.
///
///     title=3, brand=2:0.3, description=0.5     weight, and b after a colon
///
/// A name of `synonyms` stands for all columns of that meaning; another one for the column of that name. Usual fields
/// without a column are left out; if none is left, all columns of text are one field.
struct ContentFields: Sendable, Equatable {
    private(set) var fields: [ContentField]

    /// Chosen on the judged queries of the ESCI sample; cross-validation over 200 others found none that is better.
    static let usual = "title=5,brand=3,category=2,color=1,tags=1,features=1,description=1"

    /// The names of columns, in lower case and with "_" for whatever stands between words, that mean the same.
    static let synonyms: [(field: String, names: [String])] = [
        ("title", ["title", "name", "product_title", "product_name", "item_name", "titel", "titre", "titulo"]),
        ("brand", ["brand", "manufacturer", "vendor", "maker", "brand_name", "marke", "marque", "marca"]),
        ("features", ["features", "bullet_points", "bullets", "highlights", "specifications"]),
        ("category", ["category", "categories", "department", "product_type", "category_path", "kategorie"]),
        ("color", ["color", "colour", "farbe", "couleur", "colore", "kleur", "cor"]),
        ("tags", ["tags", "keywords"]),
        (
            "description",
            ["description", "short_description", "long_description", "product_description", "body", "text", "about"]
        ),
    ]

    /// Reads the setting. Throws one sentence if it makes no sense.
    init(_ setting: String, b: Double) throws {
        fields = []
        for part in setting.split(separator: ",") {
            func wrong() -> RecoError {
                RecoError(.invalidArgument, "fields has \"\(part)\"; it takes name=weight, or name=weight:b, and so on")
            }
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw wrong() }
            let name = Self.trimmed(sides[0])
            let numbers = sides[1].split(separator: ":", omittingEmptySubsequences: false).map {
                Double(Self.trimmed($0))
            }
            guard !name.isEmpty, numbers.count <= 2, let weight = numbers[0], weight > 0, weight <= 1000 else {
                throw wrong()
            }
            var own = b
            if numbers.count == 2 {
                guard let number = numbers[1], number >= 0, number <= 1 else { throw wrong() }
                own = number
            }
            guard !fields.contains(where: { $0.name == name }) else {
                throw RecoError(.invalidArgument, "fields names \"\(name)\" twice")
            }
            fields.append(ContentField(name: name, weight: weight, b: own))
        }
        guard !fields.isEmpty, fields.count <= InvertedIndex.maximumFields else {
            throw RecoError(
                .invalidArgument, "fields takes 1 to \(InvertedIndex.maximumFields) names with their weights")
        }
    }

    /// Fields that are known already, as they stand in a model file: a line "weight <tab> b <tab> name <tab> attribute ..."
    /// each.
    init?(lines: String) {
        fields = []
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: "\t").map(String.init)
            guard parts.count >= 4, let weight = Double(parts[0]), let b = Double(parts[1]) else { return nil }
            fields.append(ContentField(name: parts[2], weight: weight, b: b, attributes: Array(parts[3...])))
        }
        guard !fields.isEmpty, fields.count <= InvertedIndex.maximumFields else { return nil }
    }

    var lines: String {
        fields.map { "\($0.weight)\t\($0.b)\t\($0.name)\t\($0.attributes.joined(separator: "\t"))\n" }.joined()
    }

    /// The same fields with the columns of a catalogue. Those without any are left out of the usual ones; of those that
    /// somebody names, each should be there.
    func resolved(_ catalog: Catalog, isUsual: Bool) throws -> ContentFields {
        let columns = catalog.attributes.filter { $0.hasValues }.map(\.name)
        var result = self
        result.fields = try fields.compactMap { field in
            var found = field
            found.attributes = try Self.attributes(field.name, of: columns, setting: "fields", isUsual: isUsual)
            return found.attributes.isEmpty ? nil : found
        }
        if result.fields.isEmpty {
            let texts = catalog.attributes.filter { $0.hasValues && $0.storedKind == .text }.map(\.name)
            guard !texts.isEmpty else {
                let names = columns.isEmpty ? "no attributes at all" : "only " + columns.joined(separator: ", ")
                throw RecoError(
                    .badData, "the catalogue has no text to search: \(names); the setting fields says which to take")
            }
            result.fields = [ContentField(name: "text", weight: 1, b: fields[0].b, attributes: texts)]
        }
        return result
    }

    /// The columns that a name in a setting stands for, in the order of the synonyms: a title comes before a name. Where
    /// somebody names them, there should be one.
    static func attributes(_ name: String, of columns: [String], setting: String, isUsual: Bool) throws -> [String] {
        let names = synonyms.first { $0.field == plain(name) }?.names ?? [plain(name)]
        let found = names.flatMap { name in columns.filter { plain($0) == name } }
        guard isUsual || !found.isEmpty else {
            let known = columns.isEmpty ? "none" : columns.joined(separator: ", ")
            throw RecoError(
                .invalidArgument, "\(setting) names \(name), but the catalogue has no such column; it has \(known)")
        }
        return found
    }

    /// A name as names are compared.
    private static func plain(_ name: String) -> String {
        String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
