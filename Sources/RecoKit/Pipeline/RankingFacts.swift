/// What ranking looks at besides the scores of models: how often, how lately and at what price things happened.
///
/// All of it as of one moment, that of the latest event: in training that is the moment from which history is replayed,
/// so that nothing leaks from what came later. The times of a user's own events stand beside the history.
struct RankingFacts: Sendable {
    /// Events of each item in the last day, week, month, and ever: ln(1 + n).
    let activity: Column<Float>  // (items, `windows` + 1)
    /// Of an item's events in the same windows the share that are purchases: (purchases + mean) / (events + 1).
    let conversion: Column<Float>  // (items, `windows` + 1)
    /// Days since an item's first and last event; NaN where events have no times.
    let firstDays: Column<Float>  // (items)
    let lastDays: Column<Float>  // (items)
    /// ln(1 + price); NaN for none.
    let prices: Column<Float>  // (items)
    /// Codes from 1, 0 for none; empty without the attribute, and so 0 for every row.
    let categories: Column<UInt32>  // (items)
    let brands: Column<UInt32>  // (items)
    /// For each entry of the history: days since its latest event, and ln(1 + events).
    let historyDays: Column<Float>  // (entries)
    let historyCounts: Column<Float>  // (entries)
    let context: RankingContext

    /// Days.
    static let windows: [Double] = [1, 7, 30]
    static var activityWidth: Int { windows.count + 1 }

    /// ln(1 + price); NaN for an item without one.
    func price(of row: Int) -> Float { prices.count > 0 ? prices[row] : .nan }
}

extension RankingFacts {
    /// O(events log items of a user).
    init(_ log: EventLog, _ catalog: Catalog, _ interactions: Interactions) {
        let itemCount = log.items.count
        let latest = log.latestTime
        func days(_ time: Int64) -> Double? {
            time == EventLog.noTime || latest == EventLog.noTime ? nil : (Double(latest) - Double(time)) / 86_400
        }
        let width = Self.activityWidth
        var counts = [Float](repeating: 0, count: itemCount * width)
        var bought = [Float](repeating: 0, count: itemCount * width)
        var first = [Float](repeating: .nan, count: itemCount)
        var last = [Float](repeating: .nan, count: itemCount)
        let history = History(interactions)
        var entryDays = [Float](repeating: .nan, count: history.items.count)
        var entryCounts = [Float](repeating: 0, count: history.items.count)
        var boughtTotal = 0.0
        for event in 0..<log.count {
            let item = Int(log.itemRows.elements[event])
            let kind = log.kinds[log.kindCodes.elements[event]]
            let isPurchase: Float = kind.hides && kind.weight > 0 ? 1 : 0
            counts[item * width + width - 1] += 1
            bought[item * width + width - 1] += isPurchase
            boughtTotal += Double(isPurchase)
            let entry = history.entry(of: UInt32(item), user: Int(log.userRows.elements[event]))
            if let entry { entryCounts[entry] += 1 }
            guard let age = days(log.times.elements[event]) else { continue }
            for (window, length) in Self.windows.enumerated() where age <= length {
                counts[item * width + window] += 1
                bought[item * width + window] += isPurchase
            }
            first[item] = first[item] >= Float(age) ? first[item] : Float(age)
            last[item] = last[item] <= Float(age) ? last[item] : Float(age)
            if let entry { entryDays[entry] = entryDays[entry] <= Float(age) ? entryDays[entry] : Float(age) }
        }
        let usual = Float(boughtTotal / Double(max(log.count, 1)))
        if latest == EventLog.noTime {
            for item in 0..<itemCount { for window in 0..<width - 1 { counts[item * width + window] = .nan } }
        }
        conversion = Column(zip(bought, counts).map { ($0 + usual) / ($1 + 1) })
        activity = Column(counts.map { naturalLog(1 + $0) })
        firstDays = Column(first)
        lastDays = Column(last)
        historyDays = Column(entryDays)
        historyCounts = Column(entryCounts.map { naturalLog(1 + $0) })
        categories = Column(catalog.codes(of: Catalog.categoryNames, rowCount: itemCount))
        context = RankingContext(log, categories)
        brands = Column(catalog.codes(of: Catalog.brandNames, rowCount: itemCount))
        prices = Column(catalog.numbers(of: ["price"], rowCount: itemCount).map { $0 >= 0 ? naturalLog(1 + $0) : .nan })
    }

    func write(to writer: ModelWriter) throws {
        try writer.add("ranking/activity", activity.elements)
        try writer.add("ranking/conversion", conversion.elements)
        try writer.add("ranking/first-days", firstDays.elements)
        try writer.add("ranking/last-days", lastDays.elements)
        try writer.add("ranking/prices", prices.elements)
        try writer.add("ranking/categories", categories.elements)
        try writer.add("ranking/brands", brands.elements)
        try writer.add("ranking/history-days", historyDays.elements)
        try writer.add("ranking/history-counts", historyCounts.elements)
        try context.write(to: writer)
    }

    /// Nil if the file holds none.
    init?(_ file: ModelFile, itemCount: Int, history: History) throws {
        guard let activity: Column<Float> = file.column("ranking/activity") else { return nil }
        guard let conversion: Column<Float> = file.column("ranking/conversion"),
            let firstDays: Column<Float> = file.column("ranking/first-days"),
            let lastDays: Column<Float> = file.column("ranking/last-days"),
            let prices: Column<Float> = file.column("ranking/prices"),
            let categories: Column<UInt32> = file.column("ranking/categories"),
            let brands: Column<UInt32> = file.column("ranking/brands"),
            let historyDays: Column<Float> = file.column("ranking/history-days"),
            let historyCounts: Column<Float> = file.column("ranking/history-counts"),
            activity.count == itemCount * Self.activityWidth, conversion.count == itemCount * Self.activityWidth,
            firstDays.count == itemCount, lastDays.count == itemCount,
            historyDays.count == history.items.count, historyCounts.count == history.items.count,
            [prices.count, categories.count, brands.count].allSatisfy({ $0 == itemCount || $0 == 0 })
        else { throw RecoError(.damaged, "the model's ranking sections do not fit its items") }
        self.init(
            activity: activity, conversion: conversion, firstDays: firstDays, lastDays: lastDays,
            prices: prices, categories: categories, brands: brands, historyDays: historyDays,
            historyCounts: historyCounts, context: try RankingContext(file, categories: categories))
    }
}
