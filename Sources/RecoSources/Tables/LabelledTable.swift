import RecoKit

extension RankingTable {
    /// What a trained model knows about its features: names, and the texts of those that have categories.
    public struct Schema: Sendable {
        public let names: [String]
        public let categories: [[String]?]
        public init(names: [String], categories: [[String]?]) { (self.names, self.categories) = (names, categories) }
    }

    /// Reads labelled rows from a CSV or TSV file with a header, plain or gzip: the label is the column `label`, or else
    /// the first one; all others are features.
    ///
    /// A column in which something stands that is no number has categories; nothing, "?", "NA" and "nan" are missing. With
    /// the `schema` of a trained model, columns are found by its names and categories keep its numbers; a text that it
    /// does not know belongs to none. Rows are scored in the order of the file, so a row that makes no sense is an
    /// error. O(bytes); the file is read once more where a column turns out late to have categories.
    public convenience init(table path: String, schema: Schema? = nil, _ options: TableOptions = TableOptions()) throws
    {
        var isText: [Bool]?
        while true {
            let reading = try LabelledReading(path, schema, isText, options)
            if let found = try reading.run() {
                isText = found
                continue
            }
            self.init(reading.table)
            return
        }
    }
}

/// One reading of a labelled table.
private final class LabelledReading {
    let table = RankingTable()
    private let path: String
    private let options: TableOptions
    private let schema: RankingTable.Schema?
    private var isText: [Bool]?
    private var codes: [[String: Float]] = []  // (features)

    init(_ path: String, _ schema: RankingTable.Schema?, _ isText: [Bool]?, _ options: TableOptions) throws {
        if path == "-" { throw RecoError(.invalidArgument, "a table of labelled rows is read from a file") }
        (self.path, self.schema, self.isText, self.options) = (path, schema, isText, options)
    }

    /// Nil when done; else which columns have text, after all, to begin again with.
    func run() throws -> [Bool]? {
        var records = RecordReader(try openBytes(path))
        let names = try Columns(&records).names
        let file = records.source.name
        let label = names.firstIndex { $0.lowercased() == "label" } ?? 0
        var places: [Int] = []  // the column of each feature
        if let schema {
            for name in schema.names {
                guard let place = names.firstIndex(of: name) else {
                    throw RecoError(.badData, "\(file) has no column \(name), which the model was trained with")
                }
                places.append(place)
            }
        } else {
            places = names.indices.filter { $0 != label }
            if places.isEmpty { throw RecoError(.badData, "\(file) has a label and no features") }
        }
        var isText = schema?.categories.map { $0 != nil } ?? self.isText ?? places.map { _ in false }
        for (feature, place) in places.enumerated() {
            try table.addFeature(names[place], categories: isText[feature] ? [] : nil)
            var known: [String: Float] = [:]
            for (code, text) in (schema?.categories[feature] ?? []).enumerated() { known[text] = Float(code) }
            codes.append(known)
        }
        var isComplete = true  // no column has turned out to have text
        var rows = 0
        while try records.advance() {
            func fail(_ what: String) -> RecoError { RecoError(.badData, "\(file), line \(records.line): \(what)") }
            rows += 1
            if rows & 0xFFF == 0, let progress = options.progress {
                let position = records.source.position
                try progress(
                    TableProgress(file: file, rows: rows, bytesDone: position.done, bytesTotal: position.total))
            }
            guard records.count == names.count else {
                throw fail("\(records.count) fields where the first line names \(names.count) columns")
            }
            for (feature, place) in places.enumerated() {
                let text = trimmed(records[place])
                var value = FeatureValue.parse(text)
                if isText[feature] {
                    if let number = value, number.isNaN { value = .nan } else { value = try code(text, feature) }
                } else if value == nil {
                    if schema != nil {
                        throw fail("\(table.featureNames[feature]) is \(quoted(text)), which is no number")
                    }
                    isText[feature] = true
                    isComplete = false
                }
                if isComplete, let value { _ = try table.add(value, feature: feature) }
            }
            guard isComplete else { continue }  // only to see what the other columns are
            guard let y = Number.parse(trimmed(records[label])).map(Float.init), y.isFinite else {
                throw fail("the label \(quoted(records[label])) is no finite number")
            }
            try table.endRow(label: y)
        }
        if !isComplete { return isText }
        try table.endRows()
        guard table.rowCount > 0 else { throw RecoError(.badData, "\(file) has no rows") }
        for (feature, known) in codes.enumerated() where isText[feature] {
            table.setCategories(
                schema?.categories[feature] ?? known.sorted { $0.value < $1.value }.map(\.key), of: feature)
        }
        return nil
    }

    /// The number of a category; a text that the schema does not know has none.
    private func code(_ text: UnsafeBufferPointer<UInt8>, _ feature: Int) throws -> Float {
        let text = String(decoding: text, as: UTF8.self)
        if let code = codes[feature][text] { return code }
        guard schema == nil else { return -1 }
        let code = Float(codes[feature].count)
        guard codes[feature].count < RankingTable.maximumCategories else {
            throw RecoError(
                .badData,
                "\(path): column \(table.featureNames[feature]) has more than \(RankingTable.maximumCategories) categories"
            )
        }
        codes[feature][text] = code
        return code
    }

    private func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var rest = text[...]
        while rest.first == UInt8(ascii: " ") { rest.removeFirst() }
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
        return UnsafeBufferPointer(rebasing: rest)
    }
}
