import Testing

@testable import RecoSources

private func table(_ name: String, _ columns: String...) -> DatabaseTable {
    DatabaseTable(
        name: name,
        columns: columns.map { column in
            let parts = column.split(separator: " ").map(String.init)
            return .init(parts[0], parts.count > 1 ? parts[1] : "int")
        })
}

@Test func anOrderLineIsReadTogetherWithItsOrder() {
    let guess = SchemaGuess(
        [
            table("customers", "id", "name"), table("order_lines", "id", "order_id", "product_id", "quantity"),
            table("orders", "id", "customer_id", "created_at", "status"),
            table("products", "id", "name", "price", "category"), table("product_categories", "id", "name"),
        ], quote: "`")
    #expect(
        guess.purchases?.sql == """
            SELECT o.customer_id AS user, l.product_id AS item, o.created_at AS time, l.quantity AS weight, l.order_id AS basket
            FROM order_lines AS l
            JOIN orders AS o ON o.id = l.order_id
            """)
    #expect(guess.purchases?.tables == ["order_lines", "orders"])
    #expect(guess.items?.sql == "SELECT id AS item, name AS title, category AS category, price AS price\nFROM products")
    #expect(guess.views == nil && guess.carts == nil && guess.searches == nil)
    #expect(guess.purchases?.time == "o.created_at")
    #expect(guess.users == nil, "a name says who somebody is, and nothing else does")
}

@Test func eventsItemsAndUsersSpeakOfTheSameIDs() {
    let guess = SchemaGuess(
        [
            table("purchases", "id", "customer_no", "client_id", "sku", "ordered_at"),
            table("products", "id", "sku", "title"), table("clients", "id", "email", "country", "language", "group_id"),
            table("client_groups", "id", "country"),
        ], quote: "`")
    #expect(guess.items?.sql == "SELECT sku AS item, title AS title\nFROM products")
    #expect(
        guess.users?.sql
            == "SELECT id AS user, country AS country, language AS language, group_id AS customer_group\nFROM clients")
}

@Test func wooCommerceIsUnderstood() {
    let guess = SchemaGuess(
        [
            table(
                "wp_wc_order_product_lookup", "order_item_id", "order_id", "product_id", "variation_id", "customer_id",
                "date_created", "product_qty"),
            table("wp_wc_product_meta_lookup", "product_id", "sku", "min_price", "stock_quantity"),
            table("wp_woocommerce_order_items", "order_item_id", "order_item_name", "order_id"),
            table("wp_posts", "ID", "post_title", "post_excerpt", "post_type", "post_status"),
            table("wp_terms", "term_id", "name", "slug"),
            table("wp_term_taxonomy", "term_taxonomy_id", "term_id", "taxonomy"),
            table("wp_term_relationships", "object_id", "term_taxonomy_id"),
            table("wp_users", "ID", "user_login", "user_email"),
            table("wp_wc_customer_lookup", "customer_id", "user_id", "username", "email", "country", "postcode"),
        ], quote: "`")
    #expect(
        guess.items?.sql == """
            SELECT p.ID AS item, p.post_title AS title, p.post_excerpt AS description, m.min_price AS price, m.stock_quantity \
            AS stock, (SELECT MIN(n.name) FROM wp_term_relationships AS r
               JOIN wp_term_taxonomy AS k ON k.term_taxonomy_id = r.term_taxonomy_id
               JOIN wp_terms AS n ON n.term_id = k.term_id
               WHERE r.object_id = p.ID AND k.taxonomy = 'product_cat') AS category
            FROM wp_posts AS p
            LEFT JOIN wp_wc_product_meta_lookup AS m ON m.product_id = p.ID
            WHERE p.post_type = 'product' AND p.post_status = 'publish'
            """)
    #expect(guess.users?.sql == "SELECT customer_id AS user, country AS country\nFROM wp_wc_customer_lookup")
    #expect(guess.purchases?.tables == ["wp_wc_order_product_lookup"])
    #expect(
        guess.purchases?.sql.hasPrefix(
            "SELECT customer_id AS user, product_id AS item, date_created AS time, product_qty")
            == true)
}

