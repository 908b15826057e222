import RecoKit

/// A tea shop that recommends: trains on a handful of orders, in memory, and asks.
@main
struct TeaShop {
    static func main() throws {
        let orders = [
            ("ann", "teapot"), ("ann", "tea"), ("ann", "cup"), ("bob", "teapot"), ("bob", "tea"),
            ("cyd", "tea"), ("cyd", "cup"), ("dan", "coffee"), ("dan", "mill"),
        ]
        let trainer = Trainer()
        try trainer.set("model", to: "item-knn")
        for (customer, item) in orders { try trainer.log.add(user: customer, item: item, kind: "purchase") }
        try trainer.train()

        // A server would `trainer.save("tea.reco")` in a job and `Model.open("tea.reco")` in every request.
        let model = try trainer.model()
        show("For Bob:", try model.recommend(user: "bob", limit: 3))
        show("Goes with the teapot:", try model.similar(to: ["teapot"], limit: 3))
        show("For a stranger who looked at coffee:", try model.recommend(session: ["coffee"], limit: 3))
    }

    static func show(_ question: String, _ hits: [Hit]) {
        print(question)
        for hit in hits { print("  \(hit.id) (\(hit.source.name), \(hit.rung))") }
    }
}
