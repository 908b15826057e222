/// What everybody buys: the sum of the events' values, fading with age, overall and within each category.
///
/// The last rungs of the fallback ladder, and the baseline that every other model has to beat.
/// Training O(events + items log items); answering O(hits + blocked items).
struct Popularity: Sendable {
    static let code = SourceCode.popularity
    static let audience = Audience.everyone

    let scores: Column<Float>  // (items)
    let order: Column<UInt32>  // (items), best first
    let itemCategories: Column<UInt32>  // (items), from 1; 0 for none; empty without categories
    let categoryOffsets: RaggedOffsets  // (categories + 1), into categoryItems
    let categoryItems: Column<UInt32>  // items of each category, best first
}

extension Popularity: TrainableModel {
    static let name = "popularity"
    static let summary = "bestsellers, fading with time, overall and by category; always trained, as the last resort"
    static let hyperparameters = [
        Hyperparameter(
            "half-life", .number(0...36_500), default: "60",
            "days after which an event counts half; 0: events never fade")
    ]

    static func train(_ data: TrainingData, settings: Settings, run: TrainingRun) throws -> Popularity {
        let log = data.log
        let itemCount = log.items.count
        let halfLife = settings.number("half-life") * 86_400
        var sums = [Double](repeating: 0, count: itemCount)
        for event in 0..<log.count {
            // Bounded as in what models learn from, so that the sums stay finite.
            var value = Double(
                EventLog.bounded(
                    data.interactions.scale.apply(log.weights[event]) * log.kinds[log.kindCodes[event]].weight))
            let time = log.times[event]
            if halfLife > 0, time != EventLog.noTime {
                value *= powerOfTwo((Double(time) - Double(log.latestTime)) / halfLife)
            }
            sums[Int(log.itemRows[event])] += value
        }
        let scores = sums.map { Float($0) }
        let order = (0..<UInt32(itemCount)).sorted {
            Candidate.isBetter(
                Candidate(row: $0, score: scores[Int($0)]), Candidate(row: $1, score: scores[Int($1)]))
        }
        let categories = data.catalog.categories(rowCount: itemCount) ?? []
        var offsets: [UInt64] = [0]
        var items: [UInt32] = []
        if let last = categories.max(), last > 0 {
            var lists = [[UInt32]](repeating: [], count: Int(last) + 1)
            for item in order { lists[Int(categories[Int(item)])].append(item) }
            for list in lists.dropFirst() {
                items += list
                offsets.append(UInt64(items.count))
            }
        }
        return Popularity(
            scores: Column(scores), order: Column(order), itemCategories: Column(categories),
            categoryOffsets: RaggedOffsets(offsets: Column(offsets)), categoryItems: Column(items))
    }

    func write(to writer: ModelWriter) throws {
        try writer.add("popularity/scores", scores.elements)
        try writer.add("popularity/order", order.elements)
        try writer.add("popularity/item-categories", itemCategories.elements)
        try writer.add("popularity/category-offsets", categoryOffsets.offsets.elements)
        try writer.add("popularity/category-items", categoryItems.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("popularity/scores") else { return nil }
        guard let scores: Column<Float> = file.column("popularity/scores"),
            let order: Column<UInt32> = file.column("popularity/order"),
            let itemCategories: Column<UInt32> = file.column("popularity/item-categories"),
            let offsets: Column<UInt64> = file.column("popularity/category-offsets"),
            let items: Column<UInt32> = file.column("popularity/category-items"),
            scores.count == itemCount, order.count == itemCount
        else { throw RecoError(.damaged, "the model's popularity sections do not fit its items") }
        self.init(
            scores: scores, order: order, itemCategories: itemCategories,
            categoryOffsets: RaggedOffsets(offsets: offsets), categoryItems: items)
    }
}

extension Popularity: CandidateSource {
    /// The same for everybody: the best unblocked items.
    func propose(for profile: Profile, using scratch: Scratch, to selection: inout Selection) -> Bool {
        offer(order.elements, to: &selection)
        return true
    }

    func score(
        _ rows: UnsafeBufferPointer<UInt32>, for profile: Profile, using scratch: Scratch,
        into scores: UnsafeMutableBufferPointer<Float>
    ) -> Bool {
        for i in 0..<min(rows.count, scores.count) { scores[i] = score(of: rows[i]) }
        return true
    }

    func score(of row: UInt32) -> Float {
        let score = scores[Int(row)]
        return score.isFinite ? score : 0
    }

    /// Popularity knows no similarity.
    func proposeSimilar(
        to items: UnsafeBufferPointer<UInt32>, using scratch: Scratch, to selection: inout Selection
    ) -> Bool { false }

    /// Offers the best items of the category of `item`. False if it has none.
    func proposeCategory(of item: UInt32, to selection: inout Selection) -> Bool {
        let category = Int(itemCategories[Int(item)]) &- 1
        let range = categoryOffsets.range(category, limit: categoryItems.count)
        offer(categoryItems.slice(range.lowerBound, range.upperBound), to: &selection)
        return !range.isEmpty
    }

    /// `sorted` is best first, so it can stop as soon as the selection is full.
    private func offer(_ sorted: UnsafeBufferPointer<UInt32>, to selection: inout Selection) {
        for row in sorted {
            if selection.isFull { return }
            selection.offer(row, score(of: row))
        }
    }
}
