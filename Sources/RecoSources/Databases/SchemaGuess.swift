/// What a shop's tables are probably for, by the names of tables and columns, as queries that `reco init` writes down.
///
/// Known by heart are no shop systems, only words: the tables of WooCommerce, Magento, PrestaShop, OpenCart and Shopware
/// are found because they call things what everybody calls them. A guess is a draft for a person to read.
public struct SchemaGuess: Sendable {
    public struct Query: Sendable, Equatable {
        /// The tables that it reads.
        public let tables: [String]
        public let sql: String  // several lines
    }

    public private(set) var purchases: Query?
    public private(set) var views: Query?
    public private(set) var carts: Query?
    public private(set) var items: Query?
    public private(set) var searches: Query?

    private let tables: [DatabaseTable]
    private let quote: String

    /// - Parameter quote: what stands around names in this database's queries.
    public init(_ tables: [DatabaseTable], quote: String) {
        self.tables = tables
        self.quote = quote
        purchases = events(
            lineWords: [
                "orderitem", "orderline", "orderproduct", "orderdetail", "orderposition", "orderrow", "order",
                "purchase", "sale", "invoiceitem", "invoiceline", "invoice", "transaction",
            ],
            headerWords: ["order", "sale", "purchase", "invoice", "transaction"], avoiding: Self.notPurchases)
        views = events(
            lineWords: ["pageview", "productview", "itemview", "view", "click", "visit", "history", "viewed"],
            headerWords: ["session", "visit", "visitor"], avoiding: ["order", "review", "search", "cart"])
        carts = events(
            lineWords: ["cartitem", "cartline", "cartproduct", "basketitem", "cart", "basket"],
            headerWords: ["cart", "basket"], avoiding: ["order", "rule"])
        items = catalogue()
        searches = searchLog()
    }

    private static let notPurchases = [
        "cart", "basket", "status", "history", "tax", "payment", "address", "note", "comment", "option", "tag",
        "refund",
        "shipment", "creditmemo", "grid", "view", "quote", "supplier", "state", "message", "aggregated",
    ]
    private static let times = [
        "orderedat", "orderdate", "purchasedat", "soldat", "invoicedate", "datecreated", "createdat", "created",
        "dateadd",
        "dateadded", "orderdatetime", "viewedat", "addedat", "visitedat", "time", "timestamp", "datetime", "date", "at",
        "dateupd", "updatedat",
    ]
    private static let quantities = [
        "quantity", "qty", "qtyordered", "productqty", "productquantity", "amount", "count", "pieces",
    ]
    private static let users = ColumnRole.user.synonyms + ["idcustomer", "iduser", "idmember", "idclient", "buyerid"]
    /// Products before items: where a line has both, its item is often the line itself.
    private static let things =
        ["productid", "idproduct", "articleid", "idarticle"] + ColumnRole.item.synonyms
        + ["iditem", "referencedid", "itemno"]
    private static let orders = [
        "orderid", "idorder", "orderno", "ordernumber", "saleid", "purchaseid", "invoiceid", "invoiceno",
        "transactionid",
        "cartid", "idcart", "basketid", "sessionid", "visitid", "parentid",
    ]

    private static func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    private func column(_ table: DatabaseTable, _ names: [String]) -> DatabaseTable.Column? {
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
    private func candidates(_ words: [String], avoiding: [String]) -> [DatabaseTable] {
        tables.compactMap { table in likeness(table, words, avoiding: avoiding).map { (table, $0) } }
            .sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// A table that says who and what, or one that says what and another that says who.
    private func events(lineWords: [String], headerWords: [String], avoiding: [String]) -> Query? {
        for line in candidates(lineWords, avoiding: avoiding) {
            guard let thing = column(line, Self.things) else { continue }
            let order = column(line, Self.orders)
            if let user = column(line, Self.users) {
                return Query(
                    tables: [line.name],
                    sql: select(
                        [
                            (value(user), "user"), (value(thing), "item"),
                            (column(line, Self.times).map(value), "time"),
                            (column(line, Self.quantities).map(value), "weight"), (order.map(value), "basket"),
                        ], from: name(line.name)))
            }
            guard let order else { continue }
            for header in candidates(headerWords, avoiding: avoiding) where header.name != line.name {
                guard let user = column(header, Self.users),
                    let key = column(
                        header, [Self.plain(order.name), "id", "entityid", Self.plain(header.name) + "id"])
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
                            + "ON o.\(name(key.name)) = l.\(name(order.name))"))
            }
        }
        return nil
    }

