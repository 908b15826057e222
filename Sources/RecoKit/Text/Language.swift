/// The language of a catalogue: which words say nothing, and how a word's endings come off.
enum Language: UInt8, CaseIterable, Sendable {
    case none = 0
    case english, german, french, spanish, italian, dutch, portuguese

    /// As in the setting `language`, and as the stemmer's library calls it.
    var name: StaticString {
        switch self {
        case .none: "none"
        case .english: "english"
        case .german: "german"
        case .french: "french"
        case .spanish: "spanish"
        case .italian: "italian"
        case .dutch: "dutch"
        case .portuguese: "portuguese"
        }
    }

    init?(named name: String) {
        guard let language = Self.allCases.first(where: { $0.name.description == name }) else { return nil }
        self = language
    }

    /// Whether the endings that a stemmer removes have accents: it must see the word before they come off.
    var endingsHaveAccents: Bool { self != .none && self != .english }

    /// Whether an apostrophe ends a word of its own ("l'eau", "dell'arte") rather than standing inside one ("o'neill").
    var elides: Bool { self == .french || self == .italian }
}
