import Glibc
import RecoKit

extension RankingTable {
    /// Reads learning-to-rank data in svmlight's form, plain or gzip: "2 qid:7 1:0.5 3:0.25 # comment" in each line.
    ///
    /// A feature's number is its place, whatever the first number is; what a line leaves out is 0, "nan" is missing.
    /// Groups are told by `qid`, whose lines stand together, or by a file beside it with a group's size in each line:
    /// FILE.query, as LightGBM has it; so are weights, FILE.weight, and positions, FILE.position. Rows are scored in the
    /// order of the file, so a line that makes no sense is an error. O(bytes).
    public convenience init(ranking path: String, _ options: TableOptions = TableOptions()) throws {
        self.init()
        try read(openBytes(path), options)
        if !hasGroups, let sizes = try Self.numbers(beside: path, "query") {
            try Self.naming(path) { try setGroups(sizes: sizes.map { Int($0) }) }
        }
        if let weights = try Self.numbers(beside: path, "weight") {
            try Self.naming(path) { try setWeights(weights.map(Float.init)) }
        }
        if let positions = try Self.numbers(beside: path, "position") {
            try Self.naming(path) {
                guard positions.allSatisfy({ $0 >= 0 && $0 <= 1e9 && $0 == $0.rounded() }) else {
                    throw RecoError(.badData, "a position is no whole number from 0")
                }
                try setPositions(positions.map { UInt32($0) })
            }
        }
    }

    private static func naming(_ path: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as RecoError { throw RecoError(error.code, "\(path): \(error.message)") }
    }

    func read(_ source: any ByteSource, _ options: TableOptions) throws {
        // No line holds a NUL, so that every line is one field.
        var lines = RecordReader(source, separator: 0)
        var groups = GroupSizes()
        while try lines.advance() {
            if rowCount & 0xFFF == 0, let progress = options.progress {
                let position = source.position
                try progress(
                    TableProgress(
                        file: source.name, rows: rowCount, bytesDone: position.done, bytesTotal: position.total))
            }
            do {
                try readRow(lines[0], &groups)
            } catch let error as RecoError {
                throw RecoError(error.code, "\(source.name), line \(lines.line): \(error.message)")
            }
        }
        try endRows()
        if let sizes = groups.sizes { try setGroups(sizes: sizes) }
        guard rowCount > 0 else { throw RecoError(.badData, "\(source.name) has no rows") }
    }

    private func readRow(_ line: UnsafeBufferPointer<UInt8>, _ groups: inout GroupSizes) throws {
        var rest = Words(line)
        guard let first = rest.next() else { return }  // a comment
        guard let label = Number.parse(first).map(Float.init), label.isFinite else {
            throw RecoError(.badData, "the label \(quoted(first)) is no finite number")
        }
        var group: UnsafeBufferPointer<UInt8>?
        while let word = rest.next() {
            guard let colon = word.firstIndex(of: UInt8(ascii: ":")) else {
                throw RecoError(.badData, "\(quoted(word)) is not of the form feature:value")
            }
            let name = UnsafeBufferPointer(rebasing: word[..<colon])
            let text = UnsafeBufferPointer(rebasing: word[(colon + 1)...])
            if name.elementsEqual("qid".utf8) {
                group = text
                continue
            }
            guard let feature = Self.index(name), feature < RankingTable.maximumFeatures else {
                throw RecoError(
                    .badData, "\(quoted(name)) is no number of a feature below \(RankingTable.maximumFeatures)")
            }
            guard let value = FeatureValue.parse(text) else {
                throw RecoError(.badData, "the value of feature \(feature), \(quoted(text)), is no number")
            }
            while featureCount <= feature { try addFeature("\(featureCount)") }
            guard try add(value, feature: feature) else {
                throw RecoError(.badData, "feature \(feature) has two values")
            }
        }
        try groups.add(group)
        try endRow(label: label)
    }

    private static func index(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard !text.isEmpty, text.count < 10 else { return nil }
        var value = 0
        for byte in text {
            guard byte &- UInt8(ascii: "0") <= 9 else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// The numbers, one a line, of "data.query" or "data.query.gz" beside "data" or "data.gz"; nil if there is none.
    private static func numbers(beside path: String, _ kind: String) throws -> [Double]? {
        guard path != "-" else { return nil }
        let plain = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        for name in ["\(plain).\(kind)", "\(plain).\(kind).gz", "\(path).\(kind)"] where access(name, R_OK) == 0 {
            var lines = try RecordReader(openBytes(name), separator: 0)
            var numbers: [Double] = []
            while try lines.advance() {
                var words = Words(lines[0])
                guard let word = words.next() else { continue }
                guard let number = Number.parse(word), number.magnitude < 1e15 else {
                    throw RecoError(.badData, "\(name), line \(lines.line): \(quoted(word)) is no number")
                }
                numbers.append(number)
            }
            return numbers
        }
        return nil
    }
}

/// The lengths of the runs of one `qid`.
private struct GroupSizes {
    private var last: [UInt8]?
    private var seen: Set<[UInt8]> = []
    private var rows = 0
    private var runs: [Int] = []

    /// Nil: the lines name no groups.
    var sizes: [Int]? { runs.isEmpty ? nil : runs }

    mutating func add(_ group: UnsafeBufferPointer<UInt8>?) throws {
        defer { rows += 1 }
        guard let group else {
            if last != nil { throw RecoError(.badData, "the line has no qid, which others have") }
            return
        }
        if let last, last.count == group.count, last.elementsEqual(group) {
            runs[runs.count - 1] += 1
            return
        }
        if last == nil, rows > 0 { throw RecoError(.badData, "the line has a qid, which others have not") }
        let name = Array(group)
        guard seen.insert(name).inserted else {
            throw RecoError(.badData, "qid \(quoted(group)) was seen before; the lines of a group must stand together")
        }
        last = name
        runs.append(1)
    }
}

/// The words of a line, up to "#".
private struct Words {
    private var rest: UnsafeBufferPointer<UInt8>.SubSequence

    init(_ line: UnsafeBufferPointer<UInt8>) { rest = line[...] }

    mutating func next() -> UnsafeBufferPointer<UInt8>? {
        while let first = rest.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { rest.removeFirst() }
        guard let first = rest.first, first != UInt8(ascii: "#") else { return nil }
        let end = rest.firstIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } ?? rest.endIndex
        defer { rest = rest[end...] }
        return UnsafeBufferPointer(rebasing: rest[..<end])
    }
}

/// A feature's value as text.
enum FeatureValue {
    /// A number; nan for what says that it is missing, infinities by their names; nil for other text.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
        if let number = Number.parse(text) { return Float(number) }
        switch String(decoding: text.prefix(10), as: UTF8.self).lowercased() {
        case "", "?", "na", "nan", "null", "\\n": return .nan
        case "inf", "+inf", "infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default: return nil
        }
    }
}