@Test func prestaShopAndOpenCartAndMagentoAreUnderstood() {
    let presta = SchemaGuess(
        [
            table("ps_order_detail", "id_order_detail", "id_order", "product_id", "product_quantity"),
            table("ps_orders", "id_order", "id_customer", "id_cart", "date_add"),
            table("ps_order_state", "id_order_state"),
            table("ps_cart_product", "id_cart", "id_product", "quantity", "date_add"),
            table("ps_cart", "id_cart", "id_customer", "date_add"),
            table("ps_product", "id_product", "id_manufacturer", "id_category_default", "price"),
            table("ps_product_shop", "id_product", "id_shop", "price"),
            table("ps_product_lang", "id_product", "id_shop", "id_lang", "description", "description_short", "name"),
            table("ps_customer", "id_customer", "id_default_group", "id_lang", "email"),
        ], quote: "`")
    #expect(
        presta.items?.sql == """
            SELECT p.id_product AS item, t.name AS title, t.description AS description, p.id_category_default AS category, \
            p.id_manufacturer AS brand, p.price AS price
            FROM ps_product AS p
            LEFT JOIN ps_product_lang AS t ON t.id_product = p.id_product
              AND t.id_lang = (SELECT MIN(id_lang) FROM ps_product_lang)
              AND t.id_shop = (SELECT MIN(id_shop) FROM ps_product_lang)
            """)
    #expect(
        presta.users?.sql
            == "SELECT id_customer AS user, id_lang AS language, id_default_group AS customer_group\nFROM ps_customer")
    #expect(presta.purchases?.sql.contains("JOIN ps_orders AS o ON o.id_order = l.id_order") == true)
    #expect(presta.purchases?.sql.contains("o.id_customer AS user") == true)
    #expect(presta.carts?.tables == ["ps_cart_product", "ps_cart"])
    let open = SchemaGuess(
        [
            table("oc_order_product", "order_product_id", "order_id", "product_id", "quantity"),
            table("oc_order", "order_id", "customer_id", "date_added"),
            table("oc_order_history", "order_id", "comment"),
            table("oc_product", "product_id", "model", "price", "quantity", "manufacturer_id"),
            table("oc_product_description", "product_id", "language_id", "name", "description"),
        ], quote: "`")
    #expect(open.items?.sql.hasPrefix("SELECT p.product_id AS item, t.name AS title, t.description") == true)
    #expect(open.purchases?.tables == ["oc_order_product", "oc_order"])
    let magento = SchemaGuess(
        [
            table("sales_order_item", "item_id", "order_id", "product_id", "qty_ordered", "created_at"),
            table("sales_order", "entity_id", "customer_id", "created_at"), table("sales_order_grid", "entity_id"),
            table("catalog_product_entity", "entity_id", "type_id", "sku"),
            table("catalog_product_entity_varchar", "value_id", "attribute_id", "store_id", "entity_id", "value"),
            table("catalog_product_entity_decimal", "value_id", "attribute_id", "store_id", "entity_id", "value"),
            table("eav_attribute", "attribute_id", "entity_type_id", "attribute_code"),
            table("catalog_category_product", "entity_id", "category_id", "product_id"),
            table("customer_entity", "entity_id", "group_id", "store_id", "email"),
            table("customer_log", "customer_id"),
        ], quote: "`")
    #expect(
        magento.items?.sql == """
            SELECT p.entity_id AS item, n.value AS title, d.value AS price, (SELECT MAX(c.category_id) FROM \
            catalog_category_product AS c WHERE c.product_id = p.entity_id) AS category
            FROM catalog_product_entity AS p
            LEFT JOIN catalog_product_entity_varchar AS n ON n.entity_id = p.entity_id AND n.store_id = 0
              AND n.attribute_id IN (SELECT attribute_id FROM eav_attribute WHERE attribute_code = 'name')
            LEFT JOIN catalog_product_entity_decimal AS d ON d.entity_id = p.entity_id AND d.store_id = 0
              AND d.attribute_id IN (SELECT attribute_id FROM eav_attribute WHERE attribute_code = 'price')
            """)
    #expect(magento.users?.sql == "SELECT entity_id AS user, group_id AS customer_group\nFROM customer_entity")
    #expect(magento.purchases?.sql.contains("JOIN sales_order AS o ON o.entity_id = l.order_id") == true)
    #expect(magento.purchases?.sql.contains("l.product_id AS item") == true)
    let shopware = SchemaGuess(
        [
            table("order_line_item", "id", "order_id", "product_id", "quantity", "created_at"),
            table("order_customer", "id", "order_id", "customer_id"),
            table(
                "product", "id binary", "version_id binary", "product_manufacturer_id binary", "price longtext", "stock"
            ),
            table(
                "product_translation", "product_id binary", "product_version_id binary", "language_id binary",
                "name varchar"),
            table("customer", "id binary", "customer_group_id binary", "language_id binary", "email varchar"),
        ], quote: "`")
    #expect(shopware.purchases?.sql.contains("o.order_id = l.order_id") == true)
    #expect(
        shopware.items?.sql == """
            SELECT LOWER(HEX(p.id)) AS item, t.name AS title, LOWER(HEX(p.product_manufacturer_id)) AS brand, p.stock AS stock
            FROM product AS p
            LEFT JOIN product_translation AS t ON t.product_id = p.id
              AND t.product_version_id = p.version_id
              AND t.language_id = x'2FBB5FE2E29A4D70AA5854CE7CE3E20B'
            WHERE p.version_id = x'0FA91CE3E96A4BC2BE4BD9CE752C3425'
            """)
    #expect(shopware.users?.sql.hasPrefix("SELECT LOWER(HEX(id)) AS user, LOWER(HEX(language_id)) AS language") == true)
}

