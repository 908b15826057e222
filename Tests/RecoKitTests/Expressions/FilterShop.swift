@testable import RecoKit

/// A shop of 300 items with attributes of every kind, bought by nobody in particular: item n costs n, every third one has
/// no price; two categories and a few tags in turn. Users with an odd number buy odd items.
enum FilterShop {
    static let count = 300

    static func model(_ models: String = "item-knn") throws -> Model {
        let trainer = Trainer()
        try trainer.set("model", to: models)
        try trainer.set("threads", to: "1")
        let catalog = trainer.catalog
        let title = try catalog.attribute(named: "title")
        let price = try catalog.attribute(named: "price")
        let category = try catalog.attribute(named: "category")
        let tags = try catalog.attribute(named: "tags")
        let colours = try catalog.attribute(named: "colours:tags")
        let odd = try catalog.attribute(named: "shelf size:number")
        for n in 0..<count {
            let row = try trainer.log.items.row(for: "i\(n)")
            catalog.set(title, row: row, to: n == 7 ? "Rubens' \"Venus\"" : "thing \(n)")
            if n % 3 != 0 { catalog.set(price, row: row, to: "\(n)") }
            if n % 4 != 0 { catalog.set(category, row: row, to: n % 4 == 1 ? "shoes" : "boots/\(n % 4)") }
            if n % 5 != 0 { catalog.set(tags, row: row, to: n % 5 == 1 ? "new|sale" : "old") }
            catalog.set(colours, row: row, to: ["red", "green|blue", "blue"][n % 3])
            catalog.set(odd, row: row, to: "\(n % 7)")
        }
        for user in 0..<20 {
            for n in 0..<count where n % 2 == user % 2 && (n + user) % 6 < 3 {
                try trainer.log.add(user: "u\(user)", item: "i\(n)", kind: "purchase", time: Int64(n))
            }
        }
        try trainer.train()
        return try trainer.model()
    }

    /// The numbers of the items that a filter lets through.
    static func numbers(
        _ filter: String, of model: Model, live: [String: [String: Double]] = [:]
    ) throws -> [Int] {
        try model.recommend(limit: count, filter: filter, live: live).compactMap { Int($0.id.dropFirst()) }.sorted()
    }
}
