import RecoKit

extension Catalog {
    /// Adds what a CSV or TSV file says about items: one in each row, every other column an attribute. A type may
    /// follow an attribute's name in the first line: `price:number`. `ids` are the rows of the event log; an item that
    /// has no events is added there. O(bytes).
    public func addItems(
        from path: String, ids: IDTable, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        try add(.item, from: openBytes(path), ids: ids, options)
    }

    /// Adds what a CSV or TSV file says about users, likewise.
    public func addUsers(
        from path: String, ids: IDTable, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        try add(.user, from: openBytes(path), ids: ids, options)
    }

    /// Adds what a query says about items, likewise.
    public func addItems(
        from source: any TableSource, ids: IDTable, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        try add(.item, from: source, ids: ids, options)
    }

    /// Adds what a query says about users, likewise.
    public func addUsers(
        from source: any TableSource, ids: IDTable, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        try add(.user, from: source, ids: ids, options)
    }

    func add(
        _ role: ColumnRole, from source: any TableSource, ids: IDTable, _ options: TableOptions,
        capacity: Int = 256 << 10
    ) throws -> TableReport {
        var table = try TableReader(source, options, capacity: capacity)
        let id = try table.columns.require(role, in: table.records)
        table.use(id, as: role.name)
        var attributes: [(column: Int, attribute: Int)] = []
        for (column, name) in table.columns.names.enumerated() where column != id {
            if name.isEmpty {
                table.report.ignoredColumns.append(name)
                continue
            }
            do {
                attributes.append((column, try attribute(named: name)))
            } catch let error as RecoError {
                let place = table.records.columnNames == nil ? ", line 1" : ""
                throw RecoError(error.code, "\(source.name)\(place): \(error.message)")
            }
            table.use(column, as: "attribute")
        }

        let isItem = role == .item
        while try table.advance() {
            guard
                try table.isID(id, missing: isItem ? .noItem : .noUser, unusable: isItem ? .badItem : .badUser)
            else { continue }
            if !isItem, table.isForgotten(id) { continue }
            let row = try ids.row(for: table.records[id])
            for (column, attribute) in attributes {
                let value = table.records[column]
                if isAbsent(value) { continue }
                if isValidText(value) {
                    set(attribute, row: row, to: value)
                } else {
                    try table.repaired { "the \(self.attributes[attribute].name) \(quoted($0[column]))" }
                    set(attribute, row: row, to: repairedText(table.records[column]))
                }
            }
            table.report.rows += 1
        }
        return table.report
    }
}

/// The text with U+FFFD in place of what is not UTF-8, and of NUL.
private func repairedText(_ text: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: text.map { $0 == 0 ? 0xFF : $0 }, as: UTF8.self)
}

/// UTF-8 without NUL, which would end the text early across the C interface.
func isValidText(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    isPlainASCII(text) || (!text.contains(0) && String(validating: text, as: UTF8.self) != nil)
}
