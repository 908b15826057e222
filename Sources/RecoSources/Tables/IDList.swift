import RecoKit

/// Reads a file with one id a line and hands over each; a first line that names the column ("user", "user_id") is
/// passed over, and so are lines that cannot be ids: they come back, counted. Gzip and "-" as for tables. O(bytes).
public func readIDs(from path: String, _ body: (String) throws -> Void) throws -> BadRows {
    // No id holds a NUL, so a line is one field.
    var records = RecordReader(try openBytes(path), separator: 0)
    var bad = BadRows(file: records.source.name, strict: false)
    var isFirst = true
    while try records.advance() {
        defer { isFirst = false }
        let id = records[0]
        if isFirst, Columns(names: [String(decoding: id.prefix(64), as: UTF8.self).trimmed]).find(.user) != nil {
            continue
        }
        let problem = records.count > 1 ? "the id holds a NUL byte" : IDTable.problem(with: id)
        if let problem {
            try bad.add(.badUser, line: records.line, "\(quoted(id)) cannot be used: \(problem)")
        } else {
            try body(String(decoding: id, as: UTF8.self))
        }
    }
    return bad
}
