/// What a sentence encoder reads of each item: a headline made of short attributes, and one longer text about it.
struct ItemTexts {
    private let headline: [AttributeTexts]
    private let details: [AttributeTexts]

    /// The attributes are known by name, in any case; those that the catalogue does not have are passed over.
    init(_ catalog: Catalog, headline: [String], details: [String], itemCount: Int) {
        func fields(_ names: [String]) -> [AttributeTexts] {
            names.compactMap { name in catalog.attributes.first { $0.name.lowercased() == name.lowercased() } }
                .filter { $0.hasValues }.map { AttributeTexts($0, rowCount: itemCount) }
        }
        self.headline = fields(headline)
        self.details = fields(details)
    }

    var hasDetails: Bool { !details.isEmpty }
    var isEmpty: Bool { headline.isEmpty && details.isEmpty }

    /// Its short attributes, joined by commas; one whose value stands in those before it already says nothing new.
    func headline(_ item: Int) -> [UInt8] {
        var text: [UInt8] = []
        for field in headline {
            guard let value = field[item], !Self.contains(text, value) else { continue }
            if !text.isEmpty { text += [UInt8(ascii: ","), UInt8(ascii: " ")] }
            text += value
        }
        return text
    }

    /// The first of the longer attributes that the item has.
    func details(_ item: Int) -> [UInt8] { details.lazy.compactMap { $0[item] }.first.map { Array($0) } ?? [] }

    /// Whether `text` has `part` in it, whatever the case of ASCII letters. O(text x part).
    private static func contains(_ text: [UInt8], _ part: ArraySlice<UInt8>) -> Bool {
        func fold(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { start in
            zip(text[start...], part).allSatisfy { fold($0) == fold($1) }
        }
    }
}
