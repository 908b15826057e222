import RecoKit

/// What a column can be for, and the names by which it is recognised, the better ones first.
struct ColumnRole: Equatable {
    let name: String
    let synonyms: [String]  // lower case, without "_", "-", " " and "."

    static let user = ColumnRole(
        name: "user",
        synonyms: [
            "user", "userid", "customer", "customerid", "visitor", "visitorid", "client", "clientid", "member",
            "memberid", "household", "householdid", "account", "accountid",
        ])
    static let item = ColumnRole(
        name: "item",
        synonyms: [
            "item", "itemid", "product", "productid", "article", "articleid", "sku", "stockcode", "asin", "movie",
            "movieid",
        ])
    static let event = ColumnRole(
        name: "event", synonyms: ["event", "eventtype", "kind", "type", "action", "behavior", "behaviour"])
    static let weight = ColumnRole(
        name: "weight", synonyms: ["weight", "rating", "quantity", "qty", "count", "score"])
    static let time = ColumnRole(
        name: "time",
        synonyms: ["time", "timestamp", "datetime", "date", "createdat", "eventtime", "orderdate", "invoicedate"])
    static let query = ColumnRole(
        name: "query",
        synonyms: [
            "query", "search", "searchterm", "searchquery", "searchtext", "keyword", "keywords", "term", "text", "q",
        ])
    static let basket = ColumnRole(
        name: "basket",
        synonyms: [
            "basket", "basketid", "order", "orderid", "orderno", "ordernumber", "invoice", "invoiceid", "invoiceno",
            "invoicenumber", "transaction", "transactionid", "receipt", "receiptid", "cartid", "session", "sessionid",
            "visit", "visitid",
        ])
    static let device = ColumnRole(
        name: "device", synonyms: ["device", "devicetype", "devicecategory", "deviceclass", "platform"])
}

/// The first line of a table: the names of its columns.
struct Columns {
    let names: [String]  // trimmed

    init(names: [String]) { self.names = names }

    /// Reads the header. Throws for an empty file, naming columns that would do, and for two columns of one name.
    init(_ reader: inout RecordReader, suchAs example: String = "user,item,time") throws {
        let file = reader.source.name
        if let names = reader.columnNames {
            self.names = names.map(\.trimmed)
            if let twice = self.names.first(where: { name in self.names.count { $0 == name } > 1 }) {
                throw RecoError(.badData, "\(file) gives two columns that are named \(twice)")
            }
            return
        }
        try reader.recognizeSeparator()
        guard try reader.advance() else {
            throw RecoError(.badData, "\(file) is empty; its first line must name the columns, such as \(example)")
        }
        var names: [String] = []
        for index in 0..<reader.count {
            guard let name = String(validating: reader[index], as: UTF8.self) else {
                throw RecoError(.badData, "\(file), line \(reader.line): the name of a column is not valid UTF-8")
            }
            let trimmed = name.trimmed
            if !trimmed.isEmpty, names.contains(trimmed) {
                throw RecoError(.badData, "\(file), line \(reader.line): two columns are named \(trimmed)")
            }
            names.append(trimmed)
        }
        self.names = names
    }

    var count: Int { names.count }

    /// The column for a role: the one with the best of its names.
    func find(_ role: ColumnRole) -> Int? {
        let plain = names.map { name in
            name.lowercased().filter { !"_- .".contains($0) }
        }
        for synonym in role.synonyms {
            if let place = plain.firstIndex(of: synonym) { return place }
        }
        return nil
    }

    /// The column for a role, or an error that says what there is.
    func require(_ role: ColumnRole, in reader: borrowing RecordReader) throws -> Int {
        if let place = find(role) { return place }
        let shown = names.prefix(20).map { $0.isEmpty ? "(no name)" : $0.count > 40 ? "\($0.prefix(40))…" : $0 }
        if reader.columnNames != nil {
            throw RecoError(
                .badData,
                "\(reader.source.name) gives no column named \(role.name), only \(shown.joined(separator: ", "))"
                    + "\(names.count > 20 ? ", …" : ""); name one with AS \(role.name)")
        }
        throw RecoError(
            .badData,
            """
            \(reader.source.name), line \(reader.line): no column is named \(role.name); the first line must name the \
            columns, and here it reads: \(shown.joined(separator: ", "))\(names.count > 20 ? ", …" : "")
            """)
    }
}

extension String {
    /// Without spaces around it.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
