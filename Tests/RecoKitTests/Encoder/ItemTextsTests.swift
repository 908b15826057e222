import Testing

@testable import RecoKit

@Suite struct ItemTextsTests {
    /// What is read of an item with these attributes.
    private func texts(
        _ columns: KeyValuePairs<String, String>, fields: String = ItemTexts.usual,
        details: String = ItemTexts.usualDetails
    ) throws -> ItemTexts {
        let catalog = Catalog()
        for (column, text) in columns { catalog.set(try catalog.attribute(named: column), row: 0, to: text) }
        return try ItemTexts(catalog, fields: fields, details: details, itemCount: 1)
    }

    private func headline(_ columns: KeyValuePairs<String, String>, fields: String = ItemTexts.usual) throws -> String {
        String(decoding: try texts(columns, fields: fields).headline(0), as: UTF8.self)
    }

    private func details(
        _ columns: KeyValuePairs<String, String>, details: String = ItemTexts.usualDetails
    ) throws -> String { String(decoding: try texts(columns, details: details).details(0), as: UTF8.self) }

    @Test func aHeadlineIsTitleBrandAndColorUnlessTheTitleSaysThem() throws {
        #expect(try headline(["color": "red", "brand": "Acme", "title": "Chair"]) == "Chair, Acme, red")
        #expect(try headline(["title": "Red acme chair", "brand": "ACME", "color": "red"]) == "Red acme chair")
        #expect(
            try headline(["colour": "grey", "color": "gray", "name": "Stool", "title": "Chair"])
                == "Chair, Stool, gray, grey")
    }

    @Test func columnsAreFoundByWhatShopsCallThem() throws {
        #expect(try headline(["Marke": "Acme", "Titel": "Stuhl", "Farbe": "rot"]) == "Stuhl, Acme, rot")
        #expect(try headline(["Product Title": "Chair", "manufacturer": "Acme"]) == "Chair, Acme")
        #expect(try headline(["vendor": "Acme", "author": "Ann"], fields: " brand , Author") == "Acme, Ann")
        #expect(try details(["highlights": "light", "body": "long"]) == "light")
    }

    @Test func bulletPointsComeBeforeFeaturesAndTheShortDescriptionBeforeTheLongOne() throws {
        #expect(try details(["description": "long", "short_description": "short"]) == "short")
        #expect(try details(["features": "some", "bullet_points": "points", "short_description": "s"]) == "points")
        #expect(try details(["description": "long", "features": "some"]) == "some")
        #expect(try details(["features": "some", "description": "long"], details: "description") == "long")
    }

    @Test func aColumnThatSomebodyNamesShouldBeThere() {
        func message(_ body: () throws -> ItemTexts) -> String? {
            do { _ = try body() } catch { return (error as? RecoError)?.message }
            return nil
        }
        let columns: KeyValuePairs = ["title": "Chair", "brand": "Acme"]
        #expect(
            message { try texts(columns, fields: "tittle,brand") }
                == "fields names tittle, but the catalogue has no such column; it has title, brand")
        #expect(
            message { try texts(columns, details: "blurb") }
                == "details names blurb, but the catalogue has no such column; it has title, brand")
        #expect(message { try texts(columns, fields: "") } == "fields names no attribute")
        #expect(message { try texts(columns, details: " , ") } == "details names no attribute")
        #expect(message { try texts(columns) } == nil)
    }

    @Test func onlyTheBeginningOfALongTextIsReadAndCompared() throws {
        let title = String(repeating: "a", count: 60_000)
        let columns: KeyValuePairs = ["title": title, "brand": title.prefix(30_000) + "b", "color": "red"]
        #expect(try headline(columns) == title.prefix(4096))
        let accents = String(repeating: "é", count: 5000)
        #expect(try headline(["title": "x" + accents]) == "x" + accents.prefix(2047))
        #expect(try details(["description": "x" + accents]) == "x" + accents.prefix(2047))
    }
}
