import Testing

@testable import RecoKit

@Suite struct SearchLogTests {
    private func items(_ names: String...) throws -> IDTable {
        let table = IDTable()
        for name in names { _ = try table.row(for: name) }
        return table
    }

    @Test func choicesCountPeopleNotClicks() throws {
        let log = SearchLog()
        for _ in 0..<5 { try log.add("sofa", item: "couch", user: "ann") }
        try log.add("sofa", item: "couch", user: "bob")
        try log.add("sofa", item: "couch")
        try log.add("sofa", item: "couch")
        #expect(log.choices(among: try items("tea", "couch")) == [.init(text: 0, item: 1, people: 4)])
    }

    @Test func itemsThatNobodyKnowsSayNothingAndAreNotAdded() throws {
        let log = SearchLog()
        try log.add("sofa", item: "gone")
        try log.add("tea", item: "42")
        let known = try items("7", "42")
        let choices = log.choices(among: known)
        #expect(choices == [.init(text: 1, item: 1, people: 1)])
        #expect(log.text(choices[0].text) == "tea")
        #expect(known.count == 2)
    }

    @Test func textsThatSayNothingAreLeftOut() throws {
        let log = SearchLog()
        for text in ["", "  \t", "\0\0"] { try log.add(text, item: "1") }
        #expect(log.count == 0)
        try log.add(String(repeating: "ab ", count: 2000), item: "1")
        try log.add("te\0a", item: "1")
        #expect(log.count == 2)
        #expect(log.text(1) == "tea")
    }

    @Test func anItemThatCannotBeAnIDIsRefused() {
        #expect(throws: RecoError.self) { try SearchLog().add("tea", item: "") }
    }
}
