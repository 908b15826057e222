import Testing

@testable import RecoKit
@testable import RecoSources

private func searches(_ text: String) throws -> (SearchLog, TableReport) {
    let log = SearchLog()
    return (log, try log.addSearches(from: MemoryBytes(Array(text.utf8), name: "searches.csv"), TableOptions()))
}

@Test func searchesAreReadByTheirUsualNames() throws {
    let (log, report) = try searches(
        "time,search_term,product_id,customer,page\n1700000000,green tea,7,ann,1\n,\"cup, blue\",8,,2\n")
    #expect(log.count == 2 && report.rows == 2)
    #expect(report.columns.map(\.role) == ["query", "item", "user", "time"])
    #expect(report.ignoredColumns == ["page"] && log.latestTime == 1_700_000_000)
}

@Test func searchesWithoutWordsOrItemsArePassedOver() throws {
    let (log, report) = try searches("query,item\n,7\ntea,\ntea,7\n")
    #expect(log.count == 1)
    #expect(Set(report.badRows.groups.map(\.reason)) == [.noQuery, .noItem])
}

@Test func wordsThatAreNoTextAreTakenAndCounted() throws {
    let log = SearchLog()
    let bytes = Array("query,item\n".utf8) + [0x74, 0xFF] + Array("ea,7\ncup,8\n".utf8)
    let report = try log.addSearches(from: MemoryBytes(bytes, name: "searches.csv"), TableOptions())
    #expect(log.count == 2 && report.repairedTexts == 1 && report.badRows.count == 0)
}

@Test func aTableOfSearchesNeedsAColumnOfWords() {
    #expect(message { _ = try searches("item,user\n") }.hasPrefix("searches.csv, line 1: no column is named query"))
    #expect(
        message { _ = try searches("") }
            == "searches.csv is empty; its first line must name the columns, such as query,item")
}
