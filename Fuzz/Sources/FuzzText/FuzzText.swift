import RecoKit

/// Searches a small shop for whatever bytes the fuzzer makes up, and trains another on them: the first byte says in which
/// language, with which analysis, and whether the text is unfinished or an item's. Every outcome is an answer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzText(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let bytes = UnsafeBufferPointer(start: data + 1, count: size - 1)
    let languages = ["none", "english", "german", "french", "spanish", "italian", "dutch", "portuguese"]
    let choice = Int(data[0])
    let model = choice & 8 == 0 ? "bm25" : "tfidf"
    let settings = [
        "\(model).language": languages[choice & 7], "\(model).analysis": choice & 16 == 0 ? "product" : "plain",
    ]
    let text = String(decoding: bytes, as: UTF8.self)
    var options: QueryOptions = []
    if choice & 32 != 0 { options.insert(.textPrefix) }
    if choice & 64 != 0 { options.insert(.textIsItem) }
    for shop in [shops[choice & 15], try? trained(model, settings, bytes)] {
        guard let shop else { continue }
        for hit in (try? shop.search(text, limit: 7, options: options)) ?? [] { precondition(hit.score >= 0) }
    }
    return 0
}

/// Shops of fixed titles, for each model and language.
private let shops: [Model?] = (0..<16).map { choice in
    let languages = ["none", "english", "german", "french", "spanish", "italian", "dutch", "portuguese"]
    let model = choice & 8 == 0 ? "bm25" : "tfidf"
    return try? trained(model, ["\(model).language": languages[choice & 7]], nil)
}

private func trained(_ model: String, _ settings: [String: String], _ more: UnsafeBufferPointer<UInt8>?) throws -> Model {
    let trainer = Trainer()
    try trainer.set("model", to: model)
    try trainer.set("threads", to: "1")
    for (name, value) in settings { try trainer.set(name, to: value) }
    let title = try trainer.catalog.attribute(named: "title")
    let titles = [
        "Women's cotton T-shirt, red", "USB-C charger 65W", "12\" frying pan", "Crème brûlée 2,5 kg", "緑茶 100g", "XR-500",
    ]
    for (number, text) in titles.enumerated() {
        trainer.catalog.set(title, row: try trainer.log.items.row(for: "\(number)"), to: text)
    }
    if let more { trainer.catalog.set(title, row: try trainer.log.items.row(for: "more"), to: more) }
    try trainer.train()
    return try trainer.model()
}
