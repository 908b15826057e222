import Foundation
import Testing

private func ids(_ outcome: Outcome) throws -> [String] {
    #expect(outcome.code == 0, "\(outcome.errors)")
    return (try outcome.json()["items"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
}

@Suite struct FilterOptionTests {
    private let bench: Bench

    init() throws {
        bench = try Bench()
        try bench.trainShop()
    }

    @Test func everyQuestionTakesAFilter() throws {
        let filter = ["--filter", "category = \"c0\" and title != 'Thing 12'", "-n", "20", "--json"]
        let wanted = Set((0..<20).filter { $0 % 2 == 0 && $0 != 12 }.map { "\($0)" })
        #expect(try Set(ids(bench.run(["recommend", "shop.reco", "--user", "0", "--repeats"] + filter))) == wanted)
        #expect(try Set(ids(bench.run(["similar", "shop.reco", "--item", "1"] + filter))) == wanted)
        let ranked = try ids(
            bench.run(
                "rank", "shop.reco", "--user", "0", "--items", "1,2,12,14", "--filter", "category = 'c0'", "--boost",
                "if(title = 'Thing 2', 1, 0)", "--json"))
        #expect(ranked == ["2", "12", "14"] || ranked == ["2", "14", "12"])
    }

    @Test func liveValuesComeFromTheLineOrFromATable() throws {
        try bench.write("live.csv", "sku,stock,margin\n3,1,\n5,0,9\n7,2,4.5\n")
        let question = ["recommend", "shop.reco", "--user", "1", "--repeats", "-n", "20", "--json"]
        let table = question + ["--live", "live.csv", "--filter", "stock > 0"]
        #expect(try Set(ids(bench.run(table))) == ["3", "7"])
        #expect(try ids(bench.run(table + ["--boost", "coalesce(margin, 0)"])) == ["7", "3"])
        #expect(try ids(bench.run(table + ["--live", "stock=3:0"])) == ["7"])
        try bench.write("users.txt", "1\n2\n")
        let many = try bench.run(
            "recommend", "shop.reco", "--users", "users.txt", "--repeats", "--filter", "stock = 1", "--live",
            "stock=4:1")
        #expect(many.output.split(separator: "\n").map { $0.split(separator: "\t")[1] } == ["4", "4"])
    }

    @Test func whatIsWrongIsSaid() throws {
        try bench.run("recommend", "shop.reco", "--user", "1", "--filter", "catgory = 'c0'").isRefused(
            1, "filter, position 1: there is no attribute \"catgory\"; did you mean \"category\"?")
        try bench.write("live.csv", "item,stock\n3,many\n")
        try bench.run("recommend", "shop.reco", "--user", "1", "--live", "live.csv").isRefused(
            1, "live.csv, line 2: the stock \"many\" of 3 is no number")
        let outcome = try bench.run("recommend", "shop.reco", "--user", "1", "--live", "stock=7")
        #expect(outcome.code != 0 && outcome.errors.contains("\"7\" is not an item and its number"))
    }
}
