import Testing

@testable import RecoKit

@Suite struct ContentFieldsTests {
    private func resolved(_ setting: String, _ columns: [String], isUsual: Bool = false) throws -> [String] {
        let catalog = Catalog()
        for column in columns { catalog.set(try catalog.attribute(named: column), row: 0, to: "some text") }
        return try ContentFields(setting, b: 0.5).resolved(catalog, isUsual: isUsual).fields.map {
            "\($0.name)=\($0.weight):\($0.b) \($0.attributes.joined(separator: "+"))"
        }
    }

    @Test func columnsAreFoundByWhatShopsCallThem() throws {
        #expect(
            try resolved("title=3,brand=2:0.3,features=1", ["Product Title", "manufacturer", "bullet_points", "sku"])
                == [
                    "title=3.0:0.5 Product Title", "brand=2.0:0.3 manufacturer", "features=1.0:0.5 bullet_points",
                ])
        #expect(try resolved("title=1", ["name", "title"]) == ["title=1.0:0.5 title+name"])
    }

    @Test func aNameThatMeansNothingIsTheColumnItself() throws {
        #expect(
            try resolved("author=2, title=1", ["author", "title", "year:number"]) == [
                "author=2.0:0.5 author", "title=1.0:0.5 title",
            ])
    }

    @Test func withoutAnyOfTheUsualColumnsAllTextIsOneField() throws {
        #expect(
            try resolved(ContentFields.usual, ["blurb:text", "price:number", "notes:text"], isUsual: true)
                == ["text=1.0:0.5 blurb+notes"])
    }

    @Test func aColumnThatSomebodyNamesShouldBeThere() throws {
        #expect { try resolved("title=3,autor=2", ["title", "author"]) } throws: {
            ($0 as? RecoError)?.message
                == "fields names autor, but the catalogue has no such column; it has title, author"
        }
    }

    @Test func aCatalogueWithoutTextIsAnErrorThatSaysWhatThereIs() {
        #expect { try resolved("title=3", ["price:number", "stock:number"], isUsual: true) } throws: { error in
            guard let error = error as? RecoError else { return false }
            return error.code == .badData && error.message.contains("price, stock")
        }
        #expect { try TextShop.titles(["the", "and of"]) } throws: {
            ($0 as? RecoError)?.message.contains("no words in title") == true
        }
        #expect(throws: RecoError.self) { try TextShop.model("bm25", [("price:number", ["1"])]) }
    }

    @Test(arguments: [
        "", "title", "title=", "title=0", "title=-1", "title=x", "title=1:2", "title=1:0.5:3", "=1", "title=1,title=2",
        "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1", "title=inf", "title=nan",
    ])
    func settingsThatMakeNoSenseAreRefused(setting: String) {
        #expect(throws: RecoError.self) { try ContentFields(setting, b: 0.5) }
    }

    @Test func linesOfAFileGiveTheSameFields() throws {
        let catalog = Catalog()
        catalog.set(try catalog.attribute(named: "name"), row: 0, to: "x")
        let fields = try ContentFields("title=2.5:0.25", b: 0.5).resolved(catalog, isUsual: false)
        #expect(ContentFields(lines: fields.lines) == fields)
        for lines in ["", "x", "1\t1\tname", "a\t1\tname\tname\n"] { #expect(ContentFields(lines: lines) == nil) }
    }
}
