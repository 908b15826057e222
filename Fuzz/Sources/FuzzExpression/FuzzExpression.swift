import RecoKit

/// Takes whatever bytes the fuzzer makes up for a filter and for a boost. Every outcome is an answer or an error that
/// names a position; and what a filter lets through is what the same condition says in a boost, item by item, with live
/// values (the first byte says which) and without.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExpression(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0, let shop else { return 0 }
    let text = String(decoding: UnsafeBufferPointer(start: data + 1, count: size - 1), as: UTF8.self)
    let choice = Int(data[0])
    var live: [String: [String: Double]] = [:]
    if choice & 1 != 0 { live["price"] = ["3": 0, "1": -7.5, "x": 1, "90": .nan, "64": 1e300] }
    if choice & 2 != 0 {
        live["stock"] = Dictionary(uniqueKeysWithValues: (0..<itemCount).map { ("\($0)", Double($0 % 3)) })
    }
    if let passed = answer({ try shop.recommend(limit: itemCount, filter: text, live: live) }),
        let judged = answer({ try shop.recommend(limit: itemCount, boost: "if(\(text), 1, 0)", live: live) })
    {
        precondition(judged.count == itemCount)
        precondition(Set(passed.map(\.id)) == Set(judged.filter { $0.score == 1 }.map(\.id)))
    }
    for hit in answer({ try shop.recommend(limit: 7, boost: text, live: live) }) ?? [] {
        precondition(hit.score.isFinite)
    }
    _ = answer { try shop.rank(["1", "3", "70", "x"], text: "thing", filter: text, boost: "score", live: live) }
    _ = answer { try shop.search("thing", limit: 5, filter: text, live: live) }
    return 0
}

private func answer(_ body: () throws -> [Hit]) -> [Hit]? {
    do {
        return try body()
    } catch let error as RecoError {
        precondition(error.message.contains(", position "), error.message)
        return nil
    } catch { preconditionFailure("\(error)") }
}

private let itemCount = 150

/// A shop with attributes of every kind; some items have some of them.
private let shop: Model? = {
    do {
        let trainer = Trainer()
        try trainer.set("model", to: "bm25")
        try trainer.set("threads", to: "1")
        let catalog = trainer.catalog
        let columns: [(String, (Int) -> String)] = [
            ("title", { $0 % 7 == 0 ? "" : "thing \($0)" }), ("price", { $0 % 3 == 0 ? "" : "\($0 - 20)" }),
            ("category", { $0 % 4 == 0 ? "" : "c\($0 % 4)" }), ("tags", { $0 % 5 == 0 ? "" : "a|b\($0 % 5)" }),
            ("größe:number", { "\($0 % 11)" }), ("a b:tags", { "x\($0 % 2)" }),
        ]
        for (name, value) in columns {
            let attribute = try catalog.attribute(named: name)
            for item in 0..<itemCount {
                catalog.set(attribute, row: try trainer.log.items.row(for: "\(item)"), to: value(item))
            }
        }
        try trainer.train()
        return try trainer.model()
    } catch { return nil }
}()
