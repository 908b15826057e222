import RecoKit

/// What a report shows, collected before anything of it is drawn.
struct ReportData {
    /// The length of the lists.
    static let length = 10

    struct Request {
        /// Each as `--model` of `reco train` takes it.
        var models: [String]
        var holdOut: HoldOut?
        var repeats = false
        var examples = 4
        var showUsers = false
        var threads = processorCount()
        var seed: UInt64 = 1
        var title = ""
        /// What makes the same report again.
        var command = ""
    }

    let title: String
    let command: String
    let seed: UInt64
    let repeats: Bool
    let period: HoldOut
    let overview: DataOverview
    let purchases: Purchases
    let activity: ActivityGroups
    /// In the order of the request, bestsellers last.
    let models: [ModelMeasures]
    /// What people chose themselves.
    let chosen: Reach
    let examples: [ReportExample]
    /// The best of the models by NDCG, bestsellers aside unless there is nothing else.
    let best: ModelMeasures
    let machine: String

    /// Holds out, trains every model on the rest, and measures. Throws `badData` if that cannot be done.
    init(
        _ trainer: Trainer, _ request: Request, progress: @escaping (_ phase: String, Int, Int) throws -> Void,
        note: @escaping (String) -> Void
    ) throws {
        guard trainer.log.count > 0 else { throw RecoError(.badData, "there are no events to report on") }
        let period = request.holdOut ?? trainer.log.usualHoldOut()
        if request.holdOut == nil, case .share = period {
            throw RecoError(
                .badData,
                "most events have no time, so that the last part cannot be held out; --hold-out 20% holds out a part at random"
            )
        }
        let (training, rest) = try trainer.heldOut(period)
        let length = Self.length
        let options: QueryOptions = request.repeats ? .showBought : .hideSeen
        let overview = DataOverview(learned: training.log, heldOut: rest)
        let popularity = ItemPopularity(training.log)
        var events = [Int](repeating: 0, count: training.log.users.count)
        for place in 0..<training.log.count { events[training.log[place].user] += 1 }

        let baseline = "popularity"
        let names = request.models.filter { $0 != baseline } + [baseline]
        var models: [ModelMeasures] = []
        var activity: ActivityGroups?
        var purchases: Purchases?
        var chosen: Reach?
        var examples: [ReportExample] = []
        for name in names {
            try training.set("model", to: name)
            var curves: [LearningCurve] = []
            try training.train {
                try progress("\(name): \($0)", $1, $2)
            } note: {
                note($0)
            } learned: {
                curves.append($0)
            }
            let model = try training.model()
            // Alone, that model would put the bestsellers of a customer's categories first.
            let lists = try model.judgedLists(
                rest, repeats: request.repeats, source: name == baseline ? .popularity : nil, threads: request.threads
            ) {
                try progress("\(name): measuring", $0, $1)
            }
            guard !lists.isEmpty else {
                throw RecoError(
                    .badData,
                    "nothing is left to measure on: whatever was held out had been chosen before (--repeats counts it)")
            }
            var evaluation = Evaluation(cutoffs: [length], itemCount: model.items.count)
            for list in lists { evaluation.add(ranked: list.ranked, relevant: list.relevant, unknown: list.unknown) }
            let summary = evaluation.summary(seed: request.seed, threads: request.threads)
            let groups = activity ?? ActivityGroups(events: events, users: lists.map(\.user))
            activity = groups
            let bought = purchases ?? Purchases(rest, price: Self.prices(model))
            purchases = bought
            chosen = chosen ?? Reach(chosen: lists, popularity)
            models.append(
                ModelMeasures(
                    name: name, isBaseline: name == baseline, summary: summary,
                    byActivity: groups.summaries(
                        lists, itemCount: model.items.count, seed: request.seed, threads: request.threads),
                    purchases: PurchaseShare(bought, lists, length: length, seed: request.seed),
                    reach: Reach(lists, length: length, popularity), curves: curves,
                    times: try QuestionTimes(
                        model, users: lists.map { rest.users.id(of: $0.user) }, length: length, options: options),
                    settings: model.description.entries.filter { Self.isSetting($0.name) }))
            // The examples are those of the best model so far; the one before is given back.
            let best = Self.best(of: models)
            if best == models.count - 1 {
                examples = try ReportExample.draw(
                    request.examples, from: lists, of: model, learned: training.log, heldOut: rest,
                    titles: ItemTitles(model), length: length, options: options, showUsers: request.showUsers,
                    seed: request.seed)
            }
        }
        title = request.title
        command = request.command
        seed = request.seed
        repeats = request.repeats
        self.period = period
        self.overview = overview
        self.purchases = purchases!
        self.activity = activity!
        self.models = models
        self.chosen = chosen!
        self.examples = examples
        best = models[Self.best(of: models)]
        machine = QuestionTimes.machine()
    }

    /// The first of those with the highest NDCG; bestsellers only where there is nothing else.
    private static func best(of models: [ModelMeasures]) -> Int {
        let ndcg = models.map { Estimate("ndcg", of: $0.summary)?.value ?? 0 }
        return models.indices.filter { !models[$0].isBaseline }.max { (ndcg[$0], $1) < (ndcg[$1], $0) } ?? 0
    }

    private static func isSetting(_ name: String) -> Bool {
        !["reco", "events", "users", "items", "pairs", "learned-pairs", "latest-event"].contains(name)
    }

    /// By row, NaN for none; nothing without such an attribute.
    private static func prices(_ model: Model) -> [Double] {
        guard let attribute = model.catalog.attributes.first(where: { $0.name.lowercased() == "price" }) else {
            return []
        }
        return (0..<model.items.count).map { Double(model.catalog.text(attribute, row: $0)) ?? .nan }
    }
}
