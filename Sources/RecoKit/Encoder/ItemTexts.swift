/// What a sentence encoder reads of each item: a headline made of short attributes, and one longer text about it.
struct ItemTexts {
    private let headline: [AttributeTexts]
    private let details: [AttributeTexts]

    static let usual = "title,brand,color"
    /// Bullet points before other features, and the short description before the long one, where an item has both.
    static let usualDetails = "bullet_points,features,short_description,description"

    /// - Parameters:
    ///   - fields: the names of what makes the headline, joined by commas, as `ContentFields.attributes` knows them; of
    ///     the usual ones, those that the catalogue does not have are passed over.
    ///   - details: those of the longer texts.
    init(_ catalog: Catalog, fields: String, details: String, itemCount: Int) throws {
        let attributes = catalog.attributes.filter { $0.hasValues }
        let columns = attributes.map(\.name)
        func texts(_ setting: String, _ value: String, usual: String) throws -> [AttributeTexts] {
            let names = value.split(separator: ",").map(ContentFields.trimmed).filter { !$0.isEmpty }
            guard !names.isEmpty else { throw RecoError(.invalidArgument, "\(setting) names no attribute") }
            var found: [String] = []
            for name in names {
                let meant = try ContentFields.attributes(name, of: columns, setting: setting, isUsual: value == usual)
                found += meant.filter { !found.contains($0) }
            }
            return found.compactMap { name in attributes.first { $0.name == name } }
                .map { AttributeTexts($0, rowCount: itemCount) }
        }
        headline = try texts("fields", fields, usual: Self.usual)
        self.details = try texts("details", details, usual: Self.usualDetails)
    }

    var hasDetails: Bool { !details.isEmpty }
    var isEmpty: Bool { headline.isEmpty && details.isEmpty }

    /// Its short attributes, joined by commas; one whose value stands in those before it already says nothing new.
    ///
    /// No encoder reads more than the beginning, so that is all that is compared. O(bytes).
    func headline(_ item: Int) -> [UInt8] {
        var text: [UInt8] = []
        for field in headline where text.count < ContentText.maximumItemText {
            guard let value = field[item].map(Self.beginning), !Self.contains(text, value) else { continue }
            if !text.isEmpty { text += [UInt8(ascii: ","), UInt8(ascii: " ")] }
            text += value
        }
        return text
    }

    /// The first of the longer attributes that the item has.
    func details(_ item: Int) -> [UInt8] {
        details.lazy.compactMap { $0[item] }.first.map { Array(Self.beginning($0)) } ?? []
    }

    private static func beginning(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.firstCharacters(ContentText.maximumItemText)
    }

    /// Whether `text` has `part` in it, whatever the case of ASCII letters. O(text x part), both short.
    private static func contains(_ text: [UInt8], _ part: ArraySlice<UInt8>) -> Bool {
        func fold(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { start in
            zip(text[start...], part).allSatisfy { fold($0) == fold($1) }
        }
    }
}
