import Glibc
import Testing

@testable import RecoKit

struct BoughtTogetherTests {
    /// Baskets of purchases, each of a user of its own unless said.
    private func log(_ baskets: [[String]]) throws -> EventLog {
        let log = EventLog()
        for (number, items) in baskets.enumerated() {
            for item in items { try log.add(user: "\(number)", item: item, kind: "purchase") }
        }
        return log
    }

    private func row(_ log: EventLog, _ item: String) throws -> Int { Int(try log.items.row(for: item)) }

    @Test(arguments: [(1, 0.0, 0.0), (2, 5.0, 0.2), (3, 1.0, 1.0)])
    func rulesWeighWhatAPlainCountSays(support: Int, shrinkage: Double, discount: Double) throws {
        let log = EventLog()
        var generator = SeededGenerator(seed: 8)
        var baskets: [Set<Int>] = []
        for item in 0..<25 { _ = try log.items.row(for: "\(item)") }
        for basket in 0..<150 {
            var items: Set<Int> = []
            for _ in 0..<1 + generator.nextIndex(6) {
                items.insert(Int(generator.nextFloat() * generator.nextFloat() * 25))
            }
            baskets.append(items)
            for item in items.sorted() {
                try log.add(user: "\(basket % 40)", item: "\(item)", kind: "purchase", basket: "order \(basket)")
            }
        }
        let model = try Shop.train(
            BoughtTogether.self, Shop.data(log),
            [
                "neighbors": "100", "support": "\(support)", "shrinkage": "\(shrinkage)",
                "lift-discount": "\(discount)",
            ])
        let counts = (0..<25).map { item in Double(baskets.count { $0.contains(item) }) }
        for item in 0..<25 {
            var expected: [UInt32: Double] = [:]
            for other in 0..<25 where other != item {
                let shared = Double(baskets.count { $0.contains(item) && $0.contains(other) })
                let chance = counts[other] / 150
                guard shared >= Double(support), shared > counts[item] * chance * (1 + 1e-6) else { continue }
                expected[UInt32(other)] =
                    (shared + shrinkage * chance) / (counts[item] + shrinkage) * pow(chance, -discount)
            }
            let list = model.list(item)
            #expect(Set(list.map(\.row)) == Set(expected.keys))
            for (other, value) in list {
                #expect(abs(Double(value) - (expected[other] ?? 0)) < 1e-5, "\(item) and \(other)")
            }
        }
    }

    @Test func aRuleHasADirection() throws {
        let log = try log(
            Array(repeating: ["printer", "ink"], count: 4) + Array(repeating: ["paper", "ink"], count: 12)
                + Array(repeating: ["cup"], count: 20))
        let model = try Shop.train(BoughtTogether.self, Shop.data(log))
        let (printer, ink) = (try row(log, "printer"), try row(log, "ink"))
        let there = try #require(model.list(printer).first { Int($0.row) == ink }).similarity
        let back = try #require(model.list(ink).first { Int($0.row) == printer }).similarity
        #expect(there > 2 * back)
        #expect(try model.list(ink).first?.row == UInt32(row(log, "paper")))
    }

    @Test func baskestsOfOneUserAreToldApart() throws {
        let log = EventLog()
        for day in 0..<5 {
            let morning = Int64(day * 86_400)
            for item in ["tea", "cup"] { try log.add(user: "ann", item: item, kind: "purchase", time: morning) }
            for item in ["saw", "nail"] {
                try log.add(user: "ann", item: item, kind: "purchase", time: morning + 7200)
            }
        }
        let model = try Shop.train(BoughtTogether.self, Shop.data(log))
        #expect(model.list(0).map(\.row) == [1])
        #expect(model.list(2).map(\.row) == [3])
        // With a gap of three hours a day is one basket, and nothing is rarer together than by chance.
        #expect(try Shop.train(BoughtTogether.self, Shop.data(log), ["gap": "180"]).table.neighbors.count == 0)
    }

