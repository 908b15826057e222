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
}

@Test func wooCommerceIsUnderstood() {
    let guess = SchemaGuess(
        [
            table(
                "wp_wc_order_product_lookup", "order_item_id", "order_id", "product_id", "variation_id", "customer_id",
                "date_created", "product_qty"),
            table("wp_wc_product_meta_lookup", "product_id", "sku", "min_price"),
            table("wp_woocommerce_order_items", "order_item_id", "order_item_name", "order_id"),
            table("wp_posts", "ID"),
        ], quote: "`")
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
        ], quote: "`")
    #expect(presta.purchases?.sql.contains("JOIN ps_orders AS o ON o.id_order = l.id_order") == true)
    #expect(presta.purchases?.sql.contains("o.id_customer AS user") == true)
    #expect(presta.carts?.tables == ["ps_cart_product", "ps_cart"])
    let open = SchemaGuess(
        [
            table("oc_order_product", "order_product_id", "order_id", "product_id", "quantity"),
            table("oc_order", "order_id", "customer_id", "date_added"),
            table("oc_order_history", "order_id", "comment"),
        ], quote: "`")
    #expect(open.purchases?.tables == ["oc_order_product", "oc_order"])
    let magento = SchemaGuess(
        [
            table("sales_order_item", "item_id", "order_id", "product_id", "qty_ordered", "created_at"),
            table("sales_order", "entity_id", "customer_id", "created_at"), table("sales_order_grid", "entity_id"),
        ], quote: "`")
    #expect(magento.purchases?.sql.contains("JOIN sales_order AS o ON o.entity_id = l.order_id") == true)
    #expect(magento.purchases?.sql.contains("l.product_id AS item") == true)
    let shopware = SchemaGuess(
        [
            table("order_line_item", "id", "order_id", "product_id", "quantity", "created_at"),
            table("order_customer", "id", "order_id", "customer_id"),
        ], quote: "`")
    #expect(shopware.purchases?.sql.contains("o.order_id = l.order_id") == true)
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
