/// What a shop's tables are probably for, by the names of tables and columns, as queries that `reco init` writes down.
///
/// Known by heart are words, English and German, not shop systems: the tables of WooCommerce, Magento, PrestaShop,
/// OpenCart and Shopware are found because they call things what everybody calls them. Only where WordPress, Magento and
/// Shopware keep their titles nobody would guess. A guess is a draft for a person to read.
public struct SchemaGuess: Sendable {
    public struct Query: Sendable, Equatable {
        /// The tables that it reads.
        public let tables: [String]
        public let sql: String  // several lines
        /// What it calls `time`, for a condition with `:since`; nil: it has none.
        public var time: String?
        /// The columns that stand for users and items, without what is not a letter or a digit.
        var user: String?
        var item: String?
    }

    public private(set) var purchases: Query?
    public private(set) var views: Query?
    public private(set) var carts: Query?
    public private(set) var items: Query?
    public private(set) var users: Query?
    public private(set) var searches: Query?

    let tables: [DatabaseTable]
    let quote: String

    /// - Parameter quote: what stands around names in this database's queries.
    public init(_ tables: [DatabaseTable], quote: String) {
        self.tables = tables
        self.quote = quote
        purchases = events(
            lineWords: Self.orderLineTables, headerWords: Self.orderTables, avoiding: Self.notPurchaseTables)
        views = events(
            lineWords: Self.viewTables, headerWords: Self.visitTables, avoiding: Self.notViewTables)
        carts = events(
            lineWords: Self.cartLineTables, headerWords: Self.cartTables, avoiding: Self.notCartTables)
        let known = [purchases, views, carts].compactMap { $0 }
        items = catalogue(key: known.lazy.compactMap(\.item).first)
        users = customers(key: known.lazy.compactMap(\.user).first)
        searches = searchLog()
    }

    static func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    func column(_ table: DatabaseTable, _ names: [String]) -> DatabaseTable.Column? {
        for name in names {
            if let found = table.columns.first(where: { Self.plain($0.name) == name }) { return found }
        }
        return nil
    }

    /// How much a table's name is like one of `words`, the better ones first; nil: not at all.
    private func likeness(_ table: DatabaseTable, _ words: [String], avoiding: [String]) -> Int? {
        let name = Self.plain(table.name)
        guard !avoiding.contains(where: name.contains) else { return nil }
        // Among two that hold the word, the shorter name is the plainer one.
        return words.firstIndex(where: name.contains).map { $0 * 1000 + name.count }
    }

    /// The tables like `words`, the likeliest first.
    func candidates(_ words: [String], avoiding: [String]) -> [DatabaseTable] {
        tables.compactMap { table in likeness(table, words, avoiding: avoiding).map { (table, $0) } }
            .sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// A table that says who and what, or one that says what and another that says who.
    private func events(lineWords: [String], headerWords: [String], avoiding: [String]) -> Query? {
        for line in candidates(lineWords, avoiding: avoiding) {
            guard let thing = column(line, Self.things) else { continue }
            let order = column(line, Self.orders)
            if let user = column(line, Self.people) {
                let time = column(line, Self.times).map(value)
                return Query(
                    tables: [line.name],
                    sql: select(
                        [
                            (value(user), "user"), (value(thing), "item"), (time, "time"),
                            (column(line, Self.quantities).map(value), "weight"), (order.map(value), "basket"),
                        ], from: name(line.name)),
                    time: time, user: Self.plain(user.name), item: Self.plain(thing.name))
            }
            guard let order else { continue }
            for header in candidates(headerWords, avoiding: avoiding) where header.name != line.name {
                guard let user = column(header, Self.people),
                    let key = column(
                        header,
                        [Self.plain(order.name), "id", "entityid", Self.plain(header.name) + "id", "nr", "nummer"])
                else { continue }
                let time =
                    column(header, Self.times).map { value($0, of: "o") }
                    ?? column(line, Self.times).map { value($0, of: "l") }
                return Query(
                    tables: [line.name, header.name],
                    sql: select(
                        [
                            (value(user, of: "o"), "user"), (value(thing, of: "l"), "item"), (time, "time"),
                            (column(line, Self.quantities).map { value($0, of: "l") }, "weight"),
                            (value(order, of: "l"), "basket"),
                        ],
                        from: "\(name(line.name)) AS l\nJOIN \(name(header.name)) AS o "
                            + "ON o.\(name(key.name)) = l.\(name(order.name))"),
                    time: time, user: Self.plain(user.name), item: Self.plain(thing.name))
            }
        }
        return nil
    }

    /// Customers and what may say something about their taste; nil where no table of them has any of it. What says who
    /// somebody is does not belong into a model.
    private func customers(key: String?) -> Query? {
        let attributes: [(name: String, columns: [String])] = [
            ("country", Self.countries), ("language", Self.languages), ("customer_group", Self.groups),
        ]
        for table in candidates(Self.customerTables, avoiding: Self.notCustomerTables) {
            let known = attributes.compactMap { known in column(table, known.columns).map { ($0, known.name) } }
            guard !known.isEmpty,
                let id = column(table, (key.map { [$0] } ?? []) + ["id"] + Self.people + ["entityid", "nr", "nummer"])
            else { continue }
            return Query(
                tables: [table.name],
                sql: select([(value(id), "user")] + known.map { (value($0), $1) }, from: name(table.name)))
        }
        return nil
    }

    private func searchLog() -> Query? {
        for table in candidates(Self.searchTables, avoiding: Self.notSearchTables) {
            guard let query = column(table, Self.searchTexts),
                let thing = column(table, Self.things + ["clickedproductid", "clickeditemid"])
            else { continue }
            return Query(
                tables: [table.name],
                sql: select(
                    [
                        (value(query), "query"), (value(thing), "item"),
                        (column(table, Self.people).map(value), "user"),
                        (column(table, Self.times).map(value), "time"),
                    ], from: name(table.name)))
        }
        return nil
    }
}
