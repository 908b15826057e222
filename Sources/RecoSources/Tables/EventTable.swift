import RecoKit

extension EventLog {
    /// Adds the events of a CSV or TSV file: a user and an item in each row and, where there are such columns, the kind
    /// of event, a weight (quantity, rating), a time, the basket (order, session) that it belongs to, and the
    /// device that it came from.
    ///
    /// Columns are known by their names in the first line (`ColumnRole`); others are passed over. An empty kind means
    /// an interaction, an empty weight 1, an empty time or basket none. A row that makes no sense is counted and passed over; a
    /// file that cannot be read to its end throws, and then part of it has been added. O(bytes).
    public func addEvents(from path: String, _ options: TableOptions = TableOptions()) throws -> TableReport {
        try addEvents(from: openBytes(path), options)
    }

    /// Adds the events of an open file or a query, as above; `kind` is that of rows which name none.
    public func addEvents(
        from source: any TableSource, kind: UInt8, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        try addEvents(from: source, options, usualKind: kind)
    }

    /// Adds who chose what, as `addEvents` does, whatever else the file says but, if wanted, the weight: for test data.
    public func addPairs(
        from path: String, withWeights: Bool = false, _ options: TableOptions = TableOptions()
    ) throws -> TableReport {
        try addEvents(from: openBytes(path), options, pairsOnly: true, withWeights: withWeights)
    }

    func addEvents(
        from source: any TableSource, _ options: TableOptions, usualKind: UInt8 = EventKinds.interaction,
        pairsOnly: Bool = false, withWeights: Bool = true, capacity: Int = 256 << 10
    ) throws -> TableReport {
        var table = try TableReader(source, options, capacity: capacity)
        let user = try table.columns.require(.user, in: table.records)
        let item = try table.columns.require(.item, in: table.records)
        let kind = pairsOnly ? nil : table.columns.find(.event)
        let weight = withWeights ? table.columns.find(.weight) : nil
        let time = pairsOnly ? nil : table.columns.find(.time)
        let basket = pairsOnly ? nil : table.columns.find(.basket)
        let device = pairsOnly ? nil : table.columns.find(.device)
        for (place, role) in [
            (user, "user"), (item, "item"), (kind, "event"), (weight, "weight"), (time, "time"), (basket, "basket"),
            (device, "device"),
        ] {
            table.use(place, as: role)
        }
        let used = [user, item, kind, weight, time, basket, device]
        let unused = pairsOnly ? [] : table.columns.names.indices.filter { !used.contains($0) }
        table.report.ignoredColumns = unused.map { table.columns.names[$0] }

        var kindNames = KnownNames()
        var basketNames = BasketNames()
        var deviceNames = KnownNames()
        var batch = EventBatch()
        while try table.advance() {
            var code = usualKind
            var amount: Float = 1
            var seconds = EventLog.noTime
            if let kind, !isAbsent(table.records[kind]) {
                guard let known = kindNames.code(table.records[kind], find: { kinds.code(named: $0) }) else {
                    try table.bad(.unknownKind) { Self.unknownKind($0[kind], kinds) }
                    continue
                }
                code = known
            }
            if let weight, !isAbsent(table.records[weight]) {
                // A number that Float cannot hold becomes infinite.
                guard let number = Number.parse(table.records[weight]).map(Float.init), number.isFinite else {
                    try table.bad(.badWeight) { "the weight \(quoted($0[weight])) is no finite number" }
                    continue
                }
                amount = number
            }
            if let time, !isAbsent(table.records[time]) {
                guard let parsed = try table.time(time) else { continue }
                seconds = parsed
            }
            guard try table.isID(user, missing: .noUser, unusable: .badUser),
                try table.isID(item, missing: .noItem, unusable: .badItem)
            else { continue }
            if table.isForgotten(user) { continue }
            var name = EventLog.noBasket
            if let basket, !isAbsent(table.records[basket]) {
                guard let row = try basketNames.row(table.records[basket], in: baskets) else {
                    try table.bad(.badBasket) {
                        "the basket \(quoted($0[basket])) cannot be used: \(IDTable.problem(with: $0[basket]) ?? "")"
                    }
                    continue
                }
                name = row
            }
            var used: UInt8?
            if let device, !isAbsent(table.records[device]) {
                used = deviceNames.code(table.records[device]) { deviceCode(named: $0) }
            }
            batch.add(
                user: table.records[user], item: table.records[item], kind: code, weight: amount, time: seconds,
                basket: name, device: used ?? 0, for: self)
            if batch.isFull { try append(&batch) }
            table.report.rows += 1
        }
        try append(&batch)
        return table.report
    }

    private static func unknownKind(_ name: UnsafeBufferPointer<UInt8>, _ kinds: EventKinds) -> String {
        let known = kinds.kinds.map(\.name).joined(separator: ", ")
        let shown = String(decoding: name.prefix(40), as: UTF8.self)
        return """
            the kind of event \(quoted(name)) is unknown; known are \(known); give it a weight to use it, such as \
            weight.\(shown.lowercased())=1
            """
    }
}

/// What a file has named so far (kinds, devices), so that a row costs a comparison and not a search.
private struct KnownNames {
    private var known: [(name: [UInt8], code: UInt8)] = []

    /// The code of a name, which `find` is asked for once; nil if it has none, and for what is too long to be a name.
    mutating func code(_ name: UnsafeBufferPointer<UInt8>, find: (String) -> UInt8?) -> UInt8? {
        for entry in known where entry.name.count == name.count && entry.name.elementsEqual(name) { return entry.code }
        guard name.count <= 64, let code = find(String(decoding: name, as: UTF8.self).trimmed) else { return nil }
        if known.count < 64 { known.append((Array(name), code)) }
        return code
    }
}

/// The basket of the row before, for the lines of an order mostly follow each other.
private struct BasketNames {
    private var last: (name: [UInt8], row: UInt32)?

    /// Nil if the name cannot be one.
    mutating func row(_ name: UnsafeBufferPointer<UInt8>, in baskets: IDTable) throws -> UInt32? {
        if let last, last.name.count == name.count, last.name.elementsEqual(name) { return last.row }
        guard IDTable.problem(with: name) == nil else { return nil }
        let row = try baskets.row(for: name)
        last = (Array(name), row)
        return row
    }
}
