import RecoKit

/// Reads a table of numbers that hold for one question: `item,stock,price`, an item in each row. An empty field leaves
/// the item what the model has. Throws for the first row that cannot be used. O(bytes).
public func readLiveValues(from path: String) throws -> [String: [String: Double]] {
    try readLiveValues(from: openBytes(path))
}

func readLiveValues(from source: any ByteSource) throws -> [String: [String: Double]] {
    var table = try TableReader(source, TableOptions(strict: true))
    let item = try table.columns.require(.item, in: table.records)
    let columns = table.columns.names.enumerated().filter { $0.offset != item && !$0.element.isEmpty }
    var live: [String: [String: Double]] = [:]
    for (_, name) in columns { live[name] = [:] }
    while try table.advance() {
        guard try table.isID(item, missing: .noItem, unusable: .badItem) else { continue }
        let id = String(decoding: table.records[item], as: UTF8.self)
        for (column, name) in columns where !isAbsent(table.records[column]) {
            guard let number = Number.parse(table.records[column]) else {
                try table.bad(.badNumber) { "the \(name) \(quoted($0[column])) of \(id) is no number" }
                continue
            }
            live[name, default: [:]][id] = number
        }
    }
    return live
}
