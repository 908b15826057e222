import RecoKit

/// Draws a report: one page that needs nothing else.
struct ReportPage {
    let data: ReportData

    var html: String {
        let sections = [
            head, overview, quality, byActivity, purchases, reach, curves, examples, speed, foot,
        ]
        return HTML.page(
            title: title, style: ReportStyle.css, body: [.element("main", [], sections.map { .group([$0, "\n"]) })])
    }

    var title: String {
        data.title.isEmpty ? "How good are the recommendations?" : "\(data.title): how good are the recommendations?"
    }

    // MARK: words that many sections use

    /// "in the last 28 days".
    var period: String {
        switch data.period {
        case .lastDays: "in \(data.period.text)"
        default: "in what was held out"
        }
    }

    /// What people call a model.
    func name(_ model: ModelMeasures) -> String { model.isBaseline ? "bestsellers" : model.name }

    var baseline: ModelMeasures { data.models[data.models.count - 1] }

    var hasRivals: Bool { data.models.count > 1 }

    /// "orders", or "visits" where nothing was bought.
    var orders: String { data.purchases.areBought ? "orders" : "visits" }

    /// The colour of a model: grey for bestsellers.
    func style(_ place: Int) -> Int { data.models[place].isBaseline ? 0 : place % 5 + 1 }

    func section(_ id: String, _ heading: String, _ content: [HTML]) -> HTML {
        .element("section", [("id", id)], [.element("h2", [], [.text(heading)])] + content)
    }

    func card(_ heading: String, _ sentence: String, _ content: HTML...) -> HTML {
        .element(
            "div", [("class", "card")],
            [.element("h3", [], [.text(heading)]), .element("p", [], [.text(sentence)])] + content)
    }

    func paragraph(_ text: String, _ style: String = "") -> HTML {
        .element("p", style.isEmpty ? [] : [("class", style)], [.text(text)])
    }

    /// A figure as people read it, with the exact one behind it for programs.
    func figure(_ value: Double, _ text: String) -> HTML {
        .element("data", [("value", "\(value)")], [.text(text)])
    }

    func definitions(_ list: [Definitions.Definition]) -> HTML {
        .element(
            "dl", [],
            list.map { definition in
                let reference: HTML =
                    definition.reference.isEmpty
                    ? .nothing : .group([" (", .element("cite", .text(definition.reference)), ")"])
                return .element(
                    "div", [],
                    [.element("dt", .text(definition.name)), .element("dd", .text(definition.text), reference)])
            })
    }

    /// - Parameter rows: cells, the first of a row being its name.
    func table(_ id: String, _ header: [String], _ rows: [(name: HTML, cells: [HTML])]) -> HTML {
        let head = HTML.element("tr", [], header.map { .element("th", .text($0)) })
        let body = rows.map { row in
            HTML.element(
                "tr", [],
                [.element("td", row.name)]
                    + zip(header.dropFirst(), row.cells).map { .element("td", [("data-name", $0)], [$1]) })
        }
        return .element(
            "div", [("class", "wide")],
            .element("table", [("id", id)], .element("thead", head), .element("tbody", [], body)))
    }

    func key(_ place: Int) -> HTML {
        .group([
            .element("span", [("class", "key k\(style(place))")], [""]), .text(name(data.models[place])),
        ])
    }

    func figures(_ facts: [(figure: String, what: String)]) -> HTML {
        .element(
            "div", [("class", "facts")],
            facts.map {
                .element("div", [("class", "fact")], .element("b", .text($0.figure)), .element("span", .text($0.what)))
            })
    }

    // MARK: what one takes away

    private var head: HTML {
        let best = data.best
        let share = best.purchases.orders
        let hero: HTML
        if share.whole > 0 {
            hero = .element(
                "p", [("class", "hero")], .text("Of 100 \(orders) with something new \(period), "),
                .element("span", .text(name(best))), " would have had ",
                .element("b", .text(Format.ofHundred(share.value))), " in its ten.")
        } else {
            hero = .element(
                "p", [("class", "hero")], .text("\(name(best)) had something right for "),
                .element("b", .text(Format.ofHundred(Estimate("hit_rate", of: best.summary)?.value ?? 0))),
                " of 100 customers.")
        }
        var lead = ""
        if hasRivals, share.whole > 0 {
            lead = "A list of bestsellers would have had \(Format.ofHundred(baseline.purchases.orders.value)). "
        }
        lead +=
            "The models learned from everything before; then each customer got one list of \(ReportData.length) products, and "
            + "what happened \(period) says how much of it was right."
        return .element("header", .element("h1", .text(title)), hero, paragraph(lead, "lead"))
    }
}
