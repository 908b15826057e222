import Testing

@testable import RecoKit

/// A catalogue of a few words: term t is the word at place t.
private let vocabulary = ["couch", "green", "velvet", "tea", "sofa", "bed"]
/// The terms of items 0 to 3; the other ninety-six have "green" alone.
private let items: [[UInt32]] = [[0, 1, 2], [0, 1], [3, 1], [4, 5, 1]]

private func learned(_ choices: [(String, UInt32, Int)]) -> Synonyms {
    let texts = choices.map(\.0)
    return Synonyms.learn(
        choices.enumerated().map { .init(text: $0, item: $1.1, people: $1.2) },
        words: { texts[$0].split(separator: " ").map { Array($0.utf8) } },
        term: { word in vocabulary.firstIndex { Array($0.utf8) == word }.map { UInt32($0) } },
        termsOfItem: { Int($0) < items.count ? items[Int($0)] : [1] },
        share: { $0 == 1 ? 1 : 0.02 })
}

private func terms(_ synonyms: Synonyms, _ word: String) -> [String: Float] {
    var found: [String: Float] = [:]
    var word = word
    word.withUTF8 { synonyms.forEach(of: $0) { found[vocabulary[Int($0)]] = $1 } }
    return found
}

@Suite struct SynonymsTests {
    @Test func aWordLeadsToThoseOfTheItemsThatLackIt() {
        let synonyms = learned([("settee", 0, 6), ("settee", 1, 2)])
        // "green" is everywhere and says nothing.
        #expect(terms(synonyms, "settee") == ["couch": 0.8, "velvet": 0.6])
        #expect(terms(synonyms, "sette").isEmpty && terms(synonyms, "settees").isEmpty)
    }

    @Test func choicesThatHaveTheWordSayNothingNewButCount() {
        let synonyms = learned([("sofa", 3, 4), ("sofa", 1, 4)])
        #expect(terms(synonyms, "sofa") == ["couch": 0.4])
    }

    @Test func wordsThatWereSearchedForThemselvesAreNoSynonyms() {
        let synonyms = learned([("cosy couch", 1, 9)])
        #expect(terms(synonyms, "cosy").isEmpty)
    }

    @Test func onePersonIsNotEnough() {
        #expect(learned([("settee", 1, 1)]).isEmpty)
        #expect(learned([]).isEmpty)
    }
}
