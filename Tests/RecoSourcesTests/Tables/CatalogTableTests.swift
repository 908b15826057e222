import Testing

@testable import RecoKit
@testable import RecoSources

private func items(_ text: String, strict: Bool = false) throws -> (Catalog, IDTable, TableReport) {
    let catalog = Catalog()
    let ids = IDTable()
    let source = MemoryBytes(Array(text.utf8), name: "items.csv")
    let report = try catalog.add(.item, from: source, ids: ids, TableOptions(strict: strict))
    return (catalog, ids, report)
}

private func values(_ catalog: Catalog, _ name: String) -> [UInt32: String] {
    guard let attribute = catalog.attributes.first(where: { $0.name == name }) else { return [:] }
    var all: [UInt32: String] = [:]
    for (index, row) in attribute.rows.enumerated() {
        all[row] = String(decoding: attribute.values[index], as: UTF8.self)
    }
    return all
}

@Test func everyOtherColumnOfItemsIsAnAttribute() throws {
    let (catalog, ids, report) = try items(
        "item_id,title,price:number,colours:tags\n7,\"Cup, blue\",2.50,blue|white\n8,,3,\n")
    #expect((0..<ids.count).map { ids.id(of: $0) } == ["7", "8"])
    #expect(catalog.attributes.map(\.name) == ["title", "price", "colours"])
    #expect(catalog.attributes.map(\.kind) == [.text, .number, .tags])
    #expect(values(catalog, "title") == [0: "Cup, blue"])
    #expect(values(catalog, "price") == [0: "2.50", 1: "3"])
    #expect(values(catalog, "colours") == [0: "blue|white"])
    #expect(report.rows == 2)
}

@Test func itemsShareTheRowsOfTheEvents() throws {
    let log = EventLog()
    _ = try load("user,item\n1,a\n1,b\n", into: log)
    let catalog = Catalog()
    _ = try catalog.add(
        .item, from: MemoryBytes(Array("item,title\nb,Bee\nc,Sea\n".utf8)), ids: log.items, TableOptions())
    #expect(values(catalog, "title") == [1: "Bee", 2: "Sea"])
    #expect(log.items.count == 3)
}

@Test func usersHaveAttributesToo() throws {
    let catalog = Catalog()
    let ids = IDTable()
    _ = try catalog.add(
        .user, from: MemoryBytes(Array("user_id,gender\n1,F\n".utf8)), ids: ids, TableOptions())
    #expect(values(catalog, "gender") == [0: "F"])
}

@Test func badRowsOfItemsArePassedOver() throws {
    let catalog = Catalog()
    let ids = IDTable()
    let bytes = Array("item,title\n,x\n1,".utf8) + [0xFF] + Array("\n2\n3,ok\n4,a".utf8) + [0] + Array("b\n".utf8)
    let report = try catalog.add(.item, from: MemoryBytes(bytes, name: "items.csv"), ids: ids, TableOptions())
    #expect(report.rows == 3 && ids.count == 3)
    #expect(Set(report.badRows.groups.map(\.reason)) == [.noItem, .fieldCount])
}

/// A title with a broken letter is worth more than no title.
@Test func brokenTextIsRepairedAndCounted() throws {
    let catalog = Catalog()
    let bytes = Array("item,title\n1,Th".utf8) + [0xE9] + Array("\n2,ok\n3,a".utf8) + [0] + Array("b\n".utf8)
    let report = try catalog.add(.item, from: MemoryBytes(bytes, name: "items.csv"), ids: IDTable(), TableOptions())
    #expect(values(catalog, "title") == [0: "Th\u{FFFD}", 1: "ok", 2: "a\u{FFFD}b"])
    #expect(report.rows == 3 && report.badRows.count == 0 && report.repairedTexts == 2)
    #expect(report.repairedExample?.line == 2)
    #expect(
        message {
            _ = try catalog.add(
                .item, from: MemoryBytes(bytes, name: "items.csv"), ids: IDTable(), TableOptions(strict: true))
        }.hasSuffix("is not valid UTF-8 or holds a NUL byte"))
}

@Test func aHeaderThatCannotBeIsAnError() {
    #expect(message { _ = try items("title,price\n") }.hasPrefix("items.csv, line 1: no column is named item"))
    #expect(
        message { _ = try items("item,price:money\n") } == """
            items.csv, line 1: attribute price cannot be of type "money"; there are text, number, category, tags
            """)
}

@Test func aColumnWithoutANameIsIgnored() throws {
    let (catalog, _, report) = try items("item,,title\n1,x,y\n")
    #expect(catalog.attributes.map(\.name) == ["title"])
    #expect(report.ignoredColumns == [""])
}
