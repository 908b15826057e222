import Testing

@testable import RecoKit

private func features(
    _ catalog: Catalog, _ wanted: String = RowFeatures.usual, rows: Int, _ limits: AttributeValues.Limits = .init()
) throws -> RowFeatures {
    try RowFeatures(catalog, of: "items", wanted: wanted, setting: "item-features", rowCount: rows, limits)
}

private func catalog(_ columns: [(header: String, values: [String])]) throws -> Catalog {
    let catalog = Catalog()
    for (header, values) in columns {
        let attribute = try catalog.attribute(named: header)
        for (row, value) in values.enumerated() { catalog.set(attribute, row: UInt32(row), to: value) }
    }
    return catalog
}

extension RowFeatures {
    /// What a row is made of, by name; itself is "=".
    fileprivate func named(_ row: Int) -> [String: Float] {
        var found: [String: Float] = [:]
        for entry in rows.range(row) {
            let feature = Int(rows.columns[entry])
            let name =
                feature < identityCount
                ? (feature == row ? "=" : "?") : String(decoding: names[feature - identityCount], as: UTF8.self)
            found[name] = rows.values[entry]
        }
        return found
    }
}

@Test func aRowIsMadeOfItselfAndOfTheValuesThatOthersShare() throws {
    let shop = try catalog([
        ("category", ["tea", "tea", "cup", "pot"]), ("uses:tags", ["hot|loose", "hot", "loose|hot|hot", "rare"]),
        ("price:number", ["1", "2", "3", "4"]), ("title:text", ["green tea", "black tea", "black cup", ""]),
    ])
    let found = try features(shop, rows: 4, .init(values: 100, buckets: 2, words: 16))
    #expect(
        found.named(0) == [
            "=": 1, "category\ttea": 1, "uses\thot": 1, "uses\tloose": 1, "price\t#": 1, "title\t~tea": 1,
        ])
    #expect(
        found.named(2) == [
            "=": 1, "uses\thot": 1, "uses\tloose": 1, "price\t#3.0": 1, "title\t~black": 1,
        ])
    #expect(found.named(3) == ["=": 1, "price\t#3.0": 1])
    #expect(found.identityCount == 4)
}

@Test func manyTagsShareAWeight() throws {
    let tags = (0..<64).map { "t\($0)" }.joined(separator: "|")
    let found = try features(try catalog([("uses:tags", [tags, tags, "t0"])]), "uses", rows: 3)
    #expect(found.named(0).count == 64 && found.named(0).values.allSatisfy { $0 == 0.5 })
    #expect(found.named(2) == ["uses\tt0": 1])
}

@Test func numbersFallIntoBucketsOfAboutTheSameSize() throws {
    let shop = try catalog([("price:number", (0..<100).map { "\($0 * $0)" })])
    let found = try features(shop, "price", rows: 100, .init(values: 100, buckets: 4, words: 1))
    #expect(found.names.count == 4)
    for bucket in 0..<4 { #expect(found.rows.columns.filter { $0 == UInt32(bucket) }.count == 25) }
    let equal = try catalog([("price:number", ["5", "5", "5", "nan", "x"])])
    #expect(try features(equal, "price", rows: 5).rows.offsets == [0, 1, 2, 3, 3, 3])
}

@Test func ofALongTextTheRarestWordsAreKept() throws {
    let shop = try catalog([("title:text", (0..<12).map { "common word\($0 / 2)a word\($0 / 4)b" })])
    let found = try features(shop, "title", rows: 12, .init(values: 100, buckets: 2, words: 2))
    #expect(found.named(0).keys.sorted() == ["title\t~word0a", "title\t~word0b"])
    let weights = found.named(0)
    #expect(weights["title\t~word0a"]! > weights["title\t~word0b"]!)
}

@Test func ofAMillionValuesThoseThatMostItemsHaveAreKeptAndTheRestIsTold() throws {
    let shop = try catalog([("sku:category", (0..<3000).map { $0 < 10 ? "most" : "s\($0 / 2)" })])
    let found = try features(shop, "sku", rows: 3000, .init(values: 100, buckets: 2, words: 2))
    #expect(found.names.count == 100)
    #expect(found.named(0) == ["sku\tmost": 1])
    #expect(
        found.notes == [
            "sku of items has 1496 values; the 100 that most items have are learned, the others say nothing"
        ])
}

@Test func unknownFeaturesAreRefusedByName() throws {
    let shop = try catalog([("category", ["tea", "tea"])])
    for (wanted, message) in [
        ("identity,colour", "item-features names colour, but items have no such attribute; they have category"),
        (" , ", "item-features names no feature; it takes identity,all,NAME,..."),
    ] {
        #expect(throws: RecoError(.invalidArgument, message)) { try features(shop, wanted, rows: 2) }
    }
    #expect(throws: RecoError.self) { try features(Catalog(), "colour", rows: 2) }
    #expect(try features(shop, "Category", rows: 2).names.count == 1)
    #expect(try features(Catalog(), rows: 2).rows.columns == [0, 1])
}
