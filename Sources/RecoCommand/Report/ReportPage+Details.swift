import RecoKit

// How models learned, examples, speed, and what makes the report again.
extension ReportPage {
    var curves: HTML {
        let curves = data.models.flatMap { model in model.curves.map { (model, $0) } }.filter { $1.values.count > 1 }
        guard !curves.isEmpty else { return .nothing }
        return section(
            "curves", "How they learned",
            [
                paragraph(
                    "What a part of the training data that was kept apart said after each step: it is not the held-out part "
                        + "above. The dot is the step that was kept."),
                .element(
                    "div", [("class", "grid")],
                    curves.map { model, curve in
                        let best =
                            curve.values.indices.contains(curve.kept - 1)
                            ? curve.values[curve.kept - 1] : curve.values.last!
                        return card(
                            curve.model == model.name ? curve.model : "\(curve.model) of \(name(model))",
                            "\(curve.measure) was best after \(Format.count(curve.kept)) \(curve.unit): \(Format.fixed(best, 4)).",
                            CurveChart(values: curve.values, kept: curve.kept, unit: curve.unit)
                                .svg("\(curve.measure) of \(curve.model) by \(curve.unit)"))
                    }),
            ])
    }

    var examples: HTML {
        guard !data.examples.isEmpty else { return .nothing }
        return section(
            "examples", "Examples",
            [
                paragraph(
                    "Customers drawn at random among those with three events or more, and the ten that \(name(data.best)) made for "
                        + "them. Marked is what they went on to choose \(period)."),
                .element("div", [("class", "grid")], data.examples.map(example)),
            ])
    }

    private func example(_ example: ReportExample) -> HTML {
        let who = example.user.map { "Customer \(Format.plain($0))" } ?? "A customer"
        let past = example.past.map { event in
            let when = event.time.map { ", \(Self.date($0))" } ?? ""
            return HTML.element(
                "li", .text(Format.plain(event.title, atMost: 80)), " ",
                .element("span", [("class", "nowrap")], .text("(\(event.kind)\(when))")))
        }
        let list = example.list.map { proposal in
            HTML.element(
                "li", .text(Format.plain(proposal.title, atMost: 80)),
                proposal.wasChosen
                    ? .group([" ", .element("span", [("class", "chosen")], "✓ chosen later")]) : .nothing,
                .element("small", .text(Format.plain(proposal.reason, atMost: 160))))
        }
        return .element(
            "div", [("class", "card")],
            [
                .element(
                    "h3", .text("\(who) with \(Format.count(example.eventCount)) events, the last:")),
                .element("ul", [("class", "past")], past), .element("ol", [], list),
            ])
    }

    var speed: HTML {
        func milliseconds(_ seconds: Double) -> HTML {
            figure(
                seconds,
                seconds < 1e-3 ? "\(Format.fixed(seconds * 1e6, 0)) µs" : "\(Format.fixed(seconds * 1e3, 2)) ms")
        }
        // The model of bestsellers looks at categories first when it is asked, which is not what was measured above.
        let asked = data.models.enumerated().filter { !hasRivals || !$0.element.isBaseline }
        let rows = asked.map { place, model in
            (
                name: key(place),
                cells: [
                    milliseconds(model.times.median), milliseconds(model.times.p95), milliseconds(model.times.p99),
                    .text(Format.count(model.times.count)),
                ]
            )
        }
        let best = data.best.times
        return section(
            "speed", "How long an answer takes",
            [
                .element(
                    "p", .text("Half of the answers of \(name(data.best)) took less than "), milliseconds(best.median),
                    ", 99 of 100 less than ", milliseconds(best.p99),
                    .text(
                        ": lists of \(ReportData.length), one after the other on one thread, in the process that measured, on "
                            + "\(data.machine). These are the only figures here that differ from run to run.")),
                .element(
                    "div", [("class", "card")],
                    [table("times", ["model", "p50", "p95", "p99", "questions"], rows)]),
            ])
    }

    var foot: HTML {
        let settings = data.models.map { model in
            HTML.element(
                "details", .element("summary", .text("Settings of \(name(model))")),
                .element("pre", .text(model.settings.map { "\($0.name) = \($0.value)" }.joined(separator: "\n"))))
        }
        return .element(
            "footer", [],
            [
                .element("h2", "How to get the same again"),
                paragraph(
                    "The same events, settings and seed give the same page, apart from the times. Made by reco \(recoVersion); "
                        + "seed \(data.seed); held out: \(data.period.text)."),
                .element("pre", .text(data.command)),
            ] + settings)
    }
}
