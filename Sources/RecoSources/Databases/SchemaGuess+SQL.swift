// Queries as text.
extension SchemaGuess {
    func select(_ columns: [(expression: String?, alias: String)], from tables: String) -> String {
        let chosen = columns.compactMap { column in column.expression.map { "\($0) AS \(column.alias)" } }
        return "SELECT \(chosen.joined(separator: ", "))\nFROM \(tables)"
    }

    func value(_ column: DatabaseTable.Column) -> String { value(column, of: nil) }

    /// A column as text that can be an id: Shopware's are 16 bytes.
    func value(_ column: DatabaseTable.Column, of alias: String?) -> String {
        let full = (alias.map { "\($0)." } ?? "") + name(column.name)
        return ["binary", "varbinary", "blob"].contains(column.type) ? "LOWER(HEX(\(full)))" : full
    }

    /// A name that needs no quotes stays without them: people read this.
    func name(_ name: String) -> String {
        let isPlain =
            name.first?.isLetter == true
            && name.utf8.allSatisfy {
                $0 < 0x80
                    && ($0 == 0x5F || Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber)
            }
        return isPlain && !Self.reserved.contains(name.lowercased())
            ? name
            : quote
                + name.split(separator: Character(quote), omittingEmptySubsequences: false).joined(
                    separator: quote + quote) + quote
    }

    private static let reserved: Set<String> = [
        "order", "group", "key", "index", "table", "select", "from", "where", "values", "desc", "condition", "option",
        "range", "references", "primary", "unique", "row", "rows", "to",
    ]
}
