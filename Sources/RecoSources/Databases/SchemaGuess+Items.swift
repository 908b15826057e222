// What is sold: a table of products, and where their titles are if not there.
extension SchemaGuess {
    /// - Parameter key: what events call the items, so that both speak of the same.
    func catalogue(key: String?) -> Query? {
        wordPressProducts() ?? magentoProducts() ?? products(key: key)
    }

    // MARK: a table of products

    private func products(key: String?) -> Query? {
        var best: (table: DatabaseTable, known: Int)?
        for table in candidates(Self.itemTables, avoiding: Self.notItemTables) {
            guard identifier(of: table, key: key) != nil else { continue }
            let known = attributes(of: table).count
            if known > best?.known ?? 0 { best = (table, known) }
        }
        guard let table = best?.table, let id = identifier(of: table, key: key) else { return nil }
        let own = attributes(of: table)
        if !own.contains(where: { $0.name == "title" }), let texts = texts(of: table, id) {
            return products(table, id, own, texts)
        }
        var columns = [(value(id), "item")] + own.map { (value($0.column), $0.name) }
        if !own.contains(where: { $0.name == "title" }), let model = column(table, ["model", "commoditydesc"]) {
            columns.insert((value(model), "title"), at: 1)
        }
        return Query(
            tables: [table.name],
            sql: select(columns, from: name(table.name) + (liveVersion(of: table).map { "\nWHERE \($0)" } ?? "")))
    }

    private func identifier(of table: DatabaseTable, key: String?) -> DatabaseTable.Column? {
        column(table, (key.map { [$0] } ?? []) + ["id"] + Self.things + ["entityid", "nr", "nummer"])
    }

    private func attributes(of table: DatabaseTable) -> [(column: DatabaseTable.Column, name: String)] {
        let known: [(name: String, columns: [String])] = [
            ("title", Self.titles),
            ("description", Self.descriptions),
            (
                "category",
                [
                    "category", "categoryname", "categoryid", "idcategorydefault", "department", "productcategory",
                    "kategorie", "kategoriename", "kategorieid", "kategorienr", "warengruppe", "warengruppeid",
                    "rubrik",
                ]
            ),
            (
                "brand",
                [
                    "brand", "manufacturer", "vendor", "brandname", "manufacturerid", "productmanufacturerid",
                    "idmanufacturer", "marke", "hersteller", "herstellername", "herstellerid",
                ]
            ),
            (
                "price",
                [
                    "price", "unitprice", "saleprice", "minprice", "retailprice", "preis", "verkaufspreis", "vkpreis",
                    "einzelpreis", "bruttopreis",
                ]
            ),
            (
                "stock",
                ["stock", "stockquantity", "quantity", "inventory", "bestand", "lagerbestand"]
            ),
            ("url", ["url", "slug", "urlkey"]), ("image", ["image", "imageurl", "picture", "bild", "bildurl"]),
        ]
        return known.compactMap { known in
            guard let found = column(table, known.columns) else { return nil }
            // Some keep a structure of their own where others have a number.
            let isNumber = known.name == "price" || known.name == "stock"
            return isNumber && ["json", "longtext", "mediumtext"].contains(found.type) ? nil : (found, known.name)
        }
    }

    // MARK: titles in a table of languages

    /// The table with a product's texts in each language: named as the products' own and "lang", "translation" ...
    private func texts(of table: DatabaseTable, _ id: DatabaseTable.Column) -> Texts? {
        let own = Self.plain(table.name)
        let stem = own.hasSuffix("s") || own.hasSuffix("e") ? String(own.dropLast()) : own
        let endings = [
            "lang", "translation", "description", "text", "i18n", "name", "content", "sprache", "beschreibung",
            "uebersetzung", "übersetzung",
        ]
        for other in tables where other.name != table.name {
            let name = Self.plain(other.name)
            guard name.hasPrefix(stem) else { continue }
            let rest = name.dropFirst(stem.count)
            let ending = rest.hasPrefix("s") && !rest.hasPrefix("sprache") ? rest.dropFirst() : rest
            let keys = (Self.plain(id.name) == "id" ? [] : [Self.plain(id.name)]) + Self.things + ["translatableid"]
            if endings.contains(where: ending.hasPrefix), let title = column(other, Self.titles),
                let key = column(other, keys)
            {
                return Texts(table: other, title: title, key: key)
            }
        }
        return nil
    }

    private struct Texts {
        let table: DatabaseTable
        let title: DatabaseTable.Column
        let key: DatabaseTable.Column
    }

