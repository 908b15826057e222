extension SessionKNN {
    func write(to writer: ModelWriter) throws {
        try writer.add("session-knn/offsets", sessions.offsets.elements)
        try writer.add("session-knn/items", items.elements)
        try writer.add("session-knn/weights", sessionWeights.elements)
        try writer.add("session-knn/item-weights", itemWeights.elements)
        try writer.add("session-knn/item-offsets", itemOffsets.offsets.elements)
        try writer.add("session-knn/item-sessions", itemSessions.elements)
        try writer.add("session-knn/user-offsets", userOffsets.offsets.elements)
        try writer.add("session-knn/user-sessions", userSessions.elements)
        try writer.add("session-knn/limits", limits.elements)
    }

    init?(_ file: ModelFile, userCount: Int, itemCount: Int) throws {
        guard file.contains("session-knn/offsets") else { return nil }
        guard let offsets: Column<UInt64> = file.column("session-knn/offsets"),
            let items: Column<UInt32> = file.column("session-knn/items"),
            let weights: Column<Float> = file.column("session-knn/weights"),
            let itemWeights: Column<Float> = file.column("session-knn/item-weights"),
            let itemOffsets: Column<UInt64> = file.column("session-knn/item-offsets"),
            let itemSessions: Column<UInt32> = file.column("session-knn/item-sessions"),
            let userOffsets: Column<UInt64> = file.column("session-knn/user-offsets"),
            let userSessions: Column<UInt32> = file.column("session-knn/user-sessions"),
            let limits: Column<UInt32> = file.column("session-knn/limits"),
            offsets.count == weights.count + 1, itemWeights.count == itemCount, itemOffsets.count == itemCount + 1,
            userOffsets.count == userCount + 1, limits.count == 2
        else { throw RecoError(.damaged, "the model's session-knn sections are missing or do not fit together") }
        self.init(
            sessions: RaggedOffsets(offsets: offsets), items: items, sessionWeights: weights,
            itemWeights: itemWeights, itemOffsets: RaggedOffsets(offsets: itemOffsets), itemSessions: itemSessions,
            userOffsets: RaggedOffsets(offsets: userOffsets), userSessions: userSessions, limits: limits)
    }
}
