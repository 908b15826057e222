import RecoKit

// The data: what there is, when it happened, how it spreads.
extension ReportPage {
    var overview: HTML {
        let overview = data.overview
        let events = overview.learnedEvents + overview.heldOutEvents
        var cards = [card("Kinds of events", kindSentence, kindChart, .element("h3", "Known again"), knownChart)]
        if let timeline = overview.timeline { cards.append(timelineCard(timeline)) }
        cards.append(
            card(
                "Events per customer",
                "Half of the customers have \(Format.count(overview.eventsPerUser.median)) or more events; the busiest has "
                    + "\(Format.count(overview.eventsPerUser.largest)).",
                columns(overview.eventsPerUser, "customers by their number of events")))
        cards.append(
            card(
                "Events per product",
                "Half of the products that anybody touched have \(Format.count(overview.eventsPerItem.median)) or more events; "
                    + "the most popular has \(Format.count(overview.eventsPerItem.largest)).",
                columns(overview.eventsPerItem, "products by their number of events")))
        return section(
            "data", "The data",
            [
                paragraph(knownSentence),
                figures([
                    (Format.count(events), "events"), (Format.count(overview.users), "customers"),
                    (Format.count(overview.items), "products with events"),
                    (Format.count(overview.heldOutEvents), "events held out"),
                ]),
                .element("div", [("class", "grid")], cards),
            ])
    }

    private var knownSentence: String {
        let overview = data.overview
        func share(_ part: Int, _ whole: Int) -> String {
            Format.percent(whole > 0 ? Double(part) / Double(whole) : 0)
        }
        return
            "Held out: \(data.period.text), which is \(share(overview.heldOutEvents, overview.learnedEvents + overview.heldOutEvents)) of "
            + "all events. Of the \(Format.count(overview.heldOutUsers)) customers in it, "
            + "\(Format.count(overview.knownUsers)) (\(share(overview.knownUsers, overview.heldOutUsers))) had been there "
            + "before; of its \(Format.count(overview.heldOutItems)) products, \(Format.count(overview.knownItems)) "
            + "(\(share(overview.knownItems, overview.heldOutItems))) had."
    }

    private var kindSentence: String {
        let kinds = data.overview.kinds
        guard let most = kinds.first else { return "" }
        let all = kinds.reduce(0) { $0 + $1.events }
        return kinds.count == 1
            ? "All events are of the kind \(most.name)."
            : "\(Format.percent(Double(most.events) / Double(all))) of all events are of the kind \(most.name)."
    }

    private var kindChart: HTML {
        BarChart(
            groups: [
                (
                    "",
                    data.overview.kinds.map {
                        .init(name: $0.name, value: Double($0.events), figure: Format.count($0.events))
                    }
                )
            ]
        ).svg("events by kind")
    }

    private var knownChart: HTML {
        func bar(_ name: String, _ part: Int, _ whole: Int) -> BarChart.Bar {
            let share = whole > 0 ? Double(part) / Double(whole) : 0
            return .init(name: name, value: share, figure: Format.percent(share), style: "s2")
        }
        let overview = data.overview
        return BarChart(
            groups: [
                (
                    "",
                    [
                        bar("held-out customers who were there before", overview.knownUsers, overview.heldOutUsers),
                        bar("held-out products that were there before", overview.knownItems, overview.heldOutItems),
                    ]
                )
            ], end: 1
        ).svg("held-out customers and products that were there before")
    }

    private func timelineCard(_ timeline: DataOverview.Timeline) -> HTML {
        let bars = timeline.bars
        let unit =
            switch timeline.daysPerBar {
            case 1: "day"
            case 7: "week"
            default: "\(Format.count(timeline.daysPerBar)) days"
            }
        let busiest = bars.max { $0.learned + $0.heldOut < $1.learned + $1.heldOut }!
        let sentence =
            "Each bar is a \(unit == "day" || unit == "week" ? unit : "period of \(unit)"); the fullest one, from "
            + "\(Self.date(busiest.start)) on, has \(Format.count(busiest.learned + busiest.heldOut)) events."
        let named: Set<Int> = [0, bars.count - 1]
        let chart = ColumnChart(
            columns: bars.map {
                .init(name: Self.date($0.start), value: Double($0.learned), second: Double($0.heldOut))
            }, named: named)
        return card(
            "Events over time", sentence,
            .element(
                "div", [("class", "legend")],
                .element("span", .element("span", [("class", "key k1")], [""]), "learned from"),
                .element("span", .element("span", [("class", "key k2")], [""]), "held out")),
            chart.svg("events over time"))
    }

    private func columns(_ distribution: Distribution, _ label: String) -> HTML {
        let steps = distribution.steps
        let every = steps.count > 8 ? 2 : 1
        let chart = ColumnChart(
            columns: steps.map { step in
                let low = step.range.lowerBound
                return .init(name: ColumnChart.short(Double(low)), value: Double(step.count))
            }, named: Set(steps.indices.filter { $0 % every == 0 }))
        return .group([
            chart.svg(label),
            .element(
                "p", [("class", "caption")],
                ["Number of events: 1, 2, 3 to 4, 5 to 8 and so on; named is where a bar begins."]),
        ])
    }

    /// "2024-11-09", in UTC.
    static func date(_ seconds: Int64) -> String { String(utcText(seconds).prefix(10)) }
}