    private func products(
        _ table: DatabaseTable, _ id: DatabaseTable.Column,
        _ attributes: [(column: DatabaseTable.Column, name: String)], _ texts: Texts
    ) -> Query {
        var columns = [(value(id, of: "p"), "item"), (value(texts.title, of: "t"), "title")]
        if !attributes.contains(where: { $0.name == "description" }),
            let description = column(texts.table, Self.descriptions)
        {
            columns.append((value(description, of: "t"), "description"))
        }
        columns += attributes.map { (value($0.column, of: "p"), $0.name) }
        var join = "LEFT JOIN \(name(texts.table.name)) AS t ON t.\(name(texts.key.name)) = p.\(name(id.name))"
        let live = liveVersion(of: table, "p.")
        if let version = column(table, ["versionid"]), let same = column(texts.table, ["productversionid"]) {
            join += "\n  AND t.\(name(same.name)) = p.\(name(version.name))"
        }
        // One row for each product: the first language, the first shop.
        for part in [Self.languages, ["idshop", "shopid", "storeid", "channelid"]] {
            guard let found = column(texts.table, part) else { continue }
            let first = "(SELECT MIN(\(name(found.name))) FROM \(name(texts.table.name)))"
            let chosen = live == nil || part != Self.languages ? first : Self.shopwareLanguage
            join += "\n  AND t.\(name(found.name)) = \(chosen)"
        }
        return Query(
            tables: [table.name, texts.table.name],
            sql: select(
                columns, from: "\(name(table.name)) AS p\n\(join)" + (live.map { "\nWHERE \($0)" } ?? "")))
    }

    /// Shopware keeps drafts of products beside those that are sold, which are of this version, and the texts of its first
    /// language under this id.
    private static let shopwareVersion = "x'0FA91CE3E96A4BC2BE4BD9CE752C3425'"
    private static let shopwareLanguage = "x'2FBB5FE2E29A4D70AA5854CE7CE3E20B'"

    private func liveVersion(of table: DatabaseTable, _ prefix: String = "") -> String? {
        guard let version = column(table, ["versionid"]), version.type == "binary" else { return nil }
        return "\(prefix)\(name(version.name)) = \(Self.shopwareVersion)"
    }

    // MARK: WordPress, Magento

    /// WooCommerce's products are posts of WordPress; prices and stock are in a table that it keeps beside them.
    private func wordPressProducts() -> Query? {
        func table(_ columns: String...) -> DatabaseTable? {
            tables.first { table in columns.allSatisfy { column(table, [$0]) != nil } }
        }
        guard let posts = table("id", "posttitle", "posttype"), let prices = table("productid", "minprice") else {
            return nil
        }
        var columns: [(expression: String?, alias: String)] = [("p.ID", "item"), ("p.post_title", "title")]
        if column(posts, ["postexcerpt"]) != nil { columns.append(("p.post_excerpt", "description")) }
        columns.append(("m.min_price", "price"))
        if column(prices, ["stockquantity"]) != nil { columns.append(("m.stock_quantity", "stock")) }
        if let terms = table("termid", "name", "slug"), let kinds = table("termtaxonomyid", "taxonomy"),
            let relations = table("objectid", "termtaxonomyid")
        {
            columns.append(
                (
                    """
                    (SELECT MIN(n.name) FROM \(name(relations.name)) AS r
                       JOIN \(name(kinds.name)) AS k ON k.term_taxonomy_id = r.term_taxonomy_id
                       JOIN \(name(terms.name)) AS n ON n.term_id = k.term_id
                       WHERE r.object_id = p.ID AND k.taxonomy = 'product_cat')
                    """, "category"
                ))
        }
        return Query(
            tables: [posts.name, prices.name],
            sql: select(
                columns,
                from: """
                    \(name(posts.name)) AS p
                    LEFT JOIN \(name(prices.name)) AS m ON m.product_id = p.ID
                    WHERE p.post_type = 'product' AND p.post_status = 'publish'
                    """))
    }

    /// Magento keeps each attribute of a product as a row of the table for its type.
    private func magentoProducts() -> Query? {
        guard let entities = tables.first(where: { Self.plain($0.name).hasSuffix("catalogproductentity") }),
            let codes = tables.first(where: {
                column($0, ["attributeid"]) != nil && column($0, ["attributecode"]) != nil
            }),
            let id = column(entities, ["entityid"])
        else { return nil }
        func values(_ type: String, _ attribute: String, _ alias: String) -> (column: String, join: String)? {
            guard let table = tables.first(where: { $0.name == "\(entities.name)_\(type)" }),
                column(table, ["attributeid"]) != nil, column(table, ["value"]) != nil,
                let key = column(table, ["entityid", "rowid"]), let own = column(entities, [Self.plain(key.name)])
            else { return nil }
            let store = column(table, ["storeid"]) == nil ? "" : " AND \(alias).store_id = 0"
            return (
                "\(alias).value",
                """

                LEFT JOIN \(name(table.name)) AS \(alias) ON \(alias).\(name(key.name)) = p.\(name(own.name))\(store)
                  AND \(alias).attribute_id IN (SELECT attribute_id FROM \(name(codes.name)) WHERE attribute_code = '\(attribute)')
                """
            )
        }
        guard let title = values("varchar", "name", "n") else { return nil }
        let price = values("decimal", "price", "d")
        let categories = tables.first { Self.plain($0.name).hasSuffix("catalogcategoryproduct") }
        let category = categories.map {
            "(SELECT MAX(c.category_id) FROM \(name($0.name)) AS c WHERE c.product_id = p.\(name(id.name)))"
        }
        return Query(
            tables: [entities.name, "\(entities.name)_varchar"],
            sql: select(
                [
                    ("p.\(name(id.name))", "item"), (title.column, "title"), (price?.column, "price"),
                    (category, "category"),
                ],
                from: "\(name(entities.name)) AS p" + title.join + (price?.join ?? "")))
    }
}
