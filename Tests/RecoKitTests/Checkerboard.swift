import Synchronization

@testable import RecoKit

/// A shop whose right answers are known by construction: user u likes item i if u + i is even. Of those pairs the
/// diagonal (u, u) is withheld, so that item u is the one thing to recommend to user u.
enum Checkerboard {
    static let size = 40

    /// With `rated`, users rate their own items 5 and some of the others 1: what models of ratings need to see taste. With
    /// `mixed`, each has an order of its own, so that the order says nothing: a model of what comes next else learns that
    /// item n + 2 follows item n, and rightly so.
    static func trainer(
        _ models: String, threads: Int = 2, seed: Int = 1, rated: Bool = false, mixed: Bool = false
    ) throws -> Trainer {
        let trainer = Trainer()
        try trainer.set("model", to: models)
        try trainer.set("threads", to: "\(threads)")
        try trainer.set("seed", to: "\(seed)")
        try trainer.setEncoder(for: models)
        for user in 0..<size {
            for item in 0..<size where (user + item) % 2 == 0 && user != item {
                let place = mixed ? Int(mix(UInt64(user * size + item)) % UInt64(size)) : item
                try trainer.log.add(
                    user: "u\(user)", item: "\(item)", kind: "purchase", weight: rated ? 5 : 1,
                    time: Int64(user * size + place))
            }
            for item in 0..<size where rated && (user + item) % 2 == 1 && (7 * user + 3 * item) % 5 == 0 {
                try trainer.log.add(user: "u\(user)", item: "\(item)", weight: 1, time: Int64(user * size + item))
            }
        }
        // What content knows of taste: even items are of one kind, odd ones of another.
        let title = try trainer.catalog.attribute(named: "title")
        for item in 0..<size {
            let row = try trainer.log.items.row(for: "\(item)")
            trainer.catalog.set(title, row: row, to: item % 2 == 0 ? "green tea x y z" : "china cup")
        }
        // Colours: a category that has nothing to do with taste, and an item that nobody has.
        let category = try trainer.catalog.attribute(named: "category")
        for item in 0..<size {
            let row = try trainer.log.items.row(for: "\(item)")
            trainer.catalog.set(category, row: row, to: item % 3 == 0 ? "red" : "blue")
        }
        _ = try trainer.log.items.row(for: "new")
        return trainer
    }

    /// Trained once for all tests: a model does not change.
    static func model(_ models: String) throws -> Model { try model(models, rated: false, mixed: false) }

    /// The shop as the model needs it to learn taste: with ratings where it learns from nothing else, mixed where it learns
    /// from the order.
    static func tasteModel(_ name: String) throws -> Model {
        let type = try ModelCatalogue.type(named: name)
        return try model(name, rated: type is any RatingModel.Type, mixed: type == SASRec.self)
    }

    private static func model(_ models: String, rated: Bool, mixed: Bool) throws -> Model {
        let key = "\(models) \(rated) \(mixed)"
        let shared = trained.withLock { trained in
            if let known = trained[key] { return known }
            let new = SharedModel()
            trained[key] = new
            return new
        }
        return try shared.model.withLock { model in
            if let model { return model }
            let trainer = try trainer(models, rated: rated, mixed: mixed)
            try trainer.train()
            let trained = try trainer.model()
            model = trained
            return trained
        }
    }

    private static let trained = Mutex<[String: SharedModel]>([:])

    private final class SharedModel: Sendable {
        let model = Mutex<Model?>(nil)
    }
}

extension Trainer {
    /// Names a small encoder where one of the models needs it.
    func setEncoder(for models: String) throws {
        if models.split(separator: ",").contains("bert") { try set("encoder", to: TinyBERT.path()) }
    }
}
