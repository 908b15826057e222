import RecoKit

// How good the lists are, for all and by how well a customer is known.
extension ReportPage {
    private static let columns: [(name: String, title: String)] = [
        ("hit_rate", "hit rate@10"), ("recall", "recall@10"), ("ndcg", "NDCG@10"), ("map", "MAP@10"),
        ("mrr", "MRR"), ("coverage", "coverage@10"),
    ]

    var quality: HTML {
        let rows = data.models.enumerated().map { place, model in
            (
                name: key(place),
                cells: Self.columns.map { column -> HTML in
                    guard let estimate = Estimate(column.name, of: model.summary) else { return "" }
                    let interval: HTML =
                        estimate.interval.map {
                            .element(
                                "small", .text("\(Format.fixed($0.lowerBound, 3)) – \(Format.fixed($0.upperBound, 3))"))
                        } ?? .nothing
                    return .group([figure(estimate.value, Format.fixed(estimate.value, 4)), interval])
                }
            )
        }
        let charts = [("hit_rate", "Hit rate@10"), ("ndcg", "NDCG@10")].map { metric, title in
            card(
                title, sentence(metric),
                IntervalChart(
                    groups: [("", intervalRows { Estimate(metric, of: $0.summary) })],
                    isShare: metric == "hit_rate"
                ).svg("\(title) by model"))
        }
        let users = data.best.summary.userCount
        let rule =
            data.repeats
            ? "What a customer had before counts when it is chosen again."
            : "Products that a customer had before are neither shown nor counted: this is about what is new to them."
        return section(
            "quality", "How often the lists are right",
            [
                paragraph(
                    "\(Format.count(users)) customers chose something that counts. \(rule) Small figures are the intervals."
                ),
                .element("div", [("class", "grid")], charts),
                .element("div", [("class", "card")], [table("metrics", ["model"] + Self.columns.map(\.title), rows)]),
                definitions(Definitions.quality),
            ])
    }

    private func sentence(_ metric: String) -> String {
        let own = Estimate(metric, of: data.best.summary) ?? Estimate(0)
        let base = Estimate(metric, of: baseline.summary) ?? Estimate(0)
        if metric == "hit_rate" {
            return
                "Of 100 customers, \(Format.ofHundred(own.value)) found something that they went on to choose in the ten of "
                + "\(name(data.best))"
                + (hasRivals ? ", and \(Format.ofHundred(base.value)) among ten bestsellers." : ".")
        }
        guard hasRivals else { return "A perfect list would have 1." }
        if let a = own.interval, let b = base.interval, a.overlaps(b) {
            return
                "\(name(data.best)) and bestsellers cannot be told apart on so few customers: their intervals overlap."
        }
        guard base.value > 0 else { return "Bestsellers had nothing right." }
        return own.value >= base.value
            ? "The lists of \(name(data.best)) have \(Format.fixed(own.value / base.value, 1)) times the NDCG of bestsellers."
            : "Bestsellers are better here than \(name(data.best))."
    }

    private func intervalRows(_ estimate: (ModelMeasures) -> Estimate?) -> [IntervalChart.Row] {
        data.models.enumerated().compactMap { place, model in
            estimate(model).map { .init(name: name(model), style: "s\(style(place))", estimate: $0) }
        }
    }

    // MARK: by activity

    var byActivity: HTML {
        let counts = data.activity.groups.indices.map { data.models[0].byActivity[$0]?.userCount ?? 0 }
        let shown = counts.indices.filter { counts[$0] >= Self.fewestDrawn }
        guard shown.count > 1 else { return .nothing }
        let few = counts.indices.filter { counts[$0] > 0 && counts[$0] < Self.fewestDrawn }.reduce(0) {
            $0 + counts[$1]
        }
        let charts = [("hit_rate", "Hit rate@10 by activity"), ("ndcg", "NDCG@10 by activity")].map { metric, title in
            card(
                title, metric == "hit_rate" ? activitySentence : "The same, where a place further up counts more.",
                IntervalChart(
                    groups: shown.map { place in
                        let group = data.activity.groups[place]
                        let heading =
                            (group.range == 0...0 ? "new customers" : "\(group.name) events")
                            + " (\(Format.count(counts[place])))"
                        return (heading, intervalRows { $0.byActivity[place].flatMap { Estimate(metric, of: $0) } })
                    },
                    isShare: metric == "hit_rate"
                ).svg(title))
        }
        return section(
            "activity", "For whom it works",
            [
                paragraph(
                    "Customers by how many of their events the models could learn from; in brackets, how many customers. New "
                        + "ones are shown what is popular until they look at something."
                        + (few > 0
                            ? " Groups of fewer than \(Self.fewestDrawn), \(few) customers in all, are not drawn." : "")
                ),
                .element("div", [("class", "grid")], charts),
            ])
    }

    /// Of fewer customers intervals are so wide that nothing else could be seen.
    private static let fewestDrawn = 20

    private var activitySentence: String {
        let known = data.best.byActivity.enumerated().compactMap { place, summary -> (String, Double)? in
            guard let summary, summary.userCount >= Self.fewestDrawn, data.activity.groups[place].range != 0...0 else {
                return nil
            }
            return Estimate("hit_rate", of: summary).map { (data.activity.groups[place].name, $0.value) }
        }
        guard let top = known.max(by: { $0.1 < $1.1 }), let low = known.min(by: { $0.1 < $1.1 }), top.0 != low.0 else {
            return "How often \(name(data.best)) has something right."
        }
        return
            "\(name(data.best)) is right for \(Format.ofHundred(top.1)) of 100 customers with \(top.0) events, and for "
            + "\(Format.ofHundred(low.1)) with \(low.0)."
    }
}
