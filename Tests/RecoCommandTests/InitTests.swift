import Foundation
import Testing

/// Tables as real shops have them, as far as a draft looks at them.
private struct KnownShop: Sendable, CustomTestStringConvertible {
    let name: String
    let tables: String
    /// What `reco init` says that it found.
    let found: [String]
    var testDescription: String { name }

    /// Six customers who bought three products.
    static let rows = "(1),(2),(3),(4),(5),(6)"

    static let all = [
        KnownShop(
            name: "WooCommerce",
            tables: """
                CREATE TABLE wp_wc_order_product_lookup AS SELECT n AS order_item_id, n AS order_id, 10 + n % 3 AS product_id,
                  n AS customer_id, '2024-01-0' || n AS date_created, 1 AS product_qty FROM n;
                CREATE TABLE wp_wc_product_meta_lookup AS SELECT DISTINCT product_id, 9.5 AS min_price, 4 AS stock_quantity
                  FROM wp_wc_order_product_lookup;
                CREATE TABLE wp_posts AS SELECT DISTINCT product_id AS ID, 'Thing ' || product_id AS post_title,
                  'A thing' AS post_excerpt, 'product' AS post_type, 'publish' AS post_status FROM wp_wc_order_product_lookup
                  UNION ALL SELECT 99, 'A page', '', 'page', 'publish';
                CREATE TABLE wp_terms AS SELECT 5 AS term_id, 'Tools' AS name, 'tools' AS slug;
                CREATE TABLE wp_term_taxonomy AS SELECT 6 AS term_taxonomy_id, 5 AS term_id, 'product_cat' AS taxonomy;
                CREATE TABLE wp_term_relationships AS SELECT DISTINCT product_id AS object_id, 6 AS term_taxonomy_id
                  FROM wp_wc_order_product_lookup;
                CREATE TABLE wp_wc_customer_lookup AS SELECT n AS customer_id, 'x' AS email, 'DE' AS country FROM n;
                """,
            found: [
                "purchases: from wp_wc_order_product_lookup", "items: from wp_posts and wp_wc_product_meta_lookup",
                "users: from wp_wc_customer_lookup",
            ]),
        KnownShop(
            name: "Magento",
            tables: """
                CREATE TABLE sales_order AS SELECT n AS entity_id, n AS customer_id, '2024-01-0' || n AS created_at FROM n;
                CREATE TABLE sales_order_item AS SELECT n AS item_id, n AS order_id, 10 + n % 3 AS product_id,
                  1 AS qty_ordered FROM n;
                CREATE TABLE catalog_product_entity AS SELECT DISTINCT product_id AS entity_id, 'sku' AS sku
                  FROM sales_order_item;
                CREATE TABLE eav_attribute AS SELECT 73 AS attribute_id, 4 AS entity_type_id, 'name' AS attribute_code
                  UNION ALL SELECT 45, 3, 'name' UNION ALL SELECT 77, 4, 'price';
                CREATE TABLE catalog_product_entity_varchar AS SELECT 73 AS attribute_id, 0 AS store_id, entity_id,
                  'Thing ' || entity_id AS value FROM catalog_product_entity;
                CREATE TABLE catalog_product_entity_decimal AS SELECT 77 AS attribute_id, 0 AS store_id, entity_id,
                  9.5 AS value FROM catalog_product_entity;
                CREATE TABLE catalog_category_product AS SELECT entity_id AS product_id, 3 AS category_id
                  FROM catalog_product_entity;
                CREATE TABLE customer_entity AS SELECT n AS entity_id, 1 AS group_id, 'x' AS email FROM n;
                """,
            found: [
                "purchases: from sales_order_item and sales_order",
                "items: from catalog_product_entity and catalog_product_entity_varchar", "users: from customer_entity",
            ]),
        KnownShop(
            name: "PrestaShop",
            tables: """
                CREATE TABLE ps_orders AS SELECT n AS id_order, n AS id_customer, '2024-01-0' || n AS date_add FROM n;
                CREATE TABLE ps_order_detail AS SELECT n AS id_order_detail, n AS id_order, 10 + n % 3 AS product_id,
                  1 AS product_quantity FROM n;
                CREATE TABLE ps_product AS SELECT DISTINCT product_id AS id_product, 3 AS id_category_default, 9.5 AS price
                  FROM ps_order_detail;
                CREATE TABLE ps_product_lang AS SELECT id_product, 1 AS id_shop, l.n AS id_lang,
                  'Thing ' || id_product AS name, 'A thing' AS description FROM ps_product, n AS l WHERE l.n < 3;
                CREATE TABLE ps_customer AS SELECT n AS id_customer, 1 AS id_default_group, 1 AS id_lang, 'x' AS email FROM n;
                """,
            found: [
                "purchases: from ps_order_detail and ps_orders", "items: from ps_product and ps_product_lang",
                "users: from ps_customer",
            ]),
        KnownShop(
            name: "Shopware",
            tables: """
                CREATE TABLE order_customer (id BINARY, order_id BINARY, customer_id BINARY);
                INSERT INTO order_customer SELECT randomblob(16), CAST('o' || n AS BLOB), CAST('c' || n AS BLOB) FROM n;
                CREATE TABLE order_line_item (id BINARY, order_id BINARY, product_id BINARY, quantity INT, created_at TEXT);
                INSERT INTO order_line_item SELECT randomblob(16), CAST('o' || n AS BLOB), CAST('p' || (n % 3) AS BLOB), 1,
                  '2024-01-0' || n FROM n;
                CREATE TABLE product (id BINARY, version_id BINARY, price LONGTEXT, stock INT);
                INSERT INTO product SELECT DISTINCT product_id, x'0FA91CE3E96A4BC2BE4BD9CE752C3425', '{}', 4
                  FROM order_line_item;
                INSERT INTO product SELECT id, randomblob(16), '{}', 0 FROM product;
                CREATE TABLE product_translation (
                  product_id BINARY, product_version_id BINARY, language_id BINARY, name TEXT);
                INSERT INTO product_translation SELECT id, version_id, x'2FBB5FE2E29A4D70AA5854CE7CE3E20B',
                  'Thing ' || hex(id) FROM product;
                CREATE TABLE customer (id BINARY, customer_group_id BINARY, email TEXT);
                INSERT INTO customer SELECT customer_id, x'01', 'x' FROM order_customer;
                """,
            found: [
                "purchases: from order_line_item and order_customer", "items: from product and product_translation",
                "users: from customer",
            ]),
        KnownShop(
            name: "a German one",
            tables: """
                CREATE TABLE bestellungen AS SELECT n AS id, n AS kunde_id, '2024-01-0' || n AS bestelldatum FROM n;
                CREATE TABLE bestellpositionen AS SELECT n AS id, n AS bestellung_id, 10 + n % 3 AS artikel_nr, 1 AS menge
                  FROM n;
                CREATE TABLE artikel AS SELECT DISTINCT 7 AS id, artikel_nr, 'Thing ' || artikel_nr AS bezeichnung,
                  9.5 AS preis FROM bestellpositionen;
                CREATE TABLE kunden AS SELECT n AS id, 'x' AS nachname, 'DE' AS land FROM n;
                """,
            found: ["purchases: from bestellpositionen and bestellungen", "items: from artikel", "users: from kunden"]),
    ]
}

@Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")), arguments: KnownShop.all)
private func whatIsDraftedForAKnownShopRuns(shop: KnownShop) throws {
    let bench = try Bench()
    let sqlite = Process()
    sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    sqlite.arguments = [
        bench.path("shop.db"),
        "CREATE TABLE n (n INTEGER); INSERT INTO n VALUES \(KnownShop.rows);\n\(shop.tables)\nDROP TABLE n;",
    ]
    try starting.withLock { try sqlite.run() }
    sqlite.waitUntilExit()
    try #require(sqlite.terminationStatus == 0)
    let drafted = try bench.run("init", "--sqlite", "shop.db")
    #expect(drafted.code == 0, "\(drafted.errors)")
    for line in shop.found { #expect(drafted.errors.contains("reco: \(line)\n"), "\(drafted.errors)") }
    let checked = try bench.run("check")
    #expect(checked.code == 0, "\(checked.output)\(checked.errors)")
    let trained = try bench.run("train", "--config", "reco.yaml", "--model", "popularity", "--json")
    #expect(trained.code == 0, "\(trained.errors)")
    let counts = try trained.json()
    #expect(counts["events"] as? Int == 6 && counts["users"] as? Int == 6 && counts["items"] as? Int == 3)
    let told = try bench.run("recommend", "shop.reco", "--user", "nobody").output
    #expect(told.components(separatedBy: "Thing ").count == 4, "every product has its title: \(told)")
}

@Test func aDraftSaysWhatRunsEveryNightNeed() throws {
    let bench = try Bench()
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3") else { return }
    let sqlite = Process()
    sqlite.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    sqlite.arguments = [
        bench.path("shop.db"),
        """
        CREATE TABLE sales (customer_id, product_id, sold_at TEXT);
        INSERT INTO sales VALUES (1, 2, '2024-01-01'), (2, 2, '2024-01-02'), (2, 3, '2024-01-03');
        """,
    ]
    try starting.withLock { try sqlite.run() }
    sqlite.waitUntilExit()
    #expect(try bench.run("init", "--sqlite", "shop.db").code == 0)
    let draft = String(decoding: try bench.bytes("reco.yaml"), as: UTF8.self)
    for line in [
        "#   WHERE sold_at >= :since", "# incremental: {overlap: 3d, full: 7d}",
        "# publish: {keep: 2, rows: 10, smaller: 50%, metric: ndcg@10, worse: 10%}",
    ] { #expect(draft.contains("\(line)\n"), "\(draft)") }
    // What is drafted as comments means what it says.
    let active = draft.split(separator: "\n").map { line in
        line.hasPrefix("# incremental:") || line.hasPrefix("# publish:") ? String(line.dropFirst(2)) : String(line)
    }
    try bench.write("reco.yaml", active.joined(separator: "\n") + "\n")
    let checked = try bench.run("check")
    #expect(checked.code == 0, "\(checked.errors)")
}
