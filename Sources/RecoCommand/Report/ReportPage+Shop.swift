import RecoKit

// What it would mean for the shop: orders, money, and what of the catalogue is shown.
extension ReportPage {
    var purchases: HTML {
        guard data.best.purchases.lines.whole > 0 else { return .nothing }
        let hasMoney = data.purchases.hasMoney
        let rows = data.models.enumerated().map { place, model in
            let shares = [model.purchases.orders, model.purchases.lines] + (model.purchases.money.map { [$0] } ?? [])
            return (name: key(place), cells: shares.map { share($0) })
        }
        var cards = [
            card(
                data.purchases.areBought ? "Orders it would have predicted" : "Visits it would have predicted",
                orderSentence,
                IntervalChart(groups: [("", intervals(\.orders))], isShare: true).svg("orders by model"))
        ]
        if hasMoney {
            cards.append(
                card(
                    "By money", moneySentence,
                    IntervalChart(
                        groups: [("", intervals { $0.money ?? $0.lines })], isShare: true
                    ).svg("share of the money by model")))
        }
        let best = data.best.purchases
        let rule = data.repeats ? "" : " with something that the customer had not had before"
        return section(
            "orders", data.purchases.areBought ? "Orders it would have predicted" : "Visits it would have predicted",
            [
                paragraph(
                    "Counted are \(Format.count(Int(best.orders.whole))) \(orders)\(rule), \(Format.count(Int(best.lines.whole))) "
                        + "lines in all. Each customer got one list at the beginning, however many \(orders) followed: a shop "
                        + "that asks anew on every page has more chances."),
                .element("div", [("class", "grid")], cards),
                .element(
                    "div", [("class", "card")],
                    [table("purchases", ["model", orders, "lines"] + (hasMoney ? ["money"] : []), rows)]),
                definitions(Definitions.purchases.filter { hasMoney || $0.name != "money" }),
                hasMoney
                    ? .nothing
                    : paragraph("No item has an attribute price, so that nothing is counted by money.", "muted"),
            ])
    }

    private func intervals(_ share: (PurchaseShare) -> Share) -> [IntervalChart.Row] {
        data.models.enumerated().map { place, model in
            .init(name: name(model), style: "s\(style(place))", estimate: Estimate(share(model.purchases)))
        }
    }

    private func share(_ share: Share) -> HTML {
        .group([
            figure(share.value, Format.percent(share.value)),
            .element(
                "small",
                .text("\(Format.percent(share.interval.lowerBound)) – \(Format.percent(share.interval.upperBound))")),
        ])
    }

    private var orderSentence: String {
        let own = data.best.purchases.orders
        return "Of 100 \(orders) with something new \(period), \(name(data.best)) had at least one product of "
            + "\(Format.ofHundred(own.value)) in its ten"
            + (hasRivals ? "; bestsellers had one of \(Format.ofHundred(baseline.purchases.orders.value))." : ".")
    }

    private var moneySentence: String {
        let own = data.best.purchases.money ?? data.best.purchases.lines
        let base = baseline.purchases.money ?? baseline.purchases.lines
        return "Of every 100 spent on those lines, \(Format.fixed(100 * own.value, 1)) went to products in the ten of "
            + "\(name(data.best))"
            + (hasRivals ? ", and \(Format.fixed(100 * base.value, 1)) to ten bestsellers." : ".")
    }

    // MARK: what is shown

    var reach: HTML {
        let people = (
            name: HTML.group([.element("span", [("class", "key k6")], [""]), "chosen by people"]), data.chosen
        )
        let rows = (data.models.enumerated().map { (name: key($0), $1.reach) } + [people]).map { name, reach in
            (
                name: name,
                cells: [
                    figure(reach.coverage, Format.percent(reach.coverage)),
                    figure(reach.novelty, Format.fixed(reach.novelty, 2)),
                ]
                    + reach.headShares.map { figure($0, Format.percent($0)) }
                    + [figure(reach.gini, Format.fixed(reach.gini, 3))]
            )
        }
        let heads = ItemPopularity.heads.map { "top \(Format.fixed(100 * $0, 0)) %" }
        let bias = BarChart(
            groups: heads.enumerated().map { head, title in
                (
                    "\(title) of products",
                    data.models.enumerated().map { place, model in
                        bar(name(model), model.reach.headShares[head], "s\(style(place))")
                    } + [bar("chosen by people", data.chosen.headShares[head], "s6")]
                )
            })
        let coverage = BarChart(
            groups: [
                (
                    "",
                    data.models.enumerated().map { place, model in
                        bar(name(model), model.reach.coverage, "s\(style(place))")
                    } + [bar("chosen by people", data.chosen.coverage, "s6")]
                )
            ])
        let novelty = BarChart(
            groups: [
                (
                    "",
                    (data.models.enumerated().map { (name(data.models[$0]), $1.reach.novelty, "s\(style($0))") }
                        + [("chosen by people", data.chosen.novelty, "s6")]).map {
                            .init(name: $0.0, value: $0.1, figure: "\(Format.fixed($0.1, 2)) bits", style: $0.2)
                        }
                )
            ])
        return section(
            "reach", "What is shown",
            [
                paragraph(biasSentence),
                .element(
                    "div", [("class", "grid")],
                    [
                        card(
                            "Popular products",
                            "The share of all places in lists that goes to the products which most customers had, beside the share of what people chose.",
                            bias.svg("shares of popular products")),
                        .group([
                            .element(
                                "div", [("class", "stack")],
                                card(
                                    "Catalogue coverage",
                                    "\(name(data.best)) shows \(Format.percent(data.best.reach.coverage)) of the catalogue to somebody.",
                                    coverage.svg("coverage by model")),
                                card(
                                    "Novelty",
                                    "The more bits, the fewer customers had what is shown: \(Format.fixed(data.best.reach.novelty, 1)) bits "
                                        + "is one customer in \(Self.oneIn(data.best.reach.novelty)).",
                                    novelty.svg("novelty by model")))
                        ]),
                    ]),
                .element(
                    "div", [("class", "card")],
                    [table("reach-table", ["", "coverage", "novelty, bits"] + heads + ["Gini"], rows)]),
                definitions(Definitions.reach),
            ])
    }

    private func bar(_ name: String, _ share: Double, _ style: String) -> BarChart.Bar {
        .init(name: name, value: share, figure: Format.percent(share), style: style)
    }

    private var biasSentence: String {
        let (own, people) = (data.best.reach.headShares[0], data.chosen.headShares[0])
        let comparison =
            own > people * 1.1
            ? "it leans towards what is popular"
            : own < people * 0.9 ? "it leans away from what is popular" : "much alike"
        return
            "\(Format.percent(own)) of the places in the lists of \(name(data.best)) go to the most popular 1 % of products, and "
            + "\(Format.percent(people)) of what people chose themselves: \(comparison)."
    }

    /// 2 to the power of bits, to two digits.
    private static func oneIn(_ bits: Double) -> String {
        var (value, whole) = (1.0, Int(bits))
        while whole > 0, value < 1e12 { (value, whole) = (value * 2, whole - 1) }
        // Between two powers of two a straight line is near enough for two digits' worth of meaning.
        value *= 1 + (bits - bits.rounded(.down))
        var unit = 1.0
        while value / unit >= 100 { unit *= 10 }
        return Format.count(Int((value / unit).rounded() * unit))
    }
}
