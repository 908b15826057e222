extension BuyAgain {
    func write(to writer: ModelWriter) throws {
        try writer.add("buy-again/list-offsets", listOffsets.offsets.elements)
        try writer.add("buy-again/list-items", listItems.elements)
        try writer.add("buy-again/list-scores", listScores.elements)
        try writer.add("buy-again/rates", pattern.rates.elements)
        try writer.add("buy-again/intervals", pattern.intervals.elements)
        try writer.add("buy-again/timing", pattern.settings.elements)
        try writer.add("buy-again/offsets", neighbors.offsets.offsets.elements)
        try writer.add("buy-again/items", neighbors.items.elements)
        try writer.add("buy-again/counts", neighbors.counts.elements)
        try writer.add("buy-again/buyer-offsets", neighbors.buyerOffsets.offsets.elements)
        try writer.add("buy-again/buyers", neighbors.buyers.elements)
        try writer.add("buy-again/shares", neighbors.shares.elements)
        try writer.add("buy-again/neighbors", neighbors.settings.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("buy-again/list-offsets") else { return nil }
        guard let listOffsets: Column<UInt64> = file.column("buy-again/list-offsets"),
            let listItems: Column<UInt32> = file.column("buy-again/list-items"),
            let listScores: Column<Float> = file.column("buy-again/list-scores"),
            let rates: Column<Float> = file.column("buy-again/rates"),
            let intervals: Column<Float> = file.column("buy-again/intervals"),
            let timing: Column<Float> = file.column("buy-again/timing"),
            listOffsets.count == userCount + 1, listItems.count == listScores.count, rates.count == itemCount,
            intervals.count == itemCount, timing.count == 4,
            let neighbors = BuyerNeighbors(file, userCount: userCount, itemCount: itemCount)
        else { throw RecoError(.damaged, "the model's buy-again sections are missing or do not fit together") }
        self.init(
            pattern: RepeatPattern(rates: rates, intervals: intervals, settings: timing), neighbors: neighbors,
            listOffsets: RaggedOffsets(offsets: listOffsets), listItems: listItems, listScores: listScores)
    }
}

extension BuyerNeighbors {
    /// Nil if the sections are missing or do not fit together.
    fileprivate init?(_ file: ModelFile, userCount: Int, itemCount: Int) {
        guard let offsets: Column<UInt64> = file.column("buy-again/offsets"),
            let items: Column<UInt32> = file.column("buy-again/items"),
            let counts: Column<Float> = file.column("buy-again/counts"),
            let buyerOffsets: Column<UInt64> = file.column("buy-again/buyer-offsets"),
            let buyers: Column<UInt32> = file.column("buy-again/buyers"),
            let shares: Column<Float> = file.column("buy-again/shares"),
            let settings: Column<Float> = file.column("buy-again/neighbors"),
            offsets.count == userCount + 1, items.count == counts.count, buyerOffsets.count == itemCount + 1,
            buyers.count == shares.count, settings.count == 2
        else { return nil }
        self.init(
            offsets: RaggedOffsets(offsets: offsets), items: items, counts: counts,
            buyerOffsets: RaggedOffsets(offsets: buyerOffsets), buyers: buyers, shares: shares, settings: settings)
    }
}
