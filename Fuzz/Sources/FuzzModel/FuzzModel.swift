import Glibc
import RecoKit

/// Opens whatever bytes the fuzzer makes up as a model and asks it everything that can be asked. Checksums are mended
/// first, as random changes would never get past them; a hostile file would have them right as well.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModel(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    var bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
    mendChecksums(&bytes)
    if let file = try? bytes.withUnsafeBytes({ try ModelFile(bytes: $0) }) { score(file) }
    guard let model = try? bytes.withUnsafeBytes({ try Model(bytes: $0) }) else { return 0 }
    let users = ["", "1", "ann", model.users.id(of: 0), model.users.id(of: model.users.count - 1)]
    let items = (0..<8).map { model.items.id(of: $0) } + [model.items.id(of: model.items.count - 1), "x", "7"]
    let session = items.enumerated().map { SessionEvent($1, kind: UInt8($0), secondsAgo: Float($0) * 1e6) }
    for user in users {
        _ = try? model.recommend(user: user, limit: 20)
        _ = try? model.recommend(user: user, session: session, limit: 1000, except: [items[0]])
        _ = try? model.recommend(user: user, limit: 5, only: items, options: [.showBought, .noFallback])
        _ = try? model.recommend(user: user, limit: 5, options: [.hideSeen, .showSession])
        _ = try? model.rank(items, user: user, session: session, options: .hideBought)
        for hit in (try? model.recommend(user: user, session: session, limit: 3)) ?? [] {
            _ = try? model.explain(hit, user: user, session: session)
        }
        _ = try? model.similarUsers(to: user, session: session, limit: 20)
    }
    for text in ["thing 1", "Thimg", "t", "\u{0}\u{301}", "red blue thing 2 a b c d e f g h i j k l m n o p"] {
        _ = try? model.search(text, limit: 20)
        _ = try? model.search(text, limit: 20, options: .textPrefix)
        _ = try? model.search(text, limit: 20, options: .textIsItem)
        _ = try? model.search(text, user: users[1], limit: 1000)
    }
    _ = try? model.similar(to: items, limit: 50)
    _ = try? model.boughtTogether(with: items, user: users[1], limit: 20)
    for item in items { _ = try? model.similar(to: [item], user: users[4], limit: 3) }
    for attribute in model.catalog.attributes.prefix(8) {
        let name = "`\(attribute.name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
        let conditions = [
            "has(\(name))", "\(name) = 3 or \(name) in (1, 2)", "\(name) = 'red' or \(name) in ('blue', 'a')",
            "starts_with(\(name), 'Thing') or \(name) = \(name)", "tag(\(name), 'a') or \(name) in ('a', 'b1')",
        ]
        for condition in conditions {
            _ = try? model.recommend(user: users[1], limit: 1000, filter: condition)
            _ = try? model.rank(items, boost: "if(\(condition), score, coalesce(\(name), 2))", live: ["x": ["1": 2]])
        }
    }
    for attribute in model.catalog.attributes {
        for row in [-1, 0, 1, model.items.count] { _ = model.catalog.text(attribute, row: row) }
    }
    try? model.file.verify()
    return 0
}

/// Scores some rows with the trees or the network of a file, if it holds any.
private func score(_ file: ModelFile) {
    let layout = try? TreeLayout(file)
    guard let scorer = try? RowScorer(file), scorer.featureCount < 1 << 12, layout?.columnCount ?? 0 < 1 << 12 else {
        return
    }
    let numbers: [Float] = [0, 1.5, -3, .nan, .infinity, 1e-36, 7]
    for count in [1, 70] {
        _ = scorer.scores((0..<scorer.featureCount * count).map { numbers[$0 % numbers.count] })
    }
    _ = try? layout?.ensemble()
}

/// Makes file length and the checksums of header and section table right, wherever the header says the table is.
private func mendChecksums(_ bytes: inout [UInt8]) {
    guard bytes.count >= ModelLayout.headerLength else { return }
    func number(at offset: Int, bytes count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    func put(_ value: UInt64, at offset: Int) {
        for i in 0..<8 { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(i))) }
    }
    put(UInt64(bytes.count), at: 16)
    let table = number(at: 24, bytes: 8)
    let length = number(at: 32, bytes: 4) * ModelLayout.entryLength
    if table >= 0, table <= bytes.count, length <= bytes.count - table {
        put(bytes.withUnsafeBytes { XXHash64.hash(.init(rebasing: $0[table..<table + length])) }, at: 40)
    }
    put(bytes.withUnsafeBytes { XXHash64.hash(.init(rebasing: $0[0..<56])) }, at: 56)
}
