import Testing

@testable import RecoKit

@Suite struct FilterTests {
    private let shop: Model

    init() throws { shop = try FilterShop.model() }

    private func expect(_ filter: String, _ meets: (Int) -> Bool) throws {
        let wanted = (0..<FilterShop.count).filter(meets)
        #expect(try FilterShop.numbers(filter, of: shop) == wanted, "\(filter)")
        // As a boost it is worked out item by item, which has to say the same.
        let boosted = try shop.recommend(limit: FilterShop.count, boost: "if(\(filter), 1, 0)")
        #expect(
            boosted.filter { $0.score == 1 }.compactMap { Int($0.id.dropFirst()) }.sorted() == wanted, "\(filter)")
    }

    @Test func numbersAreCompared() throws {
        func price(_ n: Int) -> Double { n % 3 == 0 ? .nan : Double(n) }
        try expect("price < 50") { price($0) < 50 }
        try expect("price<=50") { price($0) <= 50 }
        try expect("price > 250.5") { price($0) > 250.5 }
        try expect("2.5e2 <= price") { price($0) >= 250 }
        try expect("price = 50") { $0 == 50 }
        try expect("price == 50") { $0 == 50 }
        try expect("price in (1, 2, 4, 5, 3, 299, 1e3, -2)") { [1, 2, 4, 5, 299].contains($0) }
        try expect("`shelf size` = 3") { $0 % 7 == 3 }
        try expect("price < `shelf size`") { price($0) < Double($0 % 7) }
        try expect(".5 < price and price < 2") { $0 == 1 }
    }

    @Test func whatIsMissingMeetsNoComparisonButTheirNegation() throws {
        try expect("price >= 0") { $0 % 3 != 0 }
        try expect("not (price >= 0)") { $0 % 3 == 0 }
        try expect("price != 50") { $0 != 50 }
        try expect("price <> 50") { $0 != 50 }
        try expect("price = price") { $0 % 3 != 0 }
        try expect("has(price)") { $0 % 3 != 0 }
        try expect("category != 'shoes'") { $0 % 4 != 1 }
        try expect("not has(category)") { $0 % 4 == 0 }
        try expect("category = category") { $0 % 4 != 0 }
        try expect("has(tags) and has(title) and has(colours)") { $0 % 5 != 0 }
    }

    @Test func textsCategoriesAndTagsAreFound() throws {
        try expect("category = \"shoes\"") { $0 % 4 == 1 }
        try expect("'shoes' = category") { $0 % 4 == 1 }
        try expect("category in (\"shoes\", \"boots/2\", \"none\")") { $0 % 4 == 1 || $0 % 4 == 2 }
        try expect("category not in (\"shoes\", \"boots/2\")") { $0 % 4 == 0 || $0 % 4 == 3 }
        try expect("category in ()") { _ in false }
        try expect("category = \"Shoes\"") { _ in false }
        try expect("starts_with(category, \"boots\")") { $0 % 4 > 1 }
        try expect("starts_with(title, \"thing 1\")") { "thing \($0)".hasPrefix("thing 1") && $0 != 7 }
        try expect("title = 'Rubens'' \"Venus\"'") { $0 == 7 }
        try expect("title in (\"thing 3\", \"thing 300\", \"thing 5\", \"thing 4\")") { [3, 4, 5].contains($0) }
        try expect("tag(\"sale\")") { $0 % 5 == 1 }
        try expect("not tag(\"sale\")") { $0 % 5 != 1 }
        try expect("\"sale\" in tags") { $0 % 5 == 1 }
        try expect("tag(colours, \"blue\")") { $0 % 3 != 0 }
        try expect("colours in (\"red\", \"green\")") { $0 % 3 != 2 }
        try expect("tag(\"nobody has it\")") { _ in false }
    }

    @Test func operatorsBindAsInArithmeticAndLogic() throws {
        try expect("price - 2 - 3 = 10") { $0 == 0 || Double($0) == 15 ? $0 % 3 != 0 : false }
        try expect("2 + 2 * price = 10") { $0 == 4 }
        try expect("(2 + 2) * price = 28") { $0 == 7 }
        try expect("-price + 4 = -price + 4 and price < 3") { $0 == 1 || $0 == 2 }
        try expect("price / 2 / 2 = 1") { $0 == 4 }
        try expect("true or false and false") { _ in true }
        try expect("not false and false") { _ in false }
        try expect("NOT price = 4 AND `shelf size` < 1 Or price = 5") { ($0 != 4 && $0 % 7 == 0) || $0 == 5 }
        try expect("- - 4 = +4") { _ in true }
    }

    @Test func functionsCompute() throws {
        func price(_ n: Int) -> Double { n % 3 == 0 ? .nan : Double(n) }
        try expect("abs(price - 10) <= 1") { abs(price($0) - 10) <= 1 }
        try expect("min(price, 5, `shelf size`) = 5") { min(price($0), 5, Double($0 % 7)) == 5 && $0 % 3 != 0 }
        try expect("max(price, 0) >= 0") { $0 % 3 != 0 }
        try expect("clamp(price, 10, 20) = 20") { price($0) >= 20 }
        try expect("sqrt(price) = 4") { $0 == 16 }
        try expect("pow(price, 2) = 49") { $0 == 7 }
        try expect("exp(log(price)) > 0") { $0 % 3 != 0 }
        try expect("if(has(price), price, 4) = 4") { $0 % 3 == 0 || $0 == 4 }
        try expect("coalesce(price, 4) = 4") { $0 % 3 == 0 || $0 == 4 }
        try expect("coalesce(price / 0, price, -1) = -1") { $0 % 3 == 0 }
    }

    @Test func whatIsNoFiniteNumberIsMissing() throws {
        for missing in [
            "1 / 0", "0 / 0", "log(0)", "log(-1)", "sqrt(-1)", "exp(1000)", "pow(10, 400)", "1e300 * 1e300",
        ] {
            try expect("\(missing) = \(missing)") { _ in false }
            try expect("\(missing) < 1 or \(missing) >= 1") { _ in false }
            try expect("coalesce(\(missing), 1) = 1") { _ in true }
        }
        try expect("price / `shelf size` > 0") { $0 % 3 != 0 && $0 % 7 != 0 }
    }

    @Test func theListIsFullWhileItemsMatch() throws {
        let all = try FilterShop.model("item-knn,als,user-knn,trending,session-knn,bm25")
        let matching = Set((0..<FilterShop.count).filter { $0 % 5 == 1 && $0 % 7 > 3 }.map { "i\($0)" })
        let filter = "tag(\"sale\") and `shelf size` > 3"
        for user in ["u1", "u2", "nobody"] {
            let hits = try all.recommend(user: user, limit: 20, filter: filter, options: .showBought)
            #expect(hits.count == 20)
            #expect(matching.isSuperset(of: hits.map(\.id)))
            let every = try all.recommend(user: user, limit: 300, filter: filter, options: .showBought)
            #expect(Set(every.map(\.id)) == matching)
        }
        let similar = try all.similar(to: ["i1"], limit: 20, filter: filter)
        #expect(similar.count == 20 && matching.isSuperset(of: similar.map(\.id)))
        let found = try all.search("thing", limit: 20, filter: filter)
        #expect(found.count == 20 && matching.isSuperset(of: found.map(\.id)))
        let mine = try all.search("thing", user: "u1", limit: 20, filter: filter)
        #expect(mine.count == 20 && matching.isSuperset(of: mine.map(\.id)))
    }

    @Test func listsAndFiltersWorkTogether() throws {
        let hits = try shop.recommend(limit: 10, only: ["i1", "i2", "i4", "i5"], except: ["i1"], filter: "price < 5")
        #expect(Set(hits.map(\.id)) == ["i2", "i4"])
        // What a filter has blocked is let through again by the next question.
        #expect(try shop.recommend(limit: 300).count == 300)
    }

    @Test func ranksOnlyWhatPassesAndLeavesOutWhatItCannotJudge() throws {
        let hits = try shop.rank(["i1", "x", "i3", "i5", "i50"], user: "u1", filter: "price < 10")
        #expect(Set(hits.map(\.id)) == ["i1", "i5"])
    }
}