@Test func germanNamesAreUnderstood() {
    let guess = SchemaGuess(
        [
            table("kunden", "id", "nachname", "land", "kundengruppe"), table("kundengruppen", "id", "bezeichnung"),
            table("bestellungen", "id", "kunde_id", "bestelldatum", "status"),
            table("bestellpositionen", "id", "bestellung_id", "artikel_nr", "menge", "einzelpreis"),
            table("artikel", "id", "artikel_nr", "bezeichnung", "warengruppe", "preis", "bestand"),
            table("artikel_bilder", "id", "artikel_nr"), table("besuche", "id", "kunde_id", "artikel_nr", "zeitpunkt"),
            table("warenkorb_positionen", "warenkorb_id", "artikel_nr", "anzahl"),
            table("warenkoerbe", "id", "kunden_nr", "angelegt_am"),
            table("suchanfragen", "suchbegriff", "artikel_nr", "kunde_id", "datum"),
        ], quote: "`")
    #expect(
        guess.purchases?.sql == """
            SELECT o.kunde_id AS user, l.artikel_nr AS item, o.bestelldatum AS time, l.menge AS weight, l.bestellung_id AS basket
            FROM bestellpositionen AS l
            JOIN bestellungen AS o ON o.id = l.bestellung_id
            """)
    #expect(
        guess.items?.sql
            == "SELECT artikel_nr AS item, bezeichnung AS title, warengruppe AS category, preis AS price, bestand AS stock\nFROM artikel"
    )
    #expect(guess.users?.sql == "SELECT id AS user, land AS country, kundengruppe AS customer_group\nFROM kunden")
    #expect(guess.views?.tables == ["besuche"] && guess.carts?.tables == ["warenkorb_positionen", "warenkoerbe"])
    #expect(guess.searches?.sql.hasPrefix("SELECT suchbegriff AS query, artikel_nr AS item, kunde_id AS user") == true)
}

@Test func binaryIdsBecomeHexadecimalAndOddNamesAreQuoted() {
    let guess = SchemaGuess(
        [table("Order", "customer_id binary", "product-no varchar", "product_id binary", "date datetime")], quote: "\"")
    #expect(
        guess.purchases?.sql
            == "SELECT LOWER(HEX(customer_id)) AS user, LOWER(HEX(product_id)) AS item, date AS time\nFROM \"Order\"")
}

@Test func nothingIsMadeUpWhereNothingLooksLikeAShop() {
    let guess = SchemaGuess([table("people", "id", "name"), table("order_status", "id", "name")], quote: "`")
    #expect(guess.purchases == nil && guess.items == nil && guess.views == nil)
}