    @Test func viewsCountOnlyWhereNothingIsBought() throws {
        let log = EventLog()
        for user in 0..<6 {
            let items = user < 3 ? ["tea", "cup"] : ["saw", "nail"]
            for item in items { try log.add(user: "\(user)", item: item, kind: "view") }
        }
        let views = try Shop.train(BoughtTogether.self, Shop.data(log))
        #expect(views.list(0).map(\.row) == [1])
        for user in 0..<6 {
            let items = user < 3 ? ["tea", "nail"] : ["saw", "cup"]
            for item in items { try log.add(user: "buyer \(user)", item: item, kind: "purchase") }
        }
        let bought = try Shop.train(BoughtTogether.self, Shop.data(log))
        #expect(bought.list(0).map(\.row) == [3])
        #expect(bought.list(2).map(\.row) == [1])
    }

    @Test func emptyLogsSingleItemsAndReturnsTrain() throws {
        #expect(try Shop.train(BoughtTogether.self, Shop.data(EventLog())).table.neighbors.count == 0)
        let log = try log([["tea"], ["tea"], ["tea", "cup"]])
        #expect(try Shop.train(BoughtTogether.self, Shop.data(log)).table.neighbors.count == 0)
        try log.add(user: "9", item: "tea", kind: "purchase", weight: -1)
        try log.add(user: "9", item: "cup", kind: "purchase", weight: -1)
        #expect(try Shop.train(BoughtTogether.self, Shop.data(log)).table.neighbors.count == 0)
    }

    @Test func anItemInEveryBasketGoesWithNothingInParticular() throws {
        let log = try log((0..<12).map { ["bag", "item \($0 % 3)", "fellow \($0 % 3)"] })
        let model = try Shop.train(BoughtTogether.self, Shop.data(log))
        let bag = try row(log, "bag")
        #expect(model.list(bag).isEmpty)
        #expect(!model.table.neighbors.toArray().contains(UInt32(bag)))
        #expect(try model.list(row(log, "item 1")).map(\.row) == [UInt32(row(log, "fellow 1"))])
    }

    // MARK: the question

    /// Who has a phone has another phone; in one basket with a phone is a case.
    private func phoneShop(_ models: String) throws -> Model {
        let trainer = Trainer()
        try trainer.set("model", to: models)
        for user in 0..<10 {
            for (day, items) in [["phone", "case"], ["other phone", "charger"], ["bread"]].enumerated() {
                for item in items {
                    if item == "case", user >= 6 { continue }
                    try trainer.log.add(
                        user: "\(user)", item: item, kind: "purchase", time: Int64(user + day * 86_400))
                }
            }
        }
        try trainer.train()
        return try trainer.model()
    }

    @Test func whatIsBoughtTogetherComesFirstWhereItIsAskedFor() throws {
        let model = try phoneShop("item-knn,bought-together")
        let together = try model.boughtTogether(with: ["phone"], limit: 3)
        #expect(together.first?.id == "case")
        #expect(together.first?.source == .boughtTogether)
        #expect(together.allSatisfy { $0.rung == .similar && $0.id != "phone" })
        #expect(together.dropFirst().allSatisfy { $0.source == .itemKNN })
        #expect(together.count == 3)
        let similar = try model.similar(to: ["phone"], limit: 4)
        #expect(similar.allSatisfy { $0.source == .itemKNN })
        #expect(try model.boughtTogether(with: ["phone"], except: ["case"]).first?.source == .itemKNN)
    }

    @Test func withoutTheModelSimilarItemsAnswerAndWithNothingElseItAnswersForThem() throws {
        let without = try phoneShop("item-knn")
        #expect(try without.boughtTogether(with: ["phone"]) == without.similar(to: ["phone"]))
        let alone = try phoneShop("bought-together")
        #expect(try alone.similar(to: ["phone"]).first?.source == .boughtTogether)
        #expect(try alone.similar(to: ["phone"]).map(\.id) == alone.boughtTogether(with: ["phone"]).map(\.id))
    }

    @Test func theOrderOfTheModelsDoesNotMakeACaseLikeAPhone() throws {
        let model = try phoneShop("bought-together,als")
        #expect(try model.similar(to: ["phone"], limit: 2).allSatisfy { $0.source == .als })
        #expect(try model.boughtTogether(with: ["phone"], limit: 1).map(\.id) == ["case"])
    }
}
