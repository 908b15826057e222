import RecoKit

extension SearchLog {
    /// Adds the searches of a CSV or TSV file: in each row what was searched for (query), the item that was clicked or
    /// bought after it, and, where there are such columns, the user and the time. Other columns are passed over.
    /// O(bytes).
    public func addSearches(from path: String, _ options: TableOptions = TableOptions()) throws -> TableReport {
        try addSearches(from: openBytes(path), options)
    }

    /// Adds the searches of a query, likewise.
    public func addSearches(
        from source: any TableSource, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        var table = try TableReader(source, options, suchAs: "query,item")
        let query = try table.columns.require(.query, in: table.records)
        let item = try table.columns.require(.item, in: table.records)
        let user = table.columns.find(.user)
        let time = table.columns.find(.time)
        let used = [(query, "query"), (item, "item"), (user, "user"), (time, "time")]
        for (place, role) in used { table.use(place, as: role) }
        table.report.ignoredColumns = table.columns.names.indices.filter { ![query, item, user, time].contains($0) }
            .map { table.columns.names[$0] }
        let nobody = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        while try table.advance() {
            guard try table.isID(item, missing: .noItem, unusable: .badItem) else { continue }
            if table.isForgotten(user) { continue }
            if isAbsent(table.records[query]) {
                try table.bad(.noQuery) { _ in "the query is empty" }
                continue
            }
            // The log takes any bytes; the words in them are read as those of the catalogue are.
            if !isValidText(table.records[query]) { try table.repaired { "the query \(quoted($0[query]))" } }
            var seconds = EventLog.noTime
            if let time, !isAbsent(table.records[time]) {
                guard let parsed = try table.time(time) else { continue }
                seconds = parsed
            }
            try append(
                table.records[query], item: table.records[item], user: user.map { table.records[$0] } ?? nobody,
                time: seconds)
            table.report.rows += 1
        }
        return table.report
    }
}