    private func catalogue() -> Query? {
        let words = ["products", "product", "items", "item", "articles", "article", "goods", "catalog"]
        let avoiding =
            Self.notPurchases + [
                "order", "categor", "image", "attribute", "price", "review", "variant", "stock", "index", "link", "rel",
                "lookup", "sale", "download", "supplier", "search", "visit", "click", "invoice", "log",
            ]
        var best: (table: DatabaseTable, known: Int)?
        for table in candidates(words, avoiding: avoiding) {
            guard identifier(of: table) != nil else { continue }
            let known = attributes(of: table).count
            if known > best?.known ?? 0 { best = (table, known) }
        }
        guard let best, let id = identifier(of: best.table) else { return nil }
        return Query(
            tables: [best.table.name],
            sql: select(
                [(value(id), "item")] + attributes(of: best.table).map { (value($0.column), $0.name) },
                from: name(best.table.name)))
    }

    private func identifier(of table: DatabaseTable) -> DatabaseTable.Column? {
        column(table, ["id"] + Self.things + ["entityid"])
    }

    private func attributes(of table: DatabaseTable) -> [(column: DatabaseTable.Column, name: String)] {
        let known: [(name: String, columns: [String])] = [
            ("title", ["title", "name", "productname", "itemname", "model", "commoditydesc"]),
            ("description", ["description", "shortdescription", "descriptionshort", "longdescription", "text"]),
            (
                "category",
                ["category", "categoryname", "categoryid", "idcategorydefault", "department", "productcategory"]
            ),
            ("brand", ["brand", "manufacturer", "vendor", "brandname", "manufacturerid", "idmanufacturer"]),
            ("price", ["price", "unitprice", "saleprice", "minprice", "retailprice"]),
            ("stock", ["stock", "stockquantity", "quantity", "inventory"]),
            ("url", ["url", "slug", "urlkey"]), ("image", ["image", "imageurl", "picture"]),
        ]
        return known.compactMap { known in column(table, known.columns).map { ($0, known.name) } }
    }

    private func searchLog() -> Query? {
        for table in candidates(["search", "query"], avoiding: ["index", "cache", "synonym", "engine"]) {
            guard let query = column(table, ColumnRole.query.synonyms + ["phrase", "words"]),
                let thing = column(table, Self.things + ["clickedproductid", "clickeditemid"])
            else { continue }
            return Query(
                tables: [table.name],
                sql: select(
                    [
                        (value(query), "query"), (value(thing), "item"), (column(table, Self.users).map(value), "user"),
                        (column(table, Self.times).map(value), "time"),
                    ], from: name(table.name)))
        }
        return nil
    }

    private func select(_ columns: [(expression: String?, alias: String)], from tables: String) -> String {
        let chosen = columns.compactMap { column in column.expression.map { "\($0) AS \(column.alias)" } }
        return "SELECT \(chosen.joined(separator: ", "))\nFROM \(tables)"
    }

    private func value(_ column: DatabaseTable.Column) -> String { value(column, of: nil) }

    /// A column as text that can be an id: Shopware's are 16 bytes.
    private func value(_ column: DatabaseTable.Column, of alias: String?) -> String {
        let full = (alias.map { "\($0)." } ?? "") + name(column.name)
        return ["binary", "varbinary", "blob"].contains(column.type) ? "LOWER(HEX(\(full)))" : full
    }

    /// A name that needs no quotes stays without them: people read this.
    private func name(_ name: String) -> String {
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
