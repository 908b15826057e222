// What shops call their tables and columns, in English and in German: lower case, without what is no letter and no digit,
// the better names first. A table is one of a kind if its name holds the word.
extension SchemaGuess {
    static let orderLineTables = [
        "orderitem", "orderline", "orderproduct", "orderdetail", "orderposition", "orderrow", "order",
        "purchase", "sale", "invoiceitem", "invoiceline", "invoice", "transaction",
        "bestellpos", "bestellungspos", "bestellungpos", "bestellartikel", "bestelldetail", "bestellzeile",
        "auftragspos", "auftragpos", "rechnungspos", "rechnungpos", "bestellung", "auftrag", "aufträge", "rechnung",
        "verkauf", "verkäufe", "kauf", "käufe", "kaeufe",
    ]
    static let orderTables = [
        "order", "sale", "purchase", "invoice", "transaction", "bestellung", "auftrag", "aufträge", "auftraege",
        "rechnung", "verkauf", "verkäufe", "kauf", "käufe", "kaeufe",
    ]
    static let notPurchaseTables = [
        "cart", "basket", "status", "history", "tax", "payment", "address", "note", "comment", "option", "tag",
        "refund", "shipment", "creditmemo", "grid", "view", "quote", "supplier", "state", "message", "aggregated",
        "warenkorb", "warenkörbe", "warenkoerbe", "zahlung", "adresse", "steuer", "versand", "liefer", "gutschrift",
        "retoure", "storno", "notiz", "kommentar", "bemerkung", "angebot", "verlauf", "einkauf", "einkäufe",
    ]
    static let viewTables = [
        "pageview", "productview", "itemview", "view", "click", "visit", "history", "viewed",
        "seitenaufruf", "produktaufruf", "artikelaufruf", "aufruf", "ansicht", "klick", "besuch",
    ]
    static let visitTables = ["session", "visit", "visitor", "sitzung", "besuch"]
    static let notViewTables = [
        "order", "review", "search", "cart", "bestell", "bewertung", "suchanfrag", "suchbegriff", "warenkorb",
    ]
    static let cartLineTables = [
        "cartitem", "cartline", "cartproduct", "basketitem", "cart", "basket", "warenkorbpos", "warenkorbartikel",
        "warenkorb", "warenkörbe", "warenkoerbe",
    ]
    static let cartTables = ["cart", "basket", "warenkorb", "warenkörbe", "warenkoerbe"]
    static let notCartTables = ["order", "rule", "bestell", "regel"]
    static let itemTables = [
        "products", "product", "items", "item", "articles", "article", "goods", "catalog", "artikel", "produkte",
        "produkt",
    ]
    static let notItemTables =
        notPurchaseTables + [
            "order", "categor", "image", "attribute", "price", "review", "variant", "stock", "index", "link", "rel",
            "lookup", "sale", "download", "supplier", "search", "visit", "click", "invoice", "log",
            "bestell", "auftrag", "rechnung", "kategorie", "bild", "merkmal", "preis", "bewertung", "lager",
            "bestand", "eigenschaft", "suche", "besuch", "aufruf", "klick",
        ]
    static let customerTables = [
        "customer", "client", "member", "user", "kunden", "kunde", "benutzer", "nutzer",
    ]
    static let notCustomerTables = [
        "group", "address", "log", "token", "session", "grid", "visitor", "role", "permission", "message", "setting",
        "meta", "order", "note", "wishlist", "tag", "recovery", "payment", "history", "search", "password", "cart",
        "review", "gruppe", "adresse", "rolle", "recht", "bestell", "warenkorb", "bewertung", "passwort",
    ]
    static let searchTables = ["search", "query", "suchanfrag", "suchbegriff", "suchen", "suche"]
    static let notSearchTables = ["index", "cache", "synonym", "engine", "besuch"]

    static let times = [
        "orderedat", "orderdate", "purchasedat", "soldat", "invoicedate", "datecreated", "createdat", "created",
        "dateadd", "dateadded", "orderdatetime", "viewedat", "addedat", "visitedat", "time", "timestamp", "datetime",
        "date", "at", "dateupd", "updatedat",
        "bestelldatum", "bestelltam", "bestellzeit", "bestellzeitpunkt", "auftragsdatum", "rechnungsdatum", "kaufdatum",
        "gekauftam", "verkauftam", "erstelltam", "angelegtam", "aufgerufenam", "gesehenam", "erstellt", "angelegt",
        "zeitpunkt", "zeitstempel", "datum", "zeit",
    ]
    static let quantities = [
        "quantity", "qty", "qtyordered", "productqty", "productquantity", "amount", "count", "pieces",
        "menge", "anzahl", "stückzahl", "stueckzahl", "stück", "stueck",
    ]
    static let people =
        ColumnRole.user.synonyms + ["idcustomer", "iduser", "idmember", "idclient", "buyerid"] + [
            "kundeid", "kundenid", "kundennr", "kundennummer", "kundenr", "idkunde", "kunde", "benutzerid", "benutzer",
            "nutzerid", "nutzer", "besucherid",
        ]
    /// Products before items: where a line has both, its item is often the line itself.
    static let things =
        ["productid", "idproduct", "articleid", "idarticle"] + ColumnRole.item.synonyms
        + ["iditem", "referencedid", "itemno"] + [
            "artikelid", "artikelnr", "artikelnummer", "idartikel", "artikel", "produktid", "produktnr",
            "produktnummer",
            "idprodukt", "produkt",
        ]
    static let orders = [
        "orderid", "idorder", "orderno", "ordernumber", "saleid", "purchaseid", "invoiceid", "invoiceno",
        "transactionid", "cartid", "idcart", "basketid", "sessionid", "visitid", "parentid",
        "bestellungid", "bestellungsid", "bestellid", "bestellnr", "bestellnummer", "bestellungnr", "idbestellung",
        "bestellung", "auftragid", "auftragsid", "auftragsnr", "auftragnr", "auftragsnummer", "auftrag", "rechnungid",
        "rechnungsid", "rechnungsnr", "rechnungsnummer", "verkaufid", "kaufid", "belegnr", "warenkorbid", "sitzungid",
        "sitzungsid",
    ]
    static let titles = [
        "title", "name", "productname", "itemname", "bezeichnung", "titel", "artikelname", "artikelbezeichnung",
        "produktname",
    ]
    static let descriptions = [
        "description", "shortdescription", "descriptionshort", "longdescription", "text", "beschreibung",
        "kurzbeschreibung", "langtext",
    ]
    static let countries = [
        "country", "countrycode", "countryiso", "countryid", "idcountry", "countryname", "land", "landid",
        "laendercode", "ländercode",
    ]
    static let languages = [
        "language", "languagecode", "languageid", "idlang", "langid", "lang", "locale", "sprache", "spracheid",
        "sprachid", "idsprache",
    ]
    static let groups = [
        "customergroup", "customergroupid", "groupid", "iddefaultgroup", "segment", "kundengruppe", "kundengruppeid",
        "kundengruppenid",
    ]
    static let searchTexts =
        ColumnRole.query.synonyms + ["phrase", "words", "suchbegriff", "suchtext", "suchwort", "begriff"]
}
